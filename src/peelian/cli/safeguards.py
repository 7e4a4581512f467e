"""Commands of the safeguards: step-up, acts that take two people, bylaws, warrants, keys, witness, and the doctor."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from peelian.cli.frame import HERE, AsOption, JsonOption, OfficeOption, opened, tell
from peelian.errors import InputError, OutOfOrder, PeelianError

if TYPE_CHECKING:
    from peelian.governance.terms import Scalar

witness = typer.Typer(help="The log's witness: run one for the board, choose one, ask it now.", no_args_is_help=True)
WarrantArgument = Annotated[str, typer.Argument(help="The mark of the provisional warrant, or its beginning.")]


def add_to(app: typer.Typer) -> None:
    """Register these commands."""
    for command in (propose, proposals, approve, bylaws, rotate_keys, confirm_warrant, refuse_warrant, doctor):
        app.command()(command)
    for of_the_witness in (run, choose, ask):
        witness.command()(of_the_witness)
    app.add_typer(witness, name="witness")


def propose(
    what: Annotated[str, typer.Argument(help="rotate_keys or clock.")],
    words: Annotated[str, typer.Option(help="Why it is to be done.")],
    as_: AsOption = "custodian",
    office: OfficeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Propose an act that takes two people of different units."""
    from peelian.governance import proposals

    elsewhere = {
        "bylaws": "bylaws --propose",
        "export": "propose-export",
        "enrol": "enrol … --propose",
        "log": "witness choose … --propose",
    }
    if what in elsewhere:
        raise OutOfOrder(f"this is proposed with `peelian {elsewhere[what]}`, which says what exactly")
    with opened(office) as house:
        mark = proposals.propose(house.house, house.operator(as_), what, words=words)
    tell({"proposal": mark, "what": what}, [f"Proposed: {mark}", f"Next: peelian approve {mark}"], as_json=as_json)


def proposals(office: OfficeOption = HERE, as_json: JsonOption = False) -> None:
    """List what was proposed and is not done: by whom, why, with what, and whether it is approved."""
    from peelian.governance.enrolling import proposed_name
    from peelian.governance.proposals import waiting

    with opened(office) as house:
        people = house.house.book.people
        found = [
            {
                "proposal": mark,
                "what": made.what,
                "by": people[made.by].name if made.by in people else made.by,
                "unit": made.unit,
                "words": made.words,
                "with": _with(made.body, proposed_name(house.house, mark)),
                "approved": is_approved,
            }
            for mark, made, is_approved in waiting(house.house)
        ]
    lines = [line for one in found for line in _told(one)]
    tell(found, lines or ["Nothing waits for a second person."], as_json=as_json)


def _with(body: Mapping[str, Scalar], name: str) -> dict[str, Scalar]:
    """What is proposed, with the name in the place of what the proposal says of it, where it is known."""
    return {**body, "name": name} if name else dict(body)


def _told(one: dict[str, Any]) -> list[str]:
    what = ", ".join(f"{key} {value}" for key, value in one["with"].items())
    state = "approved, not carried out" if one["approved"] else f"waits: peelian approve {one['proposal']} --as …"
    head = f"{one['what']}, by {one['by']} ({one['unit']}): {one['words']}"
    return [one["proposal"], f"    {head}", *([f"    with {what}"] if what else []), f"    {state}"]


def approve(
    proposal: Annotated[str, typer.Argument(help="The mark that `propose` printed.")],
    as_: AsOption,
    office: OfficeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Approve somebody else's proposal: another person of another unit, who proves with their key that it is they."""
    from peelian.governance import proposals, step_up
    from peelian.governance.enrolling import proposed_name

    with opened(office) as house:
        person = house.operator(as_)
        step_up.prove(house.house, person)
        proposals.approve(house.house, person, proposal)
        made = house.house.book.orders.proposals[proposal]
        body = _with(made.body, proposed_name(house.house, proposal))
    what = ", ".join(f"{key} {value}" for key, value in body.items())
    lines = [
        f"Approved: to {proposals.ACTS[made.what]}{f' ({what})' if what else ''}.",
        f"They said: {made.words}",
        _next(made.what, proposal) if made.what != "bylaws" else "The bylaws hold from now on.",
    ]
    tell({"approved": proposal, "what": made.what, "with": body}, lines, as_json=as_json)


def _next(what: str, proposal: str) -> str:
    by = f": peelian enrol SHORT --proposal {proposal}" if what == "enrol" else ""
    return f"It may be carried out once, within a week{by}" + ("" if by else ".")


def bylaws(
    words: Annotated[str, typer.Option("--propose", help="Propose to adopt them as they lie there, and why.")] = "",
    as_: AsOption = "custodian",
    office: OfficeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Show the town's bylaws (the folder `bylaws`), and whether they are the adopted ones."""
    from peelian.governance import proposals
    from peelian.governance.statutes import Statutes

    with opened(office) as house:
        policy = house.house.policy
        if not isinstance(policy, Statutes):
            raise OutOfOrder("this office is not judged by policies that bylaws can tighten")
        known = list(policy.engine.bylaws.values())
        adopted = policy.bylaws_are_adopted(house.house.book.orders.bylaws)
        mark = ""
        if words:
            body = {"digest": policy.engine.digest("bylaws")}
            mark = proposals.propose(house.house, house.operator(as_), "bylaws", words=words, body=body)
    record = {"bylaws": {b.id: b.says for b in known}, "adopted": adopted, "proposal": mark}
    lines = [f"{b.id}: {b.says} → {b.remedy}" for b in known]
    if not known:
        lines = ["There are no bylaws." if adopted else "There are no bylaws, but some were adopted."]
    if known or not adopted:
        lines.append("They are adopted." if adopted else "They are not adopted: until they are, nothing is permitted.")
    tell(record, [*lines, *([f"Next: peelian approve {mark}"] if mark else [])], as_json=as_json)


def rotate_keys(
    proposal: Annotated[str, typer.Argument(help="The mark of an approved proposal.")],
    as_: AsOption = "custodian",
    office: OfficeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Give every sealed object and document a new wrapping key, as two people agreed."""
    with opened(office) as house:
        house.rotate_keys(house.operator(as_), proposal)
    lines = ["Rotated. Replace the backup of the key folder now, and destroy the old one."]
    tell({"rotated": True}, lines, as_json=as_json)


def confirm_warrant(
    warrant: WarrantArgument,
    reference: Annotated[str, typer.Option(help="The court's file number.")],
    days: Annotated[int, typer.Option(help="How long it holds from now.", min=1, max=3650)],
    as_: AsOption,
    office: OfficeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """The court confirmed a provisional warrant within its 48 hours."""
    from peelian.governance import warrant_acts

    with opened(office) as house:
        mark = _paper(list(house.house.book.papers), warrant)
        made = warrant_acts.confirm(house.house, house.operator(as_), mark, days=days, reference=reference)
    tell({"until": made.ends}, [f"Confirmed, until {made.ends[:10]}."], as_json=as_json)


def refuse_warrant(
    warrant: WarrantArgument,
    words: Annotated[str, typer.Option(help="What the court said.")],
    as_: AsOption,
    office: OfficeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """The court refused a provisional warrant: it ends now, and what was collected under it is destroyed."""
    from peelian.governance import warrant_acts

    with opened(office) as house:
        mark = _paper(list(house.house.book.papers), warrant)
        n = warrant_acts.refuse(house.house, house.operator(as_), mark, words=words)
    tell({"destroyed": n}, [f"It is none any more. Destroyed: {n:,} objects and documents."], as_json=as_json)


def doctor(
    office: OfficeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Look an office over and say in plain words what is wrong and what to do."""
    from peelian.guided.examination import NOTE, WRONG, examined, kept_for

    found = examined(office)
    record = [{"level": one.level, "what": one.what, "remedy": one.remedy} for one in found]
    lines = [f"{'✗' if one.level == WRONG else '·'} {one.what}\n    → {one.remedy}" for one in found]
    well = [] if any(one.level != NOTE for one in found) else ["Nothing is wrong."]
    tell(record, [*well, *lines, *kept_for(office)], as_json=as_json)
    if any(one.level == WRONG for one in found):
        raise typer.Exit(PeelianError.exit_code)


def run(
    folder: Annotated[Path, typer.Argument(help="The witness's own folder: nobody of the office can write there.")],
    log: Annotated[list[str], typer.Option(help="Key line of a log to watch (its log.vkey).")],
    name: Annotated[str, typer.Option(help="The witness's name: a host name and a path.")] = "board.invalid/witness",
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8282,
) -> None:
    """Run a witness for the oversight board: it cosigns only what continues what it saw."""
    from peelian.guided.board_witness import served

    with served(folder, name=name, logs=log, host=host, port=port) as (key, server):
        typer.echo(f"Witness {key}\n  at http://{host}:{port}/  (stop with Ctrl-C)")
        typer.echo(
            f"The office chooses it with: peelian witness choose '{key}' http://{host}:{port}/ --as BOARD-MEMBER"
        )
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            typer.echo("Stopped.")


def choose(
    key: Annotated[str, typer.Argument(help="The witness's key line.")],
    url: Annotated[str, typer.Argument(help="Its address.")],
    proposal: Annotated[str, typer.Option(help="Where it takes two: the mark of the approved proposal.")] = "",
    words: Annotated[str, typer.Option("--propose", help="Where it takes two: only propose it, and say why.")] = "",
    as_: AsOption = "custodian",
    office: OfficeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Have a witness cosign the log from now on; the board chooses the first one alone, all else takes two people."""
    from peelian.governance import proposals

    with opened(office) as house:
        if words:
            body = {"witness": key, "url": url}
            mark = proposals.propose(house.house, house.operator(as_), "log", words=words, body=body)
            tell({"proposal": mark}, [f"Proposed: {mark}", f"Next: peelian approve {mark}"], as_json=as_json)
            return
        house.choose_witness(house.operator(as_), key, url, proposal=proposal)
    tell({"witness": key, "url": url}, ["Chosen. It is asked whenever the office is open."], as_json=as_json)


def ask(office: OfficeOption = HERE, as_json: JsonOption = False) -> None:
    """Ask the chosen witness to cosign the log as it is now; where it had objected and does, the office goes on."""
    from peelian.guided.board_witness import asked

    answer = asked(office)
    record = {"cosigned": answer.cosigned, "size": answer.size, "says": answer.says}
    tell(record, [answer.says], as_json=as_json)


def _paper(marks: list[str], beginning: str) -> str:
    found = [mark for mark in marks if mark.startswith(beginning)] if len(beginning) >= 8 else []
    if len(found) != 1:
        raise InputError("this names no single paper", accepted="its mark, or at least the first 8 digits of it")
    return found[0]
