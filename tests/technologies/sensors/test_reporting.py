"""The report: days and typical hours as plain arithmetic has them; nothing small leaves the town."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from peelian.errors import InputError, NotEnoughData
from peelian.kernel.model.capability import Context, Dataset, Findings
from peelian.measure.table import Table
from peelian.technologies.sensors import vocabulary as v
from peelian.technologies.sensors.counts_format import Rows, admitted_hours
from peelian.technologies.sensors.declarations.reporting import REPORT, ReportParams
from peelian.technologies.sensors.reporting import example, public, run

CONTEXT = Context(seed=1, progress=lambda says, share: None)


def windows(counts: list[int], area: str = "A", measure: str = v.PEOPLE, **options: str) -> Table:
    hour = np.datetime64("2026-03-01T00", "h") + np.arange(len(counts))
    rows = Rows(area=np.array([area] * len(counts), dtype=object), hour=hour, value=np.array(counts, dtype=np.float64))
    return admitted_hours(rows, {"measure": measure, **options}, np.arange(2, len(counts) + 2)).table


def report(made: Table, **params: Any) -> Findings:
    dataset = Dataset(id="d", format="sensor-counts", digest="", table=made)
    return run(ReportParams(**params), {"windows": dataset}, CONTEXT)


def test_days_are_sums_of_their_hours() -> None:
    days = report(windows([1] * 24 + [2] * 24)).table("days")
    assert days["count"].tolist() == [24, 48] and days["hours"].tolist() == [24, 24]


def test_typical_hours_are_medians_over_enough_days() -> None:
    counts = np.tile(np.arange(24) + 20, 21) + np.repeat(np.arange(21), 24)
    profile = report(windows(counts.tolist()), fewest_days=21).table("profile")
    assert profile["typical"].tolist() == [float(h + 30) for h in range(24)] and set(profile["days"]) == {21}
    assert len(report(windows(counts.tolist()), fewest_days=22).table("profile")) == 0


def test_levels_of_a_day_are_the_mean_of_its_energy() -> None:
    days = report(windows([60, 70] * 12, measure=v.NOISE)).table("days")
    assert days["level"][0] == pytest.approx(67.4036, abs=1e-4)


@pytest.mark.parametrize(
    ("homes", "share", "hours", "inside", "outside"),
    [
        (100, 0.15, 24, True, True),
        (99, 0.15, 24, True, False),
        (15, 0.15, 24, True, False),
        (14, 0.15, 24, False, False),
        (15, 0.16, 24, False, False),
        (100, 0.15, 23, True, False),
        (1, 1.0, 24, False, False),
    ],
)
def test_energy_is_kept_back_by_the_rules(homes: int, share: float, hours: int, inside: bool, outside: bool) -> None:
    made = windows([50] * hours, measure=v.ENERGY, homes="100", largest_share=str(share))
    made["homes"][:] = homes
    found = report(made)
    assert np.isfinite(found.table("days")["kwh"][0]) == inside
    assert (len(found.table("energy")) == 1) == outside
    shown = public(found)
    assert len(shown.table("days")) == 0 and shown.table("energy") == found.table("energy")
    assert len(found.table("profile")) == 0, "no typical hour of anybody's energy"


def test_small_areas_are_merged_with_their_neighbours_in_public() -> None:
    parts = [windows([50] * 24, area, v.ENERGY, homes="60", largest_share="0.05") for area in ("A", "B", "C")]
    both = Table(
        name="windows",
        columns=tuple(
            dataclasses.replace(column, values=np.concatenate([part[column.name] for part in parts]))
            for column in parts[0].columns
        ),
    )
    assert len(report(both).table("energy")) == 0
    energy = report(both, neighbours=("A~B",)).table("energy")
    assert list(energy.rows()) == [("A", energy["day"].tolist()[0], 2, 120, 2400.0)]


@given(st.lists(st.integers(0, 30), min_size=24, max_size=120), st.sampled_from(v.COUNTED))
@settings(max_examples=50, deadline=None)
def test_no_exact_count_leaves_the_town(counts: list[int], measure: str) -> None:
    inside = report(windows(counts, measure=measure), fewest_days=1)
    found = public(inside)
    assert all(len(table) == 0 for table in found.tables)
    told = {v for note in found.notes for k, v in note.values.items() if isinstance(v, int)}
    assert told <= {len(counts), 1, len(counts) // 24, -(-len(counts) // 24)}, "time windows, places and days"
    assert v.WITH_NOISE in {note.text for note in found.notes}


def test_a_sound_level_is_no_count_and_stays() -> None:
    found = public(REPORT.arithmetic().run(example().params, example().datasets, CONTEXT))
    assert set(found.table("days")["measure"].tolist()) == set(found.table("profile")["measure"].tolist()) == {v.NOISE}
    assert {v.BUSIEST, v.HIDDEN}.isdisjoint(note.text for note in found.notes)


def test_days_can_be_chosen_and_wrong_ones_are_named() -> None:
    made = windows([20] * 72)
    assert report(made, from_day="2026-03-02", to_day="2026-03-02").table("days")["count"].tolist() == [480]
    with pytest.raises(NotEnoughData):
        report(made, from_day="2027-01-01")
    for wrong in (
        {"from_day": "soon"},
        {"from_day": "2026-03-02", "to_day": "2026-03-01"},
        {"fewest_days": 0},
        {"neighbours": ("A",)},
    ):
        with pytest.raises(InputError):
            REPORT.asks.check(ReportParams(**wrong))  # type: ignore[arg-type]


def test_it_says_what_it_cannot_tell() -> None:
    made = example()
    found = REPORT.arithmetic().run(made.params, made.datasets, CONTEXT)
    caveats = {note.text for note in found.notes if note.kind == "caveat"}
    assert caveats == {v.EVENTS, v.NO_CAUSE} and {v.READ, v.HIDDEN, v.LOUDEST} <= {note.text for note in found.notes}
