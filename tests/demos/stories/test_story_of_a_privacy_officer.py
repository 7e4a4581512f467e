"""The story of a privacy officer: reviews a week of accesses, records an incident and its clocks, runs a self-test."""

from __future__ import annotations

from pathlib import Path

from demo_town import Built
from playing import SLOW, Player, in_the_matrix, visitor
from playwright.sync_api import Browser, expect

SIGNS = "form:has([value=sign])"
OLDEST = "#more + ul li:last-child a"
SIGNED = ".note.good"


@in_the_matrix("en", 1280)
def test_a_privacy_officer_reviews_a_week_records_an_incident_and_runs_a_self_test(
    built: Built, tmp_path: Path, browser: Browser, language: str, width: int
) -> None:
    with visitor(built, tmp_path, browser, language, width) as officer:
        officer.plays("privacy")
        officer.sees("ul.tiles")
        officer.follows("/accesses")
        reviews_a_week(officer)
        officer.follows("/incidents")
        records_an_incident(officer)
        officer.follows("/drills")
        runs_a_self_test(officer)


def reviews_a_week(officer: Player) -> None:
    """The oldest week: a sample is drawn, each item gets an outcome and a reason, and the week is signed.

    Nobody reviews themselves: where the sample drew what the officer looked at, the auditor signs that.
    """
    officer.presses(OLDEST)
    officer.sends("form:has([value=draw])")
    officer.sends(SIGNS)
    officer.sees("[role=alert]")  # nothing is signed without an outcome for each
    answers(officer, "I asked them")
    if not officer.find(SIGNED).count():
        officer.plays("auditor")
        officer.follows("/accesses")
        officer.presses(OLDEST)
        answers(officer, "Their chief told me")
        officer.plays("privacy")
        officer.follows("/accesses")
        officer.presses(OLDEST)
    officer.sees(SIGNED)


def answers(reviewer: Player, how: str) -> None:
    """Give every item of the week that they may an outcome and a reason, and sign."""
    for n in range(reviewer.find("[name^='choice.']").count()):
        reviewer.find("[name^='choice.']").nth(n).select_option("justified")
        reviewer.find("[name^='words.']").nth(n).fill(f"{how}: their own case work, number {n} that week.")
    reviewer.sends(SIGNS)
    reviewer.never_sees(SIGNS, "main [role=alert]")


def unfolded(officer: Player) -> None:
    """Parts of the page that are not next are folded."""
    officer.page.evaluate("document.querySelectorAll('main details').forEach(one => one.open = true)")


def records_an_incident(officer: Player) -> None:
    """No record is concerned; the page says what the law asks and by when, and what is still missing."""
    officer.follows("/incidents/new")
    unfolded(officer)
    officer.chooses("kind")
    officer.find("form:has([name=kind]) [name=law]").select_option("quebec")
    officer.sends("form:has([name=kind])")
    incident = officer.at
    assert incident.startswith("/incidents/")
    expect(officer.page.locator("main table").first.locator("tbody tr")).to_have_count(2)  # the office, and the people
    unfolded(officer)
    contains = "form:has([name=act][value=contain])"
    measure = officer.find(f"{contains} [name=measures]:not(:checked)").first
    taken = f"{contains} [name=measures][value={measure.get_attribute('value')}]"
    measure.check()
    officer.sends(contains)
    officer.never_sees("main [role=alert]")
    expect(officer.page.locator(taken)).to_be_checked()
    officer.follows("/incidents")
    officer.sees(f"a[href='/{officer.language}{incident}']")


def runs_a_self_test(officer: Player) -> None:
    """A self-test on invented people, followed to its end; its page says whether each target was met."""
    before = officer.find("#more + ul a").count()
    officer.chooses("scenario", "witness-down")
    officer.writes(seed="7")
    officer.sends("form[action$='/drills/run']")
    expect(officer.page.locator("main progress")).to_have_count(0, timeout=SLOW)
    officer.follows("/drills")
    expect(officer.find("#more + ul a")).to_have_count(before + 1)
    officer.follows("/drills/witness-down")
    officer.sees("table")
