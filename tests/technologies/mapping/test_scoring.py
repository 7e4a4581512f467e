"""Sealed forecasts are scored on the map they were made on, by the bars they were sealed with."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest

from peelian.errors import InputError, NotEnoughData
from peelian.kernel.model.capability import Context, Dataset
from peelian.kernel.model.custody_declarations import Moment
from peelian.measure.projection import Projection
from peelian.measure.table import Table
from peelian.technologies.mapping import example
from peelian.technologies.mapping.backtest import UNPROVEN_GROUPS
from peelian.technologies.mapping.coincidence import SPREAD
from peelian.technologies.mapping.declarations.scoring import ScoreParams
from peelian.technologies.mapping.incidents import AT_THE_EDGE, OUTSIDE
from peelian.technologies.mapping.scoring import AFTERWARDS, AHEAD, UNDATED, run, scoring_example, sealed_example

CONTEXT = Context(seed=4, progress=lambda says, share: None)


def scored(sealed: Dataset, incidents: Dataset | None = None):  # type: ignore[no-untyped-def]
    return run(ScoreParams(), {"sealed": sealed, "incidents": incidents or example.incidents()}, CONTEXT)


def at(day: str) -> Dataset:
    """The example's sealed forecasts, in the log since `day`."""
    moment = Moment(index=3, entry={"kind": "DERIVED", "t": f"{day}T12:00:00.00Z"})
    return replace(sealed_example(), history=(moment,))


@pytest.mark.parametrize(
    ("day", "says", "prospective"), [("2019-06-30", AHEAD, True), ("2019-07-02", AFTERWARDS, False)]
)
def test_only_what_the_log_held_before_the_first_window_is_a_proof(day: str, says: str, prospective: bool) -> None:
    found = scored(at(day))
    assert found.facts["prospective"] is prospective and found.facts["criteria_met"] is prospective
    assert says in {note.text for note in found.notes}


def test_without_a_date_in_the_log_it_proves_nothing() -> None:
    made = scoring_example()
    found = run(made.params, made.datasets, CONTEXT)
    assert UNDATED in {note.text for note in found.notes} and found.facts["criteria_met"] is False


def test_the_counts_of_the_past_beat_an_even_spread_as_they_must() -> None:
    found = scored(sealed_example())
    scores = found.table("scores")
    bits = dict(zip(scores["model"].tolist(), scores["bits"].tolist(), strict=True))
    assert bits["uniform"] < -0.5 and bits["long_run"] == 0.0
    assert found.facts["hit_rate_5"] > 0.5


def test_a_later_recording_on_another_map_gives_the_same_score() -> None:
    """The later file's map has another centre: points are carried to the map of the sealed forecasts."""
    plain = example.incidents()
    here, there = Projection(**example.CENTRE), Projection(centre_lon=10.03, centre_lat=50.02)
    east, north = (np.asarray(plain.table[name]) for name in ("east_metres", "north_metres"))
    moved = dict(zip(("east_metres", "north_metres"), there.to_metres(*here.to_degrees(east, north)), strict=True))
    columns = tuple(replace(c, values=moved.get(c.name, c.values)) for c in plain.table.columns)
    facts = {**plain.facts, "centre_lon": 10.03, "centre_lat": 50.02}
    other = replace(plain, table=Table(name="incidents", columns=columns), facts=facts)
    one, same = scored(sealed_example()), scored(sealed_example(), other)
    assert one.facts["hit_rate_5"] == pytest.approx(same.facts["hit_rate_5"], abs=0.01)
    assert one.facts["n"] == pytest.approx(same.facts["n"], abs=2), "but for who stands at the very edge of the ground"


def test_before_all_windows_have_passed_it_stays_sealed() -> None:
    plain = example.incidents()
    kept = np.asarray(plain.table["start_hour"]) < np.datetime64("2019-12-20", "h")
    early = replace(plain, table=plain.table.take(kept), facts={**plain.facts, "to_day": "2019-12-19"})
    with pytest.raises(NotEnoughData, match="last window ends on 2019-12-29, records are complete to 2019-12-19"):
        scored(sealed_example(), early)


def test_what_is_no_seal_is_refused() -> None:
    for wrong in (replace(sealed_example(), stream=None), replace(sealed_example(), stream=io.BytesIO(b"PK"))):
        with pytest.raises(InputError):
            scored(wrong)


def test_at_how_many_points_they_came_and_who_stood_at_the_edge_is_said() -> None:
    told = {note.text for note in scored(sealed_example()).notes}
    assert {SPREAD, AT_THE_EDGE} <= told and OUTSIDE not in told


def test_with_areas_exposure_by_group_is_part_of_the_score() -> None:
    found, alone = run(ScoreParams(), scoring_example().datasets, CONTEXT), scored(sealed_example())
    assert "exposure" in {t.name for t in found.tables} and "exposure" not in {t.name for t in alone.tables}
    texts = [{note.text for note in one.notes} for one in (found, alone)]
    assert [UNPROVEN_GROUPS in each for each in texts] == [False, True]
