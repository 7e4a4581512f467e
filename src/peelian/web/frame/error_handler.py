"""Errors as pages (and as JSON where data was asked for): what went wrong, and what would put it right."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from peelian.errors import (
    DiskError,
    DiskFull,
    DiskReadOnly,
    InputError,
    IntegrityError,
    KeyLocked,
    Objection,
    OfficeShut,
    PeelianError,
    Unreachable,
    Unsure,
)
from peelian.pictures.panels import Say
from peelian.web.pages import capital
from peelian.wording.errors import as_sentence, error_said, reasons_of, shown_reasons, translated

STEP_UP = "the_step_up_is_fresh"
TITLES: Mapping[int, str] = {
    400: "Request not understood",
    401: "Log-on required",
    403: "Refused",
    404: "Page not found",
    405: "Not allowed here",
    409: "Not possible now",
    413: "Too large",
    422: "Withheld",
    500: "Unexpected error",
    503: "Service stopped",
}

SAYS: Mapping[int, str] = {
    400: "The address or the form contains something this page cannot use.",
    401: "Staff only. Log on to continue.",
    403: "Refused. Reasons and remedies are listed below.",
    404: "The address is wrong, or the page is not public.",
    405: "This page cannot do that.",
    409: "A document is expired, already used or altered, or a previous step is missing.",
    413: "The request is larger than this address takes.",
    422: "The run finished, but its results cannot be released.",
    500: "Nothing was released. Details are hidden because they may contain data.",
    503: "This cannot be answered now.",
}


STOPPED: Mapping[type[Exception], tuple[str, str]] = {
    Unsure: ("Unclear whether it was recorded", "Do not do it again before you looked."),
    Unreachable: ("Registrar or database does not answer", "Nothing was recorded."),
    DiskFull: (
        "Disk full",
        "The disk is full, so nothing more can be recorded. Nothing is lost or damaged. Free some space, then restart.",
    ),
    DiskReadOnly: (
        "Disk read-only",
        "The disk cannot be written, so nothing more can be recorded. Nothing is lost or damaged. Make it writable, "
        "then restart.",
    ),
    DiskError: (
        "Disk failure",
        "The disk is failing, so nothing more can be recorded. What was recorded before is kept. Check the disk, then "
        "restart.",
    ),
    IntegrityError: (
        "Damaged record",
        "What you asked for rests on a record that failed its check. It is shut until that record is restored. "
        "Everything else goes on.",
    ),
    OfficeShut: (
        "Service stopped",
        "The head of the log, the keys or the schema of the database is damaged. Nothing can be relied on until that "
        "is restored.",
    ),
    Objection: (
        "Log witness objects",
        "The log witness found that the log was rewritten or rolled back. The service is stopped until this is "
        "investigated.",
    ),
}
"""Errors that stop the service or a part of it, each with its title and what to do."""


def fault(request: Request, error: Exception, say: Say, show: Callable[..., HTMLResponse]) -> Response:
    """The answer to an error: its status, a title, what it means, and the reasons where the policy gave some.

    Data are answered as data, but to a browser that was sent there by a form or a link as a page.
    """
    status, path = status_of(error), request.url.path
    headers = {"allow": _allowed(request)} if status == 405 else {}
    if path.startswith("/api/"):
        headers |= {"www-authenticate": "Bearer"} if status == 401 else {}
        return JSONResponse(told_in_json(error, say), status_code=status, headers=headers)
    if path.startswith("/data/") and "text/html" not in request.headers.get("accept", ""):
        no_token = {"detail": ""} if status == 401 else {}  # these addresses take none
        return JSONResponse(told_in_json(error, say) | no_token, status_code=status, headers=headers)
    answer = _page(request, error, say, show)
    answer.headers.update(headers)
    return answer


def _page(request: Request, error: Exception, say: Say, show: Callable[..., HTMLResponse]) -> HTMLResponse:
    title, says = map(say, headed(error))
    reasons = reasons_of(error)
    plain = str(error) if isinstance(error, PeelianError) and not reasons else ""
    detail = error_said(error, say) if plain else ""
    to = request.url.path if any(r.rule == STEP_UP for r in reasons) else ""  # a form's address shows its page, too
    more = {
        "title": title,
        "message": says,
        "detail": detail if getattr(error, "file", "") else capital(detail),  # a file keeps its name
        "in_english": detail == plain,
        "reasons": shown_reasons(reasons, say),
        "to": to,
        "away": isinstance(error, Unreachable),
        "unsure": isinstance(error, Unsure),
    }
    return show(request, "error.html", status=status_of(error), **more)


def _allowed(request: Request) -> str:
    """The methods that an address takes (RFC 9110, section 10.2.1). O(routes)."""
    routes = [route for route in request.app.routes if isinstance(route, Route)]
    found = {method for route in routes if route.path_regex.match(request.url.path) for method in route.methods or ()}
    return ", ".join(sorted(found | ({"HEAD"} if "GET" in found else set())))


def told_in_json(error: Exception, say: Say) -> dict[str, Any]:
    """An error for a program: what went wrong, and what would put it right."""
    status, (title, says) = status_of(error), map(say, headed(error))
    reasons = [
        {"rule": r.rule, "says": translated(r.says, say), "remedy": translated(r.remedy, say)}
        for r in reasons_of(error)
    ]
    detail = error_said(error, say) if isinstance(error, PeelianError) and not reasons else ""
    if isinstance(error, KeyLocked):
        detail = say("Your signing key has a passphrase. A token cannot unlock it: do this at the pages.")
    elif isinstance(error, RequestValidationError):
        detail = ", ".join(sorted({".".join(map(str, one["loc"]))[:100] for one in error.errors()}))
    elif status == 401:
        detail = say("Send an access token that has not ended: Authorization: Bearer …")
    return {"status": status, "title": title, "says": says, "detail": detail, "reasons": reasons}


def headed(error: Exception) -> tuple[str, str]:
    """The title of an error's page, and what it means; a full disk is not called damage.

    >>> headed(DiskFull("the log has stopped"))[0]
    'Disk full'
    """
    for kind in type(error).__mro__:
        if kind in STOPPED:
            return STOPPED[kind]
    status = status_of(error)
    return TITLES.get(status, TITLES[500]), SAYS.get(status, SAYS[500])


def told_of(error: Exception, say: Say) -> list[str]:
    """An error in a few lines for the page it happened on."""
    reasons = reasons_of(error)
    lines = [f"{as_sentence(translated(r.says, say))} {as_sentence(translated(r.remedy, say))}" for r in reasons]
    if lines or not isinstance(error, PeelianError):
        return lines or [say(TITLES[500])]
    text = as_sentence(told := error_said(error, say))
    return [told[:1] + text[1:] if isinstance(error, InputError) and error.file else text]  # a file keeps its name


def status_of(error: Exception) -> int:
    """The HTTP status of an error; 500 for one nobody foresaw."""
    if isinstance(error, HTTPException):
        return error.status_code
    if isinstance(error, RequestValidationError):
        return 400
    return error.http_status if isinstance(error, PeelianError) else 500
