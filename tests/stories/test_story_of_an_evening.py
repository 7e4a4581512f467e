"""The story of an evening at speed: doors, filling, peak and egress, at two consoles, one of them offline for a while.

The pages, their browser and what they do are real; the crowd is made up, and its clock runs a hundred times faster.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import pytest
from authentication import seated
from browser import chromium, served, visit
from cut import Line
from evening import Evening, evening
from playwright.sync_api import Browser, Page, expect

from peelian.kernel.model.alarms import State
from peelian.kernel.model.capability import Role
from peelian.web.app import make_app

pytestmark = pytest.mark.browser
ZONES = ("gates", "food", "stage", "park")
DOORS = {"gates": (12, 2), "food": (6, 2), "stage": (10, 0), "park": (4, 1)}
FILL = {"gates": (170, 4), "food": (30, 20), "stage": (240, 2), "park": (20, 4)}
PEAK = {"gates": (15, 15), "food": (10, 10), "stage": (15, 10), "park": (5, 5)}
EGRESS = {"gates": (0, 48), "food": (0, 8), "stage": (0, 68), "park": (0, 130)}
DOUBLED = """() => new MutationObserver(() => {
    const ids = [...document.querySelectorAll('.alarm')].map(alarm => alarm.id);
    if (new Set(ids).size < ids.length) window.doubled = true;
}).observe(document.getElementById('floor'), {childList: true, subtree: true})"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


def alarms(e: Evening) -> dict[str, Any]:
    return dict(e.town.kernel.state.alarms.floor.alarms)


def run(e: Evening, minutes: int, into: Mapping[str, tuple[int, int]], page: Page) -> None:
    """Minutes of the evening, each in a few hundredths of a second; the pages go on meanwhile."""
    for _ in e.steps(4 * minutes, into):
        e.levels.gather()
        page.wait_for_timeout(15)


def answer(page: Page, e: Evening, *, close: bool) -> None:
    """What an operator does with every alarm in sight: acknowledge and decide, or record the outcome, by keys."""
    for id, alarm in alarms(e).items():
        here = page.locator(f"#{id}")
        if not close and alarm.state is State.OPEN:
            expect(here).to_be_visible()
            here.get_by_role("button", name="Acknowledge").click()
            expect(here.locator(".decide")).to_be_visible()
            here.get_by_label("Keep watching").check()
            here.locator(".decide [name=reason]").fill("stewards look at it")
            here.locator(".decide [name=reason]").press("Enter")
            expect(here.locator(".dispose")).to_be_visible()
        elif close and alarm.state in (State.DECIDED, State.CLEARED):
            here.locator("[name=disposition]").select_option(label="danger confirmed")
            here.locator(".dispose button").click()
            expect(page.locator(f"#{id} .dispose")).to_have_count(0)


def test_an_evening_at_speed_loses_no_alarm_and_doubles_none(browser: Browser) -> None:
    e = evening(*ZONES, capacity=1_400)
    office, people = e.town.office, e.town.people
    office.enrol("night", name="Night shift", unit="night", roles={Role.DISPATCHER}, by=people["custodian"])
    app = make_app(office)
    with served(app) as where:
        line = Line(urlsplit(where).port or 0)
        with (
            visit(browser, f"{where}/en/console", **seated(app, office, "dispatcher")) as kay,
            visit(browser, f"http://127.0.0.1:{line.port}/en/console", **seated(app, office, "night")) as night,
        ):
            for page in (kay.page, night.page):
                expect(page.locator(".line.live")).to_be_visible()
                page.evaluate(DOUBLED)

            # Doors open: both see the same zones, calm.
            run(e, 10, DOORS, kay.page)
            stage = [
                p.locator(".zone-card", has=p.get_by_role("heading", name="stage")) for p in (kay.page, night.page)
            ]
            for card in stage:
                expect(card.locator(".status")).to_have_text("Level of service B", timeout=4_000)
            assert not [a for a in alarms(e).values() if a.type == "density"]

            # The stage fills. Kay acknowledges and decides.
            run(e, 4, FILL, kay.page)
            for card in stage:
                expect(card.locator(".full")).to_contain_text("At or above capacity", timeout=4_000)
            answer(kay.page, e, close=False)

            # The night's line is cut for some minutes of the peak: it says since when, and new alarms go on.
            before = set(alarms(e))
            line.cut()
            expect(night.page.locator(".line.lost")).to_contain_text("connection lost, trying again (since ")
            run(e, 5, {**PEAK, "park": (400, 0)}, kay.page)
            assert set(alarms(e)) - before, "something happened that the night could not see"
            answer(kay.page, e, close=False)
            line.mend()

            # It catches up by itself, and the night records the outcomes.
            expect(night.page.locator(".line.live")).to_be_visible(timeout=8_000)
            expect(stage[1].locator(".status")).to_have_text(stage[0].locator(".status").inner_text(), timeout=4_000)
            open_now = [id for id, alarm in alarms(e).items() if alarm.state is not State.CLOSED]
            for id in open_now:
                if alarms(e)[id].state is not State.JOINED:
                    expect(night.page.locator(f"#{id}")).to_have_count(1, timeout=4_000)
            answer(night.page, e, close=True)

            # Everybody goes home; what is over closes.
            run(e, 15, EGRESS, kay.page)
            answer(kay.page, e, close=False)
            answer(night.page, e, close=True)
            run(e, 8, {}, kay.page)
            expect(kay.page.locator(".calm")).to_be_visible(timeout=4_000)
            expect(night.page.locator(".calm")).to_be_visible(timeout=4_000)
            assert [p.evaluate("window.doubled === true") for p in (kay.page, night.page)] == [False, False]
        line.close()

    found = alarms(e)
    assert len(found) >= 3 and {alarm.state for alarm in found.values()} == {State.CLOSED}
    entries = [entry for _, entry in e.town.kernel.stores.log.read()]
    kinds = Counter((str(entry["kind"]), str(entry.get("alarm", ""))) for entry in entries)
    for id in found:
        assert kinds["ALARM_RAISED", id] == 1 and kinds["ALARM_CLOSED", id] + kinds["ALARM_DISPOSED", id] >= 1
        assert kinds["ALARM_ACKED", id] <= 1 + kinds["ALARM_REOPENED", id]
