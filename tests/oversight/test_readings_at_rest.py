"""Planted raw readings are in no file of an office on disk, no page, no report and no log; their sums are released."""

from __future__ import annotations

import logging
import tempfile
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from at_rest import readable, stands_in
from desk import Hands
from fastapi.testclient import TestClient
from labels import register_in_area
from sensing import a_sensor

from peelian.kernel.model.capability import Role
from peelian.operations.office import Office, new_office
from peelian.operations.sensor_listener import Collector
from peelian.oversight.sensors import register as sensors
from peelian.oversight.sensors.board import board
from peelian.oversight.sensors.metrics import metrics
from peelian.pictures.words import english
from peelian.web.app import make_app

COUNT, LEVEL, PLATE, SEEN_AT = "91827", "57.123456", "ZQX-9171", "09:03:17.654321"
SECOND_COUNT = "4100"  # so many more that no noise brings their sum back to the planted one
PLANTED = [COUNT, LEVEL, PLATE, SEEN_AT]
DAY = date(2026, 3, 2)
COUNTER = a_sensor()
METER = a_sensor(id="meter-1", kind="sound_meter", title="Meter at the square")


def counted(n: str, at: str, more: str = "") -> bytes:
    when = f"{DAY}T{at}Z"
    return f'{{"id":"a","type":"CrowdFlowObserved","dateObserved":"{when}","peopleCount":{n}{more}}}'.encode()


def heard(level: str, second: int) -> bytes:
    spans = f'"dateObservedFrom":"{DAY}T09:04:{second:02d}Z","dateObservedTo":"{DAY}T09:04:{second + 1:02d}Z"'
    return f'{{"id":"n","type":"NoiseLevelObserved",{spans},"LAeq":{level}}}'.encode()


def _people(office: Office) -> dict[str, Any]:
    custodian = office.enrol("custodian", name="C", unit="it", roles={Role.CUSTODIAN})
    clerk = office.enrol("clerk", name="D", unit="clerks", roles={Role.CLERK}, by=custodian)
    board = office.enrol("board", name="B", unit="board", roles={Role.BOARD}, by=custodian)
    return {"custodian": custodian, "clerk": clerk, "board": board}


def _listened(office: Office, clock: Hands, people: dict[str, Any]) -> Collector:
    """A morning: two counts in one window, two levels, messages that are refused, a seal, a stop, a night."""
    for sensor in (COUNTER, METER):
        register_in_area(office.kernel, people, sensor)
    collector = Collector(office, people["custodian"])
    collector.begin()
    clock.now += timedelta(minutes=5)
    for sensor, body in (
        ("square-1", counted(COUNT, SEEN_AT)),
        ("square-1", counted(SECOND_COUNT, "09:04:00")),
        ("square-1", counted(COUNT, SEEN_AT, f',"plate":"{PLATE}"')),
        ("square-1", b'{"id":"' + PLATE.encode()),
        (PLATE, counted(COUNT, SEEN_AT)),
        ("meter-1", heard(LEVEL, 10)),
        ("meter-1", heard("48.0", 11)),
    ):
        assert collector.offer(sensor, f"peelian/readings/{sensor}", body, lambda: None)
        collector.checkpoint()  # the sums of one reading alone, sealed
    clock.now += timedelta(minutes=20)
    collector.seal()
    collector.end()
    clock.now += timedelta(days=1)
    collector.seal()
    return collector


def _planted_in(text: str) -> list[str]:
    return [word for word in PLANTED if stands_in(word, text.encode())]


def _shown(office: Office) -> str:
    """Every page and file that tells of sensors, in both languages."""
    client = TestClient(make_app(office), base_url="http://localhost")
    pages = [f"/{tongue}/{p}" for tongue in ("en", "fr") for p in ("sensors", "sensors/square-1", "sensors/meter-1")]
    pages += [f"/{tongue}/sensor-reports/{p}" for tongue in ("en", "fr") for p in ("impact", "2026")]
    pages += [f"/data/sensors.{kind}" for kind in ("csv", *sensors.KINDS)]
    pages += [f"/data/sensors/square-1/released.{kind}" for kind in sensors.DAY_KINDS]
    pages += ["/metrics"]
    answers = [client.get(page) for page in pages]
    assert {answer.status_code for answer in answers} == {200}
    return "\n".join(answer.content.decode("utf-8", "replace") for answer in answers)


def test_a_planted_reading_is_in_no_file_of_an_office_no_page_and_no_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    scratch, path, clock = tmp_path / "tmp", tmp_path / "office", Hands()
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    with caplog.at_level(logging.DEBUG), new_office(path, name="Town", clock=clock) as office:
        people = _people(office)
        collector = _listened(office, clock, people)
        assert collector.tally == {"taken": 4, "refused": 3}
        assert list(readable([path, scratch], PLANTED)) == [], "while the office is open, journals and all"
        *windows, total = office.release_counts(people["clerk"], "square-1", DAY)
        assert windows[36] is not None and abs(windows[36] - int(COUNT) - int(SECOND_COUNT)) < 100, (
            "the sum is released, with noise"
        )
        others = [*windows[:36], *windows[37:]]  # nobody was counted there; noise alone lifts one over 15 now and then
        assert all(one is None or one >= 15 for one in others) and others.count(None) > 80 and total is not None
        shown = _shown(office) + str(board(office.kernel, english)) + metrics(office.kernel, health=True)
        assert "&lt;15" in shown and not _planted_in(shown)
        log = "".join(str(dict(entry)) for _, entry in office.kernel.stores.log.read())
        assert "MESSAGE_REFUSED" in log and not _planted_in(log)
    told = caplog.text + "".join(capfd.readouterr())
    assert not _planted_in(told)
    assert list(readable([tmp_path], PLANTED)) == []


def test_the_search_would_find_a_reading_that_was_written(tmp_path: Path) -> None:
    (tmp_path / "dump").write_bytes(counted(COUNT, SEEN_AT))
    (tmp_path / "digest").write_text(f'"digest":"{"0d" * 14}{COUNT}{"e1" * 15}"')
    assert set(readable([tmp_path], PLANTED)) == {("dump", COUNT), ("dump", SEEN_AT)}, "digits within others are chance"
