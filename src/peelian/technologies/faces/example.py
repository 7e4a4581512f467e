"""Small made-up score files for tests, documentation and the technology's own example: no face, no person."""

from __future__ import annotations

import numpy as np

from peelian.kernel.model.capability import Dataset
from peelian.measure.table import Kind, Table, table
from peelian.technologies.faces.declarations.shapes import CANDIDATES, PUBLISHED
from peelian.technologies.faces.histogram import tallied, to_table
from peelian.technologies.faces.retained import retained
from peelian.technologies.faces.scores import Scores, built, oriented
from peelian.technologies.faces.shapes import ScoreColumns, admitted_scores, admitted_subjects
from peelian.technologies.faces.trials import counted

GROUPS = (("female", "one"), ("female", "two"), ("male", "one"), ("male", "two"))
SHIFTS = (0.0, 0.25, 0.05, 0.5)
"""How much closer two people of one group look to the made-up matcher: the groups' rates differ on purpose."""


def example_tables(subjects: int = 360, seed: int = 7) -> tuple[Table, Table]:
    """Comparisons of every two of `subjects` made-up subjects, two genuine ones each, and the subjects' labels."""
    rng = np.random.default_rng(seed)
    digest = rng.integers(1, 2**62, subjects)
    group = np.arange(subjects) % len(GROUPS)
    own = rng.standard_normal(subjects)
    a, b = np.triu_indices(subjects, 1)
    close = np.where(group[a] == group[b], np.array(SHIFTS)[group[a]], -0.4)
    impostor = 0.3 * (own[a] + own[b]) + 0.9 * rng.standard_normal(len(a)) + close
    twice = np.repeat(np.arange(subjects), 2)
    genuine = 4.2 + 0.4 * own[twice] + rng.standard_normal(len(twice))
    failed = np.concatenate([np.zeros(len(a), dtype=np.bool_), rng.random(len(twice)) < 0.02])
    score = np.round(np.concatenate([impostor, genuine]), 4)
    columns = ScoreColumns(
        score=np.where(failed, np.nan, score),
        genuine=np.arange(len(score)) >= len(a),
        failed=failed,
        probe=digest[np.concatenate([a, twice])],
        ref=digest[np.concatenate([b, twice])],
    )
    labels = {"sex": [GROUPS[g][0] for g in group], "group": [GROUPS[g][1] for g in group]}
    return admitted_scores(columns).table, admitted_subjects(digest, labels).table


def example_datasets(subjects: int = 360) -> dict[str, Dataset]:
    """The example as datasets by role."""
    scores, people = example_tables(subjects)
    labels = {name: people[name].tolist() for name in ("sex", "group")}
    facts = admitted_subjects(people["subject"], labels).facts
    return {
        "scores": dataset("example-scores", "peelian-scores", scores, {}),
        "subjects": dataset("example-subjects", "peelian-subjects", people, dict(facts)),
    }


def histogram_datasets() -> dict[str, Dataset]:
    """The histogram and the bounds that an audit of the example would leave behind."""
    tables, people = example_tables()
    scores = oriented(built([tables], people, by=("sex", "group"), least=11), "auto")
    histogram = tallied(scores)
    made, bounds = to_table(histogram), retained(scores, counted(scores), histogram, [2.4])
    groups = ",".join(sorted(set(made["group"].tolist())))
    return {
        "histogram": dataset("example-histogram", "peelian-histogram", made, {"groups": groups}),
        "bounds": dataset("example-bounds", "peelian-score-bounds", bounds, {"groups": groups}),
    }


def small_scores() -> Scores:
    """A few oriented comparisons."""
    scores, people = example_tables(48)
    return oriented(built([scores], people, by=("sex",), least=11), "auto")


def example_candidates(seed: int = 11) -> Table:
    """Candidate lists of 800 made-up searches, half of them of people who are enrolled."""
    rng = np.random.default_rng(seed)
    searches, length = 800, 5
    search = np.repeat(np.arange(1, searches + 1), length)
    rank = np.tile(np.arange(1, length + 1), searches)
    score = np.sort(rng.normal(0.3, 0.08, (searches, length)), axis=1)[:, ::-1]
    mated = np.arange(searches) < searches // 2
    score[:, 0] = np.where(mated, np.maximum(score[:, 0], rng.normal(0.6, 0.14, searches)), score[:, 0])
    hit = np.zeros((searches, length), dtype=np.int8)
    hit[:, 0] = mated & (score[:, 0] > 0.45)
    return table(
        CANDIDATES,
        {
            "search": (Kind.PSEUDONYM, search.astype(np.int64)),
            "candidate": (Kind.PSEUDONYM, rng.integers(1, 2**62, len(search))),
            "subject": (Kind.PSEUDONYM, search.astype(np.int64)),
            "score": (Kind.AMOUNT, score.ravel()),
            "rank": (Kind.COUNT, rank),
            "mated": (Kind.COUNT, np.repeat(mated, length).astype(np.int8)),
            "gallery": (Kind.COUNT, np.repeat(np.where(np.arange(searches) % 2, 2000, 500), length)),
            "hit": (Kind.COUNT, hit.ravel()),
        },
    )


def example_published() -> Table:
    """False match rates of twelve made-up algorithms in the layout of NIST's 2020 table."""
    names = ("mw_mb", "mw_mw", "mb_mb", "mb_mw", "fw_fb", "fw_fw", "fb_fb", "fb_fw")
    base = np.array([0.0003, 0.001, 0.0022, 0.0003, 0.0008, 0.0021, 0.0095, 0.0008])
    steps = np.geomspace(0.5, 2.0, 12)
    values = {n: (Kind.AMOUNT, b * (steps if n != "mw_mw" else np.ones(12))) for n, b in zip(names, base, strict=True)}
    return table(PUBLISHED, values)


def dataset(id: str, format: str, made: Table, facts: dict[str, str | int | float | bool]) -> Dataset:
    """A dataset as the kernel would hand it over."""
    return Dataset(id=id, format=format, digest=made.digest(), table=made, facts=facts)
