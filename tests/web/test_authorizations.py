"""Authorizations at the pages: who issues which, what a slip says, renewing, revoking, and a second signature."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from authentication import at_pages, form_of, logged_on, seated, send
from browser import gates, served, visit
from desk import Desk, desk
from playwright.sync_api import Browser
from toy import COUNT, TOY

from peelian.kernel.identity import dual_control
from peelian.kernel.model.capability import AuthorizationKind
from peelian.web.app import make_app

ISSUED = {"kind": "council_approval", "serves": "toy.count", "purposes": ["advice"], "days": "90"}


@pytest.fixture
def town() -> Desk:
    return desk((TOY,))


@pytest.fixture
def app(town: Desk) -> Any:
    return make_app(town.office)


def problem(text: str) -> str:
    found = re.search(r'role="alert">(.*?)</div>', text, re.DOTALL)
    return found[1] if found else ""


def test_the_council_issues_renews_and_revokes(town: Desk, app: Any) -> None:
    council = logged_on(app, town.office, "council")
    got = send(council, "/en/authorizations/new", **ISSUED)  # type: ignore[arg-type]
    assert got.status_code == 303, problem(got.text)
    page = got.headers["location"]
    (made,) = town.kernel.state.authorizations.values()
    assert (made.kind, made.serves, made.purposes) == (AuthorizationKind.COUNCIL_APPROVAL, "toy.count", ("advice",))
    text = council.get(page).text
    assert "Council approval" in text and COUNT.title in text and "Renew" in text
    again = council.get(f"/en/authorizations/new?renews={page.rpartition('/')[2]}").text
    assert 'value="90"' in again and re.search(r'value="council_approval" selected', again)
    assert "In force" in council.get("/en/authorizations").text
    assert send(council, f"{page}/revoke").status_code == 303
    assert not town.kernel.state.authorizations and council.get(page).status_code == 404


def test_it_is_listed_when_it_expires_soon_and_when_it_ended(town: Desk, app: Any) -> None:
    town.authorization(AuthorizationKind.COUNCIL_APPROVAL, COUNT, days=40)
    assert "Expiring within 30 days" not in logged_on(app, town.office, "analyst").get("/en/authorizations").text
    town.clock.now += timedelta(days=11)
    assert "Expiring within 30 days" in logged_on(app, town.office, "analyst").get("/en/authorizations").text


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ({"kind": "none"}, "No such authorization"),
        ({"purposes": []}, "No purpose stated"),
        ({"purposes": ["<script>"]}, "No purpose stated"),
        ({"days": "0"}, "Not a number of days"),
        ({"days": "9" * 5_000}, "Not a number of days"),
        ({"serves": "nothing.here"}, "Not one of the choices"),
    ],
)
def test_a_slip_keeps_what_was_typed_and_logs_nothing(town: Desk, app: Any, told: dict[str, Any], says: str) -> None:
    council, size = logged_on(app, town.office, "council"), town.kernel.stores.log.size()
    got = send(council, "/en/authorizations/new", **ISSUED | told)
    assert got.status_code in (400, 409) and says in problem(got.text) and "<script>" not in got.text
    assert town.kernel.stores.log.size() == size


def test_who_may_not_issue_sees_no_way_and_is_refused(town: Desk, app: Any) -> None:
    analyst = logged_on(app, town.office, "analyst")
    assert "Issue an authorization" not in analyst.get("/en/authorizations").text
    got = send(analyst, "/en/authorizations/new", **ISSUED)  # type: ignore[arg-type]
    assert got.status_code == 403 and not town.kernel.state.authorizations
    assert at_pages(app).get("/en/authorizations").status_code == 401


def test_a_second_person_of_another_unit_approves_after_a_step_up(town: Desk, app: Any) -> None:
    by, board = town.people["custodian"], logged_on(app, town.office, "board")
    digest = dual_control.propose(town.kernel, by, "rotate_keys", words="the yearly change of keys")
    listed = board.get("/en/authorizations").text
    assert "Waits for a second person" in listed and "the yearly change of keys" in listed
    page = f"/en/proposals/{digest}"
    town.clock.now += timedelta(minutes=6)
    assert board.get(page).status_code == 403, "a fresh step-up is asked for"
    board = logged_on(app, town.office, "board")
    assert "Approve</button>" in board.get(page).text
    assert board.post(page, data={"form": form_of(board)}).status_code == 303
    assert digest in town.kernel.state.dual_control.approved
    assert "Approved by a second person" in logged_on(app, town.office, "council").get(page).text
    got = board.post(page, data={"form": form_of(board)})
    assert got.status_code == 409 and "already approved" in problem(got.text)
    own = logged_on(app, town.office, "custodian")
    assert "Approve</button>" not in own.get(page).text
    assert board.get("/en/proposals/none").status_code == 404


@pytest.fixture
def here(app: Any) -> Iterator[str]:
    with served(app) as address:
        yield address


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_pages_pass_every_gate(browser: Browser, app: Any, town: Desk, here: str, language: str) -> None:
    made = town.authorization(AuthorizationKind.COUNCIL_APPROVAL, COUNT)
    digest = next(d for d, one in town.kernel.state.authorizations.items() if one == made)
    proposal = dual_control.propose(town.kernel, town.people["custodian"], "rotate_keys", words="the yearly change")
    asked = "authorizations/new?kind=council_approval&serves=toy.count"
    for path in ("authorizations", f"authorizations/{digest}", asked, f"proposals/{proposal}"):
        with visit(browser, f"{here}/{language}/{path}", **seated(app, town.office, "council")) as seen:
            assert not gates(seen, own=(here,)), path
