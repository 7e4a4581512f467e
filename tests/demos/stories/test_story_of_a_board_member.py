"""The story of a board member: decides, continues an assessment, follows evidence, reads a refusal, suspends."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from demo_town import Built
from playing import Player, in_the_matrix, visitor
from playwright.sync_api import Browser, expect

REASONS = "The sample was drawn at random."


@in_the_matrix("fr", 1280)
def test_a_board_member_decides_assesses_reads_and_suspends(
    built: Built, tmp_path: Path, browser: Browser, language: str, width: int
) -> None:
    with visitor(built, tmp_path, browser, language, width) as board:
        board.plays("board")
        board.sees("ul.tiles", "#decide")
        decides_what_waits(board)
        continues_an_assessment(board)
        follows_evidence(board)
        reads_a_refusal(board)
        suspends_and_lifts(board)


def decides_what_waits(board: Player) -> None:
    """The first case that waits: read, then decided with reasons; it waits no longer."""
    board.presses("#decide + ul a")
    case = board.at
    board.sees(".case-answer", ".case-limits")
    board.find("[name=choice]").last.check()
    board.writes(reasons=REASONS, public_reason=REASONS, **{"other.study": "The yearly figures of the office."})
    board.sends("form[action$='/decide']")
    assert REASONS in board.text("section[aria-labelledby=decision]")
    board.follows("/desk")
    board.never_sees(f"#decide + ul a[href='/{board.language}{case}']")


def continues_an_assessment(board: Player) -> None:
    """A draft is begun, left and taken up again where it was; nothing of it is submitted."""
    board.follows("/assessment")
    board.follows("/assessment/draft")
    board.chooses("use", "mapping.counts")
    board.presses("button[value=save]")
    question = board.find("fieldset").first
    question.locator("input").last.check()
    answered = question.get_attribute("id")
    board.presses("p.buttons:not(.form *) button[value=save]")
    board.follows("/assessment")
    board.follows("/assessment/draft")
    assert board.find("[name=use]").input_value() == "mapping.counts"
    expect(board.find(f"[id='{answered}'] input").last).to_be_checked()


def follows_evidence(board: Player) -> None:
    """From a requirement to the entry of the log that proves it, and to its receipt."""
    board.follows("/compliance")
    board.sees("ul.tally")
    family = board.find("details.part:has(a[href*='/log/'])").first
    if family.get_attribute("open") is None:
        family.locator("> summary").click()
    evidence = family.locator("details:has(a[href*='/log/'])").first
    if evidence.count():
        evidence.locator("> summary").click()
    board.follows("/log/")
    board.sees("dl.facts", "a[download$='.tlog-proof']")


def reads_a_refusal(board: Player) -> None:
    """A refused case says each reason with its remedy, and leads to a page that helps."""
    board.follows("/cases")
    board.chooses("state", "refused")
    board.presses("form[role=search] button")
    board.presses("ul.entries h2 a")
    board.sees(".case-answer li, .case-answer tr", f".case-answer ul a[href^='/{board.language}/']")


def suspends_and_lifts(board: Player) -> None:
    """Two clicks suspend with a reason, after a fresh confirmation. Everybody sees it. Two people lift it again."""
    board.clock.by += timedelta(minutes=6)
    board.follows("/suspension")
    board.follows("/suspension/mapping")
    board.confirms("board")
    board.chooses("reason", "harm")
    board.sends("form[action$='/suspension/mapping']")
    board.sees(f"a.button[href='/{board.language}/suspension/mapping']")
    board.plays("commander")
    expect(board.page.locator("section.suspended a")).to_be_visible()
    board.plays("board")
    board.follows("/suspension")
    board.follows("/suspension/mapping")
    board.writes(why="the map was counted anew")
    board.presses("form:has([value=resume]) button")
    proposed = board.at
    board.plays("privacy")
    board.follows("/suspension")
    board.follows("/suspension/mapping")
    board.follows(proposed)
    board.sends(f"form[action$='{proposed}']")
    board.never_sees("section.suspended")
