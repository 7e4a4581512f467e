"""A drill that people play: its town is built, seats are taken, and its report comes back to the real office.

The town is an office of its own in the folder of the real one, with keys of its own and its own log. Nothing of the
real office is copied but its shape: units and roles. What happens there is told by its log; the real office signs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from peelian.errors import IntegrityError, OutOfOrder
from peelian.integrations.login_codes import leave_pass
from peelian.integrations.person_keys import ThrownAway
from peelian.kernel.model.people import Operator
from peelian.kernel.policy.authorize import must_hold_role
from peelian.kernel.records.drill_records import (
    OPENERS,
    DrillCourse,
    course_of,
    courses,
    is_drill_town,
    open_drill,
    report_drill,
    take_seat,
)
from peelian.operations.drill.drill import cleared
from peelian.operations.drill.town import MOST_DESKS, build_town, plan_of
from peelian.operations.office import Office, open_office
from peelian.oversight.drills.cards import card_of
from peelian.oversight.drills.play import Play, play_of, played, prepare, sit_down

PASSPHRASE = ThrownAway().known("")
"""Of every key of a drill town: it is no secret, and opens nothing real."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """Where a drill's town lies."""

    path: Path

    @property
    def office(self) -> Path:
        """Its office's folder: what is served to the players."""
        return self.path / "office"


def folder_of(office: Office, drill: str) -> Folder:
    """The folder of a drill. OutOfOrder: an office in memory has none."""
    if office.path is None:
        raise OutOfOrder("An office in memory has no folder for a drill.")
    return Folder(path=office.path / "drills" / drill)


def open_played(office: Office, by: Operator, card: str) -> DrillCourse:
    """Build the town of a new drill, and open the drill in the real office; whoever does leads it.

    OutOfOrder while another is open, or where whoever asks has no desk in the town. O(people).
    """
    kernel, found = office.kernel, card_of(card)
    must_hold_role(kernel, by, OPENERS, "the_driller_may_drill")
    if is_drill_town(kernel) or kernel.state.duties.drill_open:
        raise OutOfOrder("A drill is being played. Report it or abandon it first.")
    number = len(courses(kernel)) + 1
    name = f"{found.id}-drill-{number}"
    folder = folder_of(office, name)
    seats = {person.token: f"desk-{n}" for n, person in enumerate(list(kernel.state.people.values())[:MOST_DESKS], 1)}
    if by.person.token not in seats:
        raise OutOfOrder("A drill has 40 desks, for those enrolled first. Have one of them open it.")
    cleared(folder.path)
    town, clock = build_town(plan_of(office), folder.path, seed=number, office_clock=kernel.now)
    try:
        clock.set_to = None
        key, people = town.kernel.office.public_key, town.people[found.dataset][: found.people]
        prepare(town.kernel, town.desks[seats[by.person.token]], found, people)
    finally:
        town.office.close()
    body = {"drill": name, "card": found.id, "affected": len(people), "key": key, "seats": seats, "number": number}
    open_drill(kernel, by, body)
    return course_of(kernel, name)


@contextmanager
def town_of(office: Office, drill: str) -> Iterator[Office]:
    """The office of a drill's town, open for as long as the block lasts. OutOfOrder where it is gone."""
    folder = folder_of(office, drill)
    if not folder.office.is_dir():
        raise OutOfOrder("The town of this drill is gone. Abandon the drill and open another.")
    with open_office(folder.office, clock=office.kernel.now).asking(ThrownAway()) as town:
        if not is_drill_town(town.kernel):
            raise OutOfOrder("This office is no drill town.")
        yield town


def sit(office: Office, by: Operator, drill: str, role: str) -> str:
    """Take a seat: signed in the real office, then shown in the drill town; one's name there."""
    name = take_seat(office.kernel, by, drill, role)
    with town_of(office, drill) as town:
        sit_down(town.kernel, town.operator(name), name, role)
    return name


def log_on_code(office: Office, by: Operator, drill: str) -> str:
    """A code for the log-on of a drill town, for whoever has a seat there. OutOfOrder while nobody serves it."""
    seat = next((one for one in course_of(office.kernel, drill).seats if one.person == by.person.token), None)
    if seat is None:
        raise OutOfOrder("You have no seat in this drill. Take one in the real office.")
    with town_of(office, drill) as town:
        key = town.keys.of(seat.name)
    return leave_pass(folder_of(office, drill).office, seat.name, key)


def drill_status(office: Office, drill: str) -> Play:
    """How a drill stands, as its town's log tells."""
    with town_of(office, drill) as town:
        return play_of(town.kernel)


def report(office: Office, by: Operator, drill: str, lessons: Sequence[dict[str, str]]) -> DrillCourse:
    """Verify the town's log, and sign what it tells, with the lessons, in the real office."""
    with town_of(office, drill) as town:
        told: dict[str, Any] = played(town.kernel)
        key, verdict = town.kernel.office.public_key, town.verdict()
    if not verdict.ok:
        raise IntegrityError("The log of the drill town does not verify.", of="drill town")
    told["town"] = {"key": key, "size": verdict.size, "root": verdict.root}
    report_drill(office.kernel, by, drill, told, list(lessons))
    return course_of(office.kernel, drill)
