"""A newcomer plays the five verbs at the pages alone: refusal, proof, adoption, forecast, decision, publication.

It is what the tutorials of the analyst and of the board member say, step by step, and counts every click and field.
"""

from __future__ import annotations

from pathlib import Path

from browser import served, visit
from demo_town import Built
from playwright.sync_api import Browser, Page, expect

from peelian.demos.switch import make_switch
from peelian.oversight.transparency.register import published

MOST_ACTIONS = 40
SLOW = 120_000  # milliseconds that a run may take on a slow machine


class Newcomer:
    """Somebody who reads the bar and presses what it offers; `actions` counts their clicks and fields."""

    def __init__(self, page: Page) -> None:
        self.page, self.actions = page, 0
        page.set_default_timeout(SLOW)

    def click(self, where: str) -> None:
        """Press it, and wait for the page that comes."""
        self.actions += 1
        self.page.locator(where).first.click()
        self.page.wait_for_load_state()

    def fill(self, where: str, text: str) -> None:
        """Write into a field."""
        self.actions += 1
        self.page.locator(where).fill(text)

    def goes_on(self) -> None:
        """Do what the guide offers: go there, or go on as somebody else."""
        self.click(".guide .go")

    def sends(self) -> None:
        """Send the form of the page."""
        self.click("main form button[type=submit]")

    def runs(self) -> None:
        """Start the run and stay with its page until it has ended."""
        self.sends()
        expect(self.page.locator("#running")).to_have_count(0, timeout=SLOW)

    def drops(self, why: str) -> None:
        """Leave out the first place that the forecast selected, and say why."""
        self.click(".cells summary")
        row = self.page.locator(".cells li").first
        self.actions += 1
        row.locator("select").select_option("drop")
        self.actions += 1
        row.locator("input:visible").last.fill(why)

    def decides(self, choice: str, reasons: str, evidence: str) -> None:
        """Fill in a decision and record it."""
        self.click(f"main input[value={choice}]")
        self.fill("#reasons", reasons)
        self.fill("#public", reasons)
        if self.page.locator("#exposure").count():  # a group is exposed more than others
            self.fill("#exposure", reasons)
        self.fill('[id="other.document"]', evidence)
        self.sends()

    @property
    def guide(self) -> str:
        return self.page.locator(".guide").inner_text()


def test_from_refusal_to_publication(built: Built, tmp_path: Path, browser: Browser) -> None:
    with built.copy(tmp_path / "town") as office, served(make_switch(office)) as address:
        before = len(published(office.kernel))
        with visit(browser, f"{address}/en/") as seen:
            visitor = Newcomer(seen.page)
            visitor.click("button[value=analyst]")
            visitor.goes_on()  # the form, filled in
            visitor.sends()
            refused = seen.page.locator("main [role=alert]").inner_text()
            assert (
                "Accuracy report not valid" in refused
                and "Cell size: 500 m" in refused
                and "cell_metres" not in refused
            )
            visitor.goes_on()
            visitor.sends()
            visitor.runs()
            assert "Continue as Board member" in visitor.guide
            visitor.goes_on()
            visitor.decides("adopt", "All acceptance criteria were met.", "The figures of the long-run average.")
            visitor.goes_on()
            visitor.sends()
            visitor.runs()
            visitor.goes_on()
            visitor.drops("The lamps there were renewed.")
            visitor.decides("change", "Lighting comes first in both places.", "Residents asked for it twice.")
            visitor.goes_on()
            visitor.fill("#statement", "A forecast of robberies, accepted with changes.")
            visitor.sends()
            assert "all 8 steps done" in visitor.guide and visitor.actions <= MOST_ACTIONS, visitor.actions
        case = published(office.kernel)[0]
        assert len(published(office.kernel)) == before + 1 and case.capability == "mapping.forecast"
        with visit(browser, f"{address}/en/register/{case.case}", script=False) as seen:
            assert seen.page.locator("h1").inner_text() and "robbery" in seen.page.locator("main").inner_text().lower()


def test_a_decision_and_its_publication_in_french(built: Built, tmp_path: Path, browser: Browser) -> None:
    with built.copy(tmp_path / "town") as office, served(make_switch(office)) as address:
        with visit(browser, f"{address}/fr/") as seen:
            visitor = Newcomer(seen.page)
            visitor.click("button[value=commander]")
            visitor.click(".others a")
            visitor.decides("decline", "L’éclairage passe en premier.", "Les lettres de la population.")
            seen.page.locator(".who summary").click()
            visitor.click("button[value=clerk]")
            seen.page.goto(f"{address}/fr/cases/{built.record['mapping']['waiting']}")
            visitor.fill("#statement", "Une prévision déclinée.")
            visitor.sends()
            assert visitor.actions < 20
        assert published(office.kernel)[0].case == built.record["mapping"]["waiting"]
