"""The story of an analyst: brings a small table in, asks for a use of it, runs it, follows the bar, reads the findings.

On the way they see what another use of the same data would need.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from demo_town import Built
from playing import Player, in_the_matrix, visitor
from playwright.sync_api import Browser, expect

TITLE = "Thefts and robberies, a sample"
SAMPLE = files("peelian.technologies.mapping") / "examples" / "toronto" / "sample_mci_raw.csv"
"""A table that ships with the program: a demonstration takes no other."""


@in_the_matrix("fr", 360)
def test_an_analyst_brings_data_in_asks_runs_and_reads(
    built: Built, tmp_path: Path, browser: Browser, language: str, width: int
) -> None:
    with visitor(built, tmp_path, browser, language, width) as analyst:
        analyst.plays("analyst")
        brings_it_in(analyst, tmp_path)
        analyst.follows("/ask")
        sees_what_is_missing(analyst)
        analyst.follows("/ask/mapping.knox")
        analyst.chooses("purpose", "proof")
        analyst.page.locator("main [name='data.incidents']").select_option(label=analyst.of_option(TITLE))
        analyst.writes(**{"param.permutations": "5"})
        analyst.sends()
        analyst.sees("[role=alert] a[href='#param.permutations']", "[id='param.permutations'][aria-invalid]")
        analyst.writes(**{"param.permutations": "999"})
        analyst.sends()
        assert analyst.at.startswith("/cases/c-")
        case = analyst.at
        analyst.sends("form[action$='/run']")
        analyst.waits_for_the_run()
        analyst.sees(".case-answer", ".case-limits", "section[aria-labelledby=decision]")
        analyst.never_sees("form[action$='/decide']")  # somebody of another unit decides
        analyst.follows("/desk")
        analyst.follows("/cases?q=")
        analyst.sees(f"a[href='/{language}{case}']")


def brings_it_in(analyst: Player, folder: Path) -> None:
    """A table of their own is refused with the reason; one that ships is recognized, declared and imported."""
    own = folder / "own.csv"
    own.write_text("OccurrenceDate,lat,long,category\n2024-01-02 07:00,43.61,-79.31,theft\n")
    analyst.follows("/data")
    analyst.follows("/data/add")
    analyst.sees("p.note")  # it says beforehand that only examples are taken
    analyst.brings(own)
    analyst.sees("[role=alert] li")
    analyst.never_sees("main [name=legal_basis]")
    analyst.follows("/data/add")
    analyst.brings(Path(str(SAMPLE)))
    analyst.sees("dl.facts", "svg.picture")
    analyst.writes(title=TITLE, legal_basis="Bylaw 12", minimisation="No names.", source="Records", retention_days="90")
    analyst.chooses("purposes", "proof")
    analyst.sends("form:has([name=legal_basis])")
    expect(analyst.page.locator("main h1")).to_have_text(TITLE)


def sees_what_is_missing(analyst: Player) -> None:
    """A use that is not ready says so, with the remedy, before anybody asks for it; its form is folded away."""
    analyst.follows("/ask/mapping.limits")
    analyst.sees("section[aria-labelledby=needs] li", "details.part > summary")
    analyst.never_sees("main details.part[open] form")
    analyst.page.go_back()
