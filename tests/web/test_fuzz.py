"""Whatever is sent to any address of the pages or the data, in a session or in none, it is no error of ours."""

from __future__ import annotations

import re
from collections import Counter
from functools import partial
from typing import Any
from urllib.parse import quote, quote_from_bytes, urlencode

import pytest
from authentication import at_pages, form_of, seated
from fastapi.routing import APIRoute
from hypothesis import strategies as st
from requests_sent import fuzz
from starlette.testclient import TestClient

from peelian.web.app import make_app

NAMES = [
    "form", "choice", "reasons", "other_evidence", "statement", "purpose", "data.wells", "act", "session", "credential",
    "challenge", "answer", "label", "code", "to", "at", "typed", "projectDetailsPhase", "q", "before", "after", "page",
    "phase", "state", "sort", "since", "year", "town", "week", "role", "days", "kind", "serves", "purposes",
    "fact.deepest", "param.deepest", "name", "size", "format", "title", "retention_days", "legal_basis", "renews",
    "passphrase",
]  # fmt: skip
NASTY = [
    "", "0", "-1", "1e999", "nan", "9" * 400, "x" * 70_000, "../../keys", "<script>alert(1)</script>", "\x00", "é",
    "javascript:alert(1)", "%00", "{{7*7}}", "'--", "[[", "2026-02-30", "9999", "\u202e", "adopt",
]  # fmt: skip
VALUES = st.one_of(st.sampled_from(NASTY), st.text(max_size=30), st.integers().map(str))
FIELDS = st.lists(st.tuples(st.one_of(st.sampled_from(NAMES), st.text(max_size=8)), VALUES), max_size=8)
BODIES = st.one_of(FIELDS.map(lambda pairs: urlencode(pairs).encode()), st.binary(max_size=200))
KINDS = st.sampled_from(
    ["application/x-www-form-urlencoded", "application/json", "multipart/form-data; boundary=x", "é"]
)
STREAMS = {"/{language}/console/events"}  # it never ends: see test_console
WHO = ["", "board", "analyst", "clerk", "custodian"]


@pytest.fixture(scope="module")
def town(own_town: Any) -> Any:
    return own_town  # log-on is closed for a while after so many wrong codes


@pytest.fixture(scope="module")
def app(town: Any) -> Any:
    return make_app(town.desk.office)


@pytest.fixture(scope="module")
def known(town: Any) -> list[str]:
    """What an address may hold that there is: cases, a use, a technology, languages, kinds of files."""
    return [town.published, town.waiting, town.refused, "toy", "toy.count", "wells", "csv", "json", "2026", "1"]


def address(data: st.DataObject, route: APIRoute, known: list[str]) -> str:
    """An address of the route: mostly in a known language, with ids that there are or are not, and a query."""
    path = route.path.replace("{language}", data.draw(st.sampled_from(["en", "fr", "en", "fr", "de"])))
    for part in re.findall(r"\{\w+\}", path):
        value = data.draw(st.one_of(st.sampled_from(known), VALUES))
        path = path.replace(part, quote(value[:300].encode("utf-8", "surrogatepass"), safe="") or "-", 1)
    query = data.draw(FIELDS)
    return f"{path}?{urlencode([(n, v[:300]) for n, v in query])}" if query else path


class Visitors:
    """Browsers of people in their sessions, and of somebody who is not logged on."""

    def __init__(self, app: Any, town: Any) -> None:
        self.app, self.town, self._known = app, town, dict[str, TestClient]()

    def of(self, who: str) -> TestClient:
        """The browser of a person ("": of nobody); one whose session ended meanwhile begins another."""
        client = self._known.get(who)
        if client is None or (who and not self.app.state.lobby.sessions.seat(client.cookies.get("peelian", ""))):
            client = self._known[who] = at_pages(self.app)
            if who:
                (cookie,) = seated(self.app, self.town.desk.office, who)["storage_state"]["cookies"]
                client.cookies.set("peelian", cookie["value"])
        return client


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_no_address_no_query_and_no_form_is_an_error_of_ours(
    app: Any, town: Any, known: list[str], method: str
) -> None:
    routes = [r for r in app.router.routes if isinstance(r, APIRoute) and method in r.methods]
    routes = [r for r in routes if not r.path.startswith("/api/") and r.path not in STREAMS]  # see test_api_fuzz
    visitors, answered = Visitors(app, town), Counter[int]()

    def sent(route: APIRoute, data: st.DataObject) -> None:
        who = data.draw(st.sampled_from(WHO))
        client, where = visitors.of(who), address(data, route, known)
        more: dict[str, Any] = {}
        if method == "POST":
            more = {"content": data.draw(BODIES), "headers": {"content-type": data.draw(KINDS).encode()}}
            if who and data.draw(st.booleans()):
                more["content"] += f"&form={quote(form_of(client))}".encode()
        got = client.request(method, where, **more)
        answered[got.status_code] += 1
        assert got.status_code < 500, (route.path, quote_from_bytes(more.get("content", b"")[:300]))
        if route.path.startswith("/data/") and got.status_code >= 400:
            assert got.json()["status"] == got.status_code, "data answers in JSON, errors too"

    for route in routes:
        fuzz(2 * len(routes), partial(sent, route))
    print(f"{method}: {answered.total():,} requests, answered {dict(sorted(answered.items()))}")  # noqa: T201
    assert len(routes) > 20 and ({200, 401, 404} if method == "GET" else {400, 403, 404}) <= set(answered)
