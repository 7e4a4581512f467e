"""The weekly review at the pages: a number committed, the sample drawn, every item answered, the week signed once."""

from __future__ import annotations

import re
from typing import Any

import pytest
from authentication import at_pages, logged_on, seated, send
from browser import gates, served, visit
from playwright.sync_api import Browser
from precinct import WEEK, Precinct, ordinary_week, person, precinct

from peelian.oversight.review.week import week_review
from peelian.pictures.moments import stamp
from peelian.pictures.words import english
from peelian.web.app import make_app

PAGE = f"/en/accesses/{WEEK}"


@pytest.fixture
def at() -> Precinct:
    """A week that is over, with a session that was used from two places."""
    at = precinct()
    ordinary_week(at)
    at.look("anna", person(1), session="s", at="2026-03-06T15:00")
    at.look("anna", person(2), session="s", address="elsewhere", at="2026-03-06T15:05")
    at.week_over()
    return at


@pytest.fixture
def app(at: Precinct) -> Any:
    return make_app(at.desk.office)


def problem(text: str) -> str:
    found = re.search(r'role="alert">(.*?)</div>', text, re.DOTALL)
    return found[1] if found else ""


def test_a_week_is_drawn_answered_and_signed_once(at: Precinct, app: Any) -> None:
    auditor = logged_on(app, at.desk.office, "auditor")
    assert send(auditor, "/en/accesses", week="2026-W20").status_code == 303
    assert send(auditor, "/en/accesses", week="none").status_code == 400
    assert "Draw the sample" in auditor.get(PAGE).text and "Sign the review" not in auditor.get(PAGE).text
    assert send(auditor, PAGE, act="sign").status_code == 409, "the sample comes first"
    assert send(auditor, PAGE, act="draw").status_code == 303
    items = [item.id for item in week_review(at.desk.kernel, WEEK).items]
    text = auditor.get(PAGE).text
    assert len(items) > 1 and all(f'name="choice.{item}"' in text for item in items)
    for item in week_review(at.desk.kernel, WEEK).items:
        entry = at.desk.kernel.stores.log.entry(item.entries[0])
        line = text.split(f'name="choice.{item.id}"')[0].rsplit("<fieldset>", 1)[1]
        assert f'href="/en/log/{item.entries[0]}"' in line, "what is to be judged"
        assert stamp(english, str(entry["t"])) in line
        assert at.desk.kernel.state.people[item.by[0]].name in line and str(entry.get("case", "")) in line
    size = at.desk.kernel.stores.log.size()
    first = {f"choice.{items[0]}": "referred", f"words.{items[0]}": "two places at once"}
    got = send(auditor, PAGE, act="sign")
    assert got.status_code == 400 and "no item has an outcome" in problem(got.text).casefold()
    got = send(
        auditor, PAGE, act="sign", **first | {f"choice.{items[1]}": "<script>", f"words.{items[1]}": "no reason"}
    )
    assert got.status_code == 400 and "not an outcome" in problem(got.text).casefold()
    assert "two places at once" in got.text
    got = send(auditor, PAGE, act="sign", **{f"words.{items[0]}": "two places at once"})
    assert got.status_code == 400 and "reason without an outcome" in problem(got.text).casefold()
    one_text = {
        f"{name}.{item}": of for item in items for name, of in (("choice", "justified"), ("words", "all fine here"))
    }
    got = send(auditor, PAGE, act="sign", **one_text)
    assert got.status_code == 400 and "same words under several items" in problem(got.text).casefold()
    assert "for each item what you asked" in problem(got.text)
    rest = {f"choice.{item}": "justified" for item in items[1:]}
    rest |= {f"words.{item}": f"their own case work, {item}" for item in items[1:]}
    assert at.desk.kernel.stores.log.size() == size
    assert send(auditor, PAGE, act="sign", **first).status_code == 303
    assert f'name="choice.{items[0]}"' not in auditor.get(PAGE).text and "Sign the review" in auditor.get(PAGE).text
    assert send(auditor, PAGE, act="sign", **rest).status_code == 303
    outcomes = week_review(at.desk.kernel, WEEK).outcomes
    assert outcomes[items[0]] == "referred" and set(outcomes.values()) == {"referred", "justified"}
    text = auditor.get(PAGE).text
    assert "Signed by" in text and "Sign the review" not in text
    assert send(auditor, PAGE, act="sign", **first | rest).status_code == 409


def test_who_does_not_review_only_reads(at: Precinct, app: Any) -> None:
    board = logged_on(app, at.desk.office, "board")
    assert "Draw the sample" not in board.get(PAGE).text and "Commit to" not in board.get("/en/accesses").text
    assert send(board, PAGE, act="draw").status_code == 403
    assert send(logged_on(app, at.desk.office, "auditor"), "/en/accesses/2020-W01", act="draw").status_code == 404
    assert at_pages(app).post(PAGE).status_code == 401


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_pages_pass_every_gate(browser: Browser, at: Precinct, app: Any, language: str) -> None:
    send(logged_on(app, at.desk.office, "auditor"), PAGE, act="draw")
    with served(app) as here:
        for path in ("accesses", f"accesses/{WEEK}"):
            with visit(browser, f"{here}/{language}/{path}", **seated(app, at.desk.office, "auditor")) as seen:
                assert not gates(seen, own=(here,)), path
