"""Redaction review of a recording: pages of the office, or of one reviewer behind a secret address."""

from __future__ import annotations

import hmac
import re
import secrets
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import parse_qs

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from peelian.errors import InputError, OutOfOrder, Refused, sentence
from peelian.kernel.identity.sessions import Seat
from peelian.kernel.identity.step_up import prove
from peelian.kernel.model.people import Operator
from peelian.kernel.verbs.redaction_review import is_stopped, must_go_on, opened_review
from peelian.operations.office import Office
from peelian.oversight.footage.review_notes import add_note, delete_note, notes_of
from peelian.pictures.moments import moment
from peelian.pictures.panels import Say
from peelian.web.auth_middleware import must_be_of_this_session, operator_of, seated
from peelian.web.footage.comparison import add_comparison, compared, heard
from peelian.web.frame.error_handler import STEP_UP, status_of, told_of
from peelian.web.pages import LANGUAGES
from peelian.wording.errors import error_said, reasons_of

Pages = Callable[..., HTMLResponse]
LARGEST_FORM = 64 << 20
EVERY = 1.0  # seconds between two looks at which sessions are over, and what was suspended
PLAN = "footage.redaction_plan"  # the shape of a reviewed plan, with its owner
MOST_TIMES = 20_000
"""Longer recordings are moved through by their average rate instead of each picture's own time."""


class ReviewDesk:
    """One person at the desk who reviews: the key of their pages, and what they have open.

    A recording is opened once, when its page is first asked for; the log says so. It stays open until the plan is kept
    or the desk is closed.
    """

    def __init__(self, office: Office, by: Operator) -> None:
        self.office, self.by = office, by
        self.key = secrets.token_urlsafe(24)
        self._open: dict[str, Any] = {}
        self._lock = threading.Lock()

    def must_know(self, key: str) -> None:
        """404 where the key is wrong, so that nobody learns that there is a review."""
        if not hmac.compare_digest(key.encode(), self.key.encode()):
            raise HTTPException(404)

    def review(self, case: str, *, opens: bool = True) -> Any:
        """The open review of a case. At the pages whoever opens it has confirmed their identity just before.

        Refused, and closed, once its technology is suspended. OutOfOrder: it is not open and this does not open it.
        """
        try:
            must_go_on(self.office.kernel, case)
        except Refused:
            self.done(case)
            raise
        with self._lock:
            if case not in self._open:
                if not opens:
                    raise OutOfOrder("This review is not open. Open its page first.")
                if not self.by.session:
                    prove(self.office.kernel, self.by)
                self._open[case] = opened_review(self.office.kernel, self.by, case)
            return self._open[case]

    def done(self, case: str) -> None:
        with self._lock:
            if review := self._open.pop(case, None):
                review.close()

    def stopped(self) -> bool:
        """Whether the technology of a review that is open was suspended. O(open)."""
        return any(is_stopped(self.office.kernel, case) for case in list(self._open))

    def close(self) -> None:
        """Close everything that is open."""
        for case in list(self._open):
            self.done(case)


class Desks:
    """The desks of everybody who reviews at the office's pages: one for each session, with one recording open.

    A recording is closed within `EVERY` seconds after its session ended or its technology was suspended.
    """

    def __init__(self, office: Office, open_seats: Callable[[], Iterable[Seat]]) -> None:
        self.office, self._open_seats = office, open_seats
        self._desks: dict[str, tuple[str, ReviewDesk]] = {}
        self._lock, self._closed = threading.Lock(), threading.Event()

    def __len__(self) -> int:
        return len(self._desks)

    def at(self, request: Request) -> ReviewDesk:
        """The desk of whoever is logged on, for the case of this address; their earlier recording is closed."""
        seat, case = seated(request), request.path_params["case"]
        session = seat.session
        if case not in self.office.kernel.state.histories:
            raise HTTPException(404)
        with self._lock:
            was, desk = self._desks.get(session, ("", None))
            if desk is None or was != case:
                if self.office.people_keys is not None:
                    self.office.people_keys.must_be_unlocked(seat.person, session)
                if desk is not None:
                    desk.close()
                desk = ReviewDesk(self.office, operator_of(self.office, request))
                first = not self._desks
                self._desks[session] = case, desk
                if first:
                    threading.Thread(target=self._watch, name="reviews", daemon=True).start()
            return desk

    def close(self) -> None:
        """Close everything that is open."""
        self._closed.set()
        self._close_all_but(set())

    def _watch(self) -> None:
        """Until nothing is open: close what those had open whose session is over. O(open sessions) a turn."""
        while self._desks and not self._closed.wait(EVERY):
            self._close_all_but({seat.session for seat in self._open_seats()})

    def _close_all_but(self, sessions: set[str]) -> None:
        with self._lock:
            stopped = {session for session, (_, desk) in self._desks.items() if desk.stopped()}
            for session in (self._desks.keys() - sessions) | stopped:
                self._desks.pop(session)[1].close()


def add_review_pages(app: FastAPI, show: Pages, desk: ReviewDesk) -> None:
    """The pages of one reviewer, behind the key of their address."""

    def at(request: Request) -> ReviewDesk:
        desk.must_know(request.path_params["key"])
        return desk

    _add_pages(app, show, at, "/{language}/review/{key}/{case}")


def add_reviews(app: FastAPI, show: Pages, desks: Desks) -> None:
    """The same as pages of the office, for whoever is logged on."""
    _add_pages(app, show, desks.at, "/{language}/cases/{case}/review")


def _add_pages(app: FastAPI, show: Pages, at: Callable[[Request], ReviewDesk], base: str) -> None:
    """The page of a review, its pictures, sound and followed boxes, and the one way to confirm."""

    @app.get(base, include_in_schema=False)
    def page(request: Request, language: str, case: str) -> Response:
        _known(language)
        where, desk = base.format(**request.path_params), at(request)
        review = desk.review(case)
        if review.template == "review.html":
            return show(request, review.template, **_page(desk, case, language, where, review.form()))
        say = desk.office.say(language, "footage")
        return show(
            request, review.template, case=case, **compared(review, say, where, request.query_params.get("at", ""))
        )

    @app.get(base + "/picture/{number}.jpg", include_in_schema=False)
    def picture(request: Request, case: str, number: int) -> Response:
        review = at(request).review(case)
        if not 0 <= number < review.plan.pictures:
            raise HTTPException(404)
        return Response(review.picture(number), media_type="image/jpeg")

    _add_confirming(app, show, at, base)
    _add_closer_looks(app, at, base)
    _add_sound(app, at, base)
    _add_notes(app, show, at, base)
    add_comparison(app, lambda request, case: at(request).review(case), base)


def _add_confirming(app: FastAPI, show: Pages, at: Callable[[Request], ReviewDesk], base: str) -> None:
    """The one way to confirm: a form with a fault is shown again as it was typed, and nothing is kept of it."""

    @app.post(base, include_in_schema=False)
    async def confirmed(request: Request, language: str, case: str) -> Response:
        desk = at(request)  # before anything of what a stranger sends is read
        fields = await _fields(request)
        review = await run_in_threadpool(desk.review, case)
        if review.template != "review.html":
            raise HTTPException(404)
        say, where = desk.office.say(_known(language), "footage"), base.format(**request.path_params)

        def answer() -> Response:
            kept, wrong = _confirmed(review, fields, say)
            if kept is None:
                page = _page(desk, case, language, where, review.form(fields))
                return show(request, review.template, **page | wrong)
            desk.done(case)
            return show(request, "reviewed.html", **_kept(desk, case, language, kept))

        return await run_in_threadpool(answer)


def _add_closer_looks(app: FastAPI, at: Callable[[Request], ReviewDesk], base: str) -> None:
    """A frame in full size, and where the box of a face or plate goes: positions for the form of the open review."""

    def review_of(request: Request, case: str, number: int, *, opens: bool = True) -> Any:
        review = at(request).review(case, opens=opens)
        if review.template != "review.html" or not 0 <= number < review.plan.pictures:
            raise HTTPException(404)
        return review

    @app.get(base + "/full/{number}.jpg", include_in_schema=False)
    def full(request: Request, case: str, number: int) -> Response:
        return Response(review_of(request, case, number).picture(number, full=True), media_type="image/jpeg")

    @app.get(base + "/follow/{number}.json", include_in_schema=False)
    def follow(
        request: Request, language: str, case: str, number: int, *, box: str = "", what: str = "", way: str = "both"
    ) -> Response:
        try:
            found = review_of(request, case, number, opens=False).follow(number, _box(box), what=what, way=way)
        except (InputError, OutOfOrder) as error:
            says = error_said(error, at(request).office.say(_known(language), "footage"))
            return JSONResponse({"says": says}, status_of(error))
        keys = found.keys.astype(int).tolist()
        return JSONResponse({"keys": keys, "began": found.began, "ended": found.ended, "tips": found.tips})


def _box(text: str) -> tuple[int, ...]:
    """Four whole numbers with commas: left, top, right, bottom."""
    if not re.fullmatch(r"[0-9]{1,6}(,[0-9]{1,6}){3}", text):
        raise InputError("not a position", column="box", accepted="left,top,right,bottom in whole pixels")
    return tuple(int(side) for side in text.split(","))


def _add_sound(app: FastAPI, at: Callable[[Request], ReviewDesk], base: str) -> None:
    """A few seconds of sound, and the sound of the whole recording as a picture."""

    @app.get(base + "/sound/{number}.wav", include_in_schema=False)
    def sound(request: Request, case: str, number: int) -> Response:
        review = at(request).review(case)
        return heard(review, review.sound, number)

    @app.get(base + "/sound.svg", include_in_schema=False)
    def waveform(request: Request, case: str) -> Response:
        review = at(request).review(case)
        drawn = review.waveform() if review.template == "review.html" else b""
        if not drawn:
            raise HTTPException(404)
        return Response(drawn, media_type="image/svg+xml")


def _add_notes(app: FastAPI, show: Pages, at: Callable[[Request], ReviewDesk], base: str) -> None:
    """The reviewers' notes on a recording: shown as part of the page, kept and deleted."""

    def desk_of(request: Request, case: str) -> ReviewDesk:
        desk = at(request)
        if desk.review(case).template != "review.html":
            raise HTTPException(404)
        return desk

    @app.get(base + "/notes", include_in_schema=False)
    def notes(request: Request, language: str, case: str) -> Response:
        desk = desk_of(request, case)
        where = base.format(**request.path_params)
        return show(request, "review_notes.html", base=where, notes=_notes(desk, case, _known(language)))

    @app.post(base + "/notes", include_in_schema=False)
    async def noted(request: Request, language: str, case: str) -> Response:
        desk = await run_in_threadpool(desk_of, request, case)
        told = {name: values[-1] for name, values in (await _fields(request)).items()}
        kernel, by = desk.office.kernel, desk.by.person.token
        if "delete" in told:
            await run_in_threadpool(delete_note, kernel, case, by, told["delete"])
        else:
            frame = _frame(told.get("frame", ""), desk.review(case).plan.pictures)
            await run_in_threadpool(lambda: add_note(kernel, case, by, frame=frame, text=told.get("text", "")))
        return RedirectResponse(base.format(**request.path_params) + "#notes", status_code=303)


def _frame(text: str, pictures: int) -> int:
    if not re.fullmatch(r"[0-9]{1,8}", text.strip()) or int(text) >= pictures:
        raise InputError("no such frame", column="frame", accepted=sentence("0 to %(most)d", most=pictures - 1))
    return int(text)


def _notes(desk: ReviewDesk, case: str, language: str) -> list[dict[str, Any]]:
    """Notes as the page shows them."""
    say, review, people = desk.office.say(language, "footage"), desk.review(case), desk.office.kernel.state.people
    return [
        {
            "id": note.id,
            "frame": note.frame,
            "text": note.text,
            "who": people[note.by].name if note.by in people else say("former staff member"),
            "seconds": say("%(number).2f s", number=review.milliseconds(note.frame) / 1000),
            "at": moment(note.at, language),
            "own": note.by == desk.by.person.token,
        }
        for note in notes_of(desk.office.kernel, case)
        if note.frame < review.plan.pictures
    ]


LABELS: Mapping[str, str] = {
    "keys": "Positions, box %(n)d",
    "start": "Start, span %(n)d",
    "end": "End, span %(n)d",
    "reason": "Reason (blur only)",
    "looked": "Confirmation",
}
"""What a field with a fault is called, by the last part of its name; `n` is the number of its row."""


def _confirmed(review: Any, fields: Any, say: Say) -> tuple[Any, dict[str, Any]]:
    """Keep the plan that a form says: its admission, or what the page shows of what is wrong."""
    if faults := review.faults(fields):  # nothing is kept before it is sound
        told = {name: _told(one, say) for name, one in faults.items()}
        wrong = [(name, _told(one, say, _label(name, say))) for name, one in faults.items()]
        return None, {"status": 400, "faults": told, "wrong": wrong}
    try:
        return review.confirm(fields), {}
    except (Refused, InputError, OutOfOrder) as error:
        if any(reason.rule == STEP_UP for reason in reasons_of(error)):
            raise
        return None, {"status": status_of(error), "problem": told_of(error, say)}


def _told(fault: InputError, say: Say, where: str = "") -> str:
    """What is wrong, at the field that says itself where, or above the form."""
    return told_of(InputError(fault.wrong, accepted=fault.accepted, file=where), say)[0]


def _label(name: str, say: Say) -> str:
    row, _, part = name.rpartition(".")
    return say(LABELS[part], n=int(row[1:])) if row else say(LABELS[part])


def _kept(desk: ReviewDesk, case: str, language: str, kept: Any) -> dict[str, Any]:
    """Everything `reviewed.html` shows."""
    known = desk.office.kernel.state.datasets.values()
    return {
        "title": desk.office.say(language, "footage")("Plan kept"),
        "section": "/cases",
        "kept": kept,
        "case": case,
        "by": desk.by.person.name,
        "item": next((a.dataset for a in known if a.digest == kept.facts["item"] and not a.parent), "…"),
        "others": _plans_kept(desk.office, kept.facts["item"], language, but=kept.dataset),
    }


def _page(desk: ReviewDesk, case: str, language: str, base: str, form: Any) -> dict[str, Any]:
    """Everything `review.html` shows; `form` is the review's own, as it stands or as it was sent."""
    say, review = desk.office.say(language, "footage"), desk.review(case)
    return {
        "title": say("Redaction review"),
        "section": "/cases",
        "case": case,
        "base": base,
        "review": review,
        "form": form,
        "faults": {},
        "wrong": [],
        "problem": (),
        "plan": review.plan,
        "times": review.times if review.plan.pictures <= MOST_TIMES else (),
        "by": desk.by.person.name,
        "notes": _notes(desk, case, language),
        "others": _plans_kept(desk.office, review.plan.item, language),
    }


def _plans_kept(office: Office, item: str, language: str, *, but: str = "") -> list[tuple[str, str, str]]:
    """Plans kept for a recording (by digest), oldest first: each dataset, who kept it and when. O(datasets)."""
    say = office.say(language, "footage")
    known = office.kernel.state.datasets.values()
    plans = [
        one
        for one in known
        if office.kernel.shape_of(one) == PLAN and one.facts.get("item") == item and one.dataset != but
    ]
    people = office.kernel.state.people
    return [
        (one.dataset, people[one.by].name if one.by in people else say("former staff member"), moment(one.at, language))
        for one in sorted(plans, key=lambda plan: plan.at)
    ]


async def _fields(request: Request) -> dict[str, list[str]]:
    """The fields of the form that was sent; InputError where it is larger than any plan."""
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > LARGEST_FORM:
            raise InputError("form too large", accepted=sentence("at most %(n)d MiB", n=LARGEST_FORM >> 20))
        parts.append(part)
    try:
        fields = parse_qs(b"".join(parts).decode("utf-8"), keep_blank_values=True, max_num_fields=400_000)
    except ValueError:
        raise InputError("not a form", accepted="the page's own form") from None
    must_be_of_this_session(request, fields.pop("form", [""])[-1], {})
    return fields


def _known(language: str) -> str:
    if language not in LANGUAGES:
        raise HTTPException(404)
    return language
