"""Coming in and going out: the log-on by code, by passkey, by the city's provider; the step-up; the log-off."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from peelian.errors import InputError, KeyLocked, PeelianError, Refused, Unreachable
from peelian.integrations import webauthn
from peelian.integrations.authentication import Authentication
from peelian.integrations.login_codes import SERVING
from peelian.integrations.oidc import Pending
from peelian.kernel.identity.passkeys import Challenges, body_of, passkey, passkeys_of
from peelian.kernel.identity.session_binding import assertion_of, pass_of
from peelian.kernel.identity.sessions import Seat, Sessions, proved
from peelian.kernel.identity.step_up import pass_text
from peelian.kernel.model.people import Person, signature_holds
from peelian.kernel.model.pseudonyms import PERSON
from peelian.kernel.policy.authorize import refusal
from peelian.kernel.state.kernel import Kernel
from peelian.operations.office import Office
from peelian.pictures.panels import Say
from peelian.web.auth_middleware import (
    MOST_BYTES,
    Typed,
    drop_cookie,
    form_of,
    keep_typed,
    local_address,
    origin_of,
    seat_of,
    seated,
    set_cookie,
    typed_of,
)
from peelian.web.frame.error_handler import status_of, told_of
from peelian.web.identity.attempts import Attempts
from peelian.web.identity.unlocking import Unlocking, came_from, unlocked_by
from peelian.web.pages import LANGUAGES

Show = Callable[..., HTMLResponse]
PROVIDER_COOKIE = "peelian-provider"
PENDING, MOST_PENDING, TICKET = timedelta(minutes=5), 1_000, "provider log-on"
MOST_UNSENT, UNSENT = 100, "text before a provider log-on"


@dataclass(slots=True)
class Lobby:
    """What coming in takes: the office, its sessions and the ways in. What waits for an answer is a ticket."""

    office: Office
    sessions: Sessions
    authentication: Authentication
    challenges: Challenges
    attempts: Attempts
    unlocking: Unlocking
    closing: ExitStack = field(default_factory=ExitStack)

    @property
    def kernel(self) -> Kernel:
        return self.office.kernel

    def close(self) -> None:
        """This process serves the pages no longer; sessions go on in the others, and after a restart."""
        self.closing.close()


def lobby_of(office: Office) -> Lobby:
    """The lobby of an office whose pages begin to be served."""
    authentication, kernel, closing = office.authentication(), office.kernel, ExitStack()
    closing.enter_context(kernel.stores.lease(SERVING, True, True))
    sessions = Sessions(kernel, idle=authentication.idle, longest=authentication.longest)
    unlocking = Unlocking(office, sessions.open_seats)
    closing.callback(unlocking.close)
    return Lobby(
        office=office,
        sessions=sessions,
        unlocking=unlocking,
        authentication=authentication,
        challenges=Challenges(kernel),
        attempts=Attempts(kernel),
        closing=closing,
    )


def add_entry_pages(app: FastAPI, lobby: Lobby, show: Show) -> None:
    """The log-on, the log-off and the step-up."""
    _add_log_on(app, lobby, show)
    _add_step_up(app, lobby, show)
    if lobby.authentication.provider is not None:
        _add_provider(app, lobby, show)


def asked_instead(lobby: Lobby, request: Request, show: Show, language: str, error: Exception) -> Response | None:
    """The page that asks for what an error lacks, a session or an unlocked key; None where it lacks neither."""
    if request.url.path.startswith(("/api/", "/data/")):
        return None
    if status_of(error) == 401:
        to = request.url.path if request.method == "GET" else ""
        return log_on_page(lobby, request, show, language, to=to, status=401)
    if isinstance(error, (KeyLocked, Unreachable)):
        keep_typed(request, request.scope["state"].get("sent", {}))
    if isinstance(error, KeyLocked):
        return unlock_page(lobby, request, show, language)
    return None


def log_on_page(lobby: Lobby, request: Request, show: Show, language: str, **more: Any) -> HTMLResponse:
    """The page on which somebody logs on; `to` is where they go on to, `problem` what was wrong just now."""
    say = lobby.office.say(language)
    to = local_address(str(more.get("to", "")), language)
    values = {
        "title": say("Log on"),
        "section": "/log-on",
        "spoken": language,
        "to": to,
        "problem": more.get("problem", ""),
        "provider": lobby.authentication.provider.name if lobby.authentication.provider else "",
        "passkey": asked_to_sign(lobby, request, None),
        "passphrase": lobby.unlocking.asks_anybody(),
        "status": more.get("status", 200),
    }
    return show(request, "log_on.html", **values)


def _add_log_on(app: FastAPI, lobby: Lobby, show: Show) -> None:
    @app.get("/{language}/log-on", include_in_schema=False)
    def page(request: Request, language: str) -> Response:
        if seat_of(request) is not None:
            return RedirectResponse(f"/{_known(language)}/desk", status_code=303)
        return log_on_page(lobby, request, show, _known(language))

    @app.post("/{language}/log-on", include_in_schema=False)
    async def by_code(request: Request, language: str) -> Response:
        return await _come_in(lobby, request, show, language, person_of_code, how="key")

    @app.post("/{language}/log-on/passkey", include_in_schema=False)
    async def by_passkey(request: Request, language: str) -> Response:
        return await _come_in(lobby, request, show, language, person_of_passkey, how="passkey")

    @app.post("/{language}/log-off", include_in_schema=False)
    async def off(request: Request, language: str) -> Response:
        await form_of(request)
        if (seat := seat_of(request)) is not None:
            lobby.unlocking.lock(seat)
            await run_in_threadpool(lobby.sessions.end, seat, "off", seat.person)
        answer = RedirectResponse(f"/{_known(language)}/log-on", status_code=303)
        drop_cookie(request, answer)
        answer.headers["clear-site-data"] = '"cache"'
        return answer


Found = tuple[Person, dict[str, str | int]]


async def _come_in(
    lobby: Lobby,
    request: Request,
    show: Show,
    language: str,
    find: Callable[[Lobby, Request, dict[str, str], Seat | None], Found],
    *,
    how: str,
) -> Response:
    """Begin a session for whoever `find` finds behind the form; else the page again, saying what was wrong."""
    say = lobby.office.say(_known(language))
    if seat_of(request) is not None:
        return RedirectResponse(f"/{language}/desk", status_code=303)  # one session ends before another begins
    fields = await _form_before(request, language)
    try:
        person, more = await run_in_threadpool(find, lobby, request, fields, None)
        begun = await run_in_threadpool(lambda: lobby.sessions.begin(person, how, proof=more))
    except (Refused, InputError) as error:
        return _not_in(lobby, request, show, language, error=error, to=fields.get("to", ""))
    onward: Response = RedirectResponse(local_address(fields.get("to", ""), language), status_code=303)
    answer = _come(request, show, say, language, begun=begun, onward=onward)
    await run_in_threadpool(lobby.unlocking.unlock_by_passkey, begun[1], more, fields.get("secret", ""))
    if fields.get("passphrase") and lobby.unlocking.asks(begun[1]):
        try:
            await run_in_threadpool(unlocked_by, lobby.unlocking, lobby.attempts, request, fields, begun[1])
        except (Refused, InputError) as error:
            told = {"problem": told_of(error, say), "status": status_of(error), "to": fields.get("to", "")}
            answer = unlock_page(lobby, request, show, language, **told)
            set_cookie(request, answer, begun[0])
    return answer


async def _form_before(request: Request, language: str) -> dict[str, str]:
    """The log-on's form; what it carries of a form that was not taken is kept for the page that answers."""
    fields = await form_of(request, most=2 * MOST_BYTES)
    _take_typed(request, fields, language)
    return fields


def _not_in(lobby: Lobby, request: Request, show: Show, language: str, *, error: PeelianError, to: str) -> Response:
    """The log-on page again, saying what was wrong."""
    told = {"problem": told_of(error, lobby.office.say(language)), "status": status_of(error), "to": to}
    return log_on_page(lobby, request, show, language, **told)


def _come(
    request: Request, show: Show, say: Say, language: str, *, begun: tuple[str, Seat], onward: Response
) -> Response:
    """The answer that begins a session: what was typed before it, to be checked and sent; else `onward`."""
    secret, seat = begun
    request.scope["state"]["seat"] = seat
    answer = _unsent(request, show, say, language) or onward
    set_cookie(request, answer, secret)
    return answer


def _unsent(request: Request, show: Show, say: Say, language: str) -> Response | None:
    """The page of what somebody typed and could not send, where there is some."""
    if (unsent := typed_of(request)) and unsent.fields:
        return show(request, "unsent.html", title=say("Not sent yet"), section="/desk", spoken=language)
    return None


def _take_typed(request: Request, fields: Mapping[str, str], language: str) -> None:
    """What a form carries that was typed before somebody was asked who they are."""
    if fields.get("typed"):
        at = local_address(fields.get("at", ""), language)
        request.scope["state"]["typed"] = Typed(at=at, text=fields["typed"])


def person_of_code(lobby: Lobby, request: Request, fields: dict[str, str], seat: Seat | None) -> Found:
    """The person whose key signed the pass that a code takes; Refused in the same words whatever was wrong."""
    kernel, passes = lobby.kernel, lobby.authentication.passes
    where = request.client.host if request.client else ""
    with lobby.attempts.one(where) as wrong:
        left = passes.take(fields.get("code", "")[:40], kernel.now())
        person = kernel.state.people.get(kernel.office.token(left.short, of=PERSON)) if left else None
        if left is not None and person is not None:
            text = pass_text(kernel.office.public_key, passes.nonce, left.hashed, left.at)
            own = seat is None or seat.person == person.token
            if own and signature_holds(person.public_key, left.signature, text):
                return person, pass_of(passes.nonce, left.hashed, left.at, left.signature)
        wrong()
    says = "code wrong, already used or older than two minutes"
    raise Refused([refusal("the_code_is_fresh", says, "Get a new code at the terminal: `peelian log-on`")])


def _person_of_passphrase(lobby: Lobby, request: Request, fields: dict[str, str], seat: Seat | None) -> Found:
    """Whoever sits here, as their key proves that their passphrase unlocks."""
    if seat is None:
        raise HTTPException(401)
    opened = unlocked_by(lobby.unlocking, lobby.attempts, request, fields, seat)
    code = lobby.authentication.passes.leave(*opened)
    return person_of_code(lobby, request, {"code": code}, seat)


def person_of_passkey(lobby: Lobby, request: Request, fields: dict[str, str], seat: Seat | None) -> Found:
    """The person whose enrolled authenticator signed the challenge of this page, of this session where there is one."""
    place = lobby.authentication.place(origin_of(request))
    if place is None:
        raise HTTPException(404)
    answer, session = fields.get("answer", ""), seat.session if seat else ""
    challenge = lobby.challenges.take(fields.get("challenge", ""), session, "sign")
    known, body = passkey(lobby.kernel, webauthn.id_of(answer))
    if body["place"] != place.name or (seat is not None and seat.person != known.person):
        says = "authenticator of another person or of other pages"
        raise Refused([refusal("the_authenticator_answers", says, "Use your own, or a code from the terminal.")])
    counter = webauthn.signed(place, challenge, answer, public_key=str(body["public_key"]), counter=known.counter)
    proof = assertion_of(known.credential, counter, challenge, webauthn.parts_of(answer))
    return lobby.kernel.state.people[known.person], proof


def _add_step_up(app: FastAPI, lobby: Lobby, show: Show) -> None:
    @app.get("/{language}/step-up", include_in_schema=False)
    def page(request: Request, language: str, to: str = "") -> Response:
        return step_up_page(lobby, request, show, _known(language), to=to)

    @app.post("/{language}/step-up", include_in_schema=False)
    async def by_code(request: Request, language: str) -> Response:
        return await _prove(lobby, request, show, language, person_of_code)

    @app.post("/{language}/step-up/passkey", include_in_schema=False)
    async def by_passkey(request: Request, language: str) -> Response:
        return await _prove(lobby, request, show, language, person_of_passkey)

    @app.post("/{language}/step-up/passphrase", include_in_schema=False)
    async def by_passphrase(request: Request, language: str) -> Response:
        return await _prove(lobby, request, show, language, _person_of_passphrase)


def step_up_page(lobby: Lobby, request: Request, show: Show, language: str, **more: Any) -> HTMLResponse:
    """The page on which somebody proves, in their session, that it is they who are at the desk."""
    say, seat = lobby.office.say(language), seated(request)
    values = {
        "title": say("Confirm your identity"),
        "section": "/desk",
        "to": local_address(str(more.get("to", "")), language),
        "problem": more.get("problem", ""),
        "passkey": asked_to_sign(lobby, request, seat),
        "passphrase": lobby.unlocking.asks(seat),
        "new": lobby.unlocking.asks_new(seat),
        "status": more.get("status", 200),
    }
    return show(request, "step_up.html", **values)


def unlock_page(lobby: Lobby, request: Request, show: Show, language: str, **more: Any) -> HTMLResponse:
    """The page that asks for the passphrase of whoever is about to sign, or gave a wrong one on logging on; or for the
    passkey that unlocks their key."""
    seat = seat_of(request)
    values = {
        "title": lobby.office.say(language)("Unlock your signing key"),
        "section": "/desk",
        "spoken": language,
        "to": more.get("to") or came_from(request, language),
        "passkey": asked_to_sign(lobby, request, seat) if seat and lobby.unlocking.passkeys(seat) else None,
        "new": seat is not None and lobby.unlocking.asks_new(seat),
        "problem": more.get("problem", ""),
        "status": more.get("status", 403),
    }
    return show(request, "unlock.html", **values)


async def _prove(
    lobby: Lobby,
    request: Request,
    show: Show,
    language: str,
    find: Callable[[Lobby, Request, dict[str, str], Seat | None], Found],
) -> Response:
    seat, say = seated(request), lobby.office.say(_known(language))
    fields = await form_of(request, most=2 * MOST_BYTES)
    _take_typed(request, fields, language)
    try:
        _, more = await run_in_threadpool(find, lobby, request, fields, seat)
        await run_in_threadpool(lambda: proved(lobby.kernel, seat.person, seat.session, proof=more))
        await run_in_threadpool(lobby.unlocking.unlock_by_passkey, seat, more, fields.get("secret", ""))
    except (Refused, InputError) as error:
        told = {"problem": told_of(error, say), "status": status_of(error), "to": fields.get("to", "")}
        return step_up_page(lobby, request, show, language, **told)
    onward = RedirectResponse(local_address(fields.get("to", ""), language), status_code=303)
    return _unsent(request, show, say, language) or onward


def asked_to_sign(lobby: Lobby, request: Request, seat: Seat | None) -> dict[str, str] | None:
    """What an authenticator is asked on this page; None where passkeys cannot be used, or somebody has none here."""
    place = lobby.authentication.place(origin_of(request))
    keys = lobby.kernel.state.passkeys
    own = passkeys_of(lobby.kernel, seat.person) if seat else ()
    if place is None or not (own if seat else keys):
        return None
    challenge = lobby.challenges.new(seat.session if seat else "", "sign")
    known = [str(body_of(lobby.kernel, key)["id"]) for key in own]
    return {"challenge": challenge.hex(), "asked": webauthn.asked_to_sign(place, challenge, known=known)}


def _add_provider(app: FastAPI, lobby: Lobby, show: Show) -> None:
    @app.post("/{language}/log-on/provider", include_in_schema=False)
    async def sent(request: Request, language: str) -> Response:
        if seat_of(request) is not None:
            return RedirectResponse(f"/{_known(language)}/desk", status_code=303)
        fields = await _form_before(request, _known(language))
        return await run_in_threadpool(_sent_to_provider, lobby, request, show, language, fields.get("to", ""))

    @app.get("/log-on/callback", include_in_schema=False)
    def back(request: Request, state: str = "", code: str = "", iss: str = "") -> Response:
        return _back_from_provider(lobby, request, show, {"state": state, "code": code, "iss": iss})


def _sent_to_provider(lobby: Lobby, request: Request, show: Show, language: str, to: str) -> Response:
    """A page that goes on to the provider by itself: after a form no redirect may lead to another site (CSP).

    What was typed waits sealed under what only this browser has, so that neither an address nor the office can tell it.
    """
    provider, now, say = lobby.authentication.provider, lobby.kernel.now(), lobby.office.say(language)
    if provider is None:
        raise HTTPException(404)
    try:
        address, pending = provider.begin(_redirect(lobby, request))
    except PeelianError as error:
        return _not_in(lobby, request, show, language, error=error, to=to)
    browser, tickets = secrets.token_urlsafe(32), lobby.kernel.stores.tickets
    body = {**asdict(pending), "browser": _hashed(browser), "language": language, "to": local_address(to, language)}
    _forget(lobby)
    tickets.put(TICKET, _hashed(pending.state), json.dumps(body), now, most=MOST_PENDING)
    if unsent := typed_of(request):
        sealed = _cipher(browser).encrypt(json.dumps(asdict(unsent)).encode()).decode()
        tickets.put(UNSENT, _hashed(pending.state), sealed, now, most=MOST_UNSENT)
    title = say("Log on with %(name)s", name=provider.name)
    answer = show(request, "logged_on.html", title=title, section="/log-on", to=address, spoken=language)
    answer.set_cookie(
        PROVIDER_COOKIE,
        browser,
        max_age=int(PENDING.total_seconds()),
        path="/log-on/callback",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )
    return answer


def _back_from_provider(lobby: Lobby, request: Request, show: Show, told: dict[str, str]) -> Response:
    """Begin a session for whom the provider vouches, in the browser that set out; the page then goes on by itself."""
    provider, tickets = lobby.authentication.provider, lobby.kernel.stores.tickets
    _forget(lobby)
    waiting = tickets.take(TICKET, _hashed(told["state"]))
    if provider is None or waiting is None:
        raise _no_such_log_on()
    kept: dict[str, str] = json.loads(waiting)
    own = hmac.compare_digest(_hashed(request.cookies.get(PROVIDER_COOKIE, "")), kept.pop("browser"))
    if not own or (told["iss"] and told["iss"] != provider.issuer):
        raise _no_such_log_on()
    language, to = kept.pop("language"), kept.pop("to")
    if sealed := tickets.take(UNSENT, _hashed(told["state"])):
        with suppress(InvalidToken):  # a row that was altered is as if nothing had been typed
            unsent = json.loads(_cipher(request.cookies[PROVIDER_COOKIE]).decrypt(sealed))
            request.scope["state"]["typed"] = Typed(**unsent)
    try:
        subject = provider.finish(Pending(**kept), told["code"], _redirect(lobby, request))
        person = lobby.kernel.state.people.get(lobby.kernel.office.token(provider.short_of(subject), of=PERSON))
        if person is None:
            raise _no_such_log_on()
        begun = lobby.sessions.begin(person, "provider", proof=None)
    except PeelianError as error:
        return _not_in(lobby, request, show, language, error=error, to=to)
    say = lobby.office.say(language)
    onward = show(request, "logged_on.html", title=say("Session started"), section="/desk", to=to, spoken=language)
    answer = _come(request, show, say, language, begun=begun, onward=onward)
    answer.delete_cookie(PROVIDER_COOKIE, path="/log-on/callback")
    return answer


def _forget(lobby: Lobby) -> None:
    for kind in (TICKET, UNSENT):
        lobby.kernel.stores.tickets.forget(kind, lobby.kernel.now() - PENDING)


def _cipher(browser: str) -> Fernet:
    """Under the secret of one log-on in one browser: 32 random bytes, of which the office keeps a hash."""
    return Fernet(f"{browser}=")


def _redirect(lobby: Lobby, request: Request) -> str:
    return f"{lobby.authentication.address or origin_of(request)}/log-on/callback"


def _no_such_log_on() -> Refused:
    says = "This browser has no log-on pending with the city's identity provider."
    return Refused([refusal("the_provider_vouches", says, "Start again on the Log on page.")])


def _hashed(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _known(language: str) -> str:
    if language not in LANGUAGES:
        raise HTTPException(404)
    return language
