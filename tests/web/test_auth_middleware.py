"""The doorkeeper: which room an address is, what a form must carry, and what the policy says of each role's pages."""

from __future__ import annotations

import re
from typing import Any

import pytest
from authentication import PASSPHRASE, at_pages, code_for, form_of, logged_on
from desk import Desk, desk

from peelian.kernel.identity.sessions import why_not_here
from peelian.web.app import make_app
from peelian.web.auth_middleware import KEYED, OPEN, ROOMS, masked, unmasked

PAGES = {
    "/en/desk": {"clerk", "board", "dispatcher", "custodian"},
    "/en/cases": {"clerk", "board", "custodian"},
    "/en/ask": {"clerk", "board"},
    "/en/items": {"clerk", "board", "custodian"},
    "/en/alarms": {"board", "dispatcher", "custodian"},
    "/en/accesses": {"board"},
    "/en/sessions": {"board", "custodian"},
}


@pytest.fixture(scope="module")
def town() -> Desk:
    return desk(())


@pytest.fixture(scope="module")
def app(town: Desk) -> Any:
    return make_app(town.office)


@pytest.mark.parametrize("who", ["clerk", "board", "dispatcher", "custodian"])
def test_each_role_enters_its_rooms_and_is_shown_the_way_to_these_only(town: Desk, app: Any, who: str) -> None:
    client = logged_on(app, town.office, who)
    links = client.get("/en/desk").text
    for page, roles in PAGES.items():
        assert client.get(page).status_code == (200 if who in roles else 403), page
        assert (f'href="{page}"' in links) is (who in roles), page


def test_a_refused_room_says_why_in_words(town: Desk, app: Any) -> None:
    client = logged_on(app, town.office, "clerk")
    english, french = client.get("/en/alarms").text, client.get("/fr/alarms").text
    assert "Your role has no access to this page." in english
    assert "Votre rôle ne donne pas accès à cette page." in french


def test_an_open_page_stays_open_and_what_is_not_there_is_not_found(town: Desk, app: Any) -> None:
    stranger = at_pages(app)
    for page in ("/en/", "/fr/register", "/en/log", "/en/whoaccessed", "/data/register.csv", "/en/sensors"):
        assert stranger.get(page).status_code == 200, page
    assert stranger.get("/en/none").status_code == 404
    assert stranger.get("/data/cases/c-1/x.csv").json()["status"] == 401


def test_pages_that_are_only_open_take_no_log_on(town: Desk) -> None:
    public = at_pages(make_app(town.office, public=True))
    assert public.get("/en/log-on").status_code == 404 and "log-on" not in public.get("/en/").text


def test_what_is_private_is_not_kept_by_a_browser_and_not_framed(town: Desk, app: Any) -> None:
    client = logged_on(app, town.office, "board")
    for page in ("/en/desk", "/en/cases", "/en/sessions"):
        headers = client.get(page).headers
        assert headers["cache-control"] == "no-store" and headers["x-frame-options"] == "DENY"


def test_the_cookie_is_read_by_no_script_and_sent_by_no_other_site(town: Desk, app: Any) -> None:
    for base, name in (("http://127.0.0.1:8000", "peelian"), ("https://127.0.0.1:8000", "__Host-peelian")):
        code = code_for(app, town.office, "clerk")
        got = at_pages(app, base).post("/en/log-on", data={"code": code, "passphrase": PASSPHRASE})
        first, *rest = got.headers["set-cookie"].split("; ")
        said = {"HttpOnly", "Path=/", "SameSite=strict"} | ({"Secure"} if base.startswith("https") else set())
        assert first.startswith(f"{name}=") and set(rest) == said


def test_a_session_is_ended_by_those_who_may(town: Desk, app: Any) -> None:
    clerk, custodian = logged_on(app, town.office, "clerk"), logged_on(app, town.office, "custodian")
    page = custodian.get("/en/sessions").text
    token = town.people["clerk"].person.token
    session = next(seat.session for seat in app.state.lobby.sessions.open_seats() if seat.person == token)
    assert session in page and ">clerk<" in page
    form = form_of(custodian)
    assert custodian.post("/en/sessions/end", data={"form": form, "session": "none"}).status_code == 409
    assert clerk.post("/en/sessions/end", data={"form": form_of(clerk), "session": session}).status_code == 403
    assert custodian.post("/en/sessions/end", data={"form": form, "session": session}).status_code == 303
    assert clerk.get("/en/desk").status_code == 401


def test_no_two_answers_carry_the_same_form_token_and_none_the_secret_itself(town: Desk, app: Any) -> None:
    """What is compressed must not hold one secret time after time: its length would tell it (BREACH)."""
    client = logged_on(app, town.office, "board")
    seat = next(s for s in app.state.lobby.sessions.open_seats() if s.person == town.people["board"].person.token)
    pages = [client.get("/en/desk").text for _ in range(3)]
    tokens = [re.findall(r'name="form" value="([^"]+)"', page)[0] for page in pages]
    assert len(set(tokens)) == 3 and {unmasked(token) for token in tokens} == {seat.form.encode()}
    assert not any(seat.form in page for page in pages)
    for wrong in (seat.form, masked("another"), "", "=", "é", tokens[0][:-4]):
        assert client.post("/en/log-off", data={"form": wrong}).status_code == 403, wrong


WHO = ["", "clerk", "board", "dispatcher", "custodian", "auditor"]
"""Somebody who is not logged on, and people of different roles."""


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("address", ["/{language}/nobody-declared-this", "/data/nobody-declared-this.csv"])
def test_a_route_that_nobody_declared_is_refused(town: Desk, who: str, address: str) -> None:
    """The guard's default is no: a page that somebody adds and declares nowhere is shown to nobody."""
    app = make_app(town.office)
    app.add_api_route(address, lambda: "never shown", methods=["GET", "POST"])
    client = logged_on(app, town.office, who) if who else at_pages(app)
    page = address.replace("{language}", "en")
    form = {"form": form_of(client)} if who else {}
    for got in (client.get(page), client.post(page, data=form)):
        assert got.status_code == 404 and "never shown" not in got.text


def test_every_route_is_declared_and_nothing_is_declared_that_is_no_route(town: Desk, app: Any) -> None:
    routes = {route.path for route in app.router.routes if not route.path.startswith(KEYED)}
    assert routes - OPEN - set(ROOMS) == set() and OPEN & set(ROOMS) == set()
    assert set(ROOMS) <= routes
    public = make_app(town.office, public=True)
    assert {route.path for route in public.router.routes} <= OPEN


def test_every_room_takes_a_log_on(app: Any) -> None:
    stranger = at_pages(app)
    for address in ROOMS:
        page = address.replace("{language}", "en").replace("{", "").replace("}", "")
        assert stranger.get(page).status_code == 401, page


@pytest.mark.parametrize("who", WHO[1:])
def test_a_room_that_the_policy_does_not_know_is_entered_by_nobody(town: Desk, who: str) -> None:
    app = make_app(town.office)
    logged_on(app, town.office, who)
    token = town.people[who].person.token
    seat = next(seat for seat in app.state.lobby.sessions.open_seats() if seat.person == token)
    assert why_not_here(town.kernel, seat, "a_room_nobody_described")
