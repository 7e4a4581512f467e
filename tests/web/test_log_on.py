"""Coming in: by a code that serves once, in a session that ends; what strangers send gets them nowhere."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from authentication import HERE, at_pages, code_for, form_of, logged_on, send
from desk import Desk, desk
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from peelian.kernel.identity.revocation import end_session, retire
from peelian.kernel.model.capability import Role
from peelian.web.app import make_app
from peelian.web.auth_middleware import OPEN, ROOMS, local_address


@pytest.fixture
def town() -> Desk:
    return desk(())


@pytest.fixture
def app(town: Desk) -> Any:
    return make_app(town.office)


def test_a_code_from_the_terminal_logs_on_once(town: Desk, app: Any) -> None:
    client, code = at_pages(app), code_for(app, town.office, "clerk")
    page = client.get("/en/cases")
    assert page.status_code == 401 and "Log on" in page.text and 'value="/en/cases"' in page.text
    came = client.post("/en/log-on", data={"code": f" {code.lower().replace('0', 'o')} ", "to": "/en/cases"})
    assert came.status_code == 303 and came.headers["location"] == "/en/cases"
    assert client.get("/en/cases").status_code == 200 and "My work" in client.get("/en/cases").text
    assert town.kinds()[-3:] == ["PROVED", "SESSION_BEGAN", "STAFF_READ"]
    again = at_pages(app).post("/en/log-on", data={"code": code})
    assert again.status_code == 403 and "used" in again.text and "set-cookie" not in again.headers


def test_the_secret_is_kept_nowhere_and_the_cookie_is_for_this_site_only(town: Desk, app: Any) -> None:
    client = at_pages(app)
    got = client.post("/en/log-on", data={"code": code_for(app, town.office, "clerk")})
    given_ = got.headers["set-cookie"]
    assert "HttpOnly" in given_ and "SameSite=strict" in given_ and "Path=/" in given_ and "Domain" not in given_
    secret = client.cookies["peelian"]
    assert len(secret) >= 43
    told = "".join(str(entry) for _, entry in town.kernel.stores.log.read()) + str(vars(app.state.lobby.sessions))
    assert secret not in told
    over_tls = TestClient(app, base_url="https://127.0.0.1", headers={"origin": "https://127.0.0.1"})
    over_tls.follow_redirects = False
    code = code_for(app, town.office, "clerk")
    kept = over_tls.post("/en/log-on", data={"code": code}).headers["set-cookie"]
    assert kept.startswith("__Host-peelian=") and "Secure" in kept


@pytest.mark.parametrize("wrong", ["", "AAAA-AAAA", "x" * 100_000, "../../keys", "\ud7ff", "%00", "'--"])
def test_a_wrong_code_says_the_same_whoever_it_was(town: Desk, app: Any, wrong: str) -> None:
    got = at_pages(app).post("/en/log-on", data={"code": wrong})
    assert got.status_code in (400, 403) and "set-cookie" not in got.headers
    assert got.status_code == 400 or "wrong, already used or older than two minutes" in got.text


def test_a_code_is_good_for_two_minutes(town: Desk, app: Any) -> None:
    code = code_for(app, town.office, "clerk")
    town.clock.days(3 / 1440)
    assert at_pages(app).post("/en/log-on", data={"code": code}).status_code == 403


def test_wrong_codes_are_few_and_the_log_says_so(town: Desk, app: Any) -> None:
    client = at_pages(app)
    for _ in range(5):
        assert client.post("/en/log-on", data={"code": "WRNG-WRNG"}).status_code == 403
    right = code_for(app, town.office, "clerk")
    got = client.post("/en/log-on", data={"code": right})
    assert got.status_code == 403 and "too many" in got.text.lower() and town.kinds().count("LOG_ON_LOCKED") == 1
    town.clock.days(6 / 1440)
    assert client.post("/en/log-on", data={"code": code_for(app, town.office, "clerk")}).status_code == 303


def test_a_pass_signed_with_another_key_opens_nothing(town: Desk, app: Any) -> None:
    code = app.state.lobby.authentication.passes.leave("clerk", town.office.keys.of("analyst"))
    assert at_pages(app).post("/en/log-on", data={"code": code}).status_code == 403


def test_a_session_ends_when_it_is_idle_old_ended_or_its_person_may_not_be_here(town: Desk, app: Any) -> None:
    def open_after(minutes: float, client: TestClient) -> bool:
        town.clock.days(minutes / 1440)
        return bool(client.get("/en/desk").status_code == 200)

    client = logged_on(app, town.office, "clerk")
    assert open_after(9, client) and open_after(9, client), "whoever works stays"
    assert not open_after(11, client)
    client = logged_on(app, town.office, "clerk")
    assert all(open_after(9, client) for _ in range(53)) and not open_after(9, client), "eight hours at most"
    client = logged_on(app, town.office, "clerk")
    session = next(iter(town.kernel.state.seated))
    assert end_session(town.kernel, town.people["custodian"], session) and not open_after(0, client)
    client = logged_on(app, town.office, "clerk")
    retire(town.kernel, town.people["custodian"], town.people["clerk"].person.token)
    assert not open_after(0, client)
    client = logged_on(app, town.office, "analyst")
    who, tomorrow = town.people["analyst"].person, (town.clock.now + timedelta(days=0)).date().isoformat()
    town.office.enrol(
        "analyst", name="a", unit=who.unit, roles={Role.ANALYST}, trained_until=tomorrow, by=town.people["custodian"]
    )
    assert open_after(0, client)
    for _ in range(200):
        if town.clock.now.date().isoformat() > tomorrow:
            break
        open_after(9, client)
    assert not open_after(0, client)
    why = [
        str(entry.get("why", "by somebody"))
        for _, entry in town.kernel.stores.log.read()
        if entry["kind"] == "SESSION_ENDED"
    ]
    assert why == ["idle", "limit", "by somebody", "policy", "policy"] or set(why) >= {"idle", "limit", "policy"}
    assert not town.kernel.state.seated


def test_a_fixed_or_forged_cookie_is_no_session(town: Desk, app: Any) -> None:
    client = at_pages(app)
    client.cookies.set("peelian", "chosen-by-a-stranger")
    client.post("/en/log-on", data={"code": code_for(app, town.office, "clerk")})
    assert town.kernel.state.seated
    stranger = at_pages(app)
    for value in (
        "chosen-by-a-stranger",
        "",
        "A" * 43,
        next(iter(town.kernel.state.seated)),
        "%00",
        "é",
    ):
        got = stranger.get("/en/desk", headers={"cookie": f"peelian={value}".encode()})
        assert got.status_code == 401, value


def test_logging_off_needs_the_sessions_own_form_and_is_logged(town: Desk, app: Any) -> None:
    client = logged_on(app, town.office, "clerk")
    assert client.post("/en/log-off", data={"form": "guess"}).status_code == 403
    assert client.get("/en/desk").status_code == 200
    got = send(client, "/en/log-off")
    assert got.status_code == 303 and 'peelian="";' in got.headers["set-cookie"].replace("peelian=;", 'peelian="";')
    last = [entry for _, entry in town.kernel.stores.log.read()][-1]
    assert (last["kind"], last["why"]) == ("SESSION_ENDED", "off")
    assert client.get("/en/desk").status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": ""},
        {"origin": HERE, "sec-fetch-site": "cross-site"},
        {"origin": HERE, "sec-fetch-site": "same-site"},
        {"origin": "http://127.0.0.1:9"},
    ],
)
def test_nothing_is_taken_from_another_site(town: Desk, app: Any, headers: dict[str, str]) -> None:
    client = logged_on(app, town.office, "clerk")
    form = form_of(client)
    for page in ("/en/log-off", "/en/log-on", "/en/step-up", "/en/cases/c-1/decide", "/en/desk/passkeys"):
        assert client.post(page, data={"form": form}, headers=headers).status_code == 403, page
    assert client.get("/en/desk").status_code == 200


def test_another_sessions_form_is_none(town: Desk, app: Any) -> None:
    one, two = logged_on(app, town.office, "clerk"), logged_on(app, town.office, "analyst")
    got = one.post("/en/step-up", data={"form": form_of(two), "code": code_for(app, town.office, "clerk")})
    assert got.status_code == 403 and "not from this session" in got.text


@pytest.mark.parametrize("body", [b"\xff\xfe=1", b"a=1&" * 300, b"x" * 70_000, b"code=" + b"A" * 66_000])
def test_forms_that_are_none_are_turned_away(town: Desk, app: Any, body: bytes) -> None:
    got = at_pages(app).post("/en/log-on", content=body)
    assert got.status_code in (400, 403) and "Internal" not in got.text and "set-cookie" not in got.headers


ELSEWHERE = [
    *("https://evil.example", "//evil.example", "/\\evil.example", "/en//evil.example", "javascript:alert(1)"),
    *("/en/../x", "/en/%0d%0aset-cookie:x=1", "/static/peelian.css", "/en/" + "a" * 300, "\n/en/cases", "/en/#@evil"),
]


@pytest.mark.parametrize("to", ELSEWHERE)
def test_nobody_is_led_elsewhere(town: Desk, app: Any, to: str) -> None:
    got = at_pages(app).post("/en/log-on", data={"code": code_for(app, town.office, "clerk"), "to": to})
    assert got.status_code == 303 and got.headers["location"] == "/en/desk"


@given(st.text(max_size=60))
@settings(max_examples=300)
def test_an_address_to_go_on_to_is_always_of_these_pages(text: str) -> None:
    got = local_address(text, "en")
    assert got.startswith(("/en/", "/fr/")) and "//" not in got and "\\" not in got and ":" not in got


def test_a_step_up_counts_in_its_own_session_and_for_its_own_person(town: Desk, app: Any) -> None:
    first, second = logged_on(app, town.office, "board"), logged_on(app, town.office, "board")
    town.clock.days(6 / 1440)
    asked = "/en/items/nothing"
    for client in (first, second):
        got = client.get(asked)
        assert got.status_code == 403 and f"/en/step-up?to={asked}" in got.text
    wrong = send(first, "/en/step-up", code=code_for(app, town.office, "clerk"), to=asked)
    assert wrong.status_code == 403, "somebody else's key proves nothing about this person"
    got = send(first, "/en/step-up", code=code_for(app, town.office, "board"), to=asked)
    assert got.status_code == 303 and got.headers["location"] == asked
    assert first.get(asked).status_code == 404, "there is no such item, and it may now be asked for"
    assert second.get(asked).status_code == 403, "the other session proved nothing"
    town.clock.days(6 / 1440)
    assert first.get(asked).status_code == 403


def test_every_address_is_open_or_a_room_and_no_room_opens_to_a_stranger(town: Desk, app: Any) -> None:
    known = {route.path: route.methods for route in app.routes if hasattr(route, "methods")}
    assert set(known) <= OPEN | set(ROOMS), "an address nobody thought of"
    stranger = at_pages(app)
    named = {"language": "en", "case": "c-1", "kind": "csv", "number": "1"}
    for path in sorted(set(known) & set(ROOMS)):
        address = re.sub(r"\{(\w+)\}", lambda part: named.get(part[1], "x"), path)
        for method in known[path] - {"HEAD"}:
            got = stranger.request(method, address)
            assert got.status_code == 401 and "no-store" in got.headers["cache-control"], path
            assert (
                got.headers["x-frame-options"] == "DENY"
                and "frame-ancestors 'none'" in got.headers["content-security-policy"]
            )


@pytest.mark.parametrize("case", ["..%2f..%2fkeys", "%2e%2e", "c-1%00", "c-1'", "<script>", "c" * 5000])
def test_a_case_that_is_none_is_no_page_and_nothing_is_repeated(town: Desk, app: Any, case: str) -> None:
    client = logged_on(app, town.office, "board")
    form = form_of(client)
    for got in (
        client.get(f"/en/cases/{case}"),
        client.post(f"/en/cases/{case}/decide", data={"form": form}),
        client.get(f"/data/cases/{case}/wells.csv"),
        client.get(f"/en/items/{case}"),
    ):
        assert got.status_code in (404, 405) and "<script>" not in got.text
