"""Watches at the pages: one is chosen, its form filled in, it stands; an event is recorded; the list shows them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from authentication import form_of, logged_on, seated, send
from browser import gates, served, visit
from desk import Desk, desk
from playwright.sync_api import Browser
from told import told
from toy_watch import HIGH, TOY_WATCH
from watched import issue_all, listed

from peelian.forms import fields_of
from peelian.kernel.alarms import watch
from peelian.operations.office import technologies
from peelian.web.app import make_app

START = "/en/tasks/watch-start?watch=toy.high"


@pytest.fixture(scope="module")
def town() -> Desk:
    town = desk((TOY_WATCH,))
    for sensor, area in (("well-1", "North"), ("well-2", "Old Port"), ("well-3", "North")):
        listed(town, sensor, area=area)
    return town


@pytest.fixture(scope="module")
def app(town: Desk) -> Any:
    return make_app(town.office)


def start(client: Any, page: str, **fields: Any) -> Any:
    asked: dict[str, Any] = {"purpose": sorted(HIGH.asks.purposes)[0], "over": ["well-1", "well-2"], "exercise": "yes"}
    return client.post(page, data={**asked, **fields, "form": form_of(client)})


def test_a_watch_is_chosen_then_stands_over_the_sensors_that_were_ticked(town: Desk, app: Any) -> None:
    commander, page = logged_on(app, town.office, "commander"), START.replace("toy.high", HIGH.id)
    first = commander.get("/en/tasks/watch-start").text
    form = re.search(r'<form method="get".*?</form>', first, re.DOTALL)
    assert form and f'value="{HIGH.id}"' in form[0] and 'name="form"' not in form[0], "no token in an address"
    second = commander.get(page).text
    assert 'name="highest"' in second and 'value="well-3"' in second
    refused = start(commander, page)
    assert refused.status_code == 403 and told(refused.text).startswith("Not done")
    issue_all(town, HIGH)
    slip = start(commander, page, highest="0")
    assert slip.status_code == 400 and 'id="highest-fault"' in slip.text and 'value="well-2" checked' in slip.text
    assert start(commander, page, over="").status_code == 400
    done = start(commander, page, highest="7")
    assert done.status_code == 200 and "over 2 sensors" in told(done.text) and town.kinds()[-1] == "WATCH_STANDING"
    (one,) = town.kernel.state.alarms.stands.values()
    assert one.request.sensors == {"well-1": "north", "well-2": "old-port"} and one.request.params == {"highest": 7}
    start(commander, page, all_in="river", over="well-3", exercise="no")
    *_, last = town.kernel.state.alarms.stands.values()
    assert last.request.sensors == {"well-3": "river"} and not last.request.exercise
    page = commander.get("/fr/tasks/watch-list").text
    assert one.request.case in page and last.request.case in page and "exercice" in page, page
    watch.end(town.kernel, town.people["commander"], last.request.case)
    assert "ended" in commander.get("/en/tasks/watch-list").text


def test_what_is_no_watch_is_said(town: Desk, app: Any) -> None:
    commander = logged_on(app, town.office, "commander")
    assert 'method="get"' in commander.get("/en/tasks/watch-start?watch=<script>").text
    got = send(commander, "/en/tasks/watch-start", watch="crowd.song")
    assert got.status_code == 409 and "Unknown watch" in told(got.text)
    assert send(commander, "/en/tasks/watch-start", watch=HIGH.id).status_code == 409
    got = start(commander, START.replace("toy.high", HIGH.id), over="well-none")
    assert got.status_code == 400 and 'id="over-fault"' in got.text


def test_a_planned_event_is_recorded_in_a_zone_that_there_is(town: Desk, app: Any) -> None:
    clerk, page = logged_on(app, town.office, "clerk"), "/en/tasks/watch-event"
    assert '<option value="old-port">' in clerk.get(page).text
    event = {"zone": "old-port", "types": "high_well", "what": "Feast of the town"}
    event |= {"starts": "2026-07-01T20:00", "ends": "2026-07-02T02:00"}
    late = send(clerk, page, **event | {"ends": "2026-06-01T20:00"})
    assert late.status_code == 400 and 'id="ends-fault"' in late.text and 'value="Feast of the town"' in late.text
    assert send(clerk, page, **event | {"starts": "soon"}).status_code == 400
    assert '<option value="old-port">Old Port</option>' in clerk.get(page).text
    done = send(clerk, page, **event)
    assert done.status_code == 200 and "Recorded for Old Port" in told(done.text)
    assert town.kinds()[-1] == "EVENT_PERMITTED"


def test_every_watch_that_ships_has_its_form_in_french() -> None:
    town = desk(tuple(technologies()))
    app = make_app(town.office)
    commander = logged_on(app, town.office, "commander")
    watches = [one for technology in technologies() for one in technology.watches]
    assert len(watches) >= 3
    for one in watches:
        page = commander.get(f"/fr/tasks/watch-start?watch={one.id}").text
        shown = set(re.findall(r'name="(\w+)"', page))
        assert {
            "purpose",
            "all_in",
            "exercise",
            *(each.name for each in fields_of(one.asks.params)),
        } - shown == set(), one.id
    assert "Secondes entre deux niveaux" in commander.get("/fr/tasks/watch-start?watch=crowd.noise").text


@pytest.mark.browser
@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_pages_pass_every_gate(browser: Browser, app: Any, town: Desk, language: str) -> None:
    with served(app) as here:
        for page in ("watch-start", f"watch-start?watch={HIGH.id}", "watch-list"):
            with visit(browser, f"{here}/{language}/tasks/{page}", **seated(app, town.office, "commander")) as seen:
                assert not gates(seen, own=(here,)), page
