"""The story of a commander: from their own page to a waiting forecast, one place dropped, a decision recorded."""

from __future__ import annotations

from pathlib import Path

from demo_town import Built
from playing import in_the_matrix, visitor
from playwright.sync_api import Browser


@in_the_matrix("en", 360)
def test_a_commander_reads_a_forecast_drops_a_place_and_decides(
    built: Built, tmp_path: Path, browser: Browser, language: str, width: int
) -> None:
    case = f"/cases/{built.record['mapping']['waiting']}"
    with visitor(built, tmp_path, browser, language, width) as commander:
        commander.plays("commander")
        commander.sees("ul.tiles", "#decide")
        commander.follows(case)
        commander.sees(".case-answer", ".case-limits", "form[action$='/decide']")
        commander.follows(f"{case}/map")
        commander.sees("canvas, svg, img")
        commander.follows(case)
        commander.opens("details.cells")
        place = commander.find("details.cells li").first
        place.locator("select").select_option("drop")
        commander.chooses("choice", "change")
        commander.writes(
            reasons="Lighting comes first here.",
            public_reason="Lighting comes first.",
            exposure="Lamps bring no checks of anybody.",
            **{"other.document": "Letters of residents."},
        )
        commander.sends("form[action$='/decide']")
        commander.sees("[role=alert]")  # a dropped place needs its own reason
        assert commander.find("[name=reasons]").input_value() == "Lighting comes first here."
        place.locator("input:visible").last.fill("The lamps there were renewed.")
        commander.sends("form[action$='/decide']")
        commander.sees("section[aria-labelledby=decision]")
        assert "Lighting comes first here." in commander.text("section[aria-labelledby=decision]")
        commander.opens("section[aria-labelledby=decision] details")
        assert "The lamps there were renewed." in commander.text("section[aria-labelledby=decision] details")
        commander.never_sees("form[action$='/decide']", "form[action$='/publish']")
        commander.follows("/desk")
        assert not commander.find("#decide").count()
        commander.sees("#newest")
        commander.never_sees(f"a[href='/{language}/suspension']")  # the board's alone
