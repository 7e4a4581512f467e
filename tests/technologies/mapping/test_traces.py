"""Each sign of a trace is found where it was put and not where there is none; one strong or two weak ones count."""

from __future__ import annotations

import re

import numpy as np
import pytest
from simulation import Town, simulate, strewn
from wandering import Device, positions

from peelian.errors import InputError
from peelian.technologies.mapping.example import incidents
from peelian.technologies.mapping.traces import LEAST_ROWS, Sign, fullest, is_trace, refuse_traces, signs_of


def rows(**device: object) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    hour, east, north = positions(Device(**device))  # type: ignore[arg-type]  # its own fields
    return np.floor(hour), east, north


def named(hour: np.ndarray, east: np.ndarray, north: np.ndarray) -> dict[str, int]:
    return {sign.name: sign.weight for sign in signs_of(hour, east, north)}


def test_a_trace_shows_all_three_signs() -> None:
    assert named(*rows(minutes=60)) == {"places": 2, "following": 2, "clock": 2}


def test_a_taxi_has_no_home_but_follows_itself() -> None:
    found = named(*rows(kind="taxi", minutes=15, kept=0.9))
    assert "places" not in found and found["following"] == 2


def test_mixed_times_leave_the_places() -> None:
    hour, east, north = rows(minutes=60)
    chance = np.random.default_rng(1)
    mixed = chance.integers(0, 24 * 30, len(hour)).astype(np.float64)
    assert named(mixed, east, north) == {"places": 2}


def test_moved_points_leave_the_clock() -> None:
    hour, _, _ = rows(minutes=60)
    east, north = np.random.default_rng(1).uniform(0, 10_000, (2, len(hour)))
    assert named(hour, east, north) == {"clock": 2}


def test_order_of_rows_and_origin_of_the_map_change_nothing() -> None:
    hour, east, north = rows(minutes=30, days=10)
    order = np.random.default_rng(2).permutation(len(hour))
    moved = named(hour[order] + 24 * 7_000, east[order] - 9_000, north[order] + 4_000)
    assert moved == named(hour, east, north)


@pytest.mark.parametrize("seed", range(5))
def test_many_peoples_incidents_show_none(seed: int) -> None:
    table = incidents(seed=seed).table
    hour = table["start_hour"].astype("datetime64[h]").astype(np.float64)
    assert not is_trace(signs_of(hour, table["east_metres"], table["north_metres"]))
    points, _ = simulate(Town(incidents=400, side_metres=6_000.0, days=365.0, theta=0.5, seed=seed))
    assert not is_trace(signs_of(np.floor(points.days * 24), points.east, points.north)), "near repeats"
    days, east, north, _ = strewn("square", 300, seed=seed, days=365.0)
    chance = np.random.default_rng(seed)
    crowd = chance.normal(4_000, 120, (2, 100))
    when = np.append(days, 200 + chance.uniform(0, 3, 100)) * 24
    assert not is_trace(signs_of(np.floor(when), np.append(east, crowd[0]), np.append(north, crowd[1]))), "a festival"


def test_months_and_few_rows_tell_nothing_of_times() -> None:
    days, east, north, _ = strewn("square", 400, seed=1, days=365.0)
    assert signs_of(np.floor(days / 30) * 720, east, north) == ()
    hour, x, y = rows(minutes=60)
    few = LEAST_ROWS - 1
    assert signs_of(hour[:few], x[:few], y[:few]) == () and signs_of(hour[: few + 1], x[: few + 1], y[: few + 1])


def test_a_festival_and_a_default_point_weigh_as_one_block() -> None:
    days, east, north, _ = strewn("square", 600, seed=4, days=365.0)
    crowd = np.random.default_rng(4).normal(4_000, 60, (2, 200))
    when = np.append(days, 200 + np.linspace(0, 2, 200)) * 24
    assert "following" not in named(np.floor(when), np.append(east, crowd[0]), np.append(north, crowd[1]))


def test_the_fullest_places_are_counted_once() -> None:
    east = np.repeat([0.0, 100.0, 5_000.0, 9_000.0], [40, 20, 30, 10])
    assert fullest(east, np.zeros(100)) == pytest.approx((0.9, 1.0, 1.0))


@pytest.mark.parametrize(("weights", "trace"), [((), False), ((1,), False), ((1, 1), True), ((2,), True)])
def test_one_strong_sign_or_two_weak_ones(weights: tuple[int, ...], trace: bool) -> None:
    assert is_trace([Sign(name="places", weight=weight, says="") for weight in weights]) is trace


def test_the_refusal_has_the_numbers_and_no_place() -> None:
    hour, east, north = rows(minutes=60)
    code = np.zeros(len(hour), dtype=np.int32)
    with pytest.raises(InputError) as refused:
        refuse_traces(hour, (east, north), ["theft"], code)
    says = str(refused.value)
    assert re.search(r"^720 rows \(all categories\).*\d+% lie within 150 m of \d places \(accepted: under \d+%\)", says)
    assert "counts per hour vary 0.00 times" in says and "Expected: incidents that many people reported" in says


def test_categories_under_several_codes_are_tested_as_one() -> None:
    hour, east, north = rows(minutes=60, days=20)
    chance = np.random.default_rng(5)
    n = 4_000
    times = np.append(hour, chance.uniform(0, 9_000, n).round())
    points = tuple(np.append(axis, chance.uniform(0, 12_000, n)) for axis in (east, north))
    code = np.append(np.arange(len(hour)) % 40, np.full(n, 40))
    with pytest.raises(InputError, match=r"480 rows \(theft\)"):
        refuse_traces(times, points, ["theft"] * 40 + ["assault"], code)  # type: ignore[arg-type]  # two axes
    refuse_traces(times[480:], (points[0][480:], points[1][480:]), ["assault"], np.zeros(n, dtype=np.int64))
