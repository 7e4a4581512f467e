"""A records desk to plant misuse in: officers of one unit, people in the records, duty, and well explained accesses."""

from __future__ import annotations

import dataclasses
import itertools
from datetime import UTC, datetime, timedelta

import toy
from desk import Desk, desk

from peelian.kernel.identity.step_up import prove
from peelian.kernel.model.capability import Role
from peelian.kernel.model.people import Operator
from peelian.kernel.records.office_records import Seen, address_token, note_access, subject_token
from peelian.oversight.review.people import list_roster, list_staff, list_subjects
from peelian.oversight.review.sampling import bounds
from peelian.oversight.transparency.register import case_record

WEEK = "2026-W10"  # 2 to 8 March 2026
SURNAMES = ("Adler", "Baptiste", "Chen", "Dubois", "Eze", "Fournier", "Gill", "Haddad", "Ito", "Jones")
OFFICERS = ("anna", "bela", "carl", "dora", "emil", "fred")


@dataclasses.dataclass
class Precinct:
    """The office, its records clerks ("officers"), an open case and its dataset."""

    desk: Desk
    case: str
    dataset: str
    officers: dict[str, Operator]
    sessions: itertools.count = dataclasses.field(default_factory=lambda: itertools.count(1))

    def look(self, who: str, *people: str, at: str = "", **changes: str) -> list[int]:
        """An access to the records of `people` (identifiers), in a session of its own from the officer's own desk."""
        kernel = self.desk.kernel
        if at:
            self.desk.clock.now = datetime.fromisoformat(at).replace(tzinfo=UTC)
        seen = Seen(
            dataset=changes.get("dataset", self.dataset),
            subjects=[subject_token(kernel, one) for one in people],
            action=changes.get("action", "read"),
            session=changes.get("session", f"s{next(self.sessions)}"),
            address=address_token(kernel, changes.get("address", f"desk of {who}")),
            case=changes.get("case", self.case),
            cell=changes.get("cell", ""),
        )
        prove(kernel, self.officers[who])
        return note_access(kernel, self.officers[who], seen)

    def week_over(self) -> None:
        self.desk.clock.now = bounds(WEEK)[1] + timedelta(hours=9)


def person(number: int) -> str:
    """The identifier of a person in the records."""
    return f"P-{number:04d}"


def precinct(people: int = 60) -> Precinct:
    """Monday, 2 March 2026, 9:00: officers on duty from 8:00 to 18:00 all week, one case permitted to their unit."""
    made = desk(known=(toy.TOY,))
    made.authorizations(toy.COUNT)
    permit = made.ask(toy.COUNT)
    unit = case_record(made.kernel, permit.case).request.unit
    custodian, clerk = made.people["custodian"], made.people["clerk"]
    officers = {
        who: made.office.enrol(who, name=who.title(), unit=unit, roles={Role.CLERK}, by=custodian) for who in OFFICERS
    }
    staff = ["person,identifier,surname,gender,left"]
    staff += [f"{who},S-{i},Staff{i},{'fm'[i % 2]}," for i, who in enumerate(OFFICERS)]
    list_staff(made.kernel, custodian, "\n".join(staff))
    days = [bounds(WEEK)[0] + timedelta(days=d) for d in range(5)]
    shifts = ["person,starts,ends"]
    shifts += [f"{who},{day.date()}T08:00+00:00,{day.date()}T18:00+00:00" for who in OFFICERS for day in days]
    list_roster(made.kernel, custodian, "\n".join(shifts))
    rows = ["identifier,name,surname,gender,language,mail,phone,safe"]
    rows += [
        f"{person(n)},First {SURNAMES[n % 10]},{SURNAMES[n % 10]},{'fm'[n % 2]},{('en', 'fr')[n % 3 == 0]},yes,no,yes"
        for n in range(people)
    ]
    dataset = case_record(made.kernel, permit.case).request.datasets["wells"]
    list_subjects(made.kernel, clerk, dataset, "\n".join(rows))
    return Precinct(desk=made, case=permit.case, dataset=dataset, officers=officers)


def ordinary_week(at: Precinct) -> None:
    """Five days of ordinary work: each officer looks at a few people a day, under the open case and on duty."""
    for day, (turn, who) in itertools.product(range(2, 7), enumerate(OFFICERS)):
        for k in range(2):
            n = (day * 17 + turn * 7 + k * 31) % 60
            at.look(who, person(n), at=f"2026-03-{day:02d}T{9 + turn:02d}:{10 + 20 * k}")
