"""Commands of warrants: record the court's paper, read it, confirm it as the second person, and what follows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from peelian.cli.command import command
from peelian.cli.frame import HERE, AsOption, OfficeOption, Printed, opened, pairs, proven, written
from peelian.cli.words import say
from peelian.errors import InputError, OutOfOrder
from peelian.kernel.model.doors import Enters, Leaves, Suspended

if TYPE_CHECKING:
    from peelian.operations.office import Office

WarrantArgument = Annotated[str, typer.Argument(help="Digest of the warrant, or its first 8 digits.")]
RecordedArgument = Annotated[str, typer.Argument(help="Digest printed by `record-warrant`, or its first 8 digits.")]
STATES = {
    "sent": "sent",
    "running": "the warrant is in force",
    "deferred": "deferred by a court",
    "due": "to be sent",
    "overdue": "overdue",
}


@command(
    "warrant record",
    Enters.FILE,
    Leaves.NOTHING,
    Suspended.GOES_ON,
    page="POST /tasks/warrant-record",
)
def record_warrant(
    paper: Annotated[Path, typer.Argument(help="Scan of the court's paper: PDF, PNG, JPEG or TIFF.")],
    serves: Annotated[str, typer.Option(help="A capability (sensors.report) or a technology (sensors.*).")],
    purpose: Annotated[list[str], typer.Option(help="A purpose it allows. Repeat for more.")],
    body: Annotated[list[str], typer.Option(help="A fact that stands on it, name=value. Repeat for more.")],
    as_: AsOption,
    office: OfficeOption = HERE,
) -> Printed:
    """Record a warrant and seal its paper. A second person of another unit confirms it; a provisional one collects."""
    from peelian.forms import scalar
    from peelian.kernel.model.capability import Purpose
    from peelian.kernel.verbs.court_papers import seal_paper
    from peelian.kernel.verbs.warrant_recording import record

    purposes = {str(one) for one in Purpose}
    if wrong := [one for one in purpose if one not in purposes]:
        raise InputError("no such purpose", column=f"--purpose {wrong[0][:30]}", accepted=", ".join(sorted(purposes)))
    facts = {name: scalar(value) if name == "count" else value for name, value in pairs(body, "--body").items()}
    content = _read(paper)
    with opened(office) as town:
        by = town.operator(as_)
        sealed = {"paper": seal_paper(town.kernel, by, content)}
        digest = record(town.kernel, by, serves=serves, purposes=tuple(map(Purpose, purpose)), body={**facts, **sealed})
        waits = digest in town.kernel.state.dual_control.proposals
    lines = [say("Recorded warrant: %(digest)s", digest=digest)]
    if waits:
        lines.append(say("Next, someone in another unit: peelian warrant read %(digest)s --as NAME", digest=digest))
    else:
        lines.append(say("It collects for 48 hours. Nothing is opened until the court's order is recorded too."))
    return {"recorded": digest, "confirmed": False, "waits": waits, **sealed}, lines


@command(
    "warrant read",
    Enters.WORDS,
    Leaves.RECORDS,
    Suspended.GOES_ON,
    page="POST /tasks/warrant-read",
)
def read_warrant(
    warrant: RecordedArgument,
    to: Annotated[Path, typer.Option(help="New file for the paper. Delete it once you have read it.")],
    as_: AsOption,
    office: OfficeOption = HERE,
) -> Printed:
    """Open the court's paper of a warrant. The opening is logged."""
    from peelian.kernel.verbs.court_papers import read_paper

    if to.exists():
        raise OutOfOrder("A file with this name already exists. Exports never overwrite files.")
    with opened(office) as town:
        content = read_paper(town.kernel, town.operator(as_), _paper(town, warrant))
    to.touch(mode=0o600)
    to.write_bytes(content)
    lines = [written(to), say("Compare it with what was recorded, then: peelian warrant confirm")]
    return {"written": str(to)}, lines


@command(
    "warrant confirm",
    Enters.WORDS,
    Leaves.NOTHING,
    Suspended.GOES_ON,
    page="POST /tasks/warrant-confirm",
)
def confirm_warrant(
    warrant: RecordedArgument,
    reference: Annotated[str, typer.Option(help="File number of the court, as you read it on the paper.")],
    as_: AsOption,
    office: OfficeOption = HERE,
) -> Printed:
    """Confirm a recorded warrant against its paper, from another unit. Your key confirms your identity."""
    from peelian.kernel.model.documents import digest_of
    from peelian.kernel.verbs.warrant_recording import confirm

    with opened(office) as town:
        digest = _one(list(town.kernel.state.dual_control.proposals), warrant)
        made = confirm(town.kernel, proven(town, as_), digest, reference=reference)
    lines = [
        say("Warrant confirmed until %(until)s.", until=made.ends[:10]),
        say("Its digest: %(digest)s", digest=digest_of(made)),
    ]
    return {"warrant": digest_of(made), "until": made.ends}, lines


@command(
    "warrant refuse",
    Enters.WORDS,
    Leaves.NOTHING,
    Suspended.GOES_ON,
    page="POST /tasks/warrant-refuse",
)
def refuse_warrant(
    warrant: WarrantArgument,
    reason: Annotated[str, typer.Option(help="Reason given by the court.")],
    as_: AsOption,
    office: OfficeOption = HERE,
) -> Printed:
    """Record that the court refused a provisional warrant, or withdrew one. It ends now; its data is destroyed."""
    from peelian.kernel.verbs import warrant_lifecycle

    with opened(office) as town:
        digest = _one(list(town.kernel.state.authorizations), warrant)
        n = warrant_lifecycle.refuse(town.kernel, town.operator(as_), digest, words=reason)
    line = say("Warrant ended. Objects and documents destroyed: %(n)d.", n=n)
    return {"destroyed": n}, [line]


@command(
    "warrant notify",
    Enters.WORDS,
    Leaves.RECORDS,
    Suspended.GOES_ON,
    page="POST /tasks/warrant-notice",
)
def notify_warrant(
    warrant: Annotated[str, typer.Argument(help="Digest of the warrant. Without one, list what is owed.")] = "",
    sent: Annotated[str, typer.Option(help="Day the notice was sent, YYYY-MM-DD.")] = "",
    how: Annotated[str, typer.Option(help="How it was sent, without a name or an address.")] = "",
    until: Annotated[str, typer.Option(help="Day until which a court deferred it, YYYY-MM-DD.")] = "",
    reference: Annotated[str, typer.Option(help="File number of the court's postponement.")] = "",
    as_: AsOption = "privacy",
    office: OfficeOption = HERE,
) -> Printed:
    """Record that notice was sent to whom a warrant concerned, or that a court deferred it. Lists what is owed."""
    from peelian.kernel.records.owed_notices import notices
    from peelian.kernel.verbs.warrant_notices import notify

    with opened(office) as town:
        if warrant:
            one = _one([each.warrant for each in notices(town.kernel)], warrant)
            more = {"sent": sent, "how": how, "until": until, "reference": reference}
            notify(town.kernel, town.operator(as_), one, **more)
        now, found = town.kernel.now(), notices(town.kernel)
    record = [{"warrant": n.warrant, "serves": n.serves, "due": f"{n.due}", "state": n.state(now)} for n in found]
    lines = [f"{one['warrant'][:16]}  {one['serves']}  {one['due']}  {say(STATES[one['state']])}" for one in record]
    return record, lines or [say("No notice is owed.")]


def _read(file: Path) -> bytes:
    from peelian.kernel.verbs.court_papers import ACCEPTED, MOST_BYTES

    try:
        with file.open("rb") as opened_file:
            return opened_file.read(MOST_BYTES + 1)
    except OSError:
        raise InputError("cannot read the file", file=file.name, accepted=ACCEPTED) from None


def _paper(town: Office, beginning: str) -> str:
    """The SHA-256 of the paper of a warrant, recorded or in force."""
    state = town.kernel.state
    bodies = {digest: one.body for digest, one in state.authorizations.items()}
    bodies |= {digest: one.body for digest, one in state.dual_control.proposals.items() if one.what == "warrant"}
    return str(bodies[_one(list(bodies), beginning)].get("paper", ""))


def _one(digests: list[str], beginning: str) -> str:
    found = [digest for digest in digests if digest.startswith(beginning)] if len(beginning) >= 8 else []
    if len(found) != 1:
        raise InputError("no single warrant has this digest", accepted="the digest, or at least its first 8 digits")
    return found[0]
