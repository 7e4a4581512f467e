"""A decided forecast as a briefing: the places as a person decided them, to print; before a decision there is none."""

from __future__ import annotations

import dataclasses
import re
from html import unescape
from typing import Any

import pytest
from authentication import at_pages, logged_on, seated
from browser import gates, served, visit
from deciding import read_and_decide
from desk import Desk, desk
from map_town import REASONS, ran
from playwright.sync_api import Browser

from peelian.kernel.gate import found_in
from peelian.web.app import make_app


@dataclasses.dataclass(frozen=True)
class Briefed:
    """A forecast of which one place was dropped and one swapped, and the next week's that waits."""

    town: Desk
    app: Any
    case: str
    dropped: str
    swapped: str
    instead: str
    kept: str
    waiting: str


@pytest.fixture(scope="module")
def at() -> Briefed:
    town = desk()
    evidence = ran(town, "mapping.forecast", advised_cells=12)
    waiting = ran(town, "mapping.forecast", start_day="2020-01-06", advised_cells=12)
    found = found_in(town.kernel, evidence.case)
    assert found is not None
    dropped, swapped, kept, *_ = chosen = [str(place) for place in found.table("advice")["place"]]
    instead = next(str(place) for place in found.table("forecast")["place"] if str(place) not in chosen)
    changes = (
        {"place": dropped, "instead": "", "reason": "A <new> park."},
        {"place": swapped, "instead": instead, "reason": "Lights are out there."},
    )
    commander = town.people["commander"]
    read_and_decide(town.kernel, commander, evidence, choice="change", changes=changes, **REASONS)
    return Briefed(town, make_app(town.office), evidence.case, dropped, swapped, instead, kept, waiting.case)


def test_the_places_are_those_of_the_decision(at: Briefed) -> None:
    commander = logged_on(at.app, at.town.office, "commander")
    assert f"/en/cases/{at.case}/briefing" in commander.get(f"/en/cases/{at.case}").text
    page = commander.get(f"/en/cases/{at.case}/briefing").text
    places, left = page.split("Places left out", 1)
    rows = re.findall(r">(\d+:-?\d+:-?\d+)<", places)
    assert at.kept in rows and at.instead in rows and not {at.dropped, at.swapped} & set(rows)
    assert "A <new> park." in unescape(left) and "<new>" not in page and "Lights are out there." in left
    assert REASONS["reasons"] in page and "Nobody is sent by this page" in page
    assert not re.search(r"<form[^>]*(briefing|dispatch)", page)


def test_there_is_none_before_a_decision_for_another_use_or_for_whoever_may_not_see(at: Briefed) -> None:
    commander = logged_on(at.app, at.town.office, "commander")
    assert commander.get(f"/en/cases/{at.waiting}/briefing").status_code == 404
    assert "/briefing" not in commander.get(f"/en/cases/{at.waiting}").text
    assert commander.get(f"/de/cases/{at.case}/briefing").status_code == 404
    assert commander.get("/en/cases/c-0000000000/briefing").status_code == 404
    assert at_pages(at.app).get(f"/en/cases/{at.case}/briefing").status_code == 401


@pytest.mark.browser
@pytest.mark.parametrize("language", ["en", "fr"])
def test_it_passes_every_gate_and_prints_on_few_sheets(browser: Browser, at: Briefed, language: str) -> None:
    who = seated(at.app, at.town.office, "commander")
    with served(at.app) as here:
        page = f"{here}/{language}/cases/{at.case}/briefing"
        with visit(browser, page, reduced_motion="reduce", **who) as seen:
            sheets = seen.page.pdf(format="Letter").count(b"/Type /Page\n")
            assert 1 <= sheets <= 3
            assert gates(seen, own=(here,)) == {}
