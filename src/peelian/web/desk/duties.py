"""What each role has to look at, as numbers with a link: only where the policy lets the person in."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import partial
from urllib.parse import urlencode

from fastapi import Request

from peelian.kernel.log.entry_schema import read_time
from peelian.kernel.model.capability import Role
from peelian.kernel.model.org_units import log_word
from peelian.kernel.model.people import Person
from peelian.kernel.model.retention_schedule import coming
from peelian.kernel.records.drill_records import OPENERS, courses
from peelian.kernel.records.office_records import latest
from peelian.kernel.records.sensor_register import the_register
from peelian.kernel.retention.retention import items
from peelian.kernel.state.known import unless_damaged
from peelian.operations.office import Office
from peelian.oversight import drift
from peelian.oversight.drills.due import next_drill
from peelian.oversight.review.sampling import bounds
from peelian.oversight.transparency.register import tallies
from peelian.pictures.panels import Say
from peelian.web.frame.rooms import rooms_of
from peelian.web.public.home import expiring


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """One number of a role's page: whose it is, the room and the address it leads to, what it says, and its count."""

    roles: Collection[Role]
    room: str  # "": the page is open to all
    address: str
    says: str
    count: Callable[[Office, Person], int]


def duties(office: Office, request: Request, person: Person, say: Say) -> list[tuple[int, str, str]]:
    """The numbers of a person's roles, each with its words and address. O(cases' kinds + items + weeks)."""
    return list(_shown(office, request, person, say))


def _shown(office: Office, request: Request, person: Person, say: Say) -> Iterator[tuple[int, str, str]]:
    unit = urlencode({"q": person.unit})
    own = [duty for duty in DUTIES if person.roles & set(duty.roles)]
    rooms = rooms_of(office, request, {duty.room for duty in own if duty.room})
    for duty in own:
        if not duty.room or duty.room in rooms:
            n = unless_damaged(office.kernel.state.notice, partial(duty.count, office, person), None)
            if n is not None:  # else its page says what is damaged
                yield n, say(duty.says, n=n), duty.address.replace("q=unit", unit)


def _own(state: str) -> Callable[[Office, Person], int]:
    """Cases of the person's unit that stand so."""
    return lambda office, person: sum(
        t.n for t in tallies(office.kernel) if t.state == state and t.unit == log_word(person.unit)
    )


def _undecided(office: Office, person: Person) -> int:
    """Cases of every unit that wait for a decision."""
    return sum(t.n for t in tallies(office.kernel) if t.state == "ran")


def _proposals(office: Office, person: Person) -> int:
    """Proposals that nobody approved yet."""
    acts = office.kernel.state.dual_control
    return len(set(acts.proposals) - set(acts.approved) - acts.carried_out)


def _decided(office: Office, person: Person) -> int:
    """Cases that may be published: a delivered copy was decided, too."""
    return sum(t.n for t in tallies(office.kernel) if t.state in ("decided", "delivered"))


def _outdated(office: Office, person: Person) -> int:
    """Sensors whose firmware was not updated or checked in time. O(sensors)."""
    today = office.kernel.now().date()
    return sum(listed.overdue(today) for listed in the_register(office.kernel).values())


def _soon_destroyed(office: Office, person: Person) -> int:
    return len(coming(items(office.kernel), office.kernel.now()))


def _plans(office: Office, person: Person) -> int:
    """Event plans of which a version that somebody else wrote waits for a second person, and whose event is to come."""
    now, filed = office.kernel.now(), office.kernel.state.plans.plans.values()
    return sum(any(v.by != person.token and v.plan.ends > now for v in one.waiting()) for one in filed)


def _drill(office: Office, person: Person) -> int:
    """The yearly breach drill, from a month before it is due."""
    due = next_drill(office.kernel)
    return int((due.soon or due.overdue) and not office.kernel.state.duties.drill_open)


def _lessons(office: Office, person: Person) -> int:
    """Open lessons of drills that this person owns."""
    known = courses(office.kernel)
    return sum(one["owner"] == person.token for course in known for _, one in course.open_lessons)


def _unsigned(office: Office, person: Person) -> int:
    """Whole weeks since the last one whose accesses somebody reviewed, or since the log began. One decryption."""
    review = latest(office.kernel, "review")
    since = bounds(str(review.body["week"]))[1] if review else read_time(str(office.kernel.stores.log.head()["began"]))
    return max(0, (office.kernel.now() - since).days // 7)


DUTIES = (
    Duty(
        roles=OPENERS,
        room="desk",
        address="/desk/drill",
        says="breach %(n:drill|drills) due within a month",
        count=_drill,
    ),
    Duty(
        roles=tuple(Role),
        room="desk",
        address="/desk/drill",
        says="open %(n:lesson|lessons) of drills, yours to close",
        count=_lessons,
    ),
    Duty(
        roles=(Role.COMMANDER,),  # who decides is of another unit than whoever asked
        room="cases",
        address="/cases?state=ran",
        says="%(n:case|cases) awaiting a decision",
        count=_undecided,
    ),
    Duty(
        roles=(Role.ANALYST,),
        room="cases",
        address="/cases?q=unit&state=ran",
        says="%(n:case|cases) of your unit awaiting a decision",
        count=_own("ran"),
    ),
    Duty(
        roles=(Role.ANALYST, Role.COMMANDER),
        room="cases",
        address="/cases?q=unit&state=refused",
        says="%(n:case|cases) of your unit refused",
        count=_own("refused"),
    ),
    Duty(
        roles=(Role.ANALYST, Role.COMMANDER),
        room="cases",
        address="/cases?q=unit&state=published",
        says="%(n:case|cases) of your unit published",
        count=_own("published"),
    ),
    Duty(
        roles=(Role.BOARD, Role.PRIVACY_OFFICER, Role.CUSTODIAN),
        room="authorizations",
        address="/authorizations#waiting",
        says="%(n:proposal|proposals) without a second signature",
        count=_proposals,
    ),
    Duty(
        roles=(Role.BOARD, Role.COUNCIL),
        room="authorizations",
        address="/authorizations",
        says="%(n:authorization expires|authorizations expire) within 30 days",
        count=lambda office, person: expiring(office),
    ),
    Duty(
        roles=(Role.BOARD, Role.ANALYST),
        room="",
        address="/inventory",
        says="adopted %(n:model|models) due for a drift check",
        count=lambda office, person: len(drift.due(office.kernel)),
    ),
    Duty(
        roles=(Role.BOARD, Role.PRIVACY_OFFICER, Role.AUDITOR),
        room="suspension",
        address="/suspension",
        says="%(n:technology suspended|technologies suspended)",
        count=lambda office, person: len(office.kernel.state.suspended),
    ),
    Duty(
        roles=(Role.DISPATCHER, Role.COMMANDER),
        room="alarms",
        address="/alarms",
        says="open %(n:alarm|alarms)",
        count=lambda office, person: len(office.kernel.state.alarms.floor.queue()),
    ),
    Duty(
        roles=(Role.DISPATCHER, Role.COMMANDER),
        room="alarms",
        address="/event-plans",
        says="event %(n:plan|plans) of others to confirm",
        count=_plans,
    ),
    Duty(
        roles=(Role.DISPATCHER, Role.CUSTODIAN),
        room="alarms",
        address="/alarms",
        says="%(n:sensor|sensors) at fault",
        count=lambda office, person: len(office.kernel.state.alarms.floor.faults),
    ),
    Duty(
        roles=(Role.CUSTODIAN, Role.PRIVACY_OFFICER),
        room="",
        address="/sensors?level=overdue",
        says="%(n:sensor|sensors) with an overdue firmware update",
        count=_outdated,
    ),
    Duty(
        roles=(Role.CLERK,),
        room="cases",
        address="/desk#publish",
        says="%(n:case|cases) decided, not yet published",
        count=_decided,
    ),
    Duty(
        roles=(Role.CUSTODIAN, Role.CLERK),
        room="items",
        address="/items",
        says="%(n:recording|recordings) to be destroyed within 7 days",
        count=_soon_destroyed,
    ),
    Duty(
        roles=(Role.PRIVACY_OFFICER, Role.AUDITOR),
        room="accesses",
        address="/accesses",
        says="%(n:week|weeks) since the last access review",
        count=_unsigned,
    ),
    Duty(
        roles=(Role.PRIVACY_OFFICER, Role.CUSTODIAN),
        room="items",
        address="/items",
        says="%(n:recording|recordings) on legal hold",
        count=lambda office, person: sum(item.held for item in items(office.kernel)),
    ),
)
"""Every number, in the order of the page."""
