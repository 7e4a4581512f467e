"""Live levels: means of what watches measure, gate totals that count each reading once, correction of the drift."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from datetime import timedelta

import pytest
from evening import STEP, Evening, evening
from toy_watch import HIGH, TOY_WATCH, wells
from watched import stood

from peelian.errors import PeelianError
from peelian.kernel.alarms import watch
from peelian.kernel.alarms.zone_count import count_zone
from peelian.kernel.model.occupancy import Occupancy
from peelian.kernel.model.watch import Reading
from peelian.kernel.state.watch_checkpoints import checkpoint, levels_now
from peelian.operations.live_levels import LiveLevels
from peelian.oversight.watches.zone_levels import LEVEL, TREND, ZoneBoard, ZoneLevel, minutes_of, seal_of


def level(e: Evening, zone: str = "square") -> ZoneLevel:
    """What another process reads now."""
    e.written()
    return ZoneBoard(e.town.kernel).levels()[f"real {zone}"]


def inside(e: Evening, zone: str = "square") -> Occupancy:
    found = level(e, zone).inside
    assert found is not None
    return found


def again(e: Evening) -> Evening:
    """The gateway's process ended and began again, from its checkpoints."""
    e.written()
    standing = watch.begin(e.town.kernel, e.at.permit, e.at.kept)
    at = dataclasses.replace(e.at, standing=standing)
    return Evening(at, LiveLevels(e.town.kernel, [standing]), e.inside)


def test_a_level_is_a_mean_of_readings_and_never_one_of_them() -> None:
    e = evening("square", planned=0)
    e.go(1, {"square": (100, 0)})
    assert level(e).count is None, "one reading is shown to nobody"
    e.go(1, {"square": (100, 0)})
    assert level(e).count == 150 and level(e).per_m2 == 0.15 and level(e).level_of_service == 1
    e.go(1, {"square": (2_800, 0)})
    assert level(e).count == 1_100, "of the last half minute"
    assert level(e).level_of_service == 5, "the letter is of that mean: one alone would be an A or an F"


def test_what_came_and_left_is_counted_since_the_first_reading() -> None:
    e = evening("square", planned=0)
    e.go(8, {"square": (30, 10)})
    assert inside(e).people == 160
    (gate,) = level(e).gates
    assert gate.per_minute == (120, 40) and gate.per_metre == 40
    assert level(e).minutes == pytest.approx(1.75)


def test_a_counted_zone_starts_anew_from_the_count_and_its_interval_shrinks() -> None:
    e = evening("square", planned=0)
    e.go(40, {"square": (60, 40)})
    before = inside(e)
    count_zone(e.town.kernel, e.town.people["dispatcher"], zone="square", people=500)
    e.go(4, {"square": (10, 0)})
    after = inside(e)
    assert before.people == 800 and after.people == 540 and level(e).by_hand
    assert after.high - after.low < (before.high - before.low) / 2
    e.go(4, {"square": (10, 0)})
    assert inside(e).people == 580, "a count is taken once"


def test_a_count_is_of_the_time_at_which_it_was_made() -> None:
    e = evening("square", planned=0)
    e.go(4, {"square": (10, 0)})
    made = count_zone(e.town.kernel, e.town.people["dispatcher"], zone="square", people=7)
    e.at.feed([_gate(e, 3)])  # a reading from after it comes in before the count is seen
    e.levels.gather()
    assert made.zone == "square" and inside(e).people == 10


def _gate(e: Evening, towards: int, zone: str = "square") -> Reading:
    values: Mapping[str, float] = {"count": towards, "towards": towards, "away": 0, "seconds": 15}
    return Reading(sensor=f"gate-{zone}", time=e.now + STEP, what="people", values=values)


def test_more_out_than_in_corrects_the_drift() -> None:
    e = evening("square", planned=0)
    e.inside["square"] = 1_000
    e.go(4, {"square": (5, 25)})
    assert inside(e).people == 0 and level(e).corrected == 80
    e.go(1, {"square": (30, 0)})
    assert inside(e).people == 30


def test_after_a_crash_each_reading_counts_once() -> None:
    e = evening("square", planned=0)
    e.go(4, {"square": (10, 2)})
    checkpoint(e.at.standing)
    kept = json.loads(e.at.kept.rows[e.at.permit.case]["gate-square"])
    assert kept["state"]["gate"]["entered"] == 40
    count_zone(e.town.kernel, e.town.people["dispatcher"], zone="square", people=100)
    lost = [_gate(e, 20)]
    e.at.feed(lost)
    e.levels.gather()
    assert inside(e).people == 120
    new = again(e)  # the checkpoint is from before the last reading: its sender repeats it
    for _ in range(3):
        new.at.feed(lost)
        new.levels.gather()
    assert inside(new).people == 120
    new.at.feed([_gate(new, 5)])
    new.levels.gather()
    assert inside(new).people == 125 and level(new).by_hand


def test_what_was_lost_with_its_row_begins_anew_and_not_with_all_that_ever_came() -> None:
    e = evening("square", planned=0)
    e.go(4, {"square": (10, 2)})
    checkpoint(e.at.standing)
    e.written()
    for key, _ in e.town.kernel.stores.tickets.all(LEVEL):
        e.town.kernel.stores.tickets.take(LEVEL, key)
    new = again(e)
    new.at.feed([_gate(new, 5)])
    new.levels.gather()
    assert inside(new).people == 5


def test_a_detector_that_breaks_begins_anew_and_the_zone_keeps_its_people() -> None:
    e = evening("square", planned=0)
    e.go(4, {"square": (10, 0)})
    assert inside(e).people == 40
    e.at.feed([_gate(e, 1_000_000)])  # impossible for the gate
    assert e.town.kernel.state.alarms.faults["gate-square"][0] == "broken-detector"
    e.at.feed([_gate(e, 5)])
    e.levels.gather()
    assert inside(e).people == 45


def test_a_counter_at_fault_shows_no_level() -> None:
    e = evening("square", planned=0)
    e.inside["square"] = 400
    e.go(4, {})
    assert level(e).count == 400
    e.go(45, {})  # the same count for eleven minutes
    assert e.town.kernel.state.alarms.faults["counter-square"][0] == "flat"
    assert level(e).count is None and level(e).level_of_service is None


def test_a_watch_that_may_not_stand_publishes_nothing_new() -> None:
    e = evening("square", planned=0)
    e.go(4, {"square": (10, 0)})
    before = level(e)
    watch.end(e.town.kernel, e.town.people["commander"], e.at.permit.case)
    with pytest.raises(PeelianError):
        e.go(4, {"square": (10, 0)})
    assert level(e) == before


def test_minutes_join_the_trend_and_the_trend_outlives_a_restart() -> None:
    e = evening("square", planned=0)
    e.go(8, {"square": (50, 0)})
    new = again(e)
    new.go(9, {"square": (50, 0)})
    new.written()
    trend = minutes_of(e.town.kernel, seal_of(e.town.kernel))["real square"]
    assert len(trend) >= 3 and all(one.per_m2 is not None for one in trend)
    assert trend[-1].inside is not None and trend[0].inside is not None and trend[-1].inside > trend[0].inside
    assert len(e.town.kernel.stores.tickets.all(TREND)) <= 2, "one row for each hour"


def test_one_write_holds_what_changed_and_nothing_is_written_where_nothing_did() -> None:
    e = evening("square", "park", planned=0)
    e.go(4, {"square": (10, 0)})
    e.written()
    before = dict(e.town.kernel.stores.tickets.all(LEVEL))
    e.town.clock.now += timedelta(seconds=5)
    e.levels.gather()
    e.written()
    assert dict(e.town.kernel.stores.tickets.all(LEVEL)) == before


def test_a_drill_is_published_apart() -> None:
    drill = stood((TOY_WATCH,), HIGH, exercise=True)
    assert levels_now(drill.standing) == [], "a watch that shows nothing has no level"
    drill.feed(wells([1.0, 2.0]))
    levels = LiveLevels(drill.town.kernel, [drill.standing])
    levels.close()
    assert drill.town.kernel.stores.tickets.all(LEVEL) == []


def test_two_counters_of_a_zone_are_not_added_up_the_denser_one_counts() -> None:
    e = evening("square", planned=0)
    sensors = {"counter-a": "square", "counter-b": "square"}
    at = stood(
        tuple(e.town.kernel.technologies), e.at.declared, town=e.town, sensors=sensors, params=e.at.standing.params
    )
    levels = LiveLevels(e.town.kernel, [at.standing])
    for _ in range(2):
        time = e.now + STEP
        some = [
            Reading(sensor=s, time=time, what="occupants", values={"count": n})
            for s, n in (("counter-a", 90.0), ("counter-b", 700.0))
        ]
        at.feed(some, at_once=2)
        levels.gather()
    levels.close()
    found = ZoneBoard(e.town.kernel).levels()["real square"]
    assert (found.count, found.per_m2) == (700, 0.7)


def test_a_gate_between_two_zones_counts_for_both_from_when_the_plan_says_so() -> None:
    e = evening("hall", "yard", planned=2, between={"gate-hall": "yard"})
    e.go(2, {"hall": (0, 0)})
    e.inside |= {"hall": 200}
    count_zone(e.town.kernel, e.town.people["dispatcher"], zone="hall", people=200)
    e.go(4, {"hall": (5, 20), "yard": (3, 0)})
    assert inside(e, "hall").people == 200 - 60
    assert inside(e, "yard").people == 12 + 60, "its own gate, and whoever came from the hall"
    checkpoint(e.at.standing)
    new = again(e)
    new.go(2, {"hall": (0, 10)})
    assert inside(new, "yard").people == 12 + 60 + 20
