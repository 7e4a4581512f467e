"""Breach drills that people play: opened, joined, reported, countersigned; and each step inside the drill town.

A drill is played in an office of its own, whose log begins with its mark. The real office's log says who opened it,
who took a seat, and what its two signatures say came of it. Whether it counts is judged here, from what was signed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from peelian.errors import InputError, OutOfOrder, Refused, sentence
from peelian.kernel.model.documents import digest_of
from peelian.kernel.model.people import Operator
from peelian.kernel.policy.authorize import must_hold_role, refusal
from peelian.kernel.records.office_records import MAKERS, OfficeRecord, keep, records_of
from peelian.kernel.state.acts import act
from peelian.kernel.state.kernel import Kernel, log_word

MARK = "DRILL"
ROLES, UNITS = 3, 2  # the fewest that a drill needs to count
FEWEST_WORDS, MOST_WORDS, MOST_LESSONS = 3, 2_000, 20
OPENERS = MAKERS["drill_opened"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillSeat:
    """Who plays which role of a drill, as they signed it in the real office."""

    person: str
    role: str
    unit: str
    name: str  # their short name in the drill town


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillCourse:
    """One drill as the real office's log has it. What did not happen is empty."""

    name: str
    opened: OfficeRecord
    seats: tuple[DrillSeat, ...] = ()
    report: OfficeRecord | None = None
    countersigned: OfficeRecord | None = None
    abandoned: OfficeRecord | None = None
    closed_lessons: Mapping[int, OfficeRecord]

    @property
    def is_open(self) -> bool:
        """Whether it is being played."""
        return self.report is None and self.abandoned is None

    @property
    def leader(self) -> str:
        """The token of whoever opened it."""
        return self.opened.by

    @property
    def lacking(self) -> tuple[str, ...]:
        """Why its report does not count; empty where it counts once it is countersigned."""
        return tuple(self.report.body["lacking"]) if self.report else ()

    @property
    def counts(self) -> bool:
        """Whether it opens the gate."""
        return self.countersigned is not None and not self.lacking

    @property
    def open_lessons(self) -> tuple[tuple[int, Mapping[str, Any]], ...]:
        """Lessons that nobody closed, with their numbers from 1 on."""
        lessons = self.report.body["lessons"] if self.report else ()
        return tuple((n, one) for n, one in enumerate(lessons, start=1) if n not in self.closed_lessons)


def is_drill_town(kernel: Kernel) -> bool:
    """Whether the first entry of the log marks this office as a drill town; an entry further on marks nothing. O(1)."""
    log = kernel.stores.log
    return log.head()["size"] > 0 and log.entry(0)["kind"] == MARK


def courses(kernel: Kernel) -> tuple[DrillCourse, ...]:
    """Every drill that people opened, newest first. O(drills and their steps)."""
    return tuple(_courses(kernel))[::-1]


def course_of(kernel: Kernel, name: str) -> DrillCourse:
    """One of them; OutOfOrder where none has this name."""
    for one in courses(kernel):
        if one.name == name:
            return one
    raise OutOfOrder("Unknown drill. See the page *Breach drill*.")


def _courses(kernel: Kernel) -> Iterator[DrillCourse]:
    steps: dict[str, list[OfficeRecord]] = {}
    for kind in ("drill_step", "drill_report", "drill_countersign"):
        for _, record in records_of(kernel, kind):
            steps.setdefault(str(record.body.get("drill", "")), []).append(record)
    for _, opened in records_of(kernel, "drill_opened"):
        name = str(opened.body["drill"])
        of = {str(one.body.get("step", one.record)): one for one in steps.get(name, ())}
        lessons = [one for one in steps.get(name, ()) if one.body.get("step") == "lesson"]
        seats = [one for one in steps.get(name, ()) if one.body.get("step") == "seat"]
        yield DrillCourse(
            name=name,
            opened=opened,
            seats=tuple(_seat(one) for one in seats),
            report=of.get("drill_report"),
            countersigned=of.get("drill_countersign"),
            abandoned=of.get("abandoned"),
            closed_lessons={int(one.body["lesson"]): one for one in lessons},
        )


def _seat(record: OfficeRecord) -> DrillSeat:
    body = record.body
    return DrillSeat(person=record.by, role=str(body["role"]), unit=str(body["unit"]), name=str(body["name"]))


# ---- in the real office


@act
def open_drill(kernel: Kernel, by: Operator, body: Mapping[str, Any]) -> str:
    """Open a drill: its name, card, people concerned, the key of its town's log and the names of the seats there.

    OutOfOrder while another is open, and inside a drill town."""
    must_hold_role(kernel, by, OPENERS, "the_driller_may_drill")
    _must_be_real(kernel)
    if open_now := kernel.state.duties.drill_open:
        raise OutOfOrder(sentence("A drill is being played: %(name)s. Report it or abandon it first.", name=open_now))
    if int(body["affected"]) < 1:
        raise InputError("drill that concerns nobody", column="affected", accepted="at least one invented person")
    return keep(kernel, by, "drill_opened", body, drill=str(body["drill"]))


@act
def take_seat(kernel: Kernel, by: Operator, drill: str, role: str) -> str:
    """Play one of one's own roles; returns one's short name in the drill town. One person has one seat."""
    course = _running(kernel, drill)
    if any(seat.person == by.person.token for seat in course.seats):
        raise OutOfOrder("You have a seat in this drill already. One person plays one role.")
    own = kernel.state.people.get(by.person.token)
    if own is None or role not in {str(one) for one in own.roles}:
        raise InputError("not one of your roles", column="role", accepted="a role that you hold in this office")
    name = str(course.opened.body["seats"].get(by.person.token, ""))
    if not name:
        raise OutOfOrder("You were enrolled after this drill was opened. Join the next one.")
    body = {"drill": drill, "step": "seat", "role": role, "unit": own.unit, "name": name}
    keep(kernel, by, "drill_step", body, drill=drill, step="seat", role=role)
    return name


@act
def abandon_drill(kernel: Kernel, by: Operator, drill: str, *, reason: str) -> None:
    """Leave a drill in the middle. It is kept, and opens nothing."""
    must_hold_role(kernel, by, OPENERS, "the_driller_may_drill")
    _running(kernel, drill)
    body = {"drill": drill, "step": "abandoned", "reason": _words(reason, "reason")}
    keep(kernel, by, "drill_step", body, drill=drill, step="abandoned")


@act
def report_drill(kernel: Kernel, by: Operator, drill: str, played: Mapping[str, Any], lessons: Sequence[Any]) -> str:
    """Sign the report of a drill that was played to its end; who led it does. Says in it why it does not count."""
    course = _running(kernel, drill)
    if by.person.token != course.leader:
        says = "somebody else leads this drill"
        raise Refused([refusal("the_leader_reports", says, "Whoever opened the drill signs its report.")])
    if not played.get("ended"):
        raise OutOfOrder("This drill is not over. End it in the drill town, or abandon it.")
    if played["town"]["key"] != course.opened.body["key"]:
        raise OutOfOrder("This log is not the one of this drill's town.")
    told = _lessons(course, lessons)
    acted = set(played["acted"])
    at_work = tuple(seat for seat in course.seats if seat.name in acted)
    lacking = lacks(at_work, affected=int(course.opened.body["affected"]))
    people = [{"person": seat.person, "role": seat.role, "unit": seat.unit} for seat in at_work]
    idle = [seat.role for seat in course.seats if seat.name not in acted]
    body = {**played, "drill": drill, "participants": people, "idle": idle, "lessons": told, "lacking": list(lacking)}
    fields = {"counts": int(not lacking), "late": len(played["late"]), "people": len(people)}
    head = str(played["town"]["root"])
    before = digest_of(course.opened)
    return keep(kernel, by, "drill_report", body, before=before, drill=drill, town=head, **fields)


def lacks(seats: Sequence[DrillSeat], *, affected: int) -> tuple[str, ...]:
    """Why a drill with these players does not count. One person counts once, whatever roles they hold."""
    by_person = {seat.person: seat for seat in seats}
    roles, units = {one.role for one in by_person.values()}, {log_word(one.unit) for one in by_person.values()}
    found = []
    if affected < 1:
        found.append("nobody_concerned")
    if len(by_person) < ROLES or len(roles) < ROLES:
        found.append("too_few_roles")
    if len(units) < UNITS:
        found.append("one_unit")
    return tuple(found)


@act
def countersign_drill(kernel: Kernel, by: Operator, drill: str) -> None:
    """Another player signs the report; where nothing is lacking the drill counts from now on."""
    course = course_of(kernel, drill)
    if course.report is None or course.countersigned is not None:
        raise OutOfOrder("There is no report that waits for a second signature.")
    played = {one["person"] for one in course.report.body["participants"]}
    if by.person.token == course.leader or by.person.token not in played:
        says = "only another player of this drill can countersign"
        raise Refused([refusal("another_player_countersigns", says, "Ask somebody who played another role.")])
    body, before = {"drill": drill}, digest_of(course.report)
    counts = int(not course.lacking)
    keep(kernel, by, "drill_countersign", body, before=before, drill=drill, counts=counts)


@act
def close_lesson(kernel: Kernel, by: Operator, drill: str, lesson: int, *, words: str) -> None:
    """Say what was done about a lesson. Its owner closes it, or whoever may open a drill."""
    of = dict(course_of(kernel, drill).open_lessons)
    if lesson not in of:
        raise OutOfOrder("No open lesson of this number.")
    if by.person.token != of[lesson]["owner"]:
        must_hold_role(kernel, by, OPENERS, "the_driller_may_drill")
    body = {"drill": drill, "step": "lesson", "lesson": lesson, "words": _words(words, "words")}
    keep(kernel, by, "drill_step", body, drill=drill, step="lesson", lesson=lesson)


# ---- inside the drill town


@act
def step_drill(kernel: Kernel, by: Operator, step: str, body: Mapping[str, Any]) -> None:
    """One step inside a drill town, by whoever sits at that desk. OutOfOrder anywhere else."""
    if not is_drill_town(kernel):
        raise OutOfOrder("This office is no drill town.")
    keep(kernel, by, "drill_step", {**body, "step": step}, step=step)


def _must_be_real(kernel: Kernel) -> None:
    if is_drill_town(kernel):
        raise OutOfOrder("This is a drill town. A drill is opened in the real office.")


def _running(kernel: Kernel, drill: str) -> DrillCourse:
    course = course_of(kernel, drill)
    if not course.is_open:
        raise OutOfOrder("This drill is over, or was abandoned.")
    return course


def _lessons(course: DrillCourse, lessons: Sequence[Any]) -> list[dict[str, str]]:
    """At least one, each with words, an owner who has a seat, and a day."""
    if not 1 <= len(lessons) <= MOST_LESSONS:
        accepted = sentence("from 1 to %(most)d lessons", most=MOST_LESSONS)
        raise InputError("no lesson", column="lessons", accepted=accepted)
    owners, found = {seat.person for seat in course.seats}, []
    for one in lessons:
        if one["owner"] not in owners:
            raise InputError("lesson without an owner", column="owner", accepted="somebody who has a seat")
        try:
            until = date.fromisoformat(str(one["until"])).isoformat()
        except ValueError:
            raise InputError("lesson without a day", column="until", accepted="a day, as 2026-12-31") from None
        found.append({"words": _words(str(one["words"]), "lesson"), "owner": str(one["owner"]), "until": until})
    return found


def _words(text: str, column: str) -> str:
    plain = text.strip()[:MOST_WORDS]
    if len(plain.split()) < FEWEST_WORDS:
        accepted = sentence("at least %(least)d words", least=FEWEST_WORDS)
        raise InputError("too few words", column=column, accepted=accepted)
    return plain
