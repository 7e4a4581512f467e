"""Discovered offences count by the inverse chance that police were there; where that is not known they are refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely

from peelian.errors import InputError
from peelian.technologies.mapping.areas import Areas
from peelian.technologies.mapping.discovery import FLOOR, WEIGHED, chances, weighed
from peelian.technologies.mapping.incidents import Incidents

OUTLINES = np.array([shapely.box(k * 1000.0, 0.0, (k + 1) * 1000.0, 1000.0) for k in range(3)])


def areas(hours: list[float] | None) -> Areas:
    return Areas(
        names=("West", "Middle", "East"),
        outlines=OUTLINES,
        residents=np.full(3, 1000.0),
        members={},
        patrol_hours=None if hours is None else np.array(hours),
    )


def at(east: np.ndarray) -> Incidents:
    n = len(east)
    return Incidents(
        hour=np.arange(n, dtype=np.float64),
        east=east,
        north=np.full(n, 500.0),
        weight=np.ones(n),
        ready=np.zeros(n),
        row=np.arange(n),
        n=n,
        from_hour=0.0,
        until_hour=float(n),
    )


def test_a_record_that_follows_patrols_is_brought_back_to_the_truth() -> None:
    """Three areas with the same true number of offences, seen where police are: naive shares 1/9, 2/9, 6/9."""
    rng = np.random.default_rng(3)
    hours = np.array([100.0, 200.0, 600.0])
    true = rng.uniform(0.0, 3000.0, 60_000)
    seen = true[rng.random(len(true)) < (hours / hours.max())[(true // 1000).astype(int)]]
    found = weighed(at(seen), areas(hours.tolist()))
    share = np.bincount((seen // 1000).astype(int), weights=found.weight) / found.weight.sum()
    naive = np.bincount((seen // 1000).astype(int)) / len(seen)
    assert naive[2] > 0.65
    assert np.abs(share - 1 / 3).max() < 0.05  # the floor costs a little of the truth
    assert found.weight.sum() == pytest.approx(len(seen))


def test_the_note_says_what_the_weights_are_worth() -> None:
    found = weighed(at(np.array([100.0, 1500.0, 2500.0, 2600.0])), areas([100.0, 200.0, 600.0]))
    note = found.notes[-1]
    assert note.text == WEIGHED and note.kind == "caveat"
    assert note.values["low"] < 1 < note.values["high"]
    assert note.values["effective"] < 4


def test_where_nobody_looked_an_incident_counts_no_more_than_twenty_times_the_mean() -> None:
    assert chances(np.array([90.0, 0.0]), np.array([1.0, 1.0])).min() == FLOOR == 0.05


def test_a_point_outside_every_area_counts_as_the_mean_does() -> None:
    found = weighed(at(np.array([-5000.0, 500.0])), areas([300.0, 300.0, 300.0]))
    assert found.weight.tolist() == pytest.approx([1.0, 1.0])


@pytest.mark.parametrize("known", [None, areas(None), areas([0.0, 0.0, 0.0])])
def test_without_patrol_hours_nothing_is_weighed(known: Areas | None) -> None:
    with pytest.raises(InputError, match="patrol hours are not known") as refused:
        weighed(at(np.array([100.0])), known)
    assert "patrols" in str(refused.value)


def test_parts_of_an_interval_keep_their_shares() -> None:
    halves = replace(at(np.array([100.0, 100.0, 2500.0])), weight=np.array([0.5, 0.5, 1.0]))
    found = weighed(halves, areas([100.0, 100.0, 100.0]))
    assert found.weight.tolist() == pytest.approx([0.5, 0.5, 1.0])
