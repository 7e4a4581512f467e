"""Status of an office on one screen: what runs, what guards it, what is damaged and what waits for somebody."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import peelian
from peelian.errors import IntegrityError, OfficeShut, sentence
from peelian.integrations.login_codes import SERVING
from peelian.kernel.alarms.watch import WATCHING
from peelian.kernel.identity.dual_control import open_proposals
from peelian.kernel.model.suspension import Why
from peelian.kernel.records.sensor_register import LISTENERS, the_register
from peelian.kernel.state.kernel import Kernel
from peelian.kernel.state.known import unless_damaged, why_damaged
from peelian.kernel.state.state import OfficeState
from peelian.operations.maintenance import ATTENDING
from peelian.operations.office import Office, open_office
from peelian.operations.witness_standing import witness_standing
from peelian.oversight.breach.damage import KIND
from peelian.oversight.breach.incident import register
from peelian.oversight.drills.due import next_drill
from peelian.storage.office_settings import read_settings, settings_file

TITLES = {
    "office": "Office",
    "version": "Version",
    "format": "Format",
    "disk": "Disk",
    "pages": "Pages",
    "watches": "Watches",
    "sensors": "Sensors",
    "publisher": "Publisher",
    "registrar": "Registrar",
    "log": "Log",
    "witness": "Witness",
    "backup": "Backup",
    "daily job": "Daily job",
    "keys": "Keys replaced",
    "suspended": "Suspended",
    "counts as suspended": "Counts as suspended",
    "proposals": "Proposals",
    "incidents": "Incidents",
    "drill": "Breach drill",
    "people": "People",
    "damaged": "Damaged",
    "shut": "The office is shut",
}
"""What each line is of, as people read it."""
NOBODY = (
    "Nobody can be told who may suspend: their enrolments are damaged. It ends when these, or the keys/store folder "
    "with their key, are restored from the backup."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line: what it is of, what it says, what to do ("": nothing), and whether it is damage."""

    of: str
    says: str
    remedy: str = ""
    wrong: bool = False


def office_status(path: Path) -> list[Line]:
    """The office at `path`, the worst last. One that cannot be opened says why. O(entries that the state rests on)."""
    head = [
        Line(of="office", says=read_settings(path)["name"]),
        Line(of="version", says=sentence("Peelian %(version)s", version=peelian.__version__)),
        Line(of="format", says=str(settings_file(path)["format"])),
    ]
    free = sentence("%(free)s GB free", free=f"{shutil.disk_usage(path).free / 1e9:,.1f}")
    head.append(Line(of="disk", says=free))
    try:
        with open_office(path) as office:
            return [*head, *_inside(office)]
    except OfficeShut as fault:
        return [*head, Line(of="shut", says=fault.args[0], wrong=True)]


def _damage(fault: IntegrityError) -> Line:
    """Which thing, and what is wrong with it: the sentence says what puts it right."""
    shut = isinstance(fault, OfficeShut)
    return Line(of="shut" if shut else "damaged", says=fault.args[0], remedy=fault.of, wrong=True)


def _inside(office: Office) -> Iterator[Line]:
    kernel = office.kernel
    yield Line(of="pages", says="Nobody serves them." if _is_free(kernel, SERVING) else "They are served.")
    if watched := _watched(kernel):
        yield Line(of="watches", says=watched)
    if listening := _listened(kernel):
        yield Line(of="sensors", says=listening)
    if kernel.registrar is not None:  # without it nothing here could be read
        yield Line(of="registrar", says="It answers.")
    elif _is_free(kernel, ATTENDING):
        yield Line(of="publisher", says="No process publishes the log.", remedy="Serve the office: peelian serve.")
    else:
        yield Line(of="publisher", says="A process publishes the log.")
    at = str(kernel.stores.log.head()["latest"])[:16].replace("T", " ")
    yield Line(of="log", says=sentence("%(n)d entries, the newest at %(at)s UTC", n=kernel.stores.log.size(), at=at))
    witness = witness_standing(office)
    yield Line(of="witness", says=witness.says)
    yield Line(of="backup", says=_newest(kernel, "BACKED_UP", "The log knows of no backup."))
    yield Line(of="daily job", says=_newest(kernel, "SWEPT", "It was not done yet."))
    yield Line(of="keys", says=_newest(kernel, "ROTATED", "They were never replaced."))
    yield from _of_drills(kernel)
    yield from _of_people(kernel)
    yield from map(_damage, _faults(kernel))


def _of_drills(kernel: Kernel) -> Iterator[Line]:
    """The drill that is being played, or the yearly one from a month before it is due."""
    due, name = next_drill(kernel), kernel.state.duties.drill_open
    if name:
        yield Line(of="drill", says=sentence("%(name)s is being played", name=name))
    elif due.soon or due.overdue:
        says = "overdue since %(day)s, uses are blocked" if due.overdue else "due by %(day)s"
        yield Line(of="drill", says=sentence(says, day=f"{due.by:%Y-%m-%d}"), remedy="Play one: page *Breach drill*.")


def _faults(kernel: Kernel) -> list[IntegrityError]:
    """What this process met, and what others did that served the office, as far as it is still damaged."""
    incidents = unless_damaged(kernel.state.notice, lambda: register(kernel), ())
    for of in {of for one in incidents if one.kind == KIND for of in one.exposure}:
        if isinstance(wrong := why_damaged(kernel, of), IntegrityError):
            kernel.state.notice(wrong)
    return kernel.state.faults()


def _is_free(kernel: Kernel, lease: str) -> bool:
    """Whether no process holds this lease."""
    with kernel.stores.lease(lease, False) as nobody:
        return nobody


def _watched(kernel: Kernel) -> str:
    """How many watches stand, and whether a process hears readings; "" where none stands."""
    alarms, now = kernel.state.alarms, kernel.now()
    n = sum(alarms.stands_at(case, now) for case in alarms.stands.copy())
    says = "%(n)d in force. No process listens." if _is_free(kernel, WATCHING) else "%(n)d in force. A process listens."
    return sentence(says, n=n) if n else ""


def _listened(kernel: Kernel) -> str:
    """The same of registered sensors and `peelian sensors listen`; "" where none is registered."""
    today = kernel.now().date()
    known = unless_damaged(kernel.state.notice, lambda: the_register(kernel), {})
    n = sum(one.state(today) == "registered" for one in known.values())
    free = _is_free(kernel, LISTENERS)
    says = "%(n)d registered. No process listens." if free else "%(n)d registered. A process listens."
    return sentence(says, n=n) if n else ""


def _newest(kernel: Kernel, kind: str, none: str) -> str:
    found = kernel.stores.log.page(1, before=kernel.stores.log.size(), kind=kind)
    return sentence("Last on %(day)s", day=str(found[0][1]["t"])[:10]) if found else none


def _of_people(kernel: Kernel) -> Iterator[Line]:
    """What waits for somebody. Reading it finds what is damaged of it."""
    state: OfficeState = kernel.state
    found = sorted(state.suspended.items())
    if names := [name for name, made in found if made.is_thrown]:
        yield Line(of="suspended", says=", ".join(names), remedy="Two people lift it: peelian proposals resume.")
    for unread, remedy in ((False, "It ends when what is damaged is restored."), (True, NOBODY)):
        not_thrown = [name for name, made in found if not made.is_thrown and (made.reason == Why.UNREAD) is unread]
        if not_thrown:
            yield Line(of="counts as suspended", says=", ".join(not_thrown), remedy=remedy)
    for of, count, remedy in (
        (
            "proposals",
            lambda: sum(not approved for *_, approved in open_proposals(kernel)),
            "See peelian proposals list.",
        ),
        ("incidents", lambda: sum(not one.measures for one in register(kernel)), "See peelian breach list."),
        ("people", lambda: len(state.people.faults), "Restore their enrolments from the backup."),
    ):
        n = unless_damaged(state.notice, count, 0)
        if n:
            yield Line(of=of, says=sentence("%(n)d waiting", n=n), remedy=remedy)
