"""Made-up comparisons for tests, documentation and the examples of capabilities: no face, no person."""

from __future__ import annotations

import numpy as np

from peelian.kernel.model.capability import Dataset
from peelian.measure.table import Table
from peelian.technologies.faces.formats.shapes import ScoreColumns, admitted_scores, admitted_subjects
from peelian.technologies.faces.measure.scores import Scores, built, oriented

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


def small_scores() -> Scores:
    """A few oriented comparisons."""
    scores, people = example_tables(48)
    return oriented(built([scores], people, by=("sex",), least=11), "auto")


def dataset(id: str, format: str, made: Table, facts: dict[str, str | int | float | bool]) -> Dataset:
    """A dataset as the kernel would hand it over."""
    return Dataset(id=id, format=format, digest=made.digest(), table=made, facts=facts)
