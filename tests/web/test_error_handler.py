"""Errors as pages: the tree's statuses, the policy's reasons with remedies, nothing of an unforeseen error."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.testclient import TestClient

from peelian.errors import (
    DiskError,
    DiskFull,
    DiskReadOnly,
    InputError,
    IntegrityError,
    Objection,
    OfficeShut,
    OutOfOrder,
    PeelianError,
    Reason,
    Refused,
    Withheld,
)
from peelian.pictures.words import english
from peelian.web.app import make_app
from peelian.web.frame.error_handler import SAYS, TITLES, fault, status_of

REASON = Reason(rule="the_authorizations_are_in_order", says="there is no warrant", remedy="obtain one")


def shown(error: Exception, path: str = "/en/") -> tuple[int, Any]:
    seen: dict[str, Any] = {}

    def show(request: Request, template: str, *, status: int, **values: Any) -> HTMLResponse:
        seen.update(values)
        return HTMLResponse("", status_code=status)

    request = Request(
        {"type": "http", "path": path, "headers": [], "query_string": b"", "server": ("h", 80), "app": Starlette()}
    )
    answer = fault(request, error, english, show)
    return answer.status_code, seen or answer.body.decode()


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Refused([REASON]), 403),
        (Withheld([REASON]), 422),
        (OutOfOrder("x"), 409),
        (InputError("x"), 400),
        (IntegrityError("x"), 503),
        (PeelianError("x"), 500),
        (KeyError("x"), 500),
        (HTTPException(404), 404),
        (HTTPException(405), 405),
        (RequestValidationError([]), 400),
    ],
)
def test_every_error_has_its_status_title_and_meaning(error: Exception, status: int) -> None:
    assert status_of(error) == status
    assert status in TITLES and status in SAYS
    assert shown(error)[0] == status


@pytest.mark.parametrize(
    ("error", "title", "says"),
    [
        (DiskFull("the log has stopped"), "Disk full", "Free some space"),
        (DiskReadOnly("the log has stopped"), "Disk read-only", "Make it writable"),
        (DiskError("the log has stopped"), "Disk failure", "Check the disk"),
        (Objection("the log was rolled back"), "Log witness objects", "rolled back"),
        (IntegrityError("a signature is wrong"), "Damaged record", "Everything else goes on"),
        (OfficeShut("the head is wrong", of="head"), "Service stopped", "until that is restored"),
    ],
)
def test_what_stopped_the_service_is_told_apart(error: Exception, title: str, says: str) -> None:
    """A full disk is no damage: each cause is named, with what to do."""
    status, values = shown(error)
    assert (status, values["title"]) == (503, title) and says in values["message"]
    assert ("damage" in values["message"]) is (type(error) is OfficeShut or "Nothing is lost" in values["message"])


def test_a_refusal_shows_every_reason_with_its_remedy() -> None:
    _, values = shown(Refused([REASON, REASON]))
    assert values["reasons"][0] == {
        "rule": "Required authorization missing or not valid",
        "says": "there is no warrant",
        "remedy": "obtain one",
    }
    assert len(values["reasons"]) == 2 and values["detail"] == ""
    _, none = shown(Refused([replace(REASON, rule="the_data_may_be_used", says="No dataset chosen for incidents")]))
    assert none["reasons"][0]["rule"] == "Dataset missing or not usable here", "true also where none was chosen"


def test_our_own_message_is_shown_and_a_strangers_is_not() -> None:
    assert shown(OutOfOrder("permit expired"))[1]["detail"] == "Permit expired"
    assert "Jane" not in str(shown(ValueError("Jane Doe")))


def test_data_is_answered_with_data() -> None:
    status, body = shown(Refused([REASON]), "/data/register.csv")
    assert status == 403 and '"rule":"the_authorizations_are_in_order"' in body


def test_a_form_that_selected_nothing_gets_a_page_in_its_language_and_a_program_gets_data(town: Any) -> None:
    public = TestClient(make_app(town.desk.office, public=True), base_url="http://127.0.0.1")
    from_page = {"accept": "text/html,*/*;q=0.8", "referer": "http://127.0.0.1/fr/register?q=x"}
    answer = public.get("/data/register.csv?only=", headers=from_page)
    assert answer.status_code == 400 and 'lang="fr"' in answer.text
    assert "Rien n’est sélectionné" in answer.text and 'href="/fr/register"' in answer.text
    told = public.get("/data/register.csv?only=").json()
    assert told["detail"] == "nothing selected. Expected: at least one line"


@pytest.mark.parametrize("referer", ["http://[/fr/", "fr", "http://127.0.0.1/de/", "https://elsewhere/\xff"])
def test_a_strange_referer_changes_nothing(town: Any, referer: str) -> None:
    public = TestClient(make_app(town.desk.office, public=True), base_url="http://127.0.0.1")
    asked = {"accept": "text/html", "referer": referer.encode("latin-1")}
    assert public.get("/data/register.csv?only=", headers=asked).status_code == 400


def test_a_method_that_is_not_taken_is_answered_with_those_that_are(town: Any) -> None:
    public = TestClient(make_app(town.desk.office, public=True), base_url="http://127.0.0.1")
    answer = public.post("/data/register.csv")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")
