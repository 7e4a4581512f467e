"""Inventory, assessment, form and compliance in a real Chromium: every gate, both languages, keyboard, no script."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from browser import gates, served, visit
from desk import desk
from playwright.sync_api import Browser

from peelian.demos.assessment import assessed
from peelian.web.app import make_app

pytestmark = pytest.mark.browser
PAGES = ["/inventory", "/assessment", "/assessment/{digest}", "/assessment/form", "/compliance"]


@pytest.fixture(scope="module")
def site() -> Iterator[tuple[str, str]]:
    """An office with a signed assessment, served; its address and the assessment's mark."""
    town = desk()
    seats = {**town.people, "privacy": town.people["privacy-officer"]}
    params = town.kernel.capability("mapping.forecast").arithmetic().example().params
    uses = (("mapping.forecast", params),)
    authorization = assessed(town.office, seats, "mapping", uses=uses, purposes=("advice",))
    app = make_app(town.office)
    with served(app) as where:
        yield where, authorization.before


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_page_passes_every_gate(browser: Browser, site: tuple[str, str], page: str, language: str) -> None:
    address, digest = site
    with visit(browser, f"{address}/{language}{page.format(digest=digest)}", reduced_motion="reduce") as seen:
        found = gates(seen, own=(address,))
        if page == "/assessment/form":  # the radio buttons of one question are one stop: see the next test
            found.pop("keyboard", None)
        assert found == {}


def test_every_question_of_the_form_is_reached_by_keyboard(browser: Browser, site: tuple[str, str]) -> None:
    with visit(browser, f"{site[0]}/en/assessment/form") as seen:
        wanted = set(
            seen.page.evaluate("[...document.querySelectorAll('.questions input:not([type=hidden])')].map(i => i.name)")
        )
        reached: list[str] = []
        for _ in range(400):
            seen.page.keyboard.press("Tab")
            reached.append(str(seen.page.evaluate("document.activeElement.name || document.activeElement.tagName")))
            if reached[-1] == "BODY":
                break
        assert wanted <= set(reached)


def test_the_form_is_answered_and_sent_without_a_script(browser: Browser, site: tuple[str, str]) -> None:
    with visit(browser, f"{site[0]}/en/assessment/form", script=False) as seen:
        page: Any = seen.page
        page.get_by_role("radio", name="Very well").check()
        page.get_by_role("button", name="Calculate the level").click()
        assert page.get_by_role("alert").inner_text().startswith("Incomplete")
        assert page.get_by_role("radio", name="Very well").is_checked()
