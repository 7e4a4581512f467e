"""Warrants: the court's paper is recorded, read and confirmed by a second person; or the court refused or withdrew."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from peelian.errors import sentence
from peelian.kernel.access.decryption_checks import PAPER_READERS
from peelian.kernel.model.capability import AuthorizationKind, Purpose
from peelian.kernel.model.documents import Admission, digest_of
from peelian.kernel.model.labels import LabelKind
from peelian.kernel.model.people import Operator
from peelian.kernel.model.policy_port import ISSUERS
from peelian.kernel.model.warrants import CONFIRMED, PROVISIONAL, is_provisional, name_of_paper
from peelian.kernel.records.label_register import adopted
from peelian.kernel.records.owed_notices import notices
from peelian.kernel.records.sensor_register import the_register
from peelian.kernel.verbs import court_papers, warrant_lifecycle, warrant_notices, warrant_recording
from peelian.operations.office import Office
from peelian.pictures.moments import moment, stamp
from peelian.pictures.panels import Grid, Say
from peelian.web.tasks.task import Done, Task, asked
from peelian.wording.labels import PURPOSES

GROUP = "Warrants"
RECORDERS = ISSUERS[AuthorizationKind.WARRANT]
NOTICE_STATES = {
    "sent": "sent",
    "running": "the warrant is in force",
    "deferred": "deferred by a court",
    "due": "to be sent",
    "overdue": "overdue",
}
SCANS = ".pdf,.png,.jpg,.jpeg,.tif,.tiff"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    status: str = asked(
        "Court's decision",
        names={CONFIRMED: "The court issued it", PROVISIONAL: "Not yet: urgent, for 48 hours, collects only"},
    )
    serves: str = asked("What it is for")
    purposes: tuple[str, ...] = asked("Purposes")
    reference: str = asked("File number of the court")
    court: str = asked("Court")
    judge: str = asked("Who issued it, as on the paper", default="")
    issued: str = asked("Day on the paper", kind="date")
    ends: str = asked("Last day on the paper", default="", kind="date")
    operations: str = asked("Operations, separated by commas", default="energy-single-meter")
    sensors: tuple[str, ...] = asked("Sensors that it names", default=())
    cells: tuple[str, ...] = asked("Areas that it names", default=())
    item: str = asked("Recording that a court orders to be disclosed", default="")
    count: int = asked("Number of uses that it allows")
    urgency: str = asked("Why the court could not be waited for", default="", lines=2)
    provisional: str = asked("Provisional warrant that this order is about", default="")
    paper: str = asked("Scan of the court's paper", file=SCANS, binary=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    warrant: str = asked("Warrant")


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmed:
    warrant: str = asked("Warrant that waits for a second person")
    reference: str = asked("File number, as you read it on the paper")


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    warrant: str = asked("Warrant")
    reason: str = asked("Reason given by the court, at least three words", lines=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notified:
    warrant: str = asked("Warrant")
    sent: str = asked("Day the notice was sent", default="", kind="date")
    how: str = asked("How it was sent, without a name or an address", default="")
    until: str = asked("Or: day until which a court deferred it", default="", kind="date")
    reference: str = asked("File number of the postponement", default="")


def _record(office: Office, by: Operator, given: Recorded) -> Done:
    stated = {name: ",".join(one) if isinstance(one, tuple) else one for name, one in asdict(given).items()}
    serves, purposes = stated.pop("serves"), tuple(Purpose(one) for one in given.purposes)
    del stated["purposes"]
    if item := stated.pop("item"):
        stated["item_sha256"] = _recordings(office)[item].digest
    stated["paper"] = court_papers.seal_paper(office.kernel, by, b64decode(given.paper))
    warrant_recording.record(office.kernel, by, serves=serves, purposes=purposes, body=stated)
    if given.status == PROVISIONAL:
        return Done(says="Recorded. It collects for 48 hours. Nothing is opened until the court's order is recorded.")
    return Done(says="Recorded. Somebody of another unit reads the paper and confirms it.", href="/authorizations")


def _read(office: Office, by: Operator, given: Read) -> Done:
    state = office.kernel.state
    found = state.authorizations.get(given.warrant) or state.dual_control.proposals.get(given.warrant)
    digest = str(found.body.get("paper", "")) if found else ""
    content = court_papers.read_paper(office.kernel, by, digest)
    name = f"{name_of_paper(digest)}.{court_papers.kind_of(content)}"
    return Done(says="Compare it with what was recorded, then confirm.", file=(name, content))


def _confirm(office: Office, by: Operator, given: Confirmed) -> Done:
    made = warrant_recording.confirm(office.kernel, by, given.warrant, reference=given.reference)
    values = {"day": made.ends[:10]}
    return Done(says=sentence("Warrant confirmed until %(day)s.", **values), href=f"/authorizations/{digest_of(made)}")


def _refuse(office: Office, by: Operator, given: Refused) -> Done:
    n = warrant_lifecycle.refuse(office.kernel, by, given.warrant, words=given.reason)
    return Done(says=sentence("Warrant ended. Objects and documents destroyed: %(n)d.", n=n))


def _notify(office: Office, by: Operator, given: Notified) -> Done:
    warrant_notices.notify(office.kernel, by, **asdict(given))
    return Done(says="Notice recorded." if given.sent else "Postponement recorded. The notice is due on that day.")


def _owed(office: Office, say: Say) -> Iterable[tuple[str, str]]:
    for one in warrant_notices.open_ones(office.kernel):
        yield one.warrant, _named(say, one.serves, one.ends.isoformat(), one.warrant)


def _notices(office: Office, say: Say, language: str) -> Grid | None:
    """Every notice with its clock."""
    now = office.kernel.now()
    rows = tuple(
        (one.warrant[:8], one.serves, moment(one.due.isoformat(), language), say(NOTICE_STATES[one.state(now)]))
        for one in notices(office.kernel)
    )
    titles = (say("Warrant"), say("What it is for"), say("Notice due by"), say("State"))
    return Grid(caption=say("Notices to whom warrants concerned"), titles=titles, rows=rows) if rows else None


def _served(office: Office, say: Say) -> Iterable[tuple[str, str]]:
    for one in office.kernel.technologies:
        yield f"{one.id}.*", say("All uses: %(technology)s", technology=say(one.title))
        yield from ((use.id, say(use.title)) for use in one.capabilities)


def _sensors(office: Office, say: Say) -> Iterable[tuple[str, str]]:
    today = office.kernel.now().date()
    for id, listed in sorted(the_register(office.kernel).items()):
        if listed.state(today) == "registered":
            one = listed.sensor
            yield id, say("%(title)s, %(area)s (%(id)s)", title=one.title, area=one.area, id=listed.number)


def _areas(office: Office, say: Say) -> Iterable[tuple[str, str]]:
    labels = adopted(office.kernel).labels[LabelKind.AREA].values()
    yield from ((one.label, one.label) for one in sorted(labels, key=lambda one: one.label))


def _in_force(office: Office, say: Say) -> Iterable[tuple[str, str]]:
    """Warrants that are in force, the newest first."""
    known = office.kernel.state.authorizations.copy()
    warrants = [(digest, one) for digest, one in known.items() if one.kind is AuthorizationKind.WARRANT]
    for digest, one in sorted(warrants, key=lambda each: each[1].starts, reverse=True):
        yield digest, _named(say, one.serves, one.starts, digest)


def _recordings(office: Office) -> dict[str, Admission]:
    """The recordings in custody."""
    kernel = office.kernel
    return {d: one for d, one in kernel.state.datasets.items() if kernel.shape_of(one) == "footage.footage"}


def _provisional(office: Office, say: Say) -> Iterable[tuple[str, str]]:
    known = office.kernel.state.authorizations
    yield from ((digest, text) for digest, text in _in_force(office, say) if is_provisional(known[digest]))


def _waiting(office: Office, say: Say) -> Iterable[tuple[str, str]]:
    """Recorded warrants that no second person has confirmed."""
    for digest, made in warrant_recording.waiting(office.kernel):
        yield digest, _named(say, str(made.body["serves"]), made.at, digest)


def _with_paper(office: Office, say: Say) -> Iterable[tuple[str, str]]:
    known = office.kernel.state.authorizations
    yield from _waiting(office, say)
    yield from ((digest, text) for digest, text in _in_force(office, say) if known[digest].body.get("paper"))


def _named(say: Say, serves: str, at: str, digest: str) -> str:
    day = f"{stamp(say, at)} UTC"
    return say("%(title)s, %(area)s (%(id)s)", title=serves, area=day, id=digest[:8])


TASKS = (
    Task(
        id="warrant-record",
        group=GROUP,
        title="Record a warrant",
        about="The court's paper is sealed. It opens nothing until somebody of another unit has confirmed it.",
        roles=RECORDERS,
        params=Recorded,
        do=_record,
        offered={
            "serves": _served,
            "purposes": lambda office, say: [(str(one), say(PURPOSES[one])) for one in Purpose],
            "sensors": _sensors,
            "cells": _areas,
            "provisional": _provisional,
            "item": lambda office, say: [(name, name) for name in sorted(_recordings(office))],
        },
    ),
    Task(
        id="warrant-read",
        group=GROUP,
        title="Read the paper of a warrant",
        about="It opens as a file. Your reading is logged. Delete the file afterwards.",
        roles=PAPER_READERS,
        params=Read,
        do=_read,
        offered={"warrant": _with_paper},
    ),
    Task(
        id="warrant-confirm",
        group=GROUP,
        title="Confirm a warrant against its paper",
        about="Read the paper first. Whoever recorded it, and their unit, cannot confirm it.",
        roles=PAPER_READERS,
        params=Confirmed,
        do=_confirm,
        offered={"warrant": _waiting},
    ),
    Task(
        id="warrant-refuse",
        group=GROUP,
        title="Record that the court refused or withdrew a warrant",
        about="It ends now. All that was collected under it is destroyed and cannot be recovered.",
        roles=RECORDERS,
        params=Refused,
        do=_refuse,
        offered={"warrant": _in_force},
    ),
    Task(
        id="warrant-notice",
        group=GROUP,
        title="Record the notice of a warrant, or its postponement",
        about="Whom a warrant concerned is told once it is over, unless a court defers that to a day.",
        roles=RECORDERS,
        params=Notified,
        do=_notify,
        offered={"warrant": _owed},
        shows=_notices,
    ),
)
