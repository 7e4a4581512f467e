"""Exposure is what a resident-by-resident count gives, alike is 1, and the halves are those of the published audit."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array

from peelian.technologies.mapping.areas import Areas
from peelian.technologies.mapping.declarations.exposure import EXPOSURE
from peelian.technologies.mapping.exposure import covered_share, exposure_table, ratios_against_others

CHANCE = np.random.default_rng(0)
RESIDENTS = CHANCE.integers(500, 5000, 60).astype(float)
MEMBERS = np.floor(RESIDENTS * CHANCE.beta(1, 3, 60))


def town(members: np.ndarray = MEMBERS) -> Areas:
    return Areas(
        names=tuple(f"a{k}" for k in range(60)),
        outlines=np.full(60, None),
        residents=RESIDENTS,
        members={"some": members},
    )


def row(covered: np.ndarray, group: int = 1, members: np.ndarray = MEMBERS) -> dict[str, float]:
    made = exposure_table(covered, town(members), seed=1)
    return dict(zip(made.names, list(made.rows())[group], strict=True))


def test_it_is_a_count_of_residents() -> None:
    covered = CHANCE.random(60)
    found = row(covered)
    ours = (covered * MEMBERS).sum() / MEMBERS.sum()
    others = (covered * (RESIDENTS - MEMBERS)).sum() / (RESIDENTS - MEMBERS).sum()
    assert found["exposed"] == pytest.approx(ours)
    assert found["against_others"] == pytest.approx(ours / others)
    assert found["n"] == MEMBERS.sum()
    assert found["exposed_low"] < ours < found["exposed_high"]
    assert row(covered, 0)["exposed"] == pytest.approx((covered * RESIDENTS).sum() / RESIDENTS.sum())


def test_an_interval_has_no_upper_end_where_nobody_of_the_other_half_may_be_exposed() -> None:
    """Two areas of the half where the group is rare are exposed: in one draw of seven it is neither of them."""
    share = MEMBERS / RESIDENTS
    covered = np.where(share > np.median(share), 0.2, 0.0)
    rare = np.flatnonzero(share < np.median(share))[:2]
    covered[rare] = 0.05
    found = row(covered)
    assert 1 < found["halves_low"] < found["halves"] < found["halves_high"] == np.inf
    assert np.isfinite(found["against_others_high"])
    nothing = row(np.zeros(60))
    assert np.isnan(nothing["halves_low"]) and np.isnan(nothing["halves_high"])


def test_the_same_everywhere_is_alike_for_all() -> None:
    found = row(np.full(60, 0.2))
    assert found["against_others"] == pytest.approx(1.0) and found["halves"] == pytest.approx(1.0)
    assert found["against_others_low"] == pytest.approx(1.0) == found["against_others_high"]


def test_naming_where_a_group_lives_is_seen() -> None:
    share = MEMBERS / RESIDENTS
    found = row(np.where(share > np.quantile(share, 0.8), 1.0, 0.05))
    assert found["against_others_low"] > 1.5 and found["halves_low"] > 1.5


def test_everybody_has_no_others_and_an_empty_group_no_share() -> None:
    assert np.isnan(row(np.full(60, 0.2), 0)["against_others"])
    empty = row(np.full(60, 0.2), 1, np.zeros(60))
    assert empty["n"] == 0 and np.isnan(empty["exposed"])


def test_columns_and_their_kinds_are_those_declared() -> None:
    made = exposure_table(np.full(60, 0.2), town(), seed=1)
    assert {column.name: column.kind for column in made.columns} == EXPOSURE.kinds
    assert made.column("exposed").n == "n" and made.column("n").unit == "residents"


def test_cover_is_the_share_of_ground_named() -> None:
    overlap = csr_array(np.array([[1.0, 1.0, 0.0], [0.0, 0.5, 1.5], [0.0, 0.0, 0.0]]))
    assert covered_share(np.array([1.0, 0.5, 0.0]), overlap).tolist() == [0.75, 0.125, 0.0]


def test_ratios_at_the_frontier_carry_the_same_interval_as_the_exposure_table() -> None:
    rng = np.random.default_rng(4)
    residents = rng.integers(500, 5_000, 30).astype(float)
    members = np.floor(residents * rng.uniform(0.1, 0.9, 30))
    areas = Areas(
        names=tuple(f"A{k}" for k in range(30)),
        outlines=np.array([None] * 30),
        residents=residents,
        members={"group": members},
    )
    covered = rng.uniform(0, 0.5, 30)
    ratio = ratios_against_others(covered, areas, seed=9)["group"]
    whole = exposure_table(covered, areas, seed=9)
    assert (ratio.value, ratio.low, ratio.high) == tuple(
        float(whole[name][1]) for name in ("against_others", "against_others_low", "against_others_high")
    )
    assert ratio.low < ratio.value < ratio.high


def test_few_areas_give_a_ratio_and_no_interval() -> None:
    areas = Areas(
        names=("A", "B"),
        outlines=np.array([None] * 2),
        residents=np.array([100.0, 100.0]),
        members={"group": np.array([90.0, 10.0])},
    )
    ratio = ratios_against_others(np.array([1.0, 0.0]), areas, seed=1)["group"]
    assert ratio.value == pytest.approx(9.0) and np.isnan(ratio.low) and np.isnan(ratio.high)
