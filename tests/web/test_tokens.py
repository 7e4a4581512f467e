"""The page of access tokens: one is shown once, listed without its secret, and ended by its person."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from authentication import HERE, logged_on, seated, send
from browser import gates, served, visit
from desk import Desk, desk
from playwright.sync_api import Browser
from starlette.testclient import TestClient
from toy import TOY

from peelian.web.app import make_app


@pytest.fixture
def town() -> Desk:
    return desk((TOY,))


@pytest.fixture
def app(town: Desk) -> Any:
    return make_app(town.office)


def made(page: str) -> str:
    found = re.search(r"<code>(peelian_[\w-]{43})</code>", page)
    assert found is not None, page
    return found[1]


def test_a_token_is_shown_once_works_and_ends_when_its_person_says_so(town: Desk, app: Any) -> None:
    clerk = logged_on(app, town.office, "clerk")
    got = send(clerk, "/en/desk/tokens", role="clerk", days="7")
    program = TestClient(app, base_url=HERE, headers={"authorization": f"Bearer {made(got.text)}"})
    assert got.headers["cache-control"] == "no-store" and program.get("/api/cases").status_code == 200
    listed = clerk.get("/fr/desk/tokens").text
    assert (
        "peelian_" not in listed
        and "Révoquer" in listed
        and "09/03/2026" in listed.replace("9 mars 2026", "09/03/2026")
    )
    (session,) = re.findall(r'name="session" value="(\w+)"', listed)
    assert send(logged_on(app, town.office, "board"), "/en/desk/tokens/end", session=session).status_code == 409
    assert send(clerk, "/en/desk/tokens/end", session=session).status_code == 303
    assert program.get("/api/cases").status_code == 401 and town.kinds()[-1] == "SESSION_ENDED"


def test_a_token_opens_no_page_and_a_browser_s_session_is_no_token(town: Desk, app: Any) -> None:
    clerk = logged_on(app, town.office, "clerk")
    token = made(send(clerk, "/en/desk/tokens", role="clerk", days="7").text)
    program = TestClient(app, base_url=HERE, headers={"authorization": f"Bearer {clerk.cookies['peelian']}"})
    assert clerk.get("/en/desk").status_code == 200 and program.get("/api/cases").status_code == 401
    browser = TestClient(app, base_url=HERE, cookies={"peelian": token}, follow_redirects=False)
    assert browser.get("/en/desk").status_code == 401


def test_the_secret_is_kept_nowhere(town: Desk, app: Any) -> None:
    token = made(send(logged_on(app, town.office, "clerk"), "/en/desk/tokens", role="clerk", days="7").text)
    tickets: Any = town.kernel.stores.tickets
    kept = repr(tickets.all("seat")) + repr(list(town.kernel.stores.log.read()))
    assert token not in kept and token.removeprefix("peelian_") not in kept


def test_what_is_no_role_or_no_number_of_days_is_said_and_makes_none(town: Desk, app: Any) -> None:
    clerk = logged_on(app, town.office, "clerk")
    for role, days in (("king", "7"), ("", "7"), ("clerk", ""), ("clerk", "0"), ("clerk", "91"), ("clerk", "é" * 500)):
        got = send(clerk, "/en/desk/tokens", role=role, days=days)
        assert got.status_code == 400 and "Not done" in got.text, (role, days)
    assert send(clerk, "/en/desk/tokens", role="board", days="7").status_code == 403, "not a role of theirs"
    assert not [e for _, e in town.kernel.stores.log.read() if e.get("how") == "token"]
    for _ in range(5):
        assert send(clerk, "/en/desk/tokens", role="clerk", days="7").status_code == 200
    assert send(clerk, "/en/desk/tokens", role="clerk", days="7").status_code == 409


def test_it_takes_a_fresh_step_up_and_the_page_leads_there(town: Desk, app: Any) -> None:
    clerk = logged_on(app, town.office, "clerk")
    town.clock.now += timedelta(minutes=6)
    got = send(clerk, "/en/desk/tokens", role="clerk", days="7")
    assert got.status_code == 403 and "/en/step-up?to=/en/desk/tokens" in got.text


def test_a_custodian_sees_tokens_among_the_sessions_and_ends_them(town: Desk, app: Any) -> None:
    token = made(send(logged_on(app, town.office, "clerk"), "/en/desk/tokens", role="clerk", days="7").text)
    custodian = logged_on(app, town.office, "custodian")
    page = custodian.get("/en/sessions").text
    (session,) = [e["session"] for _, e in town.kernel.stores.log.read() if e.get("how") == "token"]
    assert "access token" in page and session in page
    assert send(custodian, "/en/sessions/end", session=session).status_code == 303
    program = TestClient(app, base_url=HERE, headers={"authorization": f"Bearer {token}"})
    assert program.get("/api/cases").status_code == 401


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_pages_for_programs_pass_every_gate(browser: Browser, town: Desk, app: Any, language: str) -> None:
    state = seated(app, town.office, "clerk")
    with served(app) as here:
        with visit(browser, f"{here}/{language}/desk/tokens", **state) as seen:
            seen.page.locator("main form button").last.click()
            assert seen.page.locator("main .note code").inner_text().startswith("peelian_")
            assert not gates(seen, own=(here,))
        with visit(browser, f"{here}/{language}/api") as seen:
            assert not gates(seen, own=(here,))
