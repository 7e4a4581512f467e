"""The story of the custodian, who keeps the machines: tokens for programs, sessions, labels, what expires, bylaws."""

from __future__ import annotations

from pathlib import Path

from demo_town import Built
from playing import Player, in_the_matrix, visitor
from playwright.sync_api import Browser, expect


@in_the_matrix("fr", 360)
def test_a_custodian_lends_and_ends_a_token_and_proposes_labels(
    built: Built, tmp_path: Path, browser: Browser, language: str, width: int
) -> None:
    with visitor(built, tmp_path, browser, language, width) as custodian:
        custodian.plays("custodian")
        custodian.sees("ul.tiles")
        custodian.follows("/desk/tokens")
        token = lends(custodian)
        ends(custodian, token)
        sees_what_expires(custodian)
        labels(custodian)
        sessions(custodian)


def lends(custodian: Player) -> str:
    """A token is shown once; a program of theirs reads with it."""
    custodian.writes(days="7")
    custodian.sends("form[action$='/desk/tokens']")
    token = custodian.text("[role=status] code")
    assert reads(custodian, token) == 200
    custodian.follows("/desk")
    custodian.follows("/desk/tokens")
    custodian.never_sees("main [role=status] code")
    return token


def ends(custodian: Player, token: str) -> None:
    custodian.sends("form[action$='/tokens/end']")
    custodian.never_sees("form[action$='/tokens/end']")
    assert reads(custodian, token) == 401


def reads(custodian: Player, token: str) -> int:
    """What a program is answered that comes with this token."""
    asked = custodian.page.context.browser.new_context()
    answer = asked.request.get(f"{custodian.address}/api/log", headers={"authorization": f"Bearer {token}"})
    asked.close()
    return answer.status


def sees_what_expires(custodian: Player) -> None:
    """The authorization that ends first is listed first and says on which day; nothing here lets them renew it."""
    custodian.follows("/authorizations")
    custodian.sees("#waiting", "ul.entries")
    custodian.presses("#waiting ~ h2 + ul a")
    custodian.sees("dl.facts")
    custodian.never_sees("form[action$='/revoke']", "a[href*='renews=']")
    custodian.follows("/authorizations")
    custodian.follows("/bylaws")
    custodian.sees(".lead")


def labels(custodian: Player) -> None:
    """A list in force is proposed for withdrawal; it stays until somebody of another unit approves."""
    custodian.follows("/data")
    custodian.follows("/data/labels")
    before = custodian.find("ul.entries > li").count()
    custodian.find("ul.entries details > summary").first.click()
    custodian.writes(reason="The census of 2016 is replaced.")
    custodian.sends("details[open] form")
    custodian.follows("/authorizations")
    custodian.sees("#waiting + ul a[href*='/proposals/']")
    custodian.presses("#waiting + ul a[href*='/proposals/']")
    custodian.never_sees("form[action*='/proposals/']")
    custodian.follows("/data")
    custodian.follows("/data/labels")
    expect(custodian.find("ul.entries > li")).to_have_count(before)


def sessions(custodian: Player) -> None:
    """Somebody else's session is ended; theirs goes on."""
    office, other = custodian.office, custodian.page.context.browser.new_page()
    other.goto(f"{custodian.address}/{custodian.language}/")
    other.locator(".who button[value=analyst]").click()
    assert other.url.endswith("/desk")
    custodian.follows("/sessions")
    custodian.sends("form[action$='/sessions/end']")
    assert other.reload().status == 401
    other.context.close()
    custodian.follows("/desk")
    assert office.operator("custodian").person.name in custodian.text(".lead")
