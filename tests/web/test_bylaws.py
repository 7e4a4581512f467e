"""The page of the bylaws: what they say and forbid, and two people who adopt them there."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from typing import Any

import pytest
from authentication import at_pages, form_of, logged_on, seated, send
from browser import gates, served, visit
from desk import Desk, desk
from playwright.sync_api import Browser
from toy import COUNT, TOY

from peelian.integrations.cedar_engine import open_policies
from peelian.kernel.identity import dual_control
from peelian.kernel.policy.authorizer import Authorizer
from peelian.web.app import make_app

BYLAW = """@id("no_wells_on_mondays") @says("it is <i>Monday</i>") @remedy("ask tomorrow")
forbid (principal, action == Action::"ask", resource in Technology::"toy") when { context.weekday == "monday" };
"""


@pytest.fixture
def town(tmp_path: Path) -> Desk:
    """An office opened with a bylaw that nobody adopted, and one request of a Monday."""
    town = desk((TOY,))
    town.authorizations(COUNT)
    town.ask(COUNT)
    (tmp_path / "wells.cedar").write_text(BYLAW)
    kernel = dataclasses.replace(town.kernel, policy=Authorizer(engine=open_policies(tmp_path)))
    return dataclasses.replace(town, office=dataclasses.replace(town.office, kernel=kernel))


@pytest.fixture
def app(town: Desk) -> Any:
    return make_app(town.office)


def test_two_people_adopt_what_they_saw(town: Desk, app: Any) -> None:
    custodian = logged_on(app, town.office, "custodian")
    text = custodian.get("/en/bylaws").text
    assert "Not adopted" in text and "It is &lt;i&gt;Monday" in text and "ask tomorrow" in text
    assert "Forbids 1 of the newest 1 request:" in text and re.search(r'href="/en/cases/c-\w+"', text)
    got = send(custodian, "/en/bylaws", reason="two words")
    assert got.status_code == 409 and "at least 3 words" in got.text and ">two words</textarea>" in got.text
    got = send(custodian, "/en/bylaws", reason="the council decided so")
    proposal = got.headers["location"].partition("#")[2]
    board = logged_on(app, town.office, "board")
    assert 'href="/en/bylaws"' in board.get(f"/en/proposals/{proposal}").text
    page = f"/en/proposals/{proposal}"
    assert board.post(page, data={"form": form_of(board)}).status_code == 303
    text = board.get("/en/bylaws").text
    assert "Adopted and in force" in text and "Propose as shown" not in text


def test_who_cannot_propose_reads_only(town: Desk, app: Any) -> None:
    analyst = logged_on(app, town.office, "analyst")
    assert "Your role cannot propose" in analyst.get("/en/bylaws").text
    assert send(analyst, "/en/bylaws", reason="I want it so").status_code == 403
    assert at_pages(app).get("/en/bylaws").status_code == 401 and analyst.get("/xx/bylaws").status_code == 404
    assert not dual_control.open_proposals(town.kernel)


def test_an_office_without_bylaws_says_so() -> None:
    town = desk((TOY,))
    text = logged_on(make_app(town.office), town.office, "board").get("/en/bylaws").text
    assert "No bylaws." in text and "Propose as shown" not in text


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_page_passes_every_gate(browser: Browser, app: Any, town: Desk, language: str) -> None:
    with (
        served(app) as here,
        visit(browser, f"{here}/{language}/bylaws", **seated(app, town.office, "board")) as seen,
    ):
        assert not gates(seen, own=(here,))
