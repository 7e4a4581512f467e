"""Commands of keeping: a backup, a log restored from one, and the public register handed out in bulk."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from peelian.cli.frame import HERE, AsOption, JsonOption, OfficeOption, opened, tell
from peelian.errors import InputError


def add_to(app: typer.Typer) -> None:
    """Register these commands."""
    for command in (backup, restore_log, propose_export, bulk_export):
        app.command()(command)


def backup(
    to: Annotated[Path, typer.Argument(help="A new folder for the data: ciphertext, log, settings.")],
    keys: Annotated[
        Path | None, typer.Option(help="A new folder, on other media, for the keys. Without it they are not copied.")
    ] = None,
    as_: AsOption = "custodian",
    office: OfficeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Copy the office's data and, apart from it, its keys."""
    from peelian.guided.backup import back_up

    made = back_up(office, as_, to, keys=keys)
    lines = [f"Backed up: {made.files:,} files, {made.size / 1e6:,.1f} MB, a log of {made.entries:,} entries."]
    lines.append(
        "The keys are apart: lock them away, and never beside the data." if keys else "The keys were NOT copied: --keys"
    )
    tell({"entries": made.entries, "files": made.files, "bytes": made.size, "keys": made.keys}, lines, as_json=as_json)


def restore_log(
    backup: Annotated[Path, typer.Argument(help="The backup's data folder.")],
    as_: AsOption,
    words: Annotated[str, typer.Option(help="The first person: why it is to be done.")] = "",
    approve: Annotated[bool, typer.Option("--approve", help="The second person: agree, and have it done.")] = False,
    office: OfficeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Restore a damaged or lost log from a backup: one person orders it, another of another unit agrees."""
    from peelian.guided.log_restoring import approve_restoration, propose_restoration

    if approve == bool(words):
        raise InputError("who are you in this?", accepted="--words for the first person, --approve for the second")
    if approve:
        done = approve_restoration(office, backup, as_)
        says = [*done.lines(), "Restored. The log says so, and who agreed."]
        says += [f"The log before lies in {done.aside.name}: keep it as evidence."] if done.aside else []
    else:
        done = propose_restoration(office, backup, as_, words=words)
        says = [*done.lines(), "Next, somebody of another unit: peelian restore-log … --approve --as …"]
    record = {
        "order": done.order,
        "size": done.pieced.size,
        "copied": done.pieced.copied,
        "lost": done.pieced.lost,
        "restored": approve,
    }
    tell(record, says, as_json=as_json)


def propose_export(
    recipient: Annotated[str, typer.Argument(help="The recipient's public key: age1… or ssh-ed25519 ….")],
    words: Annotated[str, typer.Option(help="Who they are, and why they get it.")],
    case: Annotated[
        list[str] | None, typer.Option(help="A published case; repeat for more. None: all of them.")
    ] = None,
    as_: AsOption = "custodian",
    office: OfficeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Propose to hand the public register, or many cases of it, to somebody."""
    from peelian.guided.bulk_export import propose_export as proposed

    with opened(office) as house:
        mark = proposed(house, house.operator(as_), recipient=recipient, cases=tuple(case or ()), words=words)
    tell({"proposal": mark, "what": "export"}, [f"Proposed: {mark}", f"Next: peelian approve {mark}"], as_json=as_json)


def bulk_export(
    proposal: Annotated[str, typer.Argument(help="The mark of an approved proposal.")],
    to: Annotated[Path, typer.Option("--to", help="The new file, for its recipient only (.tar.age).")],
    as_: AsOption = "custodian",
    office: OfficeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Write what two people agreed to hand out: all of it in one encrypted file, or nothing."""
    from peelian.governance.step_up import prove
    from peelian.guided.bulk_export import hand_out

    with opened(office) as house:
        person = house.operator(as_)
        prove(house.house, person)
        made, size = hand_out(house, person, proposal, to)
    record = {"file": str(to), "cases": len(made.cases), "bytes": size}
    tell(
        record, [f"Written: {to}, {len(made.cases):,} cases, {size:,} bytes, for its recipient only."], as_json=as_json
    )
