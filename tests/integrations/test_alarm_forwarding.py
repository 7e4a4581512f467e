"""Outlets follow the log: every step whoever took it, over restarts with the same identifiers, none missed."""

from __future__ import annotations

import dataclasses
import json
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest
from authentication import logged_on, send
from desk import Hands
from lxml import etree
from standing_office import office_at
from toy_watch import FIRST, TOY_WATCH, wells
from watched import Watched, stood

from peelian.errors import InputError
from peelian.integrations.alarm_forwarding import Outlet
from peelian.integrations.cap_alerts import NAMESPACE, CapFolder
from peelian.kernel.alarms import operator_desk
from peelian.kernel.model.alarms import Move
from peelian.kernel.model.archive_partitions import DAYS, FEWEST_DAYS
from peelian.kernel.retention.expiry_job import expire
from peelian.operations.watch_service import cap_writer
from peelian.web.app import make_app

ACTS = (
    {"act": "shelve", "minutes": "5", "reason": "works"},
    {"act": "back"},
    {"act": "acknowledge"},
    {"act": "decide", "choice": "dispatch help", "reason": "Mr Example fell"},
    {"act": "dispose", "disposition": "danger confirmed"},
)


class Ear:
    """A sink that can be deaf."""

    def __init__(self) -> None:
        self.heard: list[tuple[int, str]] = []
        self.remembered: list[str] = []
        self.deaf = False

    def again(self, move: Move) -> None:
        self.remembered.append(move.step)

    def tell(self, entry: int, move: Move) -> bool:
        if not self.deaf:
            self.heard.append((entry, move.step))
        return not self.deaf


def _cap(at: Watched, folder: Path) -> Outlet:
    kernel = at.town.kernel
    return Outlet(kernel, folder / "told.json", CapFolder(cap_writer(kernel), folder / "cap"))


def _messages(folder: Path) -> list[bytes]:
    files = sorted((folder / "cap").glob("*.xml"), key=lambda file: int(file.name.split(".")[-2]))
    return [file.read_bytes() for file in files]


def _field(text: bytes, name: str) -> str:
    return etree.fromstring(text).findtext(f"{{{NAMESPACE}}}{name}") or ""


@pytest.mark.parametrize("exercise", [False, True])
@pytest.mark.parametrize("restarts", [False, True])
def test_what_people_do_at_the_console_goes_out_as_valid_cap(tmp_path: Path, exercise: bool, restarts: bool) -> None:
    at = stood(exercise=exercise)
    outlet = _cap(at, tmp_path)
    at.feed(wells([6.0, 6.5]))
    client = logged_on(make_app(at.town.office), at.town.office, "dispatcher")
    name = next(iter(at.town.kernel.state.alarms.floor.alarms))
    for form in ACTS:
        outlet.look()
        if restarts:
            outlet = _cap(at, tmp_path)
        assert send(client, f"/en/console/alarm/{name}", **form).status_code == 303
    at.feed(wells([1.0], first=FIRST + timedelta(seconds=9)))
    outlet.look()
    messages = _messages(tmp_path)
    kinds = ["Alert", "Update", "Update", "Ack", "Update", "Update", "Cancel"]
    assert [_field(m, "msgType") for m in messages] == kinds
    assert {_field(m, "status") for m in messages} == {"Exercise" if exercise else "Actual"}
    for nth, message in enumerate(messages):
        assert [r.split(",")[1] for r in _field(message, "references").split()] == [
            _field(earlier, "identifier") for earlier in messages[:nth]
        ]
        assert b"Example" not in message and at.town.people["dispatcher"].person.token.encode() not in message
    validator = pytest.importorskip("capvalidator", reason="capvalidator (group peers) is not installed")
    for message in messages:
        assert validator.check_schema(message).passed, message


def test_what_a_command_did_while_nothing_ran_is_told_at_the_next_start(tmp_path: Path) -> None:
    at = stood()
    outlet = _cap(at, tmp_path).start()
    at.feed(wells([6.0, 6.5]))
    outlet.stop()
    name = next(iter(at.town.kernel.state.alarms.floor.alarms))
    operator_desk.acknowledge(at.town.kernel, at.town.people["dispatcher"], name)
    assert len(_messages(tmp_path)) == 1
    _cap(at, tmp_path).start().stop()
    assert [_field(m, "msgType") for m in _messages(tmp_path)] == ["Alert", "Ack"]


def test_the_past_before_the_first_start_is_not_told(tmp_path: Path) -> None:
    at, ear = stood(), Ear()
    at.feed(wells([6.0, 6.5]))
    Outlet(at.town.kernel, tmp_path / "told.json", ear).look()
    assert ear.heard == ear.remembered == []


def test_what_cannot_be_told_is_offered_again_and_nothing_overtakes_it(tmp_path: Path) -> None:
    at, ear = stood(), Ear()
    outlet = Outlet(at.town.kernel, tmp_path / "told.json", ear)
    ear.deaf = True
    at.feed(wells([6.0, 6.5]))
    at.feed(wells([1.0], first=FIRST + timedelta(seconds=9)))
    outlet.look()
    assert ear.heard == [] and outlet.tally == {"not told": 1}
    ear.deaf = False
    outlet.look()
    assert [step for _, step in ear.heard] == ["raised", "cleared"] and outlet.tally["told"] == 2


def test_a_step_that_is_not_stored_yet_when_it_looks_is_told_afterwards(tmp_path: Path) -> None:
    clock = Hands()
    office, town = office_at(tmp_path / "office", clock)
    with office:
        kernel = dataclasses.replace(office.kernel, technologies=(TOY_WATCH,))
        town = dataclasses.replace(town, clock=clock, office=dataclasses.replace(office, kernel=kernel))
        at, ear = stood(town=town), Ear()
        outlet = Outlet(at.town.kernel, tmp_path / "told.json", ear)
        with at.town.kernel.lock:  # the step is folded here, and in the database only at the end
            at.feed(wells([6.0, 6.5]))
            looks = threading.Thread(target=outlet.look)
            looks.start()
            looks.join()
            assert ear.heard == []
        outlet.look()
        assert [step for _, step in ear.heard] == ["raised"]


class Dies(Ear):
    """A sink whose program is killed as soon as its second step has arrived."""

    def tell(self, entry: int, move: Move) -> bool:
        super().tell(entry, move)
        if len(self.heard) == 2:
            raise KeyboardInterrupt
        return True


def test_a_crash_tells_one_step_twice_at_most_and_under_the_same_entry(tmp_path: Path) -> None:
    at, first, second, third = stood(), Dies(), Ear(), Ear()
    outlet = Outlet(at.town.kernel, tmp_path / "told.json", first)
    at.feed(wells([6.0, 6.5]))
    at.feed(wells([1.0], first=FIRST + timedelta(seconds=9)))
    with pytest.raises(KeyboardInterrupt):
        outlet.look()
    Outlet(at.town.kernel, tmp_path / "told.json", second).look()
    assert [step for _, step in first.heard] == ["raised", "cleared"]
    assert second.remembered == ["raised"], "its place was kept before the next was told"
    assert second.heard == first.heard[1:]
    Outlet(at.town.kernel, tmp_path / "told.json", third).look()
    assert third.heard == [] and third.remembered == ["raised", "cleared"]


def test_a_full_disk_is_in_nobodys_way_and_the_message_keeps_its_number(tmp_path: Path) -> None:
    at = stood()
    outlet = _cap(at, tmp_path)
    (tmp_path / "cap" / ".unfinished").mkdir()
    outlet.start()
    at.feed(wells([6.0, 6.5]))
    began = time.monotonic()
    while not outlet.tally["not told"] and time.monotonic() < began + 10:
        time.sleep(0.02)
    assert outlet.tally["not told"] and _messages(tmp_path) == []
    (tmp_path / "cap" / ".unfinished").rmdir()
    outlet.stop()
    (message,) = _messages(tmp_path)
    assert _field(message, "identifier").endswith(".1") and _field(message, "references") == ""


def test_a_place_after_the_end_of_a_restored_log_is_its_end(tmp_path: Path) -> None:
    at, ear = stood(), Ear()
    (tmp_path / "told.json").write_text(json.dumps({"first": 5_000, "next": 9_000}))
    outlet = Outlet(at.town.kernel, tmp_path / "told.json", ear)
    at.feed(wells([6.0, 6.5]))
    outlet.look()
    assert [step for _, step in ear.heard] == ["raised"]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"first": "x", "next": 1}', '{"first": 1}'])
def test_a_damaged_place_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "told.json").write_text(text)
    with pytest.raises(InputError, match="log position of an outlet"):
        Outlet(stood().town.kernel, tmp_path / "told.json", Ear())


def test_steps_that_were_destroyed_are_passed_over_at_the_next_start(tmp_path: Path) -> None:
    at, ear = stood(), Ear()
    kernel = dataclasses.replace(at.town.kernel, retention_days={**DAYS, "alarms": FEWEST_DAYS})
    expire(kernel)  # the log says the times of the classes
    outlet = Outlet(kernel, tmp_path / "told.json", ear)
    at.feed(wells([6.0, 6.5, 1.0]))
    (alarm,) = kernel.state.alarms.floor.alarms
    by = at.town.people["dispatcher"]
    operator_desk.acknowledge(kernel, by, alarm)
    operator_desk.decide(kernel, by, alarm, choice="watch", reason="a wave at the weir")
    operator_desk.dispose(kernel, by, alarm, disposition="works")
    outlet.look()
    told = len(ear.heard)
    at.town.clock.days(FEWEST_DAYS + 95)
    expire(kernel)
    again = Ear()
    Outlet(kernel, tmp_path / "told.json", again).look()
    assert told >= 4 and (again.remembered, again.heard) == ([], [])
