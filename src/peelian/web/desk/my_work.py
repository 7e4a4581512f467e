"""Everybody's own page: what waits for them by their roles, and their passkeys; and the list of open sessions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Set
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from peelian.errors import InputError, OutOfOrder, Refused
from peelian.integrations import webauthn
from peelian.kernel.identity.enrolment import ENROLLERS
from peelian.kernel.identity.passkeys import body_of, end_passkey, enrol_passkey, passkeys_of
from peelian.kernel.identity.revocation import end_session
from peelian.kernel.identity.sessions import Seat, proved
from peelian.kernel.model.case_search import CaseSearch
from peelian.kernel.model.people import Person
from peelian.kernel.retention.expiry_job import has_jumped
from peelian.kernel.state.founding_state import OVERSIGHT
from peelian.kernel.state.kernel import CaseHistory
from peelian.operations.office import Office
from peelian.operations.runs import ended_unseen, seen
from peelian.oversight.transparency.entrusted import holders_ending
from peelian.oversight.transparency.register import CaseSummary, case_summary, page
from peelian.pictures.moments import moment
from peelian.pictures.panels import Say
from peelian.web.auth_middleware import form_of, operator_of, origin_of, person_of, seated
from peelian.web.cases.pages import ACTED_ON, next_of
from peelian.web.desk.duties import duties
from peelian.web.desk.saved_searches import delete, save, saved_searches_of
from peelian.web.frame.error_handler import status_of, told_of
from peelian.web.frame.lists import case_line
from peelian.web.frame.rooms import may
from peelian.web.identity.log_on import Lobby, asked_to_sign, person_of_passkey
from peelian.web.identity.unlocking import unlocked_by
from peelian.web.pages import LANGUAGES
from peelian.wording.errors import with_days
from peelian.wording.labels import ROLES, worded

Show = Callable[..., HTMLResponse]
HOW = {"key": "code from the terminal", "passkey": "passkey", "provider": "city account", "token": "access token"}
TOLD = ENROLLERS | OVERSIGHT  # of whose training ends, and who can do something about it
MOST = 30  # cases in one list of what waits
LOOKED_AT = 100  # of each state, the newest
SECRET_BYTES = 32  # of a passkey that can unlock a key


def add_desk_pages(app: FastAPI, lobby: Lobby, show: Show) -> None:
    """The person's own page with their passkeys, and, for those who may end them, the sessions that are open."""

    @app.get("/{language}/desk", include_in_schema=False)
    def desk(request: Request, language: str) -> Response:
        return _shown(lobby, request, show, _known(language))

    @app.post("/{language}/desk/passkeys", include_in_schema=False)
    async def enrolled(request: Request, language: str) -> Response:
        fields = await form_of(request)
        return await _done(lobby, request, show, _known(language), lambda: _enrol(lobby, request, fields))

    @app.post("/{language}/desk/passkeys/end", include_in_schema=False)
    async def ended(request: Request, language: str) -> Response:
        fields = await form_of(request)
        return await _done(lobby, request, show, _known(language), lambda: _end(lobby, request, fields))

    @app.post("/{language}/desk/passkeys/unlock", include_in_schema=False)
    async def unlocks(request: Request, language: str) -> Response:
        fields = await form_of(request)
        return await _done(lobby, request, show, _known(language), lambda: _let_unlock(lobby, request, fields))

    @app.post("/{language}/desk/passphrase", include_in_schema=False)
    async def rephrased(request: Request, language: str) -> Response:
        fields = await form_of(request)
        return await _done(lobby, request, show, _known(language), lambda: _rephrase(lobby, request, fields))

    _add_own_lists(app, lobby, show)
    _add_sessions(app, lobby, show)


def _add_own_lists(app: FastAPI, lobby: Lobby, show: Show) -> None:
    """Saved searches and runs that ended: many equal small things, so that several are done at once."""
    office = lobby.office

    @app.post("/{language}/desk/searches", include_in_schema=False)
    async def saved(request: Request, language: str) -> Response:
        told = await form_of(request)
        return await _done(lobby, request, show, _known(language), lambda: save(office, request, language, told))

    @app.post("/{language}/desk/searches/end", include_in_schema=False)
    async def deleted(request: Request, language: str) -> Response:
        ids = (await form_of(request, many={"id"})).get("id", "").split(",")
        return await _done(lobby, request, show, _known(language), lambda: delete(office, request, ids))

    @app.post("/{language}/desk/ended", include_in_schema=False)
    async def read(request: Request, language: str) -> Response:
        told = await form_of(request, many={"case"})
        return await _done(lobby, request, show, _known(language), lambda: read_runs(office, request, told))


def read_runs(office: Office, request: Request, told: Mapping[str, str]) -> None:
    """Take ended runs off one's own page: the cases that are named, or `all`. InputError where none is."""
    person = seated(request).person
    cases = (
        ended_unseen(office.kernel, person) if told.get("all") else [c for c in told.get("case", "").split(",") if c]
    )
    if not cases and not told.get("all"):
        raise InputError("nothing selected", accepted="at least one line")
    for case in cases:
        seen(office.kernel, person, case)


def _add_sessions(app: FastAPI, lobby: Lobby, show: Show) -> None:
    @app.get("/{language}/sessions", include_in_schema=False)
    def sessions(request: Request, language: str) -> Response:
        say, own = lobby.office.say(_known(language)), seated(request).session
        rows = [
            {
                "session": seat.session,
                "name": person.name,
                "unit": person.unit,
                "how": say(HOW[seat.how]),
                "began": moment(seat.began.isoformat(), language),
                "seen": moment(seat.seen.isoformat(), language),
                "own": seat.session == own,
            }
            for seat in lobby.sessions.open_seats()
            if (person := lobby.kernel.state.people.get(seat.person)) is not None
        ]
        return show(request, "sessions.html", title=say("Sessions"), rows=rows)

    @app.post("/{language}/sessions/end", include_in_schema=False)
    async def ended(request: Request, language: str) -> Response:
        fields, by = await form_of(request), operator_of(lobby.office, request)
        session = fields.get("session", "")
        if session not in lobby.kernel.state.seated:
            raise OutOfOrder("unknown session")
        await run_in_threadpool(end_session, lobby.kernel, by, session)
        return RedirectResponse(f"/{_known(language)}/sessions", status_code=303)


async def _done(lobby: Lobby, request: Request, show: Show, language: str, act: Callable[[], object]) -> Response:
    """Do something on the person's page, then show it again, where its form was; with what was wrong, where it was
    refused."""
    try:
        await run_in_threadpool(act)
    except (Refused, InputError, OutOfOrder) as error:
        told = {"problem": told_of(error, lobby.office.say(language)), "status": status_of(error)}
        return await run_in_threadpool(lambda: _shown(lobby, request, show, language, **told))
    at = "#searches" if "/desk/searches" in request.url.path else ""
    return RedirectResponse(f"/{language}/desk{at}", status_code=303)


def _enrol(lobby: Lobby, request: Request, fields: dict[str, str]) -> None:
    place, seat = lobby.authentication.place(origin_of(request)), seated(request)
    if place is None:
        raise InputError("passkeys not available at this address", accepted="the pages' own name, or localhost")
    challenge = lobby.challenges.take(fields.get("challenge", ""), seat.session, "make")
    made = webauthn.made(place, challenge, fields.get("answer", ""))
    by = operator_of(lobby.office, request)
    enrol_passkey(lobby.kernel, by, made, place=place.name, label=fields.get("label", ""))


def _end(lobby: Lobby, request: Request, fields: dict[str, str]) -> None:
    credential = fields.get("credential", "")
    known = lobby.kernel.state.passkeys.get(credential)
    end_passkey(lobby.kernel, operator_of(lobby.office, request), credential)
    if known is not None and lobby.unlocking.keys is not None:
        lobby.unlocking.keys.drop_passkey(known.person, credential)


def _rephrase(lobby: Lobby, request: Request, fields: dict[str, str]) -> None:
    """Put their key under a new passphrase."""
    if not fields.get("new"):
        raise InputError("no new passphrase", accepted="a new passphrase that only you know")
    unlocked_by(lobby.unlocking, lobby.attempts, request, fields, seated(request))


def _let_unlock(lobby: Lobby, request: Request, fields: dict[str, str]) -> None:
    """Have the passkey that answers unlock its person's key from now on."""
    seat, keys = seated(request), lobby.unlocking.keys
    if keys is None:
        raise HTTPException(404)
    keys.must_be_unlocked(seat.person, seat.session)
    _, proof = person_of_passkey(lobby, request, fields, seat)
    proved(lobby.kernel, seat.person, seat.session, proof=proof)
    secret = webauthn.secret_of(fields.get("secret", ""))
    if len(secret) != SECRET_BYTES:
        raise InputError("this passkey cannot unlock a key", accepted="another passkey, or your passphrase")
    keys.let_passkey_unlock(seat.person, seat.session, str(proof["passkey"]), secret)


def _shown(lobby: Lobby, request: Request, show: Show, language: str, **more: Any) -> HTMLResponse:
    office, seat = lobby.office, seated(request)
    person, say = person_of(office, seat), office.say(language)
    waiting, unlocking = _waiting(lobby, person, say, language), lobby.unlocking.passkeys(seat)
    values = {
        "title": say("My work"),
        "unit": person.unit,
        "roles": ", ".join(worded(ROLES, role, say) for role in sorted(person.roles)),
        "trained_until": moment(person.trained_until[:10], language),
        "how": say(HOW[seat.how]),
        "until": moment((seat.began + lobby.sessions.longest).isoformat(), language),
        "idle": int(lobby.sessions.idle.total_seconds() // 60),
        "waiting": [group for group in waiting if group["cases"]],
        "stopped": str(office.maintenance.alarm) if office.maintenance and office.maintenance.alarm else "",
        "doubted": f"{with_days(doubt.says, say)} {with_days(doubt.remedy, say)}"
        if (doubt := lobby.kernel.doubt())
        else "",
        "jumped": has_jumped(lobby.kernel),
        "hurries": office.maintenance.clock_runs_fast() if office.maintenance else False,
        "holders": [with_days(says, say) for _, says in holders_ending(lobby.kernel)] if person.roles & TOLD else [],
        "duties": duties(office, request, person, say),
        "ended": [
            case_line(office, case_summary(office.kernel, case), language, public=False)
            for case in ended_unseen(office.kernel, person.token)[:MOST]
        ],
        "newest": [case_line(lobby.office, one, language, public=False) for one in _newest(lobby)]
        if may(office, request, "cases")
        else [],
        "asks": may(office, request, "ask"),
        "searches": saved_searches_of(office, request, say, language),
        "passkeys": [_passkey(lobby, key.credential, unlocking) for key in passkeys_of(lobby.kernel, person.token)],
        "protected": (protected := lobby.unlocking.asks(seat)),
        "unlock": asked_to_sign(lobby, request, seat) if protected else None,
        "make": _asked_to_make(lobby, request, seat, person),
        "can_make": lobby.authentication.place(origin_of(request)) is not None,
        "to": f"/{language}/desk",
        "problem": more.get("problem", ""),
        "status": more.get("status", 200),
    }
    return show(request, "desk.html", **values)


def _newest(lobby: Lobby) -> tuple[CaseSummary, ...]:
    """The newest cases that were decided or published: what counts this week. O(4), and what the search costs."""
    decided = ("DECIDED", "ISSUED", "PUBLISHED")
    return page(lobby.kernel, most=4, search=CaseSearch(states=decided)).cases


def _waiting(lobby: Lobby, person: Person, say: Say, language: str) -> list[dict[str, Any]]:
    """The cases that wait for a person, by what they may do with them. O(cases)."""
    groups: dict[str, list[dict[str, Any]]] = {"decide": [], "run": [], "publish": []}
    for history, act in _next(lobby, person):
        if len(groups[act]) < MOST:
            summary = case_summary(lobby.kernel, history.case)
            groups[act].append(case_line(lobby.office, summary, language, public=False))
    titles = {
        "decide": say("Awaiting your decision"),
        "run": say("Permitted, ready to run"),
        "publish": say("Decided, not yet published"),
    }
    return [{"act": act, "title": titles[act], "cases": cases} for act, cases in groups.items()]


def _next(lobby: Lobby, person: Person) -> Iterator[tuple[CaseHistory, str]]:
    known = {c.id: c for technology in lobby.kernel.technologies for c in technology.capabilities}
    histories = lobby.kernel.state.histories
    newest = [one for state in ACTED_ON for one in histories.newest(LOOKED_AT, state=state)]
    for _, history in sorted(newest, key=lambda one: one[0], reverse=True):
        if history.capability in known:  # a standing watch is no case of a question
            declared = known[history.capability]
            yield from ((history, act) for act in next_of(history, declared, person))


def _passkey(lobby: Lobby, credential: str, unlocking: Set[str]) -> dict[str, str | bool]:
    body = body_of(lobby.kernel, lobby.kernel.state.passkeys[credential])
    told = {"credential": credential, "label": str(body["label"]), "place": str(body["place"])}
    return told | {"unlocks": credential in unlocking}


def _asked_to_make(lobby: Lobby, request: Request, seat: Seat, person: Person) -> dict[str, str] | None:
    place = lobby.authentication.place(origin_of(request))
    if place is None:
        return None
    challenge = lobby.challenges.new(seat.session, "make")
    known = [str(body_of(lobby.kernel, key)["id"]) for key in passkeys_of(lobby.kernel, person.token)]
    asked = webauthn.asked_to_make(place, challenge, town=lobby.kernel.office.name, person=person.token, known=known)
    return {"challenge": challenge.hex(), "asked": asked}


def _known(language: str) -> str:
    if language not in LANGUAGES:
        raise HTTPException(404)
    return language
