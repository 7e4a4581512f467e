"""The checkpoint of a listener: repetitions are known, a batch is sealed once, another office's is not taken up."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from desk import Desk, desk
from labels import register_in_area
from sensing import a_sensor

from peelian.errors import IntegrityError
from peelian.kernel.model.capability import Role
from peelian.operations import sensor_listener
from peelian.operations.office import new_office, technologies
from peelian.operations.sensor_checkpoint import Batch, MemoryRows, Seen, batch_of
from peelian.operations.sensor_listener import Collector
from peelian.oversight.sensors.windows import counts_of_day
from peelian.technologies.sensors.windows import Window

DAY = date(2026, 3, 2)


@pytest.fixture
def town() -> Desk:
    made = desk(technologies())
    register_in_area(made.kernel, made.people, a_sensor())
    return made


def count(town: Any, n: int) -> bytes:
    at = town.kernel.now().isoformat()
    return f'{{"id":"a","type":"CrowdFlowObserved","dateObserved":"{at}","peopleCount":{n}}}'.encode()


def collector(town: Desk, rows: MemoryRows) -> Collector:
    made = Collector(town.office, town.people["custodian"])
    made._rows = rows
    return made


def sealed(town: Desk) -> int:
    return sum(counts_of_day(town.kernel, town.people["clerk"], "square-1", DAY))


def test_only_what_is_sent_again_with_its_number_and_its_bytes_is_known() -> None:
    seen = Seen(most=3)
    assert not seen.knows(1, False, "t", b"one")
    assert seen.knows(1, True, "t", b"one")
    assert not seen.knows(1, False, "t", b"one"), "a new message with the number and bytes of an old one"
    assert not seen.knows(1, True, "t", b"other") and not seen.knows(2, True, "t", b"other")
    assert not seen.knows(0, True, "t", b"by HTTP, or without acknowledgement")
    for packet in (3, 4, 5):
        seen.knows(packet, False, "t", b"more")
    assert list(seen.packets) == [3, 4, 5], "no more than may be in flight"
    again = Seen(most=2)
    again.restore(seen.text())
    assert list(again.packets) == [4, 5] and again.knows(5, True, "t", b"more")


def test_a_batch_comes_back_from_its_text() -> None:
    window = Window(sensor="s", measure="noise", start=datetime(2026, 3, 2, 9, tzinfo=UTC), n=2, laeq=51.5)
    assert str(batch_of(Batch(name="b-1", windows=(window,)).text())) == str(Batch(name="b-1", windows=(window,)))


def test_a_message_is_counted_once_whether_the_crash_is_before_or_after_its_acknowledgement(town: Desk) -> None:
    rows, acknowledged = MemoryRows(), list[int]()
    first = collector(town, rows)
    first.begin()
    bodies = {packet: count(town, 20 + packet) for packet in (1, 2, 3)}
    for packet in (1, 2):
        first.offer("square-1", "t", bodies[packet], lambda: None, packet=packet)
    first.checkpoint()  # the acknowledgement of 2 is lost on its way
    first.offer("square-1", "t", bodies[3], lambda: None, packet=3)  # and 3 in no checkpoint
    first.work()
    second = collector(town, rows)
    second.begin()
    for packet in (2, 3):
        second.offer("square-1", "t", bodies[packet], lambda: acknowledged.append(1), packet=packet, again=True)
    second.work()
    assert second.tally == {"again": 1, "taken": 1} and not acknowledged
    second.end()
    assert len(acknowledged) == 2 and sealed(town) == 21 + 22 + 23
    assert "WINDOW_LOST" not in town.kinds()


@pytest.mark.parametrize("stored", [True, False])
def test_a_crash_while_windows_are_sealed_seals_them_once(
    town: Desk, stored: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = MemoryRows()
    first = collector(town, rows)
    first.begin()
    first.offer("square-1", "t", count(town, 20), lambda: None, packet=1)
    first.checkpoint()
    town.clock.now += timedelta(minutes=20)
    keep = sensor_listener.keep_windows

    def crash(*given: Any, **more: Any) -> None:
        if stored:
            keep(*given, **more)
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(sensor_listener, "keep_windows", crash)
        with pytest.raises(KeyboardInterrupt):
            first.seal()
    second = collector(town, rows)
    second.begin()
    assert (second._held.batch is None) is stored
    second.offer("square-1", "t", count(town, 5), lambda: None, packet=2)
    second.end()
    assert sealed(town) == 25


def test_nothing_is_acknowledged_that_could_not_be_kept(town: Desk) -> None:
    class Full(MemoryRows):
        def save(self, changed: Any, gone: Any = ()) -> None:
            raise IntegrityError("the disk is full")

    made, acknowledged = collector(town, Full()), list[int]()
    made.begin()
    made.offer("square-1", "t", count(town, 20), lambda: acknowledged.append(1), packet=1)
    for keep in (made.checkpoint, lambda: made.seal(stopping=True)):
        with pytest.raises(IntegrityError):
            keep()
    assert not acknowledged


def test_a_session_that_the_broker_lost_is_a_gap_and_its_numbers_begin_anew(town: Desk) -> None:
    made = collector(town, MemoryRows())
    made.begin()
    made.back("mqtt", kept=False)
    made.offer("square-1", "t", body := count(town, 20), lambda: None, packet=1)
    made.checkpoint()
    town.clock.now += timedelta(minutes=2)
    made.cut("mqtt", "connection lost")
    town.clock.now += timedelta(minutes=3)
    made.back("mqtt", kept=False)
    made.offer("square-1", "t", body, lambda: None, packet=1, again=True)
    made.work()
    assert made.tally["taken"] == 2
    first, second = (e for _, e in town.kernel.stores.log.read() if e["kind"] == "WINDOW_LOST")
    assert (first["why"], second["why"]) == ("beginning", "broker")
    lasted = datetime.fromisoformat(str(second["until"])) - datetime.fromisoformat(str(second["since"]))
    assert timedelta(minutes=3) < lasted < timedelta(minutes=4), "from when a dead connection may have been unnoticed"


@pytest.mark.parametrize(("lasts", "lost"), [(None, 0), (3_600, 0), (60, 1), (0, 1)])
def test_messages_that_the_broker_does_not_keep_as_long_are_a_gap_of_their_sensor(
    town: Desk, lasts: int | None, lost: int
) -> None:
    rows = MemoryRows()
    first = collector(town, rows)
    first.begin()
    first.back("mqtt")
    first.offer("square-1", "t", count(town, 20), lambda: None, packet=1, lasts=lasts)
    first.checkpoint()
    town.clock.now += timedelta(minutes=5)
    second = collector(town, rows)
    second.begin()
    second.back("mqtt")
    told = [dict(e) for _, e in town.kernel.stores.log.read() if e["kind"] == "WINDOW_LOST"]
    assert len(told) == lost and all(e["sensor"] == "square-1" and e["why"] == "expiry" for e in told)


def test_the_key_of_a_checkpoint_is_destroyed_once_its_windows_are_sealed(tmp_path: Path) -> None:
    with new_office(tmp_path / "office", name="Town") as office:
        custodian = office.enrol("custodian", name="C", unit="it", roles={Role.CUSTODIAN})
        board = office.enrol("board", name="B", unit="board", roles={Role.BOARD}, by=custodian)
        ends = (office.kernel.now() + timedelta(days=90)).date().isoformat()
        register_in_area(office.kernel, {"custodian": custodian, "board": board}, a_sensor(ends=ends))
        made = Collector(office, custodian)
        made.begin()
        (before,) = (tmp_path / "office" / "watch").glob("*.key")
        made.offer("square-1", "t", count(office, 91827), lambda: None, packet=1)
        made.checkpoint()
        made.seal(stopping=True)
        (after,) = (tmp_path / "office" / "watch").glob("*.key")
        assert after != before
        made.close()
