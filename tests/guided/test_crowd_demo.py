"""The demonstration of a watch: refused, proven, approved; a real day with a rise put in ends in a closed drill."""

from __future__ import annotations

from pathlib import Path

import pytest
from standing_office import office_at

from peelian.governance.alarms import State
from peelian.guided import crowd_demo, demo_broker
from peelian.guided.crowd_demo import RISES, levels, walk


def test_the_day_is_the_real_one_with_the_rises_put_in() -> None:
    day = dict(levels(2.2))
    rise = int(RISES[0][0] * 3_600)
    assert len(day) == 7_920 and day[0] == 44.1
    assert day[rise] - day[rise - 1] > RISES[0][1] - 8 and max(day) == 7_919


@pytest.mark.slow
@pytest.mark.parametrize("broker", [True, False])
def test_from_refusal_to_hand_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broker: bool) -> None:
    if broker and not demo_broker.found():
        pytest.skip("mosquitto is not installed: the demonstration then runs in one process, as the other case shows")
    if not broker:
        monkeypatch.setattr(demo_broker, "found", lambda: "")
    monkeypatch.setattr(crowd_demo, "RISES", ((0.8, 12.0),))
    office, town = office_at(tmp_path / "office")
    people = {"privacy": town.people["privacy-officer"], **town.people}
    said: list[str] = []
    with office:
        record = walk(office, people, said.append, lambda says, share: None, hours=0.95, counters=False)
        alarms = list(office.house.book.watching.floor.alarms.values())
        assert office.verdict().ok and len(office.house.book.watching.handovers) == 1
    assert record["trial"]["bars_met"] and record["tally"] == {"taken": 3_420}
    assert [(a.kind, a.state, a.disposition) for a in alarms] == [("exercise", State.CLOSED, "other")]
    told = "\n".join(said)
    assert "refused: there is no council approval" in told and "EXERCISE urgent: old-square" in told
    assert ("real Mosquitto" in told) is broker and ("no Mosquitto here" in told) is not broker
    messages = sorted((tmp_path / "office" / "cap").glob("*.xml"))
    assert messages and all(b"<status>Exercise</status>" in m.read_bytes() for m in messages)
