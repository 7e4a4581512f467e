"""How long the pages of cases are, in a real Chromium, before anything is unfolded."""

from __future__ import annotations

from authentication import seated
from browser import served, visit
from playwright.sync_api import Browser

from peelian.operations.office import Office
from peelian.oversight.transparency.register import published
from peelian.web.app import make_app


def screens(office: Office, browser: Browser) -> dict[str, float]:
    """By capability, the longest page of a published case in screens of 1280 × 800, in either language, as a board
    member sees it; without the mark of a demonstration."""
    app, found = make_app(office), {}
    with served(app) as address:
        for case in published(office.kernel):
            for language in ("en", "fr"):
                where = f"{address}/{language}/cases/{case.case}"
                with visit(browser, where, **seated(app, office, "board")) as seen:
                    mark = seen.page.evaluate("document.querySelector('.mark')?.offsetHeight ?? 0")
                    height = (seen.page.evaluate("document.documentElement.scrollHeight") - mark) / 800
                    found[case.capability] = max(height, found.get(case.capability, 0.0))
    return found
