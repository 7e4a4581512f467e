"""Proves the console's runbook works by forms alone, shows the other operator's ticks, and tells the shift."""

from __future__ import annotations

import html
from datetime import timedelta
from typing import Any

import pytest
from authentication import logged_on, seated, send
from browser import gates, served, visit
from event_plans import plan_body
from playwright.sync_api import Browser, expect
from toy_watch import FIRST, wells
from watched import Watched, stood

from peelian.kernel.alarms import event_plans, operator_desk
from peelian.kernel.model.alarms import Alarm, State
from peelian.kernel.model.capability import Role
from peelian.web.app import make_app
from peelian.web.console.shift import MOST_SHOWN

DAY, NIGHT = "dispatcher", "night"


@pytest.fixture
def at() -> Watched:
    made = stood()
    made.feed(wells([6.0, 6.5]))
    custodian = made.town.people["custodian"]
    made.town.office.enrol("night", name="Night <shift>", unit="night", roles={Role.DISPATCHER}, by=custodian)
    return made


@pytest.fixture
def app(at: Watched) -> Any:
    return make_app(at.town.office)


def alarm_of(at: Watched) -> Alarm:
    return next(iter(at.town.kernel.state.alarms.floor.alarms.values()))


def post(app: Any, at: Watched, desk: str = DAY, **form: str) -> int:
    client = logged_on(app, at.town.office, desk)
    return int(send(client, f"/en/console/alarm/{alarm_of(at).id}", **form).status_code)


def floor(app: Any, desk: str = NIGHT, language: str = "en") -> str:
    client = logged_on(app, app.state.lobby.office, desk)
    return html.unescape(client.get(f"/{language}/console/floor").text)


def test_a_tick_of_one_operator_stands_at_the_others_desk(app: Any, at: Watched) -> None:
    assert 'aria-checked="true"' not in floor(app) and "0 of 2 done" in floor(app)
    assert post(app, at, act="tick", item="Look at the well.", done="yes") == 303
    seen = floor(app)
    assert seen.count('aria-checked="true"') == 1 and "1 of 2 done" in seen and "dispatcher, 09:00" in seen
    assert post(app, at, NIGHT, act="tick", item="Look at the well.", done="yes") == 303, (
        "who clicks second loses nothing"
    )
    assert alarm_of(at).ticks[0].by == at.town.people["dispatcher"].person.token
    assert post(app, at, NIGHT, act="tick", item="Look at the well.", done="no") == 303 and alarm_of(at).ticks == ()
    seen = floor(app, DAY)
    assert "Runbook step not done after all" in seen and "Night <shift>" in seen


@pytest.mark.parametrize(
    "form",
    [
        {"act": "tick"},
        {"act": "tick", "item": "Send everybody.", "done": "yes"},
        {"act": "tick", "item": "x" * 3000, "done": "yes"},
        {"act": "arrived"},
    ],
)
def test_what_is_no_step_is_refused(app: Any, at: Watched, form: dict[str, str]) -> None:
    ticks = alarm_of(at).ticks
    assert post(app, at, **form) == 409
    assert alarm_of(at).ticks == ticks and alarm_of(at).state is State.OPEN


def test_help_is_recorded_as_arrived_once_it_was_dispatched(app: Any, at: Watched) -> None:
    assert 'value="arrived"' not in floor(app)
    post(app, at, act="acknowledge")
    post(app, at, act="decide", choice="dispatch help", reason="a wave")
    assert 'value="arrived"' in floor(app)
    assert post(app, at, act="arrived") == 303
    assert 'value="arrived"' not in floor(app) and "Help arrived at 09:0" in floor(app)
    assert "Aide arrivée à 09:0" in floor(app, language="fr")


def test_a_plan_in_force_is_shown_with_its_steps_texts_and_contacts(app: Any, at: Watched) -> None:
    body = plan_body(title="Fête <du> village", messages={"high_well": ['Go "left" & <slowly>.']})
    digest = event_plans.plan_event(at.town.kernel, at.town.people["dispatcher"], body)
    event_plans.confirm_plan(at.town.kernel, at.town.people["commander"], digest)
    raw = logged_on(app, at.town.office, DAY).get("/fr/console/floor").text
    assert "Fête &lt;du&gt; village" in raw and 'data-text="Go &#34;left&#34; &amp; &lt;slowly&gt;."' in raw
    assert "Call the first aid post." in raw and "+1 514 555 0100" in raw and "Look at the well." not in raw


def test_what_is_of_a_zone_alone_names_it(app: Any, at: Watched) -> None:
    starts, ends = FIRST - timedelta(hours=1), FIRST + timedelta(hours=3)
    what = {"zone": "south", "types": ["high_well"], "what": "A fountain is tried"}
    operator_desk.permit_event(at.town.kernel, at.town.people["clerk"], starts=starts, ends=ends, **what)
    assert "<b>Planned event recorded</b> – south" in floor(app)


def test_the_timeline_begins_with_the_shift_and_is_bounded(app: Any, at: Watched) -> None:
    assert "Alarm raised" in floor(app)
    kernel, by = at.town.kernel, at.town.people["dispatcher"]
    for form in ({"act": "acknowledge"}, {"act": "decide", "choice": "watch", "reason": "calm"}):
        post(app, at, **form)
    post(app, at, act="dispose", disposition="weather")
    at.town.clock.now += timedelta(minutes=5)
    operator_desk.hand_over(kernel, by, to=at.town.office.operator("night").person.token, words="calm")
    at.town.clock.now += timedelta(minutes=5)
    seen = floor(app)
    assert "Alarm raised" not in seen and "Shift handed over" in seen
    for n in range(MOST_SHOWN + 7):
        kernel.append("SENSOR_FAULT", sensor=f"s-{n}", why="silent", case="w-1")
    seen = floor(app)
    assert seen.count("<b>Sensor fault</b>") == MOST_SHOWN
    assert "Earlier entries, not shown: 8" in seen


@pytest.mark.browser
def test_two_desks_work_on_one_runbook_live(browser: Browser, app: Any, at: Watched) -> None:
    seat = seated(app, at.town.office, DAY)
    with served(app) as address, visit(browser, f"{address}/en/console", **seat) as day:
        expect(day.page.locator(".line.live")).to_be_visible()
        first = day.page.get_by_role("checkbox", name="Look at the well.")
        first.click()
        expect(first).to_be_checked()
        assert len(alarm_of(at).ticks) == 1
        # the floor changes while a button is held: the press is not lost
        first.hover()
        day.page.mouse.down()
        operator_desk.tick(
            at.town.kernel, at.town.office.operator("night"), alarm_of(at).id, item="Open the sluice.", done=True
        )
        day.page.wait_for_timeout(500)
        day.page.mouse.up()
        expect(first).not_to_be_checked()
        first.click()
        expect(first).to_be_checked()
        expect(day.page.get_by_role("checkbox", name="Open the sluice.")).to_be_checked()
        day.page.locator("details.messages summary").click()
        at.feed(wells([16.0, 16.5], "well-2", FIRST + timedelta(seconds=40)))
        expect(day.page.locator(".alarm")).to_have_count(2)
        expect(day.page.locator(f"#{alarm_of(at).id} details.messages .text")).to_be_visible()


@pytest.mark.browser
@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_console_with_a_plan_passes_every_gate(browser: Browser, app: Any, at: Watched, language: str) -> None:
    digest = event_plans.plan_event(at.town.kernel, at.town.people["dispatcher"], plan_body())
    event_plans.confirm_plan(at.town.kernel, at.town.people["commander"], digest)
    operator_desk.acknowledge(at.town.kernel, at.town.people["dispatcher"], alarm_of(at).id)
    operator_desk.decide(
        at.town.kernel, at.town.people["dispatcher"], alarm_of(at).id, choice="dispatch help", reason="a wave"
    )
    seat = seated(app, at.town.office, DAY)
    with (
        served(app) as address,
        visit(browser, f"{address}/{language}/console", reduced_motion="reduce", **seat) as seen,
    ):
        expect(seen.page.locator(".line.live")).to_be_visible()
        assert gates(seen, own=(address,)) == {"scripts": 2}
