"""Warrants: record, read, confirm, refuse, notify."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any

from peelian.acts.act import Acts, Done, asked
from peelian.errors import InputError, sentence
from peelian.kernel.model.doors import Enters, Leaves
from peelian.pictures.panels import Grid, Say

if TYPE_CHECKING:
    from peelian.acts.act import Roles
    from peelian.kernel.model.documents import Admission
    from peelian.kernel.model.people import Operator
    from peelian.operations.office import Office

acts = Acts("warrant", "Warrants", "Warrants: record, read, confirm, refuse, notify.")
STATUS = {
    "confirmed": "The court issued it",
    "provisional": "Not yet: urgent, for 48 hours, collects only",
}
"""What a court decided so far (`kernel/model/warrants`)."""
NOTICE_STATES = {
    "sent": "sent",
    "running": "the warrant is in force",
    "deferred": "deferred by a court",
    "due": "to be sent",
    "overdue": "overdue",
}
SCANS = ".pdf,.png,.jpg,.jpeg,.tif,.tiff"


def _recorders() -> Roles:
    from peelian.kernel.model.capability import AuthorizationKind
    from peelian.kernel.model.policy_port import ISSUERS

    return ISSUERS[AuthorizationKind.WARRANT]


def _readers() -> Roles:
    from peelian.kernel.access.decryption_checks import PAPER_READERS

    return PAPER_READERS


def _one(digests: Iterable[str], beginning: str) -> str:
    """The digest that these first digits, 8 at least, begin; InputError where it is not one alone."""
    found = [digest for digest in digests if digest.startswith(beginning)] if len(beginning) >= 8 else []
    if len(found) != 1:
        accepted = "the digest, or at least its first 8 digits"
        raise InputError("no single warrant has this digest", column="warrant", accepted=accepted)
    return found[0]


def _purposes(office: Office, say: Say) -> Iterable[tuple[str, str]]:
    from peelian.wording.labels import PURPOSES

    return ((one, say(text)) for one, text in PURPOSES.items())


def _items(office: Office, say: Say) -> Iterable[tuple[str, str]]:
    return ((name, name) for name in sorted(_recordings(office)))


def _owed(office: Office, say: Say) -> Iterable[tuple[str, str]]:
    from peelian.kernel.verbs import warrant_notices

    for one in warrant_notices.open_ones(office.kernel):
        yield one.warrant, _named(say, one.serves, one.ends.isoformat(), one.warrant)


def _notices(office: Office, say: Say, language: str) -> Grid | None:
    """Every notice with its clock."""

    from peelian.kernel.records.owed_notices import notices
    from peelian.pictures.moments import moment

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
    from peelian.kernel.records.sensor_register import the_register

    today = office.kernel.now().date()
    for id, listed in sorted(the_register(office.kernel).items()):
        if listed.state(today) == "registered":
            one = listed.sensor
            yield id, say("%(title)s, %(area)s (%(id)s)", title=one.title, area=one.area, id=listed.number)


def _areas(office: Office, say: Say) -> Iterable[tuple[str, str]]:
    from peelian.kernel.model.labels import LabelKind
    from peelian.kernel.records.label_register import adopted

    labels = adopted(office.kernel).labels[LabelKind.AREA].values()
    yield from ((one.label, one.label) for one in sorted(labels, key=lambda one: one.label))


def _in_force(office: Office, say: Say) -> Iterable[tuple[str, str]]:
    """Warrants that are in force, the newest first."""

    from peelian.kernel.model.capability import AuthorizationKind

    known = office.kernel.state.authorizations.copy()
    warrants = [(digest, one) for digest, one in known.items() if one.kind is AuthorizationKind.WARRANT]
    for digest, one in sorted(warrants, key=lambda each: each[1].starts, reverse=True):
        yield digest, _named(say, one.serves, one.starts, digest)


def _recordings(office: Office) -> dict[str, Admission]:
    """The recordings in custody."""
    kernel = office.kernel
    return {d: one for d, one in kernel.state.datasets.items() if kernel.shape_of(one) == "footage.footage"}


def _provisional(office: Office, say: Say) -> Iterable[tuple[str, str]]:
    from peelian.kernel.model.warrants import is_provisional

    known = office.kernel.state.authorizations
    yield from ((digest, text) for digest, text in _in_force(office, say) if is_provisional(known[digest]))


def _waiting(office: Office, say: Say) -> Iterable[tuple[str, str]]:
    """Recorded warrants that no second person has confirmed."""

    from peelian.kernel.verbs import warrant_recording

    for digest, made in warrant_recording.unconfirmed_warrants(office.kernel):
        yield digest, _named(say, str(made.body["serves"]), made.at, digest)


def _with_paper(office: Office, say: Say) -> Iterable[tuple[str, str]]:
    known = office.kernel.state.authorizations
    yield from _waiting(office, say)
    yield from ((digest, text) for digest, text in _in_force(office, say) if known[digest].body.get("paper"))


def _named(say: Say, serves: str, at: str, digest: str) -> str:
    from peelian.pictures.moments import stamp

    day = f"{stamp(say, at)} UTC"
    return say("%(title)s, %(area)s (%(id)s)", title=serves, area=day, id=digest[:8])


@acts.does(
    "record",
    "Record a warrant",
    "The court's paper is sealed. It opens nothing until somebody of another unit has confirmed it.",
    whom=_recorders,
    enters=Enters.FILE,
    typed=("paper",),
    offered={
        "serves": _served,
        "purposes": _purposes,
        "sensors": _sensors,
        "cells": _areas,
        "provisional": _provisional,
        "item": _items,
    },
)
def record(
    office: Office,
    by: Operator,
    *,
    status: Annotated[str, asked("Court's decision", names=STATUS)],
    serves: Annotated[str, asked("What it is for")],
    purposes: Annotated[tuple[str, ...], asked("Purposes")],
    reference: Annotated[str, asked("File number of the court")],
    court: Annotated[str, asked("Court")],
    judge: Annotated[str, asked("Who issued it, as on the paper")] = "",
    issued: Annotated[str, asked("Day on the paper", kind="date")],
    ends: Annotated[str, asked("Last day on the paper", kind="date")] = "",
    operations: Annotated[str, asked("Operations, separated by commas")] = "energy-single-meter",
    sensors: Annotated[tuple[str, ...], asked("Sensors that it names")] = (),
    cells: Annotated[tuple[str, ...], asked("Areas that it names")] = (),
    item: Annotated[str, asked("Recording that a court orders to be disclosed")] = "",
    count: Annotated[int, asked("Number of uses that it allows")],
    urgency: Annotated[str, asked("Why the court could not be waited for", lines=2)] = "",
    provisional: Annotated[str, asked("Provisional warrant that this order is about")] = "",
    paper: Annotated[str, asked("Scan of the court's paper", file=SCANS, binary=True)],
) -> Done:
    """Record a warrant."""
    from peelian.kernel.model.capability import Purpose
    from peelian.kernel.model.warrants import PROVISIONAL
    from peelian.kernel.verbs import court_papers, warrant_recording

    known = {str(one) for one in Purpose}
    if wrong := [one for one in purposes if one not in known]:
        raise InputError("no such purpose", column="purposes", accepted=", ".join(sorted(known - set(wrong))))
    stated: dict[str, Any] = {"status": status, "reference": reference, "court": court, "judge": judge}
    stated |= {"issued": issued, "ends": ends, "operations": operations, "sensors": ",".join(sensors)}
    stated |= {"cells": ",".join(cells), "count": count, "urgency": urgency, "provisional": provisional}
    if item:
        stated["item_sha256"] = _recordings(office)[item].digest
    stated["paper"] = court_papers.seal_paper(office.kernel, by, b64decode(paper))
    told = tuple(map(Purpose, purposes))
    digest = warrant_recording.record(office.kernel, by, serves=serves, purposes=told, body=stated)
    waits = digest in office.kernel.state.dual_control.proposals
    record = {"recorded": digest, "confirmed": False, "waits": waits, "paper": stated["paper"]}
    made = sentence("Recorded warrant: %(digest)s", digest=digest)
    if status == PROVISIONAL:
        says = "Recorded. It collects for 48 hours. Nothing is opened until the court's order is recorded."
        return Done(says=says, next=(made,), record=record)
    says = "Recorded. Somebody of another unit reads the paper and confirms it."
    then = sentence("Next, someone in another unit: peelian warrant read %(digest)s --as NAME", digest=digest)
    return Done(says=says, href="/authorizations", next=(made, then), record=record)


@acts.does(
    "read",
    "Read the paper of a warrant",
    "It opens as a file. Your reading is logged. Delete the file afterwards.",
    whom=_readers,
    leaves=Leaves.RECORDS,
    typed=("warrant",),
    offered={"warrant": _with_paper},
    writes="",
)
def read(
    office: Office,
    by: Operator,
    *,
    warrant: Annotated[str, asked("Warrant")],
) -> Done:
    """Read the paper of a warrant."""
    from peelian.kernel.model.warrants import name_of_paper
    from peelian.kernel.verbs import court_papers

    state = office.kernel.state
    bodies = {digest: one.body for digest, one in state.authorizations.items()}
    bodies |= {digest: one.body for digest, one in state.dual_control.proposals.items() if one.what == "warrant"}
    digest = str(bodies[_one(bodies, warrant)].get("paper", ""))
    content = court_papers.read_paper(office.kernel, by, digest)
    name = f"{name_of_paper(digest)}.{court_papers.kind_of(content)}"
    return Done(says="Compare it with what was recorded, then confirm.", file=(name, content))


@acts.does(
    "confirm",
    "Confirm a warrant against its paper",
    "Read the paper first. Whoever recorded it, and their unit, cannot confirm it.",
    whom=_readers,
    typed=("warrant",),
    offered={"warrant": _waiting},
    proves=True,
)
def confirm(
    office: Office,
    by: Operator,
    *,
    warrant: Annotated[str, asked("Warrant that waits for a second person")],
    reference: Annotated[str, asked("File number, as you read it on the paper")],
) -> Done:
    """Confirm a warrant against its paper."""
    from peelian.kernel.model.documents import digest_of
    from peelian.kernel.verbs import warrant_recording

    of = _one(office.kernel.state.dual_control.proposals, warrant)
    made = warrant_recording.confirm(office.kernel, by, of, reference=reference)
    digest, says = digest_of(made), sentence("Warrant confirmed until %(day)s.", day=made.ends[:10])
    record = {"warrant": digest, "until": made.ends}
    then = sentence("Its digest: %(digest)s", digest=digest)
    return Done(says=says, href=f"/authorizations/{digest}", next=(then,), record=record)


@acts.does(
    "refuse",
    "Record that the court refused or withdrew a warrant",
    "It ends now. All that was collected under it is destroyed and cannot be recovered.",
    whom=_recorders,
    typed=("warrant",),
    offered={"warrant": _in_force},
)
def refuse(
    office: Office,
    by: Operator,
    *,
    warrant: Annotated[str, asked("Warrant")],
    reason: Annotated[str, asked("Reason given by the court, at least three words", lines=3)],
) -> Done:
    """Record that the court refused or withdrew a warrant."""
    from peelian.kernel.verbs import warrant_lifecycle

    n = warrant_lifecycle.refuse(office.kernel, by, _one(office.kernel.state.authorizations, warrant), words=reason)
    says = sentence("Warrant ended. Objects and documents destroyed: %(n)d.", n=n)
    return Done(says=says, record={"destroyed": n})


@acts.does(
    "notify",
    "Record the notice of a warrant, or its postponement",
    "Whom a warrant concerned is told once it is over, unless a court defers that to a day.",
    whom=_recorders,
    leaves=Leaves.RECORDS,
    typed=("warrant",),
    offered={"warrant": _owed},
    shows=_notices,
)
def notify(
    office: Office,
    by: Operator,
    *,
    warrant: Annotated[str, asked("Warrant")],
    sent: Annotated[str, asked("Day the notice was sent", kind="date")] = "",
    how: Annotated[str, asked("How it was sent, without a name or an address")] = "",
    until: Annotated[str, asked("Or: day until which a court deferred it", kind="date")] = "",
    reference: Annotated[str, asked("File number of the postponement")] = "",
) -> Done:
    """Record the notice of a warrant, or its postponement."""
    from peelian.kernel.records.owed_notices import notices
    from peelian.kernel.verbs import warrant_notices

    of = _one([one.warrant for one in notices(office.kernel)], warrant)
    stated = {"sent": sent, "how": how, "until": until, "reference": reference}
    warrant_notices.notify(office.kernel, by, of, **stated)
    says = "Notice recorded." if sent else "Postponement recorded. The notice is due on that day."
    return Done(says=says, record={"warrant": of})


def _owed_record(office: Office) -> list[dict[str, str]]:
    from peelian.kernel.records.owed_notices import notices

    now = office.kernel.now()
    return [
        {"warrant": one.warrant, "serves": one.serves, "due": f"{one.due}", "state": one.state(now)}
        for one in notices(office.kernel)
    ]


acts.lists(
    "notices",
    "Notices of warrants",
    "To whom notice is owed once a warrant is over, until when, and whether it was sent.",
    whom=_recorders,
    record=_owed_record,
    empty="No notice is owed.",
)(_notices)
