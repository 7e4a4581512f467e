"""The page of alarms: open ones first, each with its life as signed, months with what they were; clean in a browser."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import Any

import pytest
from authentication import logged_on, seated
from browser import gates, served, visit
from playwright.sync_api import Browser
from toy_watch import FIRST, wells
from watched import Watched, stood

from peelian.kernel.alarms import operator_desk
from peelian.kernel.model.alarms import State
from peelian.kernel.model.archive_partitions import DAYS, FEWEST_DAYS
from peelian.kernel.retention import retention
from peelian.kernel.retention.expiry_job import expire
from peelian.web.app import make_app


@pytest.fixture(scope="module")
def at() -> Watched:
    made = stood(sensors={"well-1": "north", "well-2": "south"})
    made.feed(wells([6.0, 6.5]))
    made.feed(wells([16.0, 16.5], "well-2", FIRST + timedelta(seconds=9)))
    by = made.town.people["dispatcher"]
    floor = made.town.kernel.state.alarms.floor
    first = next(iter(floor.alarms))
    operator_desk.acknowledge(made.town.kernel, by, first)
    operator_desk.decide(made.town.kernel, by, first, choice="watch", reason="A wave at the <weir>.")
    return made


@pytest.fixture(scope="module")
def app(at: Watched) -> Any:
    return make_app(at.town.office)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_open_alarms_and_each_ones_life_are_shown(at: Watched, app: Any, language: str) -> None:
    client = logged_on(app, at.town.office, "commander")
    page = client.get(f"/{language}/alarms").text
    for name, alarm in at.town.kernel.state.alarms.floor.alarms.items():
        assert f"/{language}/alarms/{name}" in page and alarm.zone in page
    first = next(iter(at.town.kernel.state.alarms.floor.alarms))
    one = client.get(f"/{language}/alarms/{first}").text
    assert "A wave at the &lt;weir&gt;." in one and "dispatcher, unit-dispatcher" in one
    assert ("Continuer d’observer" if language == "fr" else "Keep watching") in one
    assert client.get(f"/{language}/alarms/none").status_code == 404


def test_a_destroyed_alarm_is_said_to_be_and_no_page_fails() -> None:
    made = stood(sensors={"well-1": "north", "well-2": "south"})
    kernel = dataclasses.replace(made.town.kernel, retention_days={**DAYS, "alarms": FEWEST_DAYS})
    office, by = dataclasses.replace(made.town.office, kernel=kernel), made.town.people["dispatcher"]
    expire(kernel)  # the log says the times of the classes
    made.feed(wells([6.0, 6.5, 1.0]))
    (alarm,) = kernel.state.alarms.floor.alarms
    operator_desk.acknowledge(kernel, by, alarm)
    operator_desk.decide(kernel, by, alarm, choice="watch", reason="a wave at the weir")
    operator_desk.dispose(kernel, by, alarm, disposition="works")
    client = logged_on(make_app(office), office, "commander")
    page = client.get("/en/alarms").text
    assert alarm in page and "works 1" in page and "on hold" not in page
    holder = made.town.people["privacy-officer"]
    hold = retention.hold(kernel, holder, alarm, words="a court asks for it")
    made.town.clock.days(FEWEST_DAYS + 95)
    expire(kernel)
    client = logged_on(make_app(office), office, "commander")
    for language, says in (("en", "on hold"), ("fr", "gelée")):
        for page in (f"/{language}/alarms", f"/{language}/alarms/{alarm}"):
            assert f'<span class="state">{says}</span>' in client.get(page).text
    assert "works 1" not in client.get("/en/alarms").text, "held and past its time, it counts in no month"
    assert "not counted here: 1" in client.get("/en/alarm-months").text
    retention.release(kernel, made.town.people["board"], alarm, hold, words="the court is done with it")
    made.town.clock.days(1)
    expire(kernel)
    client = logged_on(make_app(office), office, "commander")
    assert "Destroyed after their retention period: 1" in client.get("/en/alarms").text
    assert "not counted here: 1" in client.get("/en/alarm-months").text
    gone = client.get(f"/fr/alarms/{alarm}")
    assert gone.status_code == 409 and "à la fin de sa durée de conservation" in gone.text


def test_a_closed_alarm_counts_in_its_month(at: Watched, app: Any) -> None:
    kernel, by = at.town.kernel, at.town.people["dispatcher"]
    first = next(iter(kernel.state.alarms.floor.alarms))
    operator_desk.dispose(kernel, by, first, disposition="works")
    for alarm in list(kernel.state.alarms.floor.alarms.values()):
        if alarm.state is State.CLOSED:
            page = logged_on(app, at.town.office, "auditor").get("/en/alarms").text
            assert (
                "Danger confirmed, share of alarms whose cause is known" in page
                and "works 1" in page
                and "0 % of 1" in page
            )
            return
    page = logged_on(app, at.town.office, "auditor").get("/en/alarms").text
    assert "No alarm closed yet." in page, "it closes when its condition is over"


@pytest.mark.browser
@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_pages_pass_every_gate(browser: Browser, at: Watched, app: Any, language: str) -> None:
    first = next(iter(at.town.kernel.state.alarms.floor.alarms))
    with served(app) as address:
        for page in ("alarms", f"alarms/{first}"):
            with visit(
                browser, f"{address}/{language}/{page}", reduced_motion="reduce", **seated(app, at.town.office, "board")
            ) as seen:
                assert gates(seen, own=(address,)) == {}, page
