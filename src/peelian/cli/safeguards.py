"""Commands of the safeguards: actions that need two people, bylaws, keys, witness, and the doctor."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from peelian.cli.command import command
from peelian.cli.frame import HERE, AsOption, OfficeOption, Printed, opened, proposed, proven, reads
from peelian.cli.words import say, translated
from peelian.errors import IntegrityError, PeelianError
from peelian.kernel.model.doors import MACHINE, Enters, Leaves, Suspended

if TYPE_CHECKING:
    from peelian.kernel.model.vocabulary import Scalar

UNTOLD = frozenset({"reference", "recorded_by"})
ONCE = "Carry it out once within a week."
NEXT: Mapping[str, str] = {
    "enrol": "Carry it out once within a week: peelian people enrol-approved %(proposal)s",
    "sensors": "Carry it out once within a week: peelian sensors register-approved %(proposal)s --as NAME",
    "bylaws": "The bylaws are in force.",
    "vocabulary": "The change of the register of labels is in force.",
    "resume": "The suspension is lifted. Uses still need their authorizations.",
    "court_exception": "The exception is in force until the suspension is lifted.",
    "custody_exception": "Recordings can be stored for 30 days, 20 at most. Residents read the reason.",
}
"""What follows once something was approved, by what was proposed."""


@command(
    "proposals list",
    Enters.NOTHING,
    Leaves.RECORDS,
    Suspended.GOES_ON,
    page="GET /authorizations",
    reads="proposals",
)
def proposals(as_: AsOption = "custodian", office: OfficeOption = HERE) -> Printed:
    """List open proposals: who, why, details, and whether approved."""
    from peelian.kernel.identity.dual_control import open_proposals
    from peelian.kernel.identity.enrolment import proposed_name

    with opened(office) as town:
        reads(town, as_, "proposals")
        people = town.kernel.state.people
        found = [
            {
                "proposal": digest,
                "what": made.what,
                "by": people[made.by].name if made.by in people else made.by,
                "unit": made.unit,
                "reason": made.words,
                "with": _with(made.body, proposed_name(town.kernel, digest)),
                "approved": is_approved,
            }
            for digest, made, is_approved in open_proposals(town.kernel)
        ]
    lines = [line for one in found for line in _listed(one)]
    return found, lines or [say("No open proposals.")]


def _with(body: Mapping[str, Scalar], name: str) -> dict[str, Scalar]:
    """What is proposed, with the name in the place of what the proposal says of it, where it is known; of a warrant
    without the file number, which whoever confirms it reads on the paper."""
    shown = {word: value for word, value in body.items() if "paper" not in body or word not in UNTOLD}
    return {**shown, "name": name} if name else shown


def _listed(one: dict[str, Any]) -> list[str]:
    """A proposal in a few lines."""
    what = ", ".join(f"{key} {value}" for key, value in one["with"].items())
    waits = say("To approve: peelian proposals approve %(proposal)s --as NAME", proposal=one["proposal"])
    if one["what"] == "warrant":
        waits = say("To read its paper: peelian warrant read %(proposal)s --as NAME", proposal=one["proposal"])
    values = {"what": one["what"], "name": one["by"], "unit": one["unit"], "reason": one["reason"]}
    head = say("%(what)s, proposed by %(name)s (%(unit)s): %(reason)s", **values)
    details = [say("Details: %(list)s", list=what)] if what else []
    state = say("Approved, not yet carried out") if one["approved"] else waits
    return [one["proposal"], *(f"    {line}" for line in (head, *details, state))]


@command(
    "proposals approve",
    Enters.WORDS,
    Leaves.NOTHING,
    Suspended.GOES_ON,
    page="POST /proposals/{digest}",
)
def approve(
    proposal: Annotated[str, typer.Argument(help="Digest that the proposal printed.")],
    as_: AsOption,
    office: OfficeOption = HERE,
) -> Printed:
    """Approve a proposal from another unit. Your key confirms your identity."""
    from peelian.kernel.identity import dual_control
    from peelian.kernel.identity.enrolment import proposed_name

    with opened(office) as town:
        dual_control.approve(town.kernel, proven(town, as_), proposal)
        made = town.kernel.state.dual_control.proposals[proposal]
        body = _with(made.body, proposed_name(town.kernel, proposal))
    what = ", ".join(f"{key} {value}" for key, value in body.items())
    act = translated(dual_control.ACTS[made.what])
    lines = [
        say("Approved: %(act)s (%(details)s)" if what else "Approved: %(act)s", act=act, details=what),
        say("Reason given: %(reason)s", reason=made.words),
        _next(made.what, proposal),
    ]
    return {"approved": proposal, "what": made.what, "with": body}, lines


def _next(what: str, proposal: str) -> str:
    return say(NEXT.get(what, ONCE), proposal=proposal)


@command(
    "oversight bylaws",
    Enters.NOTHING,
    Leaves.RECORDS,
    Suspended.GOES_ON,
    whom=MACHINE,
    page="GET /bylaws",
)
def bylaws(
    reason: Annotated[str, typer.Option("--propose", help="Propose to adopt them as they are. Give the reason.")] = "",
    as_: AsOption = "custodian",
    office: OfficeOption = HERE,
) -> Printed:
    """Show the bylaws in the folder `bylaws`, and whether they are adopted."""
    from peelian.oversight.transparency.bylaws import bylaws_of, propose_bylaws

    with opened(office) as town:
        found = bylaws_of(town.kernel)
        digest = propose_bylaws(town.kernel, town.operator(as_), words=reason) if reason else ""
    known, adopted = found.known, found.adopted
    record = {"bylaws": {b.id: b.says for b in known}, "adopted": adopted, "proposal": digest}
    lines = [f"{b.id}: {b.says} → {b.remedy}" for b in known]
    if not known:
        lines = [say("No bylaws." if adopted else "No bylaws here, but some were adopted.")]
    if known or not adopted:
        lines.append(say("Adopted." if adopted else "Not adopted. Nothing is permitted until they are."))
    return record, [*lines, *(proposed(digest) if digest else [])]


@command(
    "key rotate",
    Enters.WORDS,
    Leaves.NOTHING,
    Suspended.ANY,
    terminal="wraps every key anew, which the holder of the key ring does",
)
def rotate_keys(
    proposal: Annotated[str, typer.Argument(help="Digest of an approved proposal.")],
    as_: AsOption = "custodian",
    office: OfficeOption = HERE,
) -> Printed:
    """Carry out an approved key rotation: a new wrapping key for every encrypted object and document."""
    from peelian.kernel.identity import dual_control

    with opened(office) as town:
        dual_control.rotate_keys(town.kernel, town.operator(as_), proposal)
    lines = [say("Keys rotated. Replace the backup of the key folder now and destroy the old one.")]
    return {"rotated": True}, lines


@command(
    "doctor",
    Enters.WORDS,
    Leaves.NOTHING,
    Suspended.ANY,
    whom=MACHINE,
    terminal="works where the pages cannot be served",
)
def doctor(
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Derive all rows anew from the log, and name those that differ.")
    ] = False,
    repair: Annotated[bool, typer.Option("--repair", help="The same, and put what differs right.")] = False,
    office: OfficeOption = HERE,
) -> Printed:
    """Check an office: faults and remedies."""
    if rebuild or repair:
        return _rebuilt(office, repair=repair)
    from peelian.operations.doctor import examined, kept_for
    from peelian.operations.doctor_people import NOTE, WRONG

    found = examined(office)
    record = [{"level": one.level, "what": one.what, "remedy": one.remedy} for one in found]
    lines = [
        f"{'✗' if one.level == WRONG else '·'} {translated(one.what)}\n    → {translated(one.remedy)}" for one in found
    ]
    well = [] if any(one.level != NOTE for one in found) else [say("No faults found.")]
    code = PeelianError.exit_code if any(one.level == WRONG for one in found) else 0
    return record, [*well, *lines, *map(translated, kept_for(office))], code


@command(
    "status",
    Enters.WORDS,
    Leaves.NOTHING,
    Suspended.ANY,
    whom=MACHINE,
    terminal="says how the machine and its folders are to whoever runs them, also where no page is served",
)
def status(office: OfficeOption = HERE) -> Printed:
    """Show an office on one screen: what runs and guards it, what is damaged, what waits for somebody."""
    from peelian.operations.status import TITLES, office_status

    found = office_status(office)
    record = [{"of": one.of, "says": str(one.says), "remedy": str(one.remedy), "wrong": one.wrong} for one in found]
    lines = []
    for one in found:
        lines.append(f"{'✗' if one.wrong else ' '} {say(TITLES[one.of]):<22} {translated(one.says)}")
        lines += [f"  {'':<22} {'' if one.wrong else '→ '}{translated(one.remedy)}"] if one.remedy else []
    code = IntegrityError.exit_code if any(one.wrong for one in found) else 0
    return record, lines, code


def _rebuilt(office: Path, *, repair: bool) -> Printed:
    from peelian.operations.committed_content import TABLES
    from peelian.operations.rebuild import rebuilt_at

    found = rebuilt_at(office, repair=repair)
    lost = [row for row in found if row.split()[0] in TABLES]
    lines = [say("Differs from the log: %(row)s", row=row) for row in found]
    if not found:
        lines = [say("Every row is as the log says.")]
    elif repair and len(lost) < len(found):
        lines.append(say("Put right. Keep a copy of the database from before, and start the breach protocol."))
    if lost:
        lines.append(say("Documents, names and answers cannot be derived: restore the database from its backup."))
    code = IntegrityError.exit_code if lost or (found and not repair) else 0
    return {"differs": found, "repaired": repair and len(lost) < len(found)}, lines, code


@command(
    "machine run-witness",
    Enters.WORDS,
    Leaves.NOTHING,
    Suspended.ANY,
    whom=MACHINE,
    terminal="runs on another machine",
)
def run(
    folder: Annotated[Path, typer.Argument(help="Folder of the witness. The office must have no access to it.")],
    log: Annotated[list[str], typer.Option(help="Verification key of a log to watch (its log.vkey).")],
    name: Annotated[str, typer.Option(help="Name of the witness: a host name and a path.")] = "board.invalid/witness",
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port on this machine.", min=1, max=65535)] = 8282,
) -> None:
    """Run a witness for the oversight board. It cosigns only a log that continues the one it saw."""
    from peelian.operations.board_witness import served

    with served(folder, name=name, logs=log, host=host, port=port) as (key, server):
        url = f"http://{host}:{port}/"
        typer.echo(say("Witness key: %(key)s", key=key))
        typer.echo(say("Address: %(address)s  (stop with Ctrl-C)", address=url))
        typer.echo(
            say(
                "To choose it: peelian oversight choose-witness '%(key)s' %(address)s --as BOARD-MEMBER",
                key=key,
                address=url,
            )
        )
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            typer.echo(say("Stopped."))


@command(
    "machine ask-witness",
    Enters.WORDS,
    Leaves.NOTHING,
    Suspended.ANY,
    whom=MACHINE,
    terminal="works where an objection has stopped the pages",
)
def ask(office: OfficeOption = HERE) -> Printed:
    """Ask the witness to cosign the log now. If it withdraws an objection, the office can be used again."""
    from peelian.operations.board_witness import cosign_now

    answer = cosign_now(office)
    record = {"cosigned": answer.cosigned, "size": answer.size, "says": answer.says}
    return record, [translated(answer.says)]
