"""The alarm console with 60 zones in a real Chromium: first paint, alarms and zones that appear by themselves, weight.

Bars: first content painted within 1 s, an alarm visible within 1 s of its commit, a zone's new level within 2 s of its
readings. The office is in memory, its crowd is made up; pages, policy, log and browser are real.
"""

from __future__ import annotations

import shutil
import sys
import time
from pathlib import Path

import numpy as np
from playwright.sync_api import Page, sync_playwright

from figures import Figure, at_most, finish, flags, plain, show

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "support"))
from authentication import seated
from browser import served
from evening import Evening, evening

from peelian.web.app import make_app

ZONES = tuple(f"zone-{n}" for n in range(60))
PLANNED = 40  # as many as a plan may have; the others are tiles alone
SEEN = """() => {
    window.alarms = {}; window.zones = {};
    const look = () => {
        document.querySelectorAll('.alarm').forEach(a => { alarms[a.id] = alarms[a.id] || Date.now(); });
        document.querySelectorAll('.zone-card').forEach(z => {
            const says = z.querySelector('h3').textContent + z.querySelector('.inside')?.textContent;
            zones[says] = zones[says] || Date.now();
        });
    };
    new MutationObserver(look).observe(document.querySelector('main'), {childList: true, subtree: true});
    look();
}"""


def main() -> None:
    """Measure, print, and fail where a bar is missed."""
    given = flags(__doc__ or "").parse_args()
    e = evening(*ZONES, planned=PLANNED)
    e.go(240, dict.fromkeys(ZONES, (4, 1)))  # an hour, so that there is a trend
    e.written()
    app, figures = make_app(e.town.office), list[Figure]()
    with served(app) as where, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for path in ("console", "console/wall"):
            figures += _painted(path, browser, where, app, e, rounds=3 if given.quick else 9)
        page = _page(browser, app, e)
        page.goto(f"{where}/en/console")
        page.wait_for_selector(".line.live")
        page.evaluate(SEEN)
        figures += _appearing(page, e, alarms=4 if given.quick else 16)
        browser.close()
    finish(figures, given.json)


def _page(browser, app, e: Evening) -> Page:  # type: ignore[no-untyped-def]
    context = browser.new_context(viewport={"width": 1280, "height": 900}, **seated(app, e.town.office, "dispatcher"))
    return context.new_page()


def _painted(path: str, browser, where: str, app, e: Evening, *, rounds: int) -> list[Figure]:  # type: ignore[no-untyped-def]
    """Seconds until the first content, each in a new window without cache, and the bytes that were sent."""
    times, sent = [], []
    for _ in range(rounds):
        page = _page(browser, app, e)
        network, bytes_of = page.context.new_cdp_session(page), list[float]()
        network.send("Network.enable")
        network.on("Network.loadingFinished", lambda told, some=bytes_of: some.append(told["encodedDataLength"]))
        page.goto(f"{where}/en/{path}")
        page.wait_for_selector(".line.live")
        times.append(page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime") / 1000)
        sent.append(sum(bytes_of) / 1000)
        page.context.close()
    name = f"{path}, 60 zones"
    return [
        show(at_most(f"{name}: first paint, longest of {rounds}", max(times), "s", 1)),
        show(plain(f"{name}: first paint, median", float(np.median(times)), "s")),
        show(plain(f"{name}: sent on the first visit", float(np.median(sent)), "kB")),
    ]


def _appearing(page: Page, e: Evening, *, alarms: int) -> list[Figure]:
    """Seconds from a commit until its alarm is on the page, and from readings until their zone's people are."""
    seen, zones = [], []
    for nth in range(alarms):
        zone = ZONES[3 * nth % 60]
        e.go(4, {zone: (400, 0)})
        known = e.town.kernel.state.alarms.floor.alarms
        while not (found := [alarm.id for alarm in known.values() if alarm.zone == zone and alarm.active]):
            e.go(1, {zone: (10, 0)})  # more than two per m²: a notice after a minute
        committed, id = time.time(), found[0]
        page.wait_for_function("id => alarms[id]", arg=id, timeout=5_000)
        seen.append(page.evaluate("id => alarms[id]", id) / 1000 - committed)
        page.wait_for_timeout(1_100)
        next(e.steps(1, {zone: (1, 0)}, gathered=False))
        fed, inside = time.time(), e.inside[zone]
        time.sleep(0.2 * (nth + 0.5) / alarms)
        e.levels.gather()  # as the gateway does, five times a second: a part of the states each time
        time.sleep(0.2)
        e.levels.gather()
        says = f"{zone}{inside} inside"
        page.wait_for_function("says => Object.keys(zones).some(k => k.startsWith(says))", arg=says, timeout=5_000)
        shown = page.evaluate("says => zones[Object.keys(zones).find(k => k.startsWith(says))]", says)
        zones.append(shown / 1000 - fed)
        e.go(10, {zone: (0, 240)})
        page.wait_for_timeout(200)
    return [
        show(at_most(f"alarm visible after its commit, longest of {alarms}", max(seen), "s", 1)),
        show(plain("alarm visible after its commit, median", float(np.median(seen)), "s")),
        show(at_most(f"zone's level visible after its readings, longest of {alarms}", max(zones), "s", 2)),
        show(plain("zone's level visible after its readings, median", float(np.median(zones)), "s")),
    ]


if __name__ == "__main__":
    main()
