"""Subgroups: a planted one is confirmed and told with its direction, a right score has none, and what was searched is
said."""

from __future__ import annotations

import numpy as np
import pytest

from peelian.errors import InputError
from peelian.kernel.model.capability import Context, Dataset, Findings
from peelian.measure.table import Kind, Table, table
from peelian.technologies.risk.subgroups.case import public, run
from peelian.technologies.risk.subgroups.declared import SUBGROUPS, SubgroupParams
from peelian.technologies.risk.subgroups.words import LESS_HAPPENS, NOBODY, NONE_FOUND, NOTHING_SEARCHED, SEARCHED


def searched(tally: Table, params: SubgroupParams | None = None, seed: int = 2) -> Findings:
    data = Dataset(id="t", format="", digest="", table=tally)
    context = Context(seed=seed, progress=lambda says, share: None)
    return run(params or SubgroupParams(), {"tally": data}, context)


def people(n: int, factor: float = 1.0, seed: int = 1) -> Table:
    """For young women the outcome is `factor` times as frequent as for everyone at the same score."""
    rng = np.random.default_rng(seed)
    score = rng.integers(1, 11, n)
    sex, age, charge = (rng.choice(words, n) for words in (["Female", "Male"], ["18-24", "25+"], ["drug", "property"]))
    mine = (sex == "Female") & (age == "18-24")
    outcome = rng.random(n) < (0.1 + 0.05 * score) * np.where(mine, factor, 1.0)
    return table(
        "tally",
        {
            "score": (Kind.AMOUNT, score.astype(float)),
            "outcome": (Kind.COUNT, outcome.astype(np.int64)),
            "n": (Kind.COUNT, np.ones(n, dtype=np.int64)),
            "sex": (Kind.GROUP, sex.astype(object)),
            "age": (Kind.GROUP, age.astype(object)),
            "feature_charge": (Kind.GROUP, charge.astype(object)),
            "feature_sex": (Kind.GROUP, sex.astype(object)),
        },
    )


def test_a_planted_subgroup_is_confirmed_with_its_direction() -> None:
    found = searched(people(5_000, 0.6))
    first = found.notes[0]
    assert first.text == LESS_HAPPENS[2]
    assert [first.values[f"{part}_{i}"] for i in (1, 2) for part in ("axis", "group")] == [
        "sex",
        "Female",
        "age",
        "18-24",
    ]
    row = found.table("subgroups").records()[0]
    assert row["verdict"] == "less happens than expected" and row["lo"] < row["ratio"] < row["hi"] < 0.9
    assert row["n"] == pytest.approx(625, abs=80), "people of the half that tested"


def test_a_score_that_is_right_for_all_has_no_subgroup() -> None:
    found = searched(people(5_000))
    assert set(found.table("subgroups")["verdict"]) == {"not confirmed"}
    assert {NONE_FOUND, NOBODY} <= {note.text for note in found.notes}


def test_it_says_what_was_searched_and_each_column_once() -> None:
    found = searched(people(4_000))
    said = next(note for note in found.notes if note.text == SEARCHED)
    assert said.values == {"searched": 6 + 12 + 8, "columns": 3, "depth": 3, "n": 100}


def test_too_few_people_are_not_searched() -> None:
    found = searched(people(150))
    assert not len(found.table("subgroups")) and found.notes[0].text == NOTHING_SEARCHED


def test_the_same_seed_finds_the_same() -> None:
    tally = people(4_000, 0.6)
    assert searched(tally).table("subgroups").digest() == searched(tally).table("subgroups").digest()
    assert searched(tally).table("subgroups").digest() != searched(tally, seed=9).table("subgroups").digest()


def test_nothing_small_leaves_and_the_public_sees_the_same() -> None:
    found = searched(people(3_000, 0.7))
    assert (found.table("subgroups")["n"] >= 100).all() and public(found) is found


def test_a_tally_without_groups_cannot_be_searched() -> None:
    tally = people(500)
    plain = Table(name="tally", columns=tuple(c for c in tally.columns if c.kind is not Kind.GROUP))
    with pytest.raises(InputError):
        searched(plain)


@pytest.mark.parametrize("params", [SubgroupParams(depth=4), SubgroupParams(depth=0), SubgroupParams(fewest=99)])
def test_smaller_or_deeper_searches_are_refused(params: SubgroupParams) -> None:
    with pytest.raises(InputError):
        SUBGROUPS.asks.check(params)


def test_weights_are_refused_as_they_would_not_be_used() -> None:
    tally = people(500)
    columns = {c.name: (c.kind, c.values) for c in tally.columns}
    with pytest.raises(InputError, match="weights"):
        searched(table("tally", columns | {"weight": (Kind.AMOUNT, np.ones(500))}))
