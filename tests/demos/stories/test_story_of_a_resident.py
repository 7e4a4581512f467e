"""The story of a resident without an account: what is used, what was refused, whom to ask, and a receipt checked."""

from __future__ import annotations

from pathlib import Path

from demo_town import Built
from playing import Player, in_the_matrix, visitor
from playwright.sync_api import Browser, expect


@in_the_matrix("fr", 360)
def test_a_resident_reads_the_register_objects_and_checks_a_receipt(
    built: Built, tmp_path: Path, browser: Browser, language: str, width: int
) -> None:
    with visitor(built, tmp_path, browser, language, width) as resident:
        resident.sees("ul.tiles", "#newest", "#refused")
        resident.follows("/register")
        resident.sees("ul.entries", "#refusals", "#refused-table")
        published = built.record["mapping"]["case"]
        resident.writes(q=published)
        resident.presses("form[role=search] button")
        resident.follows(f"/register/{published}")
        resident.sees(".case-answer", ".case-limits", "#decision")
        resident.never_sees("main form")
        resident.page.locator(f"footer a[href*='about={published}']").click()
        resident.sees("ul")
        assert published in resident.text()
        resident.follows("/residents")
        near(resident)
        resident.follows("/log")
        receipt(resident)
        assert "/log-on" not in resident.at


def near(resident: Player) -> None:
    """What is used in an area of their choice; no address is asked for."""
    if resident.find("select[name=area]").count():
        resident.chooses("area")
        resident.presses("form.facets button")
    else:
        resident.writes(area="a")
        resident.presses("form.facets button")
        resident.follows("/residents?area=")
    resident.sees("#sensors", "#figures", "#uses", "#refused-table")


def receipt(resident: Player) -> None:
    """An entry of the log is proven in the browser; altered by one letter, it is not."""
    resident.follows("/log/")
    resident.follows("/receipt?entry=")
    resident.find("form.receipt button[type=submit]").click()
    expect(resident.page.locator("[data-verdict=true]")).to_be_visible()
    entry = resident.find("[name=entry]").input_value()
    resident.writes(entry=entry.replace('"', "'", 1))
    resident.find("form.receipt button[type=submit]").click()
    expect(resident.page.locator("[data-verdict=false]")).to_be_visible()
