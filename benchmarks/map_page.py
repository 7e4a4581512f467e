"""The map page in a real Chromium that draws in software: first paint, switches, and what is sent.

Bars: 100,000 cells within 3 s of the click, 300 ms for another layer, shift or week and 100 ms for an end of the
histogram; a million within 3 s; at most 900 KB sent compressed for 100,000 cells. A forecast of made-up counts goes
through the office as any other does.
"""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright

from figures import Figure, at_most, finish, flags, plain, show

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "support"))
from authentication import seated
from browser import served
from changed import changed
from desk import Desk, desk

from peelian.kernel import verbs
from peelian.kernel.gate import looked
from peelian.kernel.model.capability import Findings
from peelian.measure.table import Kind, table
from peelian.technologies.mapping import TECHNOLOGY
from peelian.technologies.mapping.declarations.explanation import REASONS
from peelian.technologies.mapping.declarations.forecast import EVERYWHERE, FORECAST
from peelian.web.app import make_app

WITHOUT_SHIFTS = 1000  # cells a side: the archive takes 64 MiB, and a million cells by shift are more
PREPARING = 12.0  # seconds that a server is given to draw the newest maps
SOFTWARE = ["--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]


def main() -> None:
    """Measure, print, and fail where a bar is missed."""
    given = flags(__doc__ or "").parse_args()
    figures: list[Figure] = []
    for side in (100, 316) if given.quick else (316, 1000):
        figures += measured(side)
    finish(figures, given.json)


def measured(side: int) -> list[Figure]:
    """The figures of a town of `side` times `side` cells."""
    town, (other, case) = town_with(side)
    cells, app = f"{side * side:,} cells", make_app(town.office, prepare=True)
    found = []
    with served(app) as where, launched() as browser:
        for name in ("first visit, right at the start", "second visit"):
            page, sent = new_page(browser, app, town)
            found += _visited(f"{cells}, {name}", page, f"{where}/en/cases/{case}/map")
        found.append(show(_sent(f"{cells}: sent", sum(sent) / 1000, side)))
        for name, act in (("difference", "[value=difference]"), ("count map", "[value=long_run]")):
            page.locator(act).check(force=True)
            found.append(show(_switch(f"{cells}, {name}", page, "switched")))
        found.append(show(_brushed(f"{cells}, histogram, median of nine", page, side)))
        if side < WITHOUT_SHIFTS:
            page.get_by_label("Shift", exact=True).select_option(index=1)
            found.append(show(_switch(f"{cells}, shift", page, "switched")))
        page.get_by_label("Case", exact=True).select_option(other)
        page.wait_for_selector("#map-app[data-opened]")
        time.sleep(1)
        page.evaluate("delete document.getElementById('map-app').dataset.opened")
        page.get_by_label("Case", exact=True).select_option(index=0)
        found.append(show(_switch(f"{cells}, week", page, "opened")))
    app = make_app(town.office, prepare=True)
    with served(app) as where, launched() as browser:
        found += _meanwhile(cells, where)
        page, _ = new_page(browser, app, town)
        found += _visited(
            f"{cells}, first visit, {PREPARING:.0f} s after the start", page, f"{where}/en/cases/{case}/map"
        )
    return found


@contextmanager
def launched() -> Iterator[Browser]:
    """A browser that has not seen any page."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=SOFTWARE)
        yield browser
        browser.close()


def new_page(browser: Browser, app: Any, town: Desk) -> tuple[Page, list[float]]:
    """A window of a board member, and the bytes of each answer that it got."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, **seated(app, town.office, "board"))
    page, sent = context.new_page(), [0.0]
    network = context.new_cdp_session(page)
    network.send("Network.enable")
    network.on("Network.loadingFinished", lambda told: sent.append(told["encodedDataLength"]))
    return page, sent


def _visited(name: str, page: Page, address: str) -> list[Figure]:
    seconds = opened(page, address)
    return [
        show(at_most(f"{name}: first paint", painted(page), "s", 3)),
        show(at_most(f"{name}: until drawn", seconds, "s", 3)),
    ]


def _meanwhile(cells: str, where: str) -> list[Figure]:
    """How long the public register takes while the maps are drawn beforehand, asked ten times a second."""
    times, end = [], time.monotonic() + PREPARING
    while time.monotonic() < end:
        begun = time.monotonic()
        httpx.get(f"{where}/en/register").raise_for_status()
        times.append(1000 * (time.monotonic() - begun))
        time.sleep(max(0.0, 0.1 - times[-1] / 1000))
    name = f"{cells}, register while maps are prepared"
    return [
        show(at_most(f"{name}: 95th percentile", float(np.quantile(times, 0.95)), "ms", 150)),
        show(plain(f"{name}: longest", max(times), "ms")),
    ]


def opened(page: Page, address: str) -> float:
    """Seconds from the click until the map is drawn, by the page's own clock."""
    page.goto(address)
    page.wait_for_selector("#map-app[data-ready]", timeout=120_000)
    return float(page.get_attribute("#map-app", "data-ready") or "nan") / 1000


def painted(page: Page) -> float:
    """Seconds until the browser first painted content: the heading and the picture that the server drew."""
    first = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
    return float(page.evaluate(first)) / 1000


def _sent(name: str, kilobytes: float, side: int) -> Figure:
    return at_most(name, kilobytes, "KB", 900) if side == 316 else plain(name, kilobytes, "KB")


def _brushed(name: str, page: Page, side: int) -> Figure:
    times = []
    for _ in range(9):
        page.get_by_label("At least", exact=True).press("ArrowRight")
        page.wait_for_timeout(300)
        times.append(float(page.get_attribute("#map-app", "data-brushed") or "nan"))
    return at_most(f"{name}: until drawn", float(np.median(times)), "ms", 100 if side < WITHOUT_SHIFTS else 300)


def _switch(name: str, page: Page, mark: str) -> Figure:
    page.wait_for_selector(f"#map-app[data-{mark}]")
    page.wait_for_timeout(500)
    value = float(page.get_attribute("#map-app", f"data-{mark}") or "nan")
    return at_most(f"{name}: until drawn", value, "ms", 300)


def town_with(side: int) -> tuple[Desk, tuple[str, str]]:
    """An office with two decided forecasts of made-up counts for a square town."""

    def run(params: Any, datasets: Any, context: Any) -> Findings:
        return made_up(side, params.start_day)

    large = changed(FORECAST, run=run)
    known = replace(TECHNOLOGY, capabilities=(large,))
    town, cases = desk((known,)), []
    town.authorizations(large)
    for day in ("2019-12-30", "2020-01-06"):
        params = replace(large.arithmetic().example().params, start_day=day)
        evidence, _ = verbs.run(town.kernel, town.people["analyst"], town.ask(large, who="analyst", params=params))
        by = town.decider(large, "analyst")
        reasons = {"reasons": "A test of speed.", "other_evidence": "none"}
        looked(town.kernel, by, evidence.case, whole=True)
        verbs.decide(town.kernel, by, evidence, choice="accept", **reasons)
        cases.append(evidence.case)
    return town, (cases[0], cases[1])


def made_up(side: int, day: str) -> Findings:
    """A forecast as a model makes them: a smooth ground, a few hundred peaks, counts by shift, nine areas."""
    chance = np.random.default_rng(int(day[-2:]))
    row, col = (part.ravel() for part in np.mgrid[-side // 2 : side - side // 2, -side // 2 : side - side // 2])
    plane = chance.gamma(0.05, 1.0, (side, side))
    for axis in (0, 1):
        plane = sum(np.roll(plane, k, axis) * np.exp(-k * k / 8) for k in range(-6, 7))
    expected = plane.ravel() / 50
    places = np.array([f"250:{r}:{c}" for r, c in zip(row.tolist(), col.tolist(), strict=True)], dtype=object)
    block = (row - row.min()) * 3 // side * 3 + (col - col.min()) * 3 // side
    areas = np.array([f"District {n}" for n in range(1, 10)], dtype=object)[block]
    parts = (("day", 0.6), ("night", 0.4)) if side < WITHOUT_SHIFTS else ()
    by_shift = {f"shift_{name}": expected * share for name, share in parts}
    values = {
        "place": places,
        "expected": expected,
        "low": np.zeros(len(row)),
        "high": np.ceil(expected * 4),
        "long_run": np.roll(expected, 3),
    }
    best = np.argsort(-expected)[:50]
    told = {name: np.zeros(50) for name in REASONS.columns if name not in REASONS.optional} | {
        name: column[best] for name, column in values.items()
    }
    told |= {"rank": np.arange(1, 51), "area": np.full(50, "", dtype=object)}
    told |= {name: np.zeros(50, dtype=np.int64) for name in ("recent_n", "nearby_n")}
    shifts = {
        "shift": (Kind.CATEGORY, ["day", "night"]),
        "start": (Kind.AMOUNT, np.array([7.0, 19.0])),
        "end": (Kind.AMOUNT, np.array([19.0, 7.0])),
        "expected": (Kind.AMOUNT, expected.sum() * np.array([0.6, 0.4])),
        "even": (Kind.AMOUNT, expected.sum() * np.array([0.5, 0.5])),
    }
    facts = {"category": "break_and_enter", "model": "decayed", "start_day": day, "until_day": day}
    return Findings(
        tables=(
            EVERYWHERE.of(values | {"area": areas} | by_shift),
            REASONS.of(told),
            table("shifts", shifts),
        ),
        facts={**facts, "cell_metres": 250},
    )


if __name__ == "__main__":
    main()
