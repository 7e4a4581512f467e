"""Who may come in where: every address is either open to all or a room that the policy lets a person enter.

An address that is named in neither list does not exist. What somebody sends must come from a page of ours, and carry
what the forms of their session carry.
"""

from __future__ import annotations

import hmac
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from peelian.acts import registry
from peelian.errors import InputError, Reason, Refused, sentence
from peelian.kernel.access.staff_reads import READS, read_by
from peelian.kernel.identity.access_tokens import LENT
from peelian.kernel.identity.sessions import Seat, Sessions, person_at, why_not_here
from peelian.kernel.model.people import Operator, Person
from peelian.kernel.policy.authorize import refusal
from peelian.operations.office import Office
from peelian.web.addresses import DOORS, KEYED, OPEN, ROOMS

API = "/api/"
"""Addresses for programs: an access token is asked for there, and no cookie counts."""

TYPED_IN = frozenset({"alarms", "ask", "authorizations", "cases", "data", "tasks"})
"""Rooms in whose forms people write: their text outlives their session, and the question for a passphrase."""

UNKEPT = frozenset({"form", "identifier", "people_list"})
"""Fields that are never kept: a session's token, and who a person is that asks about themselves."""

MOST_BYTES, MOST_FIELDS = 256 * 1024, 4_000
"""Of a form: the largest has three fields for each of a thousand selected cells."""

SAFE = frozenset({"GET", "HEAD"})

_SHOWN, _SHOWN_AGAIN = frozenset({200, 206}), frozenset({400, 403, 409, 422})
_NUMBERS = ("case", "dataset", "digest", "id", "week")
READS_AT = {door.name: door.reads for door in DOORS if door.reads}
TASK_READS = {door.name: door.reads for door in registry.doors() if door.reads}


class AuthMiddleware:
    """Finds whose session a request belongs to, and lets it in where the policy does."""

    def __init__(self, app: ASGIApp, *, office: Office, sessions: Sessions, routes: Sequence[BaseRoute]) -> None:
        self.app, self.office, self.sessions, self.routes = app, office, sessions, routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            request = Request(scope)
            template = template_of(self.routes, scope)
            if (api := request.url.path.startswith(API)) and not (template or API).startswith(API):
                raise HTTPException(404)
            if api and request.method != "PUT":  # the pieces of a file are counted where they are taken
                receive = _at_most(receive, MOST_BYTES)
            elif not api and request.method not in SAFE:
                must_come_from_our_pages(request, keyed=bool(template and template.startswith(KEYED)))
            scope.setdefault("state", {}).update(seat=None, room=ROOMS.get(template or ""))
            try:
                secret = _bearer(request) if api else request.cookies.get(cookie_name(request), "")
                seat, reasons = await run_in_threadpool(self._found, scope, secret) if secret else (None, ())
            finally:
                if (
                    not api
                    and seat_of(request) is None
                    and request.method == "POST"
                    and scope["state"]["room"] in TYPED_IN
                ):
                    with suppress(InputError):  # no session, or nobody can say: what they typed is shown again
                        keep_typed(request, await _sent(Request(scope, receive), MOST_BYTES))
            if not (template is None or template in OPEN or template.startswith(KEYED)):
                _let_in(template, seat, reasons)
            if template and (seat := seat_of(request)):
                send = self._noting(scope, template, seat, send)
        await self.app(scope, receive, send)

    def _noting(self, scope: Scope, template: str, seat: Seat, send: Send) -> Send:
        """The same way out, by which what the staff read leaves once its entry is in the log."""

        async def noted(message: Message) -> None:
            if message["type"] == "http.response.start":
                read = read_at(scope["method"], template, scope.get("path_params", {}), message["status"])
                if read is not None:
                    await run_in_threadpool(self._note, seat, template, *read)
            await send(message)

        return noted

    def _note(self, seat: Seat, template: str, read: str, of: str) -> None:
        kernel = self.office.kernel
        if template in OPEN and why_not_here(kernel, seat, READS[read].room):
            return  # what everybody sees
        read_by(kernel, self.office.keys.at_session(seat.person, seat.session), read, of=of)

    def _found(self, scope: Scope, secret: str) -> tuple[Seat | None, tuple[Reason, ...]]:
        """Whose session it is, and why its person may not enter the room that is asked for, where it is one."""
        state, kernel = scope["state"], self.office.kernel
        with kernel.stores.log.looking():
            seat = self.sessions.seat(secret)
            state["seat"] = seat = seat if seat and (seat.how == LENT) is scope["path"].startswith(API) else None
            reasons = why_not_here(kernel, seat, state["room"]) if seat and state["room"] else ()
            state["judged"] = {} if reasons else {state["room"]: True}
            return seat, reasons


def _let_in(template: str, seat: Seat | None, reasons: tuple[Reason, ...]) -> None:
    if template not in ROOMS:
        raise HTTPException(404)
    if seat is None:
        raise HTTPException(401)
    if reasons:
        raise Refused(reasons)


def read_at(method: str, template: str, params: Mapping[str, Any], status: int) -> tuple[str, str] | None:
    """What the staff read by an answer of this status, and the number of what it is of; None where they read nothing.

    A form that is shown again shows its page as well; what is done has an entry of its own, and a program is answered
    what came of it.

    >>> read_at("GET", "/{language}/incidents/{id}", {"language": "en", "id": "b-1"}, 200)
    ('incident', 'b-1')
    >>> read_at("GET", "/{language}/tasks/{id}", {"language": "en", "id": "people-train"}, 200)
    ('people', '')
    >>> read_at("GET", "/{language}/incidents/{id}", {"language": "en", "id": "b-1"}, 404)
    """
    if status not in (_SHOWN if method == "GET" else _SHOWN_AGAIN) or (method != "GET" and template.startswith(API)):
        return None
    if template.endswith("/tasks/{id}"):
        read, of = TASK_READS.get(str(params.get("id", "")), ""), ""
    else:
        read = READS_AT.get(f"{method} {template}", "")
        of = next((str(params[name]) for name in _NUMBERS if name in params), "")
    return (read, of) if read else None


def _bearer(request: Request) -> str:
    """The access token that a program sends; "" for none."""
    kind, _, secret = request.headers.get("authorization", "").partition(" ")
    return secret.strip()[:200] if kind.lower() == "bearer" else ""


def _at_most(receive: Receive, most: int) -> Receive:
    """The same request, until its body is larger than `most` bytes."""
    taken = 0

    async def counted() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > most:
            raise HTTPException(413)
        return message

    return counted


def template_of(routes: Sequence[BaseRoute], scope: Scope) -> str | None:
    """The address template a request meets; None where it meets none. O(routes)."""
    for route in routes:
        match, _ = route.matches(scope)
        if match is not Match.NONE:  # also where only the method is wrong: that is answered inside
            return str(getattr(route, "path", ""))
    return None


def must_come_from_our_pages(request: Request, *, keyed: bool = False) -> None:
    """Refused where what was sent comes from elsewhere, or where it is not said from where.

    `keyed`: the address itself is a secret that no other site knows; then only a wrong origin is refused.
    """
    origin = request.headers.get("origin", "")
    site = request.headers.get("sec-fetch-site", "same-origin" if origin or keyed else "")
    if site != "same-origin" or (origin and origin != origin_of(request)):
        says = "This was not submitted from a page of this office."
        raise Refused([refusal("a_form_is_sent_from_its_own_page", says, "Open the page here and submit it again.")])


def origin_of(request: Request) -> str:
    """Scheme, name and port that the pages were asked for under."""
    return f"{request.url.scheme}://{request.headers.get('host', '').lower()}"


def cookie_name(request: Request) -> str:
    """The session's cookie: over TLS one that no other host and no plain connection can set. A drill town's has another
    name, so that a browser is logged on there and in the real office at once."""
    name = "peelian-drill" if getattr(request.app.state, "drill", False) else "peelian"
    return f"__Host-{name}" if request.url.scheme == "https" else name


def set_cookie(request: Request, response: Response, secret: str) -> None:
    """Give the browser the session's secret, for as long as it stays open."""
    response.set_cookie(
        cookie_name(request),
        secret,
        path="/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )


def drop_cookie(request: Request, response: Response) -> None:
    """Take the secret away again."""
    secure = request.url.scheme == "https"
    response.delete_cookie(cookie_name(request), path="/", secure=secure, httponly=True, samesite="strict")


def seat_of(request: Request) -> Seat | None:
    """Whose session the request belongs to; None: somebody who is not logged on."""
    found: Seat | None = request.scope.get("state", {}).get("seat")
    return found


def seated(request: Request) -> Seat:
    """The same, where a room was entered."""
    seat = seat_of(request)
    if seat is None:
        raise HTTPException(401)
    return seat


def person_of(office: Office, seat: Seat) -> Person:
    """The enrolled person of a session."""
    person = person_at(office.kernel, seat)
    if person is None:
        raise HTTPException(401)
    return person


def operator_of(office: Office, request: Request) -> Operator:
    """Whoever is logged on, acting in their session."""
    seat = seated(request)
    return office.keys.at_session(seat.person, seat.session)


async def form_of(request: Request, *, many: Collection[str] = (), most: int = MOST_BYTES) -> dict[str, str]:
    """The fields of a form of ours, the last of each name; those in `many` joined by commas.

    InputError where it is too long or no form; Refused where it does not carry what this session's forms carry.
    """
    read = await _sent(request, most)
    request.scope["state"]["sent"] = read  # where its person's key is locked, they are asked and it is shown again
    fields = {name: ",".join(values) if name in many else values[-1] for name, values in read.items()}
    must_be_of_this_session(request, fields.pop("form", ""), read)
    return fields


def must_be_of_this_session(request: Request, carried: str, read: Mapping[str, Sequence[str]]) -> None:
    """Refused where a form does not carry what the forms of its session carry; what was typed is kept."""
    seat = seat_of(request)
    if seat is not None and not hmac.compare_digest(unmasked(carried), seat.form.encode()):
        keep_typed(request, read)
        says = "form not from this session"
        raise Refused([refusal("a_form_is_sent_from_its_own_page", says, "Open the page here and submit it again.")])


async def _sent(request: Request, most: int) -> dict[str, list[str]]:
    body = b""
    if request.headers.get("content-type", "").startswith("multipart/"):  # it may hold a file: nothing of it is kept
        raise InputError("not a form", accepted="the page's own form")
    async for part in request.stream():
        body += part
        if len(body) > most:
            raise InputError("form too large", accepted=sentence("at most %(n)d KiB", n=most >> 10))
    try:
        return parse_qs(body.decode("utf-8"), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
    except ValueError:
        raise InputError("not a form", accepted="the page's own form") from None


def masked(secret: str) -> str:
    """What the forms of one answer carry: the secret under a fresh pad, so that no compressed length tells it (BREACH).

    >>> unmasked(masked("secret")), masked("secret") == masked("secret"), unmasked("no token")
    (b'secret', False, b'')
    """
    pad = secrets.token_bytes(len(secret))
    return urlsafe_b64encode(pad + _xor(pad, secret.encode())).decode()


def unmasked(carried: str) -> bytes:
    """The secret under the pad; empty where it is no such thing."""
    try:
        both = urlsafe_b64decode(carried)
    except ValueError:
        return b""
    half = len(both) // 2
    return _xor(both[:half], both[half:])


def _xor(pad: bytes, text: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(pad, text, strict=False))


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """A form that was sent and not taken: its address, and its fields as JSON pairs."""

    at: str
    text: str

    @property
    def fields(self) -> list[tuple[str, str]]:
        """What was typed; nothing where the text is no such thing."""
        try:
            return [(str(name), str(value)) for name, value in json.loads(self.text)]
        except (ValueError, TypeError, RecursionError):
            return []


def keep_typed(request: Request, read: Mapping[str, Sequence[str]]) -> None:
    """Keep what was typed for the page that answers, but for `UNKEPT`."""
    pairs = [(name, value) for name, values in read.items() if name not in UNKEPT for value in values]
    if pairs and request.scope["state"]["room"] in TYPED_IN:
        request.scope["state"]["typed"] = Typed(at=_address(request), text=json.dumps(pairs))


def _address(request: Request) -> str:
    """Where a form was sent, with what was chosen before it."""
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def typed_of(request: Request) -> Typed | None:
    """What this request, or the log-on page it comes from, holds of a form that was not taken."""
    found: Typed | None = request.scope.get("state", {}).get("typed")
    return found


def local_address(text: str, language: str) -> str:
    """An address of these pages to go on to; the person's own page where it is none, so that nobody is led elsewhere.

    >>> local_address("/en/cases/c-1", "en"), local_address("//evil.example/en", "en"), local_address("", "fr")
    ('/en/cases/c-1', '/en/desk', '/fr/desk')
    """
    path, _, query = text.partition("?")
    plain = all(letter.isascii() and (letter.isalnum() or letter in "/-_.~") for letter in path)
    asked = all(letter.isascii() and (letter.isalnum() or letter in "-_.~=&") for letter in query)
    inside = path.startswith(("/en/", "/fr/")) and "//" not in path and ".." not in path
    return text if plain and asked and inside and len(text) <= 200 else f"/{language}/desk"
