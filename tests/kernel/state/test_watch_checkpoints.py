"""What a watch remembers: any part of its states is a sound checkpoint, and silence is searched for in turns."""

from __future__ import annotations

import dataclasses
import json

import pytest
from toy_watch import HIGH, TOY_WATCH, wells
from watched import Watched, stood

from peelian.kernel.alarms import watch
from peelian.kernel.model.technology import Technology
from peelian.kernel.state import watch_checkpoints
from peelian.kernel.state.watch_checkpoints import checkpoint, levels_now, members_of, next_looked_at, packed, state_of

PER_ZONE = dataclasses.replace(HIGH, state_per="zone")
ZONED: Technology = dataclasses.replace(TOY_WATCH, watches=(PER_ZONE,))


def test_a_slice_takes_the_states_that_changed_longest_ago() -> None:
    at = stood()
    at.feed(wells([1.0], sensor="well-2"))
    at.feed(wells([1.0, 1.5], sensor="well-1"))
    at.feed(
        [
            dataclasses.replace(r, time=r.time + dataclasses.replace(r).time.resolution * 9)
            for r in wells([2.0], "well-2")
        ]
    )
    assert list(packed(at.standing, 1)) == ["well-2"] and list(at.standing.changed) == ["well-1"]
    assert list(packed(at.standing)) == ["well-1"] and not at.standing.changed


def test_a_state_is_kept_with_the_times_of_its_own_sensors() -> None:
    at = stood((ZONED,), PER_ZONE, sensors={"well-1": "north", "well-2": "north", "well-3": "south"})
    at.feed(wells([1.0], sensor="well-1"))
    at.feed(wells([1.0], sensor="well-3"))
    rows = {key: json.loads(text) for key, text in packed(at.standing).items()}
    assert {key: set(row["latest"]) for key, row in rows.items()} == {"north": {"well-1"}, "south": {"well-3"}}
    assert state_of(at.standing, "well-2") == "north"
    assert members_of(PER_ZONE, at.permit and at.standing.request.sensors)["north"] == ("well-1", "well-2")


def test_a_watch_goes_on_from_a_part_of_its_states() -> None:
    at = stood()
    at.feed(wells([6.0], sensor="well-1"))
    at.feed(wells([6.0], sensor="well-2"))
    at.kept.save(at.permit.case, packed(at.standing, 1))
    again = watch.begin(at.town.kernel, at.permit, at.kept)
    assert set(again.states) == {"well-1"} == set(again.restored), "the other one is repeated by its sender"
    assert checkpoint(at.standing) == 1


def test_silent_sensors_are_searched_for_in_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch_checkpoints, "LOOKED_AT", 2)
    at: Watched = stood(sensors={f"well-{n}": "north" for n in range(1, 6)})
    turns = [next_looked_at(at.standing) for _ in range(4)]
    assert turns == [["well-1", "well-2"], ["well-3", "well-4"], ["well-5"], ["well-1", "well-2"]]


def test_what_a_state_shows_is_told_once_and_only_numbers_that_are_declared() -> None:
    shown = dataclasses.replace(
        HIGH,
        shows=frozenset({"count"}),
        reducer=lambda: dataclasses.replace(
            HIGH.reducer(), level=lambda well: {"count": well.over, "window": float(len(well.window))}
        ),
    )
    at = stood((dataclasses.replace(TOY_WATCH, watches=(shown,)),), shown)
    at.feed(wells([1.0, 9.0]))
    ((sensor, time, values),) = levels_now(at.standing)
    assert (sensor, time, values) == ("well-1", at.standing.latest["well-1"], {"count": 1})
    assert levels_now(at.standing) == []
