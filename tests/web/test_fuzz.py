"""Whatever is sent to any address of the pages or the data, in a session or in none, it is no error of ours."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote, quote_from_bytes, urlencode

import pytest
from authentication import at_pages, form_of, seated
from fastapi.routing import APIRoute
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from peelian.web.app import make_app

NAMES = [
    "form", "choice", "reasons", "other_evidence", "statement", "purpose", "data.wells", "act", "session", "credential",
    "challenge", "answer", "label", "code", "to", "at", "typed", "projectDetailsPhase", "q", "before", "page", "phase",
    "state", "sort", "since", "year", "town", "week",
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
LENIENT = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


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


def visitor(app: Any, town: Any, who: str) -> TestClient:
    """Somebody who is not logged on, or a new session of a person."""
    client = at_pages(app)
    client.headers["origin"] = "http://127.0.0.1"
    if who:
        (cookie,) = seated(app, town.desk.office, who)["storage_state"]["cookies"]
        client.cookies.set("peelian", cookie["value"])
    return client


@LENIENT
@given(data=st.data())
@pytest.mark.parametrize("who", ["", "board", "analyst"])
def test_no_address_and_no_query_is_an_error_of_ours(
    app: Any, town: Any, known: list[str], who: str, data: Any
) -> None:
    route = data.draw(st.sampled_from([r for r in app.router.routes if isinstance(r, APIRoute) and "GET" in r.methods]))
    got = visitor(app, town, who).get(address(data, route, known))
    assert got.status_code < 500, route.path
    if route.path.startswith("/data/") and got.status_code >= 400:
        assert got.json()["status"] == got.status_code, "data answers in JSON, errors too"


@LENIENT
@given(data=st.data())
@pytest.mark.parametrize("who", ["", "board", "analyst"])
def test_no_form_is_an_error_of_ours(app: Any, town: Any, known: list[str], who: str, data: Any) -> None:
    route = data.draw(
        st.sampled_from([r for r in app.router.routes if isinstance(r, APIRoute) and "POST" in r.methods])
    )
    client, body = visitor(app, town, who), data.draw(BODIES)
    if who and data.draw(st.booleans()):
        body += f"&form={quote(form_of(client))}".encode()
    kind = data.draw(KINDS).encode()
    got = client.post(address(data, route, known), content=body, headers={"content-type": kind})
    assert got.status_code < 500, (route.path, quote_from_bytes(body[:300]))
