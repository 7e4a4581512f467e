"""The story of a dispatcher: takes an alarm, decides, closes it and hands over. No page sends anybody anywhere."""

from __future__ import annotations

from pathlib import Path

from demo_town import Built
from playing import Player, in_the_matrix, visitor
from playwright.sync_api import Browser, expect

REASON = "Music at the square, it was announced."
HANDED = "The square is loud until midnight."


@in_the_matrix("en", 360)
def test_a_dispatcher_takes_an_alarm_decides_and_hands_over(
    built: Built, tmp_path: Path, browser: Browser, language: str, width: int
) -> None:
    with visitor(built, tmp_path, browser, language, width) as kay:
        log = kay.office.kernel.stores.log
        begun = log.size()
        kay.plays("kay")
        kay.follows("/alarms")
        kay.follows("/console")
        alarm = str(kay.find(".alarm").first.get_attribute("id"))
        takes(kay, alarm)
        hands_over(kay)
        kay.follows("/desk")
        kay.follows("/alarms")
        kay.follows(f"/alarms/{alarm}")
        assert REASON in kay.text("dl.facts")
        kay.plays("lee")
        kay.follows("/console")
        assert HANDED in kay.text()
        people = {kay.office.operator(short).person.token for short in ("kay", "lee")}
        said = [str(entry["kind"]) for _, entry in log.read(begun) if entry.get("by") in people]
        acts = [kind for kind in said if not kind.startswith(("PROVED", "SESSION_"))]
        assert acts == ["ALARM_ACKED", "ALARM_DECIDED", "ALARM_DISPOSED", "HANDED_OVER"], "nothing else was done"


def takes(kay: Player, alarm: str) -> None:
    """Acknowledged, decided with a reason, closed with what it was: three acts of a person, on one page that lives."""
    kay.find(f"#{alarm} form.acknowledge button").click()
    kay.sees(f"#{alarm} form.decide")
    kay.never_sees(f"#{alarm} form.dispose")  # no outcome before a decision
    kay.find(f"#{alarm} form.decide [value=watch]").check()
    kay.find(f"#{alarm} form.decide [name=reason]").fill(REASON)
    kay.find(f"#{alarm} form.decide > button").click()
    kay.sees(f"#{alarm} form.dispose")
    kay.find(f"#{alarm} [name=disposition]").select_option(index=1)
    kay.find(f"#{alarm} form.dispose button").click()
    expect(kay.page.locator(f"#{alarm} form.dispose")).to_have_count(0)


def hands_over(kay: Player) -> None:
    """The next operator is told in words, on the same console."""
    lee = kay.office.operator("lee").person.token
    kay.chooses("to", lee)
    kay.writes(words=HANDED)
    kay.presses("form[action$='/handover'] button")
