"""Backup, restoring the log from one, upgrade after one, and bulk export of the public register."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from peelian.cli.command import command
from peelian.cli.frame import HERE, AsOption, OfficeOption, Printed, opened, proven
from peelian.cli.words import say, translated
from peelian.errors import InputError
from peelian.kernel.model.doors import MACHINE, Enters, Leaves, Suspended


@command(
    "machine backup",
    Enters.NOTHING,
    Leaves.SEALED,
    Suspended.ANY,
    whom=MACHINE,
    terminal="copies the office's folder and keys to where the machine's owner says",
)
def backup(
    to: Annotated[Path, typer.Argument(help="A new folder for the data: ciphertext, log, settings.")],
    keys: Annotated[
        Path | None, typer.Option(help="A new folder on other media for the keys. Without it they are not copied.")
    ] = None,
    as_: AsOption = "custodian",
    office: OfficeOption = HERE,
) -> Printed:
    """Back up the data of the office and, separately, its keys."""
    from peelian.cli.passphrases import Terminal
    from peelian.operations.backup import back_up

    made = back_up(office, as_, to, keys=keys, passphrases=Terminal())
    counts = {"files": made.files, "size": made.size / 1e6, "entries": made.entries}
    lines = [say("Backed up: %(files)d files, %(size).1f MB, %(entries)d log entries.", **counts)]
    lines.append(say("Lock the keys away, never beside the data." if keys else "Keys NOT copied. Use --keys FOLDER."))
    if made.divided:
        lines.append(say("NOT in this backup: the registrar's database, its log key and its key store."))
        lines.append(say("Whoever runs the registrar stops it and copies its folder, the keys in it to other media."))
    record = {"entries": made.entries, "files": made.files, "bytes": made.size, "keys": made.keys}
    return record | {"divided": made.divided}, lines


@command(
    "machine restore-log",
    Enters.FILE,
    Leaves.NOTHING,
    Suspended.ANY,
    whom=MACHINE,
    terminal="works where the log is lost and the pages cannot be served",
)
def restore_log(
    backup: Annotated[Path, typer.Argument(help="Data folder of the backup.")],
    as_: AsOption,
    reason: Annotated[str, typer.Option(help="First person: why the log is restored.")] = "",
    approve: Annotated[bool, typer.Option("--approve", help="Second person: agree, and restore now.")] = False,
    office: OfficeOption = HERE,
) -> Printed:
    """Restore a damaged or lost log from a backup. Needs two people of different units."""
    from peelian.cli.passphrases import Terminal
    from peelian.operations.log_restoring import approve_restoration, propose_restoration

    if approve == bool(reason):
        raise InputError("first or second person?", accepted="--reason for the first person, --approve for the second")
    if approve:
        done = approve_restoration(office, backup, as_, passphrases=Terminal())
        says = [*map(translated, done.lines()), say("Log restored. It records who agreed.")]
        says += (
            [say("Keep %(folder)s as evidence: it holds the old log.", folder=done.aside.name)] if done.aside else []
        )
    else:
        done = propose_restoration(office, backup, as_, words=reason, passphrases=Terminal())
        says = [*map(translated, done.lines())]
        says.append(say("Next, someone in another unit: peelian machine restore-log … --approve --as NAME"))
    record = {
        "order": done.order,
        "size": done.size,
        "copied": done.copied,
        "lost": done.lost,
        "restored": approve,
    }
    return record, says


@command(
    "machine upgrade",
    Enters.WORDS,
    Leaves.NOTHING,
    Suspended.ANY,
    whom=MACHINE,
    terminal="works on a folder that nothing serves meanwhile",
)
def upgrade(
    check: Annotated[bool, typer.Option("--check", help="Only say what would be done. Nothing is changed.")] = False,
    backup: Annotated[
        Path | None,
        typer.Option(help="A new folder for settings and database as they were. Default: beside the office."),
    ] = None,
    office: OfficeOption = HERE,
) -> Printed:
    """Bring an office of an older format to the format of this program, after a backup. Stop its pages first."""
    from peelian.operations.upgrade import looked_over
    from peelian.operations.upgrade import upgrade as upgraded

    plan = (looked_over if check else upgraded)(office, backup=backup)
    record = {
        "from": plan.before,
        "to": plan.after,
        "migrations": list(plan.migrations),
        "entries": plan.entries,
        "backup": str(plan.backup) if plan.is_needed else "",
        "done": plan.is_needed and not check,
    }
    if not plan.is_needed:
        return record, [say("Nothing to do: this office has format %(n)d.", n=plan.after)]
    shown = {"old": plan.before or "–", "new": plan.after, "n": len(plan.migrations), "entries": plan.entries}
    if check:
        lines = [say("Would be upgraded: format %(old)s to %(new)d, %(entries)d log entries.", **shown)]
        lines.append(say("Migrations of the database: %(n)d.", **shown))
        lines.append(say("Before that, settings and database are copied to %(folder)s.", folder=plan.backup))
        return record, [*lines, say("Nothing was changed. To do it: stop the pages, then `peelian machine upgrade`.")]
    lines = [say("Upgraded: format %(old)s to %(new)d, %(entries)d log entries.", **shown)]
    lines.append(say("Settings and database as they were: %(folder)s. Keep them until all works.", folder=plan.backup))
    return record, [*lines, say("Now run `peelian doctor`.")]


@command(
    "case bulk-export",
    Enters.WORDS,
    Leaves.SEALED,
    Suspended.STOPS,
    terminal="writes one encrypted file that must not pass a browser",
)
def bulk_export(
    proposal: Annotated[str, typer.Argument(help="Digest of an approved proposal.")],
    to: Annotated[Path, typer.Option("--to", help="The new file, encrypted for its recipient (.tar.age).")],
    as_: AsOption = "custodian",
    office: OfficeOption = HERE,
) -> Printed:
    """Write an approved export to one encrypted file, all or nothing."""
    from peelian.operations.bulk_export import hand_out

    with opened(office) as town:
        made, size = hand_out(town, proven(town, as_), proposal, to)
    record = {"file": str(to), "cases": len(made.cases), "bytes": size}
    counts = {"file": to, "cases": len(made.cases), "size": size}
    line = say("Written for its recipient only: %(file)s, %(cases)d cases, %(size)d bytes.", **counts)
    return record, [line]
