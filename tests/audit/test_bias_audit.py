"""The Local Law 144 table: its rates by hand, the median rule, the 2 % rule, and what is refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from audited import compas, matcher

import peelian.audit
from peelian.audit import Audit
from peelian.audit.bias_audit import _rows
from peelian.errors import InputError


def applicants(scores: list[int]) -> Audit:
    """200 applicants of each sex and of two races; the women's scores are `scores` in turn, the men's one lower."""
    women = np.resize(scores, 200)
    frame = pd.DataFrame(
        {
            "score": np.concatenate([women, women - 1]),
            "outcome": np.resize([0, 1, 1], 400),
            "sex": ["female"] * 200 + ["male"] * 200,
            "race": np.resize(["Black", "White", "White", "Black"], 400),
        }
    )
    return peelian.audit.risk(frame, groups=["sex", "race"], cut=6, bootstraps=100)


def table(audit: Audit, id: str = "sex", **how: str) -> dict[str, dict[str, float]]:
    document = audit.ll144(**{"sex": "sex", "race": "race", "favourable": "high", **how})  # type: ignore[arg-type]
    (part,) = [part for part in document.parts if part.id == id]
    return {row["category"]: dict(row) for row in part.rows}


def test_selection_rates_and_impact_ratios_by_hand() -> None:
    found = table(applicants([5, 6, 7, 8]))  # of the women 6, 7, 8 are selected, of the men 6 and 7
    assert (found["female"]["rate"], found["male"]["rate"]) == (0.75, 0.5)
    assert found["female"]["impact_ratio"] == 1 and found["male"]["impact_ratio"] == pytest.approx(2 / 3)
    low = table(applicants([5, 6, 7, 8]), favourable="low")
    assert (low["female"]["rate"], low["male"]["rate"]) == (0.25, 0.5) and low["female"]["impact_ratio"] == 0.5


def test_the_scoring_rate_is_the_share_above_the_median_of_all() -> None:
    found = table(applicants([5, 6, 7, 8]), rate="scoring")  # median 6: above it 7, 8 of the women, 7 of the men
    assert (found["female"]["rate"], found["male"]["rate"]) == (0.5, 0.25)
    low = table(applicants([5, 6, 7, 8]), rate="scoring", favourable="low")  # below it 5 of the women, 4, 5 of the men
    assert (low["female"]["rate"], low["male"]["rate"]) == (0.25, 0.5)


def test_a_median_between_two_scores() -> None:
    found = table(applicants([5, 9]), rate="scoring")  # 4, 5, 8, 9 a quarter each: the median is 6.5
    assert (found["female"]["rate"], found["male"]["rate"]) == (0.5, 0.5)
    low = table(applicants([5, 9]), rate="scoring", favourable="low")
    assert (low["female"]["rate"], low["male"]["rate"]) == (0.5, 0.5)


def test_sex_and_race_are_crossed_and_other_columns_are_not() -> None:
    pairs = table(applicants([5, 6, 7, 8]), "intersection")
    assert set(pairs) == {"female × Black", "female × White", "male × Black", "male × White"}
    assert pairs["female × Black"]["n"] == 100
    assert len(table(compas(), "intersection", favourable="low")) == 12


def test_categories_under_two_percent_are_excluded_and_said_and_hidden_ones_are_open() -> None:
    document = compas().ll144(sex="sex", race="race", favourable="low")
    (race,) = [part for part in document.parts if part.id == "race"]
    rows = {row["category"]: row for row in race.rows}
    assert rows["Asian"]["excluded"] and rows["Asian"]["n"] == 32 and rows["Asian"]["impact_ratio"] is None
    assert "Asian, Native American" in race.says[0] and "2 categories lack figures" in race.open[0]
    assert not rows["Hispanic"]["excluded"] and rows["Other"]["impact_ratio"] == 1


@pytest.mark.parametrize(
    ("how", "says"),
    [
        ({"favourable": "best"}, "column favourable: not one of the choices"),
        ({"rate": "mean"}, "column rate: not one of the choices"),
        ({"sex": "gender"}, "column gender: not a group column of this audit. Expected: race, sex"),
    ],
)
def test_other_words_are_refused(how: dict[str, str], says: str) -> None:
    with pytest.raises(InputError, match=says):
        table(compas(), **how)


def test_a_matcher_selects_nobody() -> None:
    with pytest.raises(InputError, match="a bias audit needs scores and groups"):
        matcher().ll144(sex="sex", race="group", favourable="high")


def test_exactly_two_percent_is_not_under_two_percent() -> None:
    sizes = {("race", "A"): 20, ("race", "B"): 19, ("race", "C"): 961}
    rates = {("race", "A"): 0.5, ("race", "B"): 0.9, ("race", "C"): 0.25}
    rows = {row["category"]: row for row in _rows(list(sizes), sizes, rates, 1_000)}
    assert [rows[name]["excluded"] for name in "ABC"] == [False, True, False]
    assert (rows["A"]["impact_ratio"], rows["C"]["impact_ratio"]) == (1, 0.5), (
        "the highest rate is not an excluded one's"
    )
    assert rows["B"]["impact_ratio"] is None and rows["B"]["rate"] == 0.9
