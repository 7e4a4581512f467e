"""Errors as pages (and as JSON where data was asked for): what went wrong, and what would put it right."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from peelian.errors import InputError, PeelianError, Reason, Refused, Sentence, Withheld
from peelian.pictures.panels import Say
from peelian.web.words import CHOICES, PURPOSES, ROLES, RULES, worded

WORDS: Mapping[str, str] = {**PURPOSES, **ROLES, **CHOICES}
STEP_UP = "the_step_up_is_fresh"
TITLES: Mapping[int, str] = {
    400: "The request cannot be read",
    401: "Log on first",
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
    401: "This is for the people of this office: log on, then come back.",
    403: "A rule did not hold. Each reason stands with what would put it right.",
    404: "The address is wrong, or what it named is not published.",
    405: "This page does not take what was sent to it.",
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
    shown = shown_reasons(reasons, say)
    plain = str(error) if isinstance(error, PeelianError) and not reasons else ""
    detail = error_said(error, say) if plain else ""
    to = request.url.path if request.scope.get("method") == "GET" and any(r.rule == STEP_UP for r in reasons) else ""
    more = {
        "title": title,
        "message": says,
        "detail": detail,
        "in_english": detail == plain,
        "reasons": shown,
        "to": to,
    }
    return show(request, "error.html", status=status, **more)


def shown_reasons(reasons: Sequence[Reason], say: Say) -> list[dict[str, str]]:
    """Reasons for a page: rule, what is wrong and what puts it right, in its language."""
    return [
        {"rule": worded(RULES, r.rule, say), "says": said(r.says, say), "remedy": said(r.remedy, say)} for r in reasons
    ]


def told_of(error: Exception, say: Say) -> list[str]:
    """An error in a few lines for the page it happened on."""
    reasons = reasons_of(error)
    lines = [f"{as_sentence(said(r.says, say))} {as_sentence(said(r.remedy, say))}" for r in reasons]
    return lines or [as_sentence(error_said(error, say)) if isinstance(error, PeelianError) else say(TITLES[500])]


def error_said(error: Exception, say: Say) -> str:
    """An error in the page's language: of bad input where it is, what is wrong, and what is accepted."""
    if not isinstance(error, InputError):
        told = error.args[0] if error.args else ""
        return said(told if isinstance(told, Sentence) else str(error), say)  # `str` would forget its values
    where = [error.file] if error.file else []
    where += [say("row %(n)d", n=error.row)] if error.row is not None else []
    where += [say("column %(name)s", name=error.column)] if error.column else []
    wrong = said(error.wrong, say)
    text = say("%(where)s: %(what)s", where=", ".join(where), what=wrong) if where else wrong
    return (
        say("%(what)s. Expected: %(accepted)s", what=text, accepted=said(error.accepted, say))
        if error.accepted
        else text
    )


def said(told: str, say: Say) -> str:
    """A sentence in the page's language, its values, too, where they are sentences themselves."""
    if not isinstance(told, Sentence):
        return say(told.replace("%", "%%")) if told else ""
    if told.parts:
        return ", ".join(worded(WORDS, part, say) if part in WORDS else say(part) for part in told.parts)
    return say(told.text, **{k: said(v, say) if isinstance(v, Sentence) else v for k, v in told.values.items()})


def as_sentence(text: str) -> str:
    """The text as a sentence of its own.

    >>> as_sentence("ask a custodian")
    'Ask a custodian.'
    """
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith(('.', '!', '?')) else '.'}"


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
