"""The drill town: a clone of the office's shape with drill keys, invented people and a visible label.

Units, roles and technologies are the office's own; every key is made anew and every person in the records is invented.
No record of a real person is copied, for a rehearsal that spreads records would be a breach itself.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from peelian.integrations.person_keys import ThrownAway
from peelian.kernel.identity.step_up import prove
from peelian.kernel.model.capability import AuthorizationKind, Purpose, Role, Scalar
from peelian.kernel.model.people import Operator
from peelian.kernel.records.drill_records import MARK
from peelian.kernel.records.office_records import Seen, address_token, hold, note_access, subject_token
from peelian.kernel.state.kernel import Kernel
from peelian.kernel.verbs.authorizations import sign_authorization
from peelian.operations.office import Office, new_office, open_office
from peelian.oversight.review.people import list_staff, list_subjects

DIGEST = "THIS-IS-A-DRILL"
NAME = "DRILL - %s - NOT REAL"
OFFICERS, VENDOR, SECOND = 6, "vendor", "drill-second"
DATASETS, PEOPLE = 3, 48  # invented people in each dataset
MOST_DESKS = 40
DAYS = 9  # of ordinary work before the incident
NEEDED = (Role.CUSTODIAN, Role.PRIVACY_OFFICER, Role.BOARD, Role.COUNCIL, Role.AUDITOR)
SURNAMES = (
    "Adler",
    "Baptiste",
    "Chen",
    "Dubois",
    "Eze",
    "Fournier",
    "Gill",
    "Haddad",
    "Ito",
    "Jones",
    "Kaur",
    "Lévesque",
)


@dataclass
class DrillClock:
    """A clock that a drill sets while it invents the past; let go, it is the office's own."""

    office: Callable[[], datetime]
    set_to: datetime | None = None

    def __call__(self) -> datetime:
        if self.set_to is None:
            return self.office()
        self.set_to += timedelta(milliseconds=10)
        return self.set_to


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The office's shape, which the drill town is given: desks with unit and roles, and one technology's name."""

    town: str
    desks: tuple[tuple[str, str, frozenset[Role]], ...]
    technology: str


@dataclass(kw_only=True)
class Town:
    """An open drill town. `people` maps a dataset to the identifiers of the invented people its records concern."""

    folder: Path
    office: Office
    desks: Mapping[str, Operator]
    people: Mapping[str, tuple[str, ...]]
    objects: Mapping[str, str]  # dataset → sealed object
    rng: np.random.Generator
    sessions: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    @property
    def kernel(self) -> Kernel:
        return self.office.kernel

    @property
    def officers(self) -> tuple[str, ...]:
        """The desks that look at records."""
        return tuple(short for short in self.desks if short.startswith("officer-"))

    def session(self) -> str:
        return f"s-{next(self.sessions)}-{int(self.rng.integers(16**6)):06x}"

    def look(self, short: str, dataset: str, people: tuple[str, ...], **how: str) -> list[int]:
        """Somebody looks at people's records, from their own desk and under a warrant unless `how` says otherwise."""
        seen = Seen(
            dataset=dataset,
            subjects=[subject_token(self.kernel, one) for one in people],
            action=how.get("action", "read"),
            session=how.get("session") or self.session(),
            address=address_token(self.kernel, how.get("address", f"desk of {short}")),
        )
        prove(self.kernel, self.desks[short])
        return note_access(self.kernel, self.desks[short], seen)

    def some(self, dataset: str, many: int) -> tuple[str, ...]:
        """Some of the people a dataset concerns, by chance."""
        known = self.people[dataset]
        return tuple(known[int(n)] for n in self.rng.choice(len(known), many, replace=False))


def plan_of(office: Office) -> Plan:
    """The shape of an office: its desks by unit and role, never its people; what a drill needs besides is added."""
    people = list(office.kernel.state.people.values())[:MOST_DESKS]
    desks = [(f"desk-{n}", person.unit, person.roles) for n, person in enumerate(people, start=1)]
    held = frozenset().union(*(roles for _, _, roles in desks))
    desks += [
        (f"drill-{role.replace('_', '-')}", f"drill {role}", frozenset({role})) for role in NEEDED if role not in held
    ]
    technologies = office.kernel.technologies
    return Plan(
        town=office.kernel.office.name, desks=tuple(desks), technology=technologies[0].id if technologies else "mapping"
    )


def desk_with(town: Town, role: Role) -> Operator:
    """The first desk of the drill town that holds a role."""
    return next(desk for desk in town.desks.values() if role in desk.person.roles)


def build_town(plan: Plan, folder: Path, *, seed: int, office_clock: Callable[[], datetime]) -> tuple[Town, DrillClock]:
    """Make the drill town in a new folder: people, sealed records, lists, and days of ordinary, explained work.

    Its clock then stands five hours before the office's; the caller injects and lets it go.
    """
    folder.mkdir(parents=True, mode=0o700)
    (folder / DIGEST).touch()
    now = office_clock()
    clock = DrillClock(office=office_clock, set_to=now - timedelta(days=DAYS + 1))
    office = new_office(folder / "office", name=NAME % plan.town, clock=clock).asking(ThrownAway())
    office.kernel.append(MARK, seed=seed)  # before anything else: the first entry marks this log for good
    rng = np.random.default_rng(seed)  # a drill repeats itself by its seed; nothing secret is drawn from it
    desks = _desks(office, plan)
    datasets = [f"drill-records-{n}" for n in range(1, DATASETS + 1)]
    people = _people(datasets)
    clerk = desks["officer-1"]
    objects = {name: hold(office.kernel, clerk, name, f"invented {name} {seed}".encode()) for name in datasets}
    town = Town(folder=folder, office=office, desks=desks, people=people, objects=objects, rng=rng)
    _lists(town)
    _warrants(town, plan)
    _ordinary(town, clock, now)
    return town, clock


def reopened_at(folder: Path, clock: Callable[[], datetime]) -> Office:
    """The drill town's office, opened again under a clock."""
    return open_office(folder / "office", clock=clock).asking(ThrownAway())


def _desks(office: Office, plan: Plan) -> dict[str, Operator]:
    """Everybody is enrolled by the first custodian, who is enrolled by the office itself; a second desk agrees."""
    (short, unit, roles), *others = sorted(plan.desks, key=lambda desk: Role.CUSTODIAN not in desk[2])
    first = office.enrol(short, name=f"Drill {short}", unit=unit, roles=roles)
    second = office.enrol(SECOND, name="Drill second", unit="drill oversight", roles={Role.BOARD}, by=first)
    desks = {short: first, SECOND: second}
    for short, unit, roles in others:
        desks[short] = office.enrol(short, name=f"Drill {short}", unit=unit, roles=roles, by=first, second=second)
    for n in range(1, OFFICERS + 1):
        short = f"officer-{n}"
        desks[short] = office.enrol(short, name=f"Drill {short}", unit="drill records", roles={Role.CLERK}, by=first)
    desks[VENDOR] = office.enrol(VENDOR, name="Drill vendor", unit="drill vendor", roles={Role.CLERK}, by=first)
    return desks


def _people(datasets: list[str]) -> dict[str, tuple[str, ...]]:
    """Invented people: each dataset has its own and shares a quarter with the one before."""
    found: dict[str, tuple[str, ...]] = {}
    for n, dataset in enumerate(datasets):
        start = n * (PEOPLE * 3 // 4)
        found[dataset] = tuple(f"INVENTED-{start + k:05d}" for k in range(PEOPLE))
    return found


def _lists(town: Town) -> None:
    """Staff and, for each dataset, whom it concerns: some without an address, some to whom a letter is no kindness."""
    custodian, clerk = desk_with(town, Role.CUSTODIAN), town.desks["officer-1"]
    staff = ["person,identifier,surname,gender,left,addresses"]
    staff += [f"{short},STAFF-{short},Staff-{short},{'fm'[n % 2]},," for n, short in enumerate(town.officers)]
    staff.append(f"{VENDOR},STAFF-{VENDOR},,,,desk of {VENDOR}")
    list_staff(town.kernel, custodian, "\n".join(staff))
    for dataset, people in town.people.items():
        rows = ["identifier,name,surname,gender,language,mail,phone,safe"]
        for one in people:
            n = int(one[-5:])
            reach = (
                "no,no,yes"
                if n % 11 == 0
                else "no,yes,yes"
                if n % 7 == 0
                else f"yes,no,{'no' if n % 13 == 0 else 'yes'}"
            )
            name = SURNAMES[n % len(SURNAMES)]
            rows.append(f"{one},Invented {name} {n},{name},{'fm'[n % 2]},{'fr' if n % 3 == 0 else 'en'},{reach}")
        list_subjects(town.kernel, clerk, dataset, "\n".join(rows))


def _warrants(town: Town, plan: Plan) -> None:
    """What explains the ordinary work: a warrant for each unit that looks at records."""
    by = desk_with(town, Role.PRIVACY_OFFICER)
    for unit in ("drill records", "drill vendor"):
        body: dict[str, Scalar] = {
            "status": "confirmed",
            "reference": f"drill/{unit[6:]}",
            "operations": "read",
            "count": 999_999,
            "unit": unit,
            "dataset": ",".join(town.people),
        }
        sign_authorization(  # of an invented court: no paper is sealed, and it opens nothing
            town.kernel,
            by,
            AuthorizationKind.WARRANT,
            serves=f"{plan.technology}.*",
            purposes=(Purpose.OVERSIGHT,),
            days=60,
            body=body,
            before="",
        )


def _ordinary(town: Town, clock: DrillClock, now: datetime) -> None:
    """Days of ordinary work by everybody, all of it explained, in sessions of their own."""
    datasets, everybody = sorted(town.people), (*town.officers, VENDOR)
    for day in range(DAYS, 0, -1):
        minutes = np.sort(town.rng.integers(300, size=len(everybody))).tolist()  # time does not go back
        for short, minute in zip(everybody, minutes, strict=True):
            clock.set_to = now - timedelta(days=day) + timedelta(minutes=minute)
            dataset = datasets[int(town.rng.integers(len(datasets)))]
            town.look(short, dataset, town.some(dataset, 1 + int(town.rng.integers(2))))
    for short in town.officers[:2]:  # for the weekly review, and no breach: nothing explains them, and that is all
        town.look(short, "drill-other-desk", town.some(datasets[0], 1))
    clock.set_to = now - timedelta(hours=5)
