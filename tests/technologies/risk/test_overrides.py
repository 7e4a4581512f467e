"""Overrides: direction and rates are counted right, groups are compared at equal score, and nobody is named."""

from __future__ import annotations

import numpy as np
import pytest

from peelian.errors import InputError
from peelian.kernel.model.capability import Context, Dataset, Findings
from peelian.measure.table import Kind, Table, table
from peelian.technologies.risk.overrides.case import public, run
from peelian.technologies.risk.overrides.declared import OVERRIDES, OverrideParams
from peelian.technologies.risk.overrides.words import CUT_CHOSEN, DOWN, MORE_OFTEN, NONE_DIFFERS, OUTCOMES, OVERALL, UP


def audited(overrides: Table, params: OverrideParams | None = None) -> Findings:
    data = Dataset(id="o", format="", digest="", table=overrides)
    context = Context(seed=1, progress=lambda says, share: None)
    return run(params or OverrideParams(cut=6), {"overrides": data}, context)


def decisions(n: int, *, women_released: float = 0.2, women_higher: bool = False, seed: int = 1) -> Table:
    """Of high scores a fifth is overruled downward, of women's `women_released`; of low scores a tenth upward."""
    rng = np.random.default_rng(seed)
    woman = rng.random(n) < 0.5
    score = rng.integers(1, 11, n)
    score = np.where(woman & women_higher, np.minimum(score + 2, 10), score)
    strict = np.where(score >= 6, np.where(woman, 1 - women_released, 0.8), 0.1)
    decision = (rng.random(n) < strict).astype(np.int64)
    outcome = (rng.random(n) < 0.05 * score).astype(np.int64)
    return table(
        "overrides",
        {
            "score": (Kind.AMOUNT, score.astype(float)),
            "decision": (Kind.COUNT, decision),
            "outcome": (Kind.COUNT, outcome * (1 - decision)),
            "outcome_known": (Kind.COUNT, 1 - decision),
            "n": (Kind.COUNT, np.ones(n, dtype=np.int64)),
            "sex": (Kind.GROUP, np.where(woman, "Female", "Male").astype(object)),
        },
    )


def row(found: Findings, group: str, direction: str) -> dict[str, object]:
    rows = found.table("overrides").records()
    return next(r for r in rows if (r["group"], r["direction"]) == (group, direction))


def test_upward_is_a_strict_decision_on_a_low_score_and_downward_the_reverse() -> None:
    made = decisions(3_000)
    found = audited(made)
    low, strict = made["score"] < 6, made["decision"] == 1
    assert row(found, "everyone", UP)["value"] == pytest.approx(float(strict[low].mean()))
    assert row(found, "everyone", DOWN)["value"] == pytest.approx(float((~strict)[~low].mean()))
    assert row(found, "everyone", DOWN)["n"] == int((~low).sum())
    women = made["sex"] == "Female"
    assert row(found, "Female", DOWN)["value"] == pytest.approx(float((~strict)[~low & women].mean()))
    assert found.notes[0].text == OVERALL


def test_a_group_that_is_overruled_more_often_is_told_with_its_direction() -> None:
    found = audited(decisions(4_000, women_released=0.35))
    assert row(found, "Female", DOWN)["verdict"] == "more often" and row(found, "Male", DOWN)["verdict"] == "less often"
    assert row(found, "Female", UP)["verdict"] == "no difference found"
    told = [note for note in found.notes if note.text == MORE_OFTEN[DOWN]]
    assert [note.values["group"] for note in told] == ["Female"]


def test_a_group_with_higher_scores_alone_is_not_told() -> None:
    found = audited(decisions(4_000, women_higher=True))
    assert NONE_DIFFERS in {note.text for note in found.notes}


def test_outcomes_are_counted_where_they_are_known() -> None:
    made = decisions(3_000)
    found = audited(made)
    after = {(r["score"], r["decision"]): r for r in found.table("after").records()}
    assert set(after) == {("low", "low"), ("high", "low")}, "nobody knows the outcome after a strict decision"
    mine = (made["score"] >= 6) & (made["decision"] == 0)
    assert after["high", "low"]["value"] == pytest.approx(float(made["outcome"][mine].mean()))
    assert OUTCOMES in {note.text for note in found.notes}


def test_low_scores_may_mean_high_risk() -> None:
    made = decisions(2_000)
    turned = table(
        "overrides", {n: (made.column(n).kind, 11 - made[n] if n == "score" else made[n]) for n in made.names}
    )
    plain, other = audited(made), audited(turned, OverrideParams(cut=5, low_is_high_risk=True))
    for direction in (UP, DOWN):
        assert row(plain, "Male", direction)["value"] == pytest.approx(row(other, "Male", direction)["value"])
    assert plain.table("after")["n"].tolist() == other.table("after")["n"].tolist()


def test_a_cut_that_was_not_given_is_said() -> None:
    found = audited(decisions(2_000), OverrideParams())
    assert CUT_CHOSEN in {note.text for note in found.notes} and found.facts["cut"] == 6


def test_a_small_group_is_hidden_and_cannot_be_computed() -> None:
    made = decisions(1_000)
    sex = np.where(np.arange(1_000) < 7, "X", made["sex"]).astype(object)
    found = audited(table("overrides", {n: (made.column(n).kind, sex if n == "sex" else made[n]) for n in made.names}))
    rows = found.table("overrides").records()
    shown = {r["group"] for r in rows if r["n"]}
    assert "X" not in shown and len(shown & {"Female", "Male"}) < 2


def test_the_public_sees_no_group_and_no_few() -> None:
    found = public(audited(decisions(3_000)))
    rows = found.table("overrides")
    assert np.isnan(rows["value"][rows["group"] != "everyone"]).all()
    rare = decisions(3_000)
    few = np.where((rare["score"] < 6) & (np.cumsum(rare["score"] < 6) > 60), 0, rare["decision"])
    made = table("overrides", {n: (rare.column(n).kind, few if n == "decision" else rare[n]) for n in rare.names})
    told = public(audited(made))
    assert OVERALL not in {note.text for note in told.notes}, "a share that counts fewer than eleven people"


def test_an_impossible_cut_is_refused() -> None:
    with pytest.raises(InputError):
        OVERRIDES.asks.check(OverrideParams(cut=float("nan")))
