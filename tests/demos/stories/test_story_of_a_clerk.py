"""The story of a records clerk: keeps a reviewed plan, has the copy made, finds a delivery, publishes."""

from __future__ import annotations

from pathlib import Path

from demo_town import Built
from playing import Player, in_the_matrix, visitor
from playwright.sync_api import Browser, expect


@in_the_matrix("fr", 1280)
def test_a_clerk_reviews_a_recording_finds_a_delivery_and_publishes(
    built: Built, tmp_path: Path, browser: Browser, language: str, width: int
) -> None:
    with visitor(built, tmp_path, browser, language, width) as clerk:
        clerk.plays("clerk")
        clerk.sees("ul.tiles", "#publish")
        clerk.follows("/cases")
        clerk.writes(q=built.record["footage"]["under_review"])
        clerk.presses("form[role=search] button")
        clerk.follows(f"/cases/{built.record['footage']['under_review']}")
        reviews(clerk)
        clerk.follows("/items")
        finds_a_delivery(clerk, built.record["footage"]["item"])
        clerk.follows("/desk")
        publishes(clerk)


def reviews(clerk: Player) -> None:
    """Every proposed box is looked at; one is dropped and restored; the plan is kept in their name."""
    clerk.presses("a[href$='/review']")
    clerk.sees("#stage", "tr[data-track]")
    expect(clerk.page.locator("#picture")).to_have_js_property("complete", True)
    first = clerk.find("tr[data-track]").first
    state = first.locator("[data-part=state]")
    clerk.find("button[data-act=review]").click()
    clerk.find("button[data-act=drop]").click()
    expect(state).to_have_value("dropped")
    clerk.find("button[data-act=undo]").click()
    expect(state).not_to_have_value("dropped")
    clerk.find("button[data-act=keep]").click()
    expect(state).to_have_value("kept")
    clerk.find("[name=looked]").check()
    clerk.sends("form#review")
    clerk.sees("dl.facts .digest")
    clerk.follows("/ask/footage.redact?")
    assert clerk.find("[name='data.item']").input_value() and clerk.find("[name='data.plan']").input_value()
    clerk.sends()
    clerk.sends("form[action$='/run']")
    clerk.waits_for_the_run()
    clerk.sees(".case-answer", "a[href$='/review']")


def finds_a_delivery(clerk: Player, item: str) -> None:
    """From the library to one recording: its history, with a receipt for each line, and to whom it was handed."""
    clerk.writes(q=item)
    clerk.presses("form[role=search] button")
    clerk.follows(f"/items/{item}")
    clerk.sees("#history", "a[download$='.tlog-proof']")
    clerk.sees("table:has(#deliveries) tbody tr")


def publishes(clerk: Player) -> None:
    """The first decided case gets a public statement and stands in the register, for everybody."""
    clerk.presses("#publish + ul a")
    case = clerk.at.rpartition("/")[2]
    clerk.writes(statement="Une copie a été remise. A copy was handed over.")
    clerk.sends("form[action$='/publish']")
    clerk.plays("nobody")
    clerk.follows("/register")
    clerk.sees(f"a[href='/{clerk.language}/register/{case}']")
