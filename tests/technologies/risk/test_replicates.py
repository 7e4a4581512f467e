"""Replicates: what is left out is exactly one group of persons, in every node and at every resolution."""

from __future__ import annotations

import numpy as np
import pytest

from peelian.measure.table import Kind, Table, table
from peelian.technologies.risk.measure import study as module
from peelian.technologies.risk.measure.bootstrap import area_under
from peelian.technologies.risk.measure.study import study
from peelian.technologies.risk.shared import Plan


def _cohort(people: int, each: int, *, seed: int = 3, alike: float = 1.0, decimals: int = 0) -> Table:
    """One row per assessment; `alike` is the spread of what lasts in a person."""
    rng = np.random.default_rng(seed)
    person = np.repeat(np.arange(people), each)
    lasting = alike * rng.normal(size=people)[person]
    score = np.clip(5 + lasting / 2 + 2 * rng.normal(size=len(person)), 1, 10).round(decimals)
    outcome = rng.random(len(person)) < 1 / (1 + np.exp(-1.5 * lasting - (score - 5) / 3))
    sex = np.array(["f", "m"], dtype=object)[(person % 3 > 0).astype(int)]
    return table(
        "tally",
        {
            "score": (Kind.AMOUNT, score),
            "outcome": (Kind.COUNT, outcome.astype(int)),
            "n": (Kind.COUNT, np.ones(len(person), dtype=int)),
            "sex": (Kind.GROUP, sex),
            "fold": (Kind.COUNT, person % 50),
        },
    )


def test_without_a_group_equals_the_study_of_the_rows_without_it() -> None:
    tally = _cohort(100, 8)
    found = study(tally, Plan(cut=6))
    assert found.replicates is not None
    for fold in (0, 17, 49):
        rest = study(tally.take(tally["fold"] != fold), Plan(cut=6))
        assert np.array_equal(rest.effective, found.replicates.levels[fold])
    assert np.array_equal(found.replicates.whole, found.fine)


def test_many_scores_are_banded_and_the_area_hardly_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_CELLS", 60_000)
    found = study(_cohort(200, 10, decimals=4), Plan(cut=6))
    assert found.replicates is not None
    assert found.replicates.fine.shape[2] < len(found.counts.scores) / 5
    assert area_under(found.replicates.whole) == pytest.approx(area_under(found.fine), abs=1e-4)
    assert found.replicates.levels.shape[2] == found.effective.shape[1]
    assert found.replicates.levels.sum(axis=0) / 49 == pytest.approx(found.effective)


def test_a_tally_without_persons_has_no_replicates_and_no_design_effect() -> None:
    tally = _cohort(100, 8)
    bare = Table(name="tally", columns=tuple(c for c in tally.columns if c.name != "fold"))
    found = study(bare, Plan(cut=6))
    assert found.replicates is None
    assert found.design_effect.tolist() == [1.0, 1.0, 1.0]
    assert found.shares_without(found.place) == {}


def test_the_design_effect_is_about_one_for_unlike_rows_and_large_for_alike_ones() -> None:
    unlike = study(_cohort(1_000, 10, alike=0.0), Plan(cut=6)).design_effect
    alike = study(_cohort(1_000, 10, alike=2.0), Plan(cut=6)).design_effect
    assert (unlike < 1.7).all()
    assert (alike > 2).all()


def test_weights_are_kept_to_scale(with_column) -> None:  # type: ignore[no-untyped-def]
    tally = _cohort(60, 10)
    weight = 1.0 + (np.arange(len(tally)) % 3)
    tally = with_column(with_column(tally, "weight", Kind.AMOUNT, weight), "weight_squares", Kind.AMOUNT, weight**2)
    found = study(tally, Plan(cut=6))
    assert found.replicates is not None
    assert found.replicates.whole == pytest.approx(found.fine)


def test_one_person_with_forty_assessments_is_no_group_of_forty() -> None:
    big = _cohort(50, 40)
    rows = tuple(
        (c.kind, np.where(big["fold"] == 7, "x", big["sex"]).astype(object)) if c.name == "sex" else (c.kind, c.values)
        for c in big.columns
    )
    tally = table("tally", dict(zip(big.names, rows, strict=True)))
    found = study(tally, Plan(cut=6))
    node = found.nodes.group.index("x")
    assert found.size[node] == 40
    assert not found.shown.people[node]
    assert found.shown.people.sum() < 3, "one more group is hidden: everyone less both others would be the person"
    assert found.shown.why[node] == "fewer than 10"


def test_persons_are_counted_in_every_group_by_outcome() -> None:
    tally = _cohort(100, 8)
    person = np.repeat(np.arange(100), 8)
    first = np.zeros(800, dtype=np.int64)
    first[np.unique(2 * person + tally["outcome"], return_index=True)[1]] = 1
    columns = {c.name: (c.kind, c.values) for c in tally.columns}
    found = study(table("tally", columns | {"persons": (Kind.COUNT, first)}), Plan(cut=6))
    assert found.persons is not None
    for node, mine in enumerate((person >= 0, person % 3 == 0, person % 3 > 0)):
        expected = [len(set(person[mine & (tally["outcome"] == k)].tolist())) for k in (0, 1)]
        assert found.persons[node].tolist() == expected
