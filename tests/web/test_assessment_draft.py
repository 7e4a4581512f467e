"""The draft of an assessment: saved as it is filled, the same in the next session, submitted when it is complete."""

from __future__ import annotations

import re
from typing import Any

import pytest
from answer_sets import complete
from authentication import at_pages, logged_on, seated, send
from browser import gates, served, visit
from desk import Desk, desk
from playwright.sync_api import Browser
from toy import TOY

from peelian.oversight.assessment import signing
from peelian.web.app import make_app

PAGE = "/en/assessment/draft"


@pytest.fixture
def town() -> Desk:
    return desk((TOY,))


@pytest.fixture
def app(town: Desk) -> Any:
    return make_app(town.office)


def filled(**more: Any) -> dict[str, Any]:
    answers = {name: list(v) if isinstance(v, tuple) else v for name, v in complete().items()}
    return {**answers, "use": "toy.count", "scope": "all", "param.deepest": "40", **more}


def problem(text: str) -> str:
    found = re.search(r'<div class="note warning" role="alert"><p><strong>Not done.*?</div>', text, re.DOTALL)
    return found[0] if found else ""


def test_a_draft_is_kept_for_the_next_session_and_becomes_an_assessment(town: Desk, app: Any) -> None:
    officer = logged_on(app, town.office, "privacy-officer")
    half = dict(list(filled().items())[:40]) | {"use": "toy.count", "act": "save"}
    text = send(officer, PAGE, **half).text
    assert "Deepest well counted" in text and "Saved on" in text
    again = logged_on(app, town.office, "privacy-officer").get(PAGE).text
    assert again.count(" checked") == text.count(" checked") > 30 and 'value="toy.count" selected' in again
    assert 'toy.count" selected' not in logged_on(app, town.office, "board").get(PAGE).text
    size = town.kernel.stores.log.size()
    got = send(officer, PAGE, **half | {"act": "submit"})
    assert got.status_code in (400, 422) and "questions without an answer" in problem(got.text)
    assert town.kernel.stores.log.size() == size
    assert "14 of 167" in send(officer, PAGE, **filled(act="level")).text
    got = send(officer, PAGE, **filled(act="submit"))
    assert got.status_code == 303, problem(got.text)
    (made,) = signing.assessments(town.kernel)
    assert made.serves == "toy.*" and made.digest in got.headers["location"]
    assert made.uses[0]["settings"]["deepest"] == "40"
    assert "Saved on" not in officer.get(PAGE).text, "the draft became the assessment"


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ({"use": ""}, "subject of the assessment missing"),
        ({"use": "toy.nothing"}, "toy.count"),
        ({"use": "<script>"}, "toy.count"),
        ({"param.deepest": "deep"}, "not a whole number"),
        ({"param.other": "1"}, "unknown parameter"),
    ],
)
def test_a_slip_keeps_what_was_typed_and_logs_nothing(town: Desk, app: Any, told: dict[str, Any], says: str) -> None:
    officer, size = logged_on(app, town.office, "privacy-officer"), town.kernel.stores.log.size()
    got = send(officer, PAGE, **filled(act="submit") | told)
    assert got.status_code in (400, 409) and says in problem(got.text).casefold() and '<script>"' not in got.text
    assert got.text.count(" checked") > 80 and town.kernel.stores.log.size() == size


def test_only_the_privacy_officer_submits_and_it_can_be_discarded(town: Desk, app: Any) -> None:
    analyst = logged_on(app, town.office, "analyst")
    assert send(analyst, PAGE, **filled(act="submit")).status_code == 403 and not signing.assessments(town.kernel)
    assert 'value="submit"' not in analyst.get(PAGE).text and "Saved on" in analyst.get(PAGE).text
    assert send(analyst, PAGE, act="discard").status_code == 303 and "Saved on" not in analyst.get(PAGE).text
    assert at_pages(app).get(PAGE).status_code == 401
    assert analyst.post(PAGE, data=filled()).status_code == 403, "a form of no session"


def test_it_saves_itself_in_a_browser(browser: Browser, town: Desk, app: Any) -> None:
    with served(app) as here, visit(browser, f"{here}{PAGE}", **seated(app, town.office, "clerk")) as seen:
        seen.page.select_option("#use", "toy.count")
        seen.page.wait_for_selector("#saved:has-text('Saved on')")
        seen.page.reload()
        assert seen.page.input_value("#use") == "toy.count"


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_page_passes_every_gate(browser: Browser, town: Desk, app: Any, language: str) -> None:
    officer = logged_on(app, town.office, "privacy-officer")
    send(officer, PAGE, use="toy.count", act="save")
    with (
        served(app) as here,
        visit(browser, f"{here}/{language}/assessment/draft", **seated(app, town.office, "privacy-officer")) as seen,
    ):
        assert not gates(seen, own=(here,)).keys() - {"scripts"}
