"""Sensors at the pages: registered, renewed, ended; a day of counts published; one home read under a warrant."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from authentication import at_pages, form_of, logged_on, seated, send
from browser import gates, served, visit
from court import signed_warrant
from desk import Desk, desk
from labels import adopt, register_in_area
from playwright.sync_api import Browser
from sensing import a_sensor
from standing_office import office_at
from told import told

from peelian.kernel.identity import dual_control, step_up
from peelian.kernel.model.labels import LabelKind
from peelian.kernel.model.sensors import KINDS, PURPOSES
from peelian.kernel.records.sensor_register import the_register
from peelian.operations.office import technologies
from peelian.oversight.sensors.register import FORMATS
from peelian.web.app import make_app

FACTS = {
    "kind": "people_counter", "title": "Counter at the square", "owner": "Public works",
    "contact": "works@town.invalid", "purpose": "safety", "why": "So that a crush is seen before it happens.",
    "area": "Centre", "personal_data": "no", "retention_days": "90", "ends": "2026-12-31", "format": "ngsi-ld",
}  # fmt: skip
REGISTER = "/en/tasks/sensors-register"


@pytest.fixture(scope="module")
def town() -> Desk:
    town = desk(tuple(technologies()))
    adopt(town.kernel, town.people["custodian"], town.people["board"], LabelKind.AREA, ["Centre"], homes=10_000)
    return town


@pytest.fixture(scope="module")
def app(town: Desk) -> Any:
    return make_app(town.office)


@contextmanager
def drawn(*numbers: str) -> Iterator[None]:
    """The office draws these numbers; what a file says is looked at first, and that number is drawn anew."""
    left = list(numbers)

    def draw(_: int) -> str:
        left.append(left.pop(0))
        return left[-1]

    with patch("peelian.kernel.records.sensor_register.number_of", draw):
        yield


def test_a_sensor_is_registered_renewed_and_ended(town: Desk, app: Any) -> None:
    custodian = logged_on(app, town.office, "custodian")
    page = custodian.get(REGISTER).text
    assert '<option value="Centre">' in page and '<option value="sound_meter">Sound level meter' in page
    slip = send(custodian, REGISTER, **FACTS | {"retention_days": "0"})
    assert slip.status_code == 400 and 'id="retention_days-fault"' in slip.text and "Public works" in slip.text
    slip = send(custodian, REGISTER, **FACTS | {"format": "csv", "columns": "count"})
    assert slip.status_code == 400 and 'id="columns-fault"' in slip.text
    with drawn("square-1"):
        done = send(custodian, REGISTER, **FACTS)
    assert done.status_code == 200 and "registered until 31 December 2026" in told(done.text)
    assert town.kinds()[-1] == "SENSOR_REGISTERED" and 'href="/en/sensors/square-1"' in done.text
    assert the_register(town.kernel)["square-1"].sensor.columns == {}
    typed = send(custodian, REGISTER, **FACTS, id="jane-doe-12-main-street")
    assert typed.status_code == 400 or "jane-doe-12-main-street" not in the_register(town.kernel)
    renew = "/fr/tasks/sensors-renew"
    assert 'id="until-fault"' not in (done := send(custodian, renew, sensor="square-1", until="2027-03-01")).text
    assert done.status_code == 200 and the_register(town.kernel)["square-1"].sensor.ends == "2027-03-01"
    end = "/en/tasks/sensors-end"
    assert send(custodian, end, sensor="square-1", why="stolen").status_code == 400
    assert send(custodian, end, sensor="square-1", why="broken").status_code == 200
    assert town.kinds()[-1] == "SENSOR_ENDED" and 'value="square-1"' not in custodian.get(end).text


def test_the_form_offers_what_a_sensor_may_be_and_be_for(town: Desk, app: Any) -> None:
    page = logged_on(app, town.office, "custodian").get("/en/tasks/sensors-register").text
    for field, known in (("kind", KINDS), ("purpose", PURPOSES), ("format", FORMATS)):
        choices = re.search(rf'<select[^>]* name="{field}".*?</select>', page, re.DOTALL)
        assert choices and set(re.findall(r'value="([^"]+)"', choices[0])) == set(known), field


def test_columns_of_a_csv_come_one_a_line(town: Desk, app: Any) -> None:
    custodian = logged_on(app, town.office, "custodian")
    facts = FACTS | {"format": "csv", "columns": "when=time\nin=count\n", "lat": "45.5", "lon": "-73.6"}
    with drawn("gate-1"):
        assert send(custodian, REGISTER, **facts).status_code == 200
    sensor = the_register(town.kernel)["gate-1"].sensor
    assert sensor.columns == {"when": "time", "in": "count"} and sensor.located


def test_declared_fields_and_files_of_sensors_take_two_people(town: Desk, app: Any) -> None:
    custodian, board = logged_on(app, town.office, "custodian"), logged_on(app, town.office, "board")
    facts = FACTS | {"format": "ttn-v3", "columns": "in=count", "drop": "plateNumber"}
    slip = send(custodian, REGISTER, **facts, reason="a counter by radio")
    assert slip.status_code == 403 and "plateNumber" in told(slip.text)
    with drawn("lora-1"):
        done = send(custodian, REGISTER, **facts | {"drop": "battery\nrssi"}, reason="a counter by radio")
    assert done.status_code == 200 and "Proposed" in told(done.text) and "lora-1" not in the_register(town.kernel)
    row = "people_counter,Counter,Works,w@t.invalid,safety,So that.,{},no,90,2026-12-31\n"
    head = "kind,title,owner,contact,purpose,why,area,personal_data,retention_days,ends\n"

    def sent(text: str) -> Any:
        files = {"sensors": ("sensors.csv", text.encode())}
        data = {"form": form_of(custodian), "reason": "new counters of spring"}
        return custodian.post("/en/tasks/sensors-register-file", data=data, files=files)

    wrong = sent(head + row.format("Centre") + row.format("Nowhere"))
    assert wrong.status_code == 400 and "row 3, area" in told(wrong.text)
    with drawn("f-1", "f-2"):
        assert sent(head + row.format("Centre") + row.format("Centre")).status_code == 200
    for digest in [d for d, made, _ in dual_control.open_proposals(town.kernel) if made.what == "sensors"]:
        seen = board.get(f"/fr/proposals/{digest}").text
        assert "Champs acceptés" in seen and "people" not in seen.lower().split("<table")[0]
        step_up.prove(town.kernel, town.people["board"])
        dual_control.approve(town.kernel, town.people["board"], digest)
        assert "/fr/tasks/sensors-register-approved" in custodian.get(f"/fr/proposals/{digest}").text
        done = send(custodian, "/en/tasks/sensors-register-approved", proposal=digest)
        assert done.status_code == 200 and "Sensors registered or renewed" in told(done.text)
    assert {"lora-1", "f-1", "f-2"} <= set(the_register(town.kernel))
    more = send(
        custodian, "/en/tasks/sensors-renew-many", ending_by="2026-12-31", until="2027-05-01", reason="all of them work"
    )
    assert more.status_code == 200 and "Proposed" in told(more.text)
    today = town.kernel.now().date().isoformat()
    done = send(custodian, "/en/tasks/sensors-update", sensor="f-1", firmware="3.2", on=today)
    assert done.status_code == 200 and "firmware 3.2" in told(done.text)
    page = at_pages(app).get("/fr/sensors/f-1").text
    assert "Micrologiciel" in page and "3.2" in page and "Prochaine mise à jour" not in page
    assert "f-1" not in at_pages(app).get("/en/sensors?level=overdue").text
    public = at_pages(app).get("/fr/sensors/lora-1").text
    assert "in → count" in public and "battery, rssi" in public and "Champs écartés" in public


def test_the_record_of_one_home_comes_in_as_a_file_and_under_a_warrant_only(town: Desk, app: Any) -> None:
    meter = {"kind": "energy_meter", "purpose": "enforcement", "personal_data": True, "format": "green-button"}
    register_in_area(town.kernel, town.people, a_sensor(id="meter-1", **meter))
    body: dict[str, Any] = {"status": "confirmed", "reference": "2026-17", "cells": "Centre", "sensors": "meter-1"}
    body |= {"operations": "energy-single-meter", "count": 9}
    page = "/en/tasks/sensors-collect"
    start = int(town.kernel.now().timestamp()) // 3600 * 3600 + 7200
    reading = f"<IntervalReading><timePeriod><duration>3600</duration><start>{start}</start></timePeriod>"
    feed = (
        '<feed xmlns="http://www.w3.org/2005/Atom"><entry><link href="RetailCustomer/1/UsagePoint/1"/><content>'
        '<UsagePoint xmlns="http://naesb.org/espi"/></content></entry><entry><content>'
        '<ReadingType xmlns="http://naesb.org/espi"><powerOfTenMultiplier>3</powerOfTenMultiplier><uom>72</uom>'
        '</ReadingType></content></entry><entry><content><IntervalBlock xmlns="http://naesb.org/espi">'
        f"{reading}<value>7</value></IntervalReading></IntervalBlock></content></entry></feed>"
    )

    def sent() -> Any:
        custodian = logged_on(app, town.office, "custodian")  # hours later, too
        fields = {"form": form_of(custodian), "sensor": "meter-1"}
        return custodian.post(page, data=fields, files={"record": ("home.xml", feed.encode())})

    got = sent()
    assert got.status_code == 403 and "warrant" in told(got.text)
    signed_warrant(town, body)
    town.clock.now += timedelta(hours=4)
    got = sent()
    assert got.status_code == 200 and "Admitted" in told(got.text), told(got.text)
    assert town.kinds()[-1] == "COLLECTED" and "IntervalReading" not in got.text
    custodian = logged_on(app, town.office, "custodian")
    assert 'enctype="multipart/form-data"' in custodian.get(page).text
    empty = custodian.post(page, data={"form": form_of(custodian), "sensor": "meter-1"}, files={"record": ("", b"")})
    assert empty.status_code == 400 and 'id="record-fault"' in empty.text
    wrong = custodian.post(page, data={"form": form_of(custodian)}, files={"record": ("a", b"\xff\xfe<")})
    assert wrong.status_code == 400
    assert custodian.post(page, data={"form": "x"}, files={"record": ("a", b"a")}).status_code == 403
    assert at_pages(app).post(page, files={"record": ("a", feed.encode())}).status_code == 401


def test_a_day_of_counts_is_published_with_noise(tmp_path: Path) -> None:
    office, town = office_at(tmp_path / "office")
    with office:
        day = office.kernel.now().date()
        counter = a_sensor(ends=(day + timedelta(days=300)).isoformat())
        register_in_area(office.kernel, town.people, counter)
        app = make_app(office)
        clerk, page = logged_on(app, office, "clerk"), "/en/tasks/sensors-release"
        fields = {"sensor": "square-1", "day": (day - timedelta(days=1)).isoformat()}
        for counts in ("1, 2", ", ".join(["-5"] * 24), "many"):
            assert send(clerk, page, **fields, counts=counts).status_code == 400, counts
        assert send(clerk, page, **fields | {"day": "soon"}, counts=", ".join(["40"] * 24)).status_code == 400
        done = send(clerk, page, **fields, counts=", ".join(["40"] * 24))
        assert done.status_code == 200 and "with noise" in told(done.text)
        assert [str(entry["kind"]) for _, entry in office.kernel.stores.log.read()][-1] == "SENSOR_RELEASED"
        assert fields["day"] in clerk.get("/en/sensors/square-1").text


@pytest.mark.browser
@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_pages_pass_every_gate(browser: Browser, app: Any, town: Desk, language: str) -> None:
    with served(app) as here:
        for page in ("sensors-register", "sensors-register-file", "sensors-refused", "sensors-collect"):
            with visit(browser, f"{here}/{language}/tasks/{page}", **seated(app, town.office, "custodian")) as seen:
                assert not gates(seen, own=(here,)), page
