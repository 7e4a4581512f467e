"""The page on which a drill is opened, joined and reported: in the real office, whose log its signatures go to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import RedirectResponse
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from peelian.errors import InputError, OutOfOrder, PeelianError, Refused
from peelian.kernel.model.people import Operator, Person
from peelian.kernel.records.drill_records import (
    MOST_LESSONS,
    OPENERS,
    DrillCourse,
    abandon_drill,
    close_lesson,
    countersign_drill,
    courses,
    is_drill_town,
)
from peelian.operations.drill.played_drill import (
    PASSPHRASE,
    drill_status,
    folder_of,
    log_on_code,
    open_played,
    report,
    sit,
)
from peelian.operations.office import Office
from peelian.oversight.breach.incident import register
from peelian.oversight.drills.cards import card_of, cards
from peelian.oversight.drills.play import Play
from peelian.pictures.moments import moment
from peelian.pictures.panels import Grid, Heading, Panel, Paragraph, Say
from peelian.web.auth_middleware import form_of, operator_of, person_of, seated
from peelian.web.breach.pages import Show, known_say, page_of
from peelian.web.drills.room import DrillRoom
from peelian.web.frame.error_handler import status_of, told_of
from peelian.web.pages import capital
from peelian.web.public.drills import course_panels, outcome
from peelian.wording.labels import ROLES, worded

LEAD = (
    "People play it, each in their own role, in an invented town with its own log. It counts with three roles of two "
    "units, played to its end and signed by two players."
)
ROWS = 3  # of lessons in the form


def add_drill_desk(app: FastAPI, office: Office, show: Show) -> None:
    """The page of whoever is logged on: of this office's drill, or inside a drill town of their part in it."""
    pages: DrillRoom | DrillDesk
    if is_drill_town(office.kernel):
        pages = DrillRoom(office, page_of(office, show, "drill_room.html"))
    else:
        pages = DrillDesk(office, page_of(office, show, "drill_desk.html"))
    for method, page in (("GET", pages.shown), ("POST", pages.acted)):
        app.add_api_route(
            "/{language}/desk/drill", page, methods=[method], include_in_schema=False, response_model=None
        )


@dataclass(slots=True)
class DrillDesk:
    """The page in the real office."""

    office: Office
    page: Show

    def shown(self, request: Request, language: str) -> Response:
        return self._page(request, language)

    async def acted(self, request: Request, language: str) -> Response:
        say, told = known_say(self.office, language), await form_of(request)
        by = operator_of(self.office, request)
        if told.get("act") not in ACTS:
            raise HTTPException(400)
        try:
            code = await run_in_threadpool(ACTS[told["act"]], self.office, by, told)
        except (Refused, InputError, OutOfOrder) as error:
            more = {"problem": told_of(error, say), "status": status_of(error), "typed": told}
            return await run_in_threadpool(lambda: self._page(request, language, **more))
        if code:
            return await run_in_threadpool(lambda: self._page(request, language, code=code))
        return RedirectResponse(f"/{language}/desk/drill", status_code=303)

    def _page(self, request: Request, language: str, **more: Any) -> Response:
        say, kernel = known_say(self.office, language), self.office.kernel
        person = person_of(self.office, seated(request))
        known = courses(kernel)
        course = known[0] if known else None
        play, wrong = self._play(course, say)
        forms = {
            "course": course,
            "play": play,
            "may_open": bool(person.roles & OPENERS) and (course is None or not course.is_open),
            "may_abandon": bool(person.roles & OPENERS),
            "cards": [(one.id, one.title[language], _minutes(one.last_minute, say)) for one in cards().values()],
            "typed": {},
            "problem": wrong,
            "code": "",
            "passphrase": PASSPHRASE,
            **_seats(self.office, course, person, say),
            **_lessons(self.office, known, person, say, language),
            **more,
        }
        panels = [*_panels(self.office, course, play, say, language)]
        return self.page(request, language, "Play a drill", LEAD, panels, section="/desk/drill", **forms)

    def _play(self, course: DrillCourse | None, say: Say) -> tuple[Play | None, list[str]]:
        """How the drill stands that is open; what is wrong with its town."""
        if course is None or not course.is_open:
            return None, []
        try:
            return drill_status(self.office, course.name), []
        except PeelianError as error:
            return None, told_of(error, say)


def _minutes(n: int, say: Say) -> str:
    return say("%(n)d %(n:minute|minutes)", n=n)


def _seats(office: Office, course: DrillCourse | None, person: Person, say: Say) -> dict[str, Any]:
    own = next((one for one in course.seats if one.person == person.token), None) if course else None
    return {
        "own": own,
        "leads": course is not None and course.leader == person.token,
        "roles": [(str(role), worded(ROLES, str(role), say)) for role in sorted(person.roles)],
        "folder": str(folder_of(office, course.name).office) if course and office.path else "",
        "waits": bool(
            course
            and course.report
            and not course.countersigned
            and course.leader != person.token
            and person.token in {one["person"] for one in course.report.body["participants"]}
        ),
    }


def _lessons(office: Office, known: tuple[DrillCourse, ...], person: Person, say: Say, language: str) -> dict[str, Any]:
    """The questions of the card with who can own a lesson, and every open lesson of any drill."""
    people, today = office.kernel.state.people, office.kernel.now().date().isoformat()
    course = known[0] if known else None
    seats = course.seats if course else ()
    return {
        "rows": range(1, ROWS + 1),
        "questions": [one[language] for one in card_of(course.opened.body["card"]).questions] if course else [],
        "owners": [(one.person, _named(people, one.person, say)) for one in seats],
        "open_lessons": [
            {
                "drill": one.name,
                "n": n,
                "words": lesson["words"],
                "owner": _named(people, lesson["owner"], say),
                "until": moment(lesson["until"], language),
                "late": lesson["until"] < today,
                "closes": lesson["owner"] == person.token or bool(person.roles & OPENERS),
            }
            for one in known
            for n, lesson in one.open_lessons
        ],
    }


def _named(people: Mapping[str, Person], token: str, say: Say) -> str:
    person = people.get(token)
    return f"{person.name} ({person.unit})" if person else say("somebody who has left")


def _panels(office: Office, course: DrillCourse | None, play: Play | None, say: Say, language: str) -> Iterator[Panel]:
    """The newest drill as the office sees it: with names and words."""
    if course is None:
        yield Paragraph(text=say("No drill completed yet."))
        return
    since = [one for one in register(office.kernel) if not one.drill and one.internal_at >= course.opened.at]
    if course.is_open and since:
        says = "A real incident was recorded here since the drill began: %(ids)s. Abandon the drill if it takes people."
        yield Paragraph(text=say(says, ids=", ".join(one.id for one in since)), tone="warning")
    people = office.kernel.state.people
    if course.report is None:
        yield Heading(text=card_of(course.opened.body["card"]).title[language])
        yield Paragraph(text=capital(outcome(course, say)), tone="warning" if course.abandoned else "plain")
        if course.abandoned:
            yield Paragraph(text=say("Reason: %(why)s", why=course.abandoned.body["reason"]))
    else:
        yield from course_panels(course, say, language)
    if play is not None:
        yield Paragraph(text=_stands(play, say))
    rows = tuple(
        (_named(people, one.person, say), worded(ROLES, one.role, say), _did(course, play, one.name, say))
        for one in course.seats
    )
    if rows:
        titles = (say("Who"), say("Role"), say("Took part"))
        yield Grid(caption=say("Seats"), titles=titles, rows=rows)
    if course.report is not None:
        yield _told(course, say)


def _stands(play: Play, say: Say) -> str:
    if not play.began:
        return say("The drill has not begun. Its leader starts the clock in the drill town.")
    if play.ended:
        return say("The drill is over. Its leader signs the report.")
    return say("Minute %(n)d of the drill.", n=play.minute)


def _did(course: DrillCourse, play: Play | None, name: str, say: Say) -> str:
    acted = play.acted if play else frozenset(course.report.body["acted"] if course.report else ())
    return say("yes") if name in acted else say("not yet") if course.is_open else say("no")


def _told(course: DrillCourse, say: Say) -> Grid:
    """What the players said, for those who work here."""
    body = course.report.body if course.report else {}
    role = {one.name: worded(ROLES, one.role, say) for one in course.seats}
    rows = [(str(one["minute"]), role.get(one["name"], "–"), one["words"]) for one in body["decisions"] if one["words"]]
    if reading := body["reading"]:
        words = " · ".join(reading[name] for name in ("who", "what", "next"))
        rows.append((str(reading["minute"]), worded(ROLES, reading["role"], say), words))
    titles = (say("Minute"), say("Role"), say("Words"))
    return Grid(caption=say("What was said"), titles=titles, rows=tuple(rows), numeric=frozenset({0}), folded=True)


# ---- what is done on the page; each returns a code to log on with, or ""


def _open(office: Office, by: Operator, told: Mapping[str, str]) -> str:
    open_played(office, by, told.get("card", ""))
    return ""


def _sit(office: Office, by: Operator, told: Mapping[str, str]) -> str:
    sit(office, by, _current(office).name, told.get("role", ""))
    return ""


def _code(office: Office, by: Operator, told: Mapping[str, str]) -> str:
    return log_on_code(office, by, _current(office).name)


def _abandon(office: Office, by: Operator, told: Mapping[str, str]) -> str:
    abandon_drill(office.kernel, by, _current(office).name, reason=told.get("reason", ""))
    return ""


def _report(office: Office, by: Operator, told: Mapping[str, str]) -> str:
    lessons = [
        {"words": told[f"words{n}"], "owner": told.get(f"owner{n}", ""), "until": told.get(f"until{n}", "")}
        for n in range(1, MOST_LESSONS + 1)
        if told.get(f"words{n}", "").strip()
    ]
    report(office, by, _current(office).name, lessons)
    return ""


def _countersign(office: Office, by: Operator, told: Mapping[str, str]) -> str:
    countersign_drill(office.kernel, by, _current(office).name)
    return ""


def _lesson(office: Office, by: Operator, told: Mapping[str, str]) -> str:
    n = told.get("lesson", "")
    if not (n.isascii() and n.isdigit() and len(n) < 4):
        raise HTTPException(400)
    close_lesson(office.kernel, by, told.get("drill", "")[:80], int(n), words=told.get("words", ""))
    return ""


def _current(office: Office) -> DrillCourse:
    known = courses(office.kernel)
    if not known:
        raise OutOfOrder("No drill is open.")
    return known[0]


ACTS: Mapping[str, Callable[[Office, Operator, Mapping[str, str]], str]] = {
    "open": _open,
    "sit": _sit,
    "code": _code,
    "abandon": _abandon,
    "report": _report,
    "countersign": _countersign,
    "lesson": _lesson,
}
