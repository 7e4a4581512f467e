"""Errors as pages (and as JSON where data was asked for): what went wrong, and what would put it right."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from peelian.errors import PeelianError, Reason, Refused, Withheld
from peelian.pictures.panels import Say
from peelian.web.words import RULES, worded

TITLES: Mapping[int, str] = {
    400: "The request cannot be read",
    403: "Refused",
    404: "There is no such page",
    405: "This cannot be done here",
    409: "Out of order",
    422: "Withheld",
    500: "Something failed",
    503: "The office is shut",
}

SAYS: Mapping[int, str] = {
    400: "The address or what was sent with it is not what this page expects.",
    403: "A rule did not hold. Each reason stands with what would put it right.",
    404: "The address is wrong, or what it named is not published.",
    405: "These pages can be read; they take no other request.",
    409: "A document is wrong, expired, used up or altered, or an act came out of its turn.",
    422: "The work was done, but its result may not leave.",
    500: "Nothing left the vault. What failed is not shown, for a message may hold data.",
    503: "The log, a signature or a key is damaged. Nothing more is answered until it has been looked into.",
}


def fault(request: Request, error: Exception, say: Say, show: Callable[..., HTMLResponse]) -> Response:
    """The answer to an error: its status, a title, what it means, and the reasons where the policy gave some."""
    status = status_of(error)
    title, says = say(TITLES.get(status, TITLES[500])), say(SAYS.get(status, SAYS[500]))
    reasons = reasons_of(error)
    if request.url.path.startswith("/data/"):
        told = [{"rule": r.rule, "says": r.says, "remedy": r.remedy} for r in reasons]
        return JSONResponse({"status": status, "title": title, "says": says, "reasons": told}, status_code=status)
    shown = [{"rule": worded(RULES, r.rule, say), "says": r.says, "remedy": r.remedy} for r in reasons]
    detail = str(error) if isinstance(error, PeelianError) and not reasons else ""
    return show(request, "error.html", status=status, title=title, message=says, detail=detail, reasons=shown)


def status_of(error: Exception) -> int:
    """The HTTP status of an error; 500 for one nobody foresaw."""
    if isinstance(error, HTTPException):
        return error.status_code
    if isinstance(error, RequestValidationError):
        return 400
    return error.http_status if isinstance(error, PeelianError) else 500


def reasons_of(error: Exception) -> tuple[Reason, ...]:
    """The policy's reasons, where there are some."""
    return error.reasons if isinstance(error, (Refused, Withheld)) else ()
