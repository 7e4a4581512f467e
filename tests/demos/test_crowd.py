"""The demonstration of a watch: refused, proven, approved; a real day with a rise put in ends in a closed drill."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sizes import FULL
from standing_office import office_at

from peelian.demos import broker, crowd, crowd_counters
from peelian.demos.crowd import LASTS, RISES, levels, walk
from peelian.errors import OutOfOrder
from peelian.kernel.model.alarms import State
from peelian.operations.watch_service import Replay, replay_of


def test_the_day_is_the_real_one_with_the_rises_put_in() -> None:
    day = dict(levels(2.2, RISES))
    rise = int(RISES[0][0] * 3_600)
    assert len(day) == 7_920 and day[0] == 44.1
    assert day[rise] - day[rise - 1] > RISES[0][1] - 8 and max(day) == 7_919


def test_an_office_with_a_clock_of_its_own_is_refused(tmp_path: Path) -> None:
    office, _ = office_at(tmp_path / "office")
    with office, pytest.raises(OutOfOrder, match="open it with `Replay`"):
        replay_of(office)


@pytest.mark.slow
@pytest.mark.parametrize("through_broker", [True, False])
def test_from_refusal_to_hand_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, through_broker: bool) -> None:
    if through_broker and not broker.found():
        pytest.skip("mosquitto is not installed: the demonstration then runs in one process, as the other case shows")
    if not through_broker:
        monkeypatch.setattr(broker, "found", lambda: "")
        monkeypatch.setattr(crowd, "_counted", lambda drill, people: {})  # as in the other case
    if not FULL:  # of four months the last eleven weeks: enough to learn what is usual before New Year's Eve
        monkeypatch.setattr(crowd_counters, "FIRST", datetime(2023, 10, 16, 6, tzinfo=UTC))
    monkeypatch.setattr(crowd, "RISES", ((0.8, 12.0),))
    clock = Replay(datetime.now(UTC) - LASTS)
    office, town = office_at(tmp_path / "office", clock)
    crew = {"kay": town.people["dispatcher"], "lee": town.people["night"]}
    people = {"privacy": town.people["privacy-officer"], **crew, **town.people}
    said: list[str] = []
    with office:
        record = walk(office, people, said.append, lambda says, share: None, hours=0.95)
        alarms = list(office.kernel.state.alarms.floor.alarms.values())
        assert office.verdict().ok and len(office.kernel.state.alarms.handovers) == 1
        behind = abs(datetime.now(UTC) - office.kernel.now())
    assert behind < timedelta(minutes=1), "after the replay the machine's clock goes on"
    assert record["trial"]["criteria_met"] and record["tally"] == {"taken": 3_420}
    assert [(a.kind, a.state, a.disposition) for a in alarms if a.zone == "old-square"] == [
        ("exercise", State.CLOSED, "other")
    ]
    assert {a.kind for a in alarms} == {"exercise"}
    assert all(a.disposition for a in alarms if a.state is not State.JOINED), "also of crowds that are there at the end"
    told = "\n".join(said)
    if counted := record["counters"]:
        hours, incidents, raised = (21 * 24 * 100, 3, (60, 120)) if FULL else (21 * 24 * 70, 2, (15, 90))
        assert counted["hours"] > hours and counted["incidents"] == incidents
        assert raised[0] < counted["raised"] < raised[1]
        assert "2023-12-31 21:00: one multi-zone incident, 5 of 21 counters" in told
    assert "refused: council approval missing" in told and "EXERCISE urgent: old-square" in told
    assert ("real Mosquitto" in told) is through_broker and ("Mosquitto is missing" in told) is not through_broker
    messages = sorted((tmp_path / "office" / "cap").glob("*.xml"))
    assert messages and all(b"<status>Exercise</status>" in m.read_bytes() for m in messages)
