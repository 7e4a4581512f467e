"""Commands for the office's own keys: `peelian key log`, `people`, `provenance`, `working` and `exposed`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from peelian.cli.command import command
from peelian.cli.frame import HERE, AsOption, OfficeOption, Printed, opened, proposed, written
from peelian.cli.words import say, translated
from peelian.errors import InputError, PeelianError
from peelian.kernel.model.doors import Enters, Leaves, Suspended


@command(
    "key log",
    Enters.WORDS,
    Leaves.NOTHING,
    Suspended.ANY,
    terminal="replaces a key file where it lies, which the holder of the log does",
)
def log(
    proposal: Annotated[str, typer.Option(help="Digest of the approved proposal.")] = "",
    reason: Annotated[str, typer.Option("--propose", help="Only propose it to a second person. Give the reason.")] = "",
    as_: AsOption = "custodian",
    office: OfficeOption = HERE,
) -> Printed:
    """Replace the key that signs the log, as two people agreed. Both keys sign the last checkpoint of the old one.

    The witness follows when it is asked. Run it again without options to see whether it has.
    """
    from peelian.operations.log_key import propose_log_key, replace_log_key, replaced_last

    with opened(office) as town:
        if reason:
            digest = propose_log_key(town, town.operator(as_), words=reason)
            return {"proposal": digest}, proposed(digest)
        done = replace_log_key(town, town.operator(as_), proposal) if proposal else replaced_last(town)
    record = {"key": done.key, "entries": done.size, "vouched": done.vouched}
    lines = [
        say("The key before signed the log up to %(n)d entries. The new key signs what follows.", n=done.size),
        say("New key: %(key)s", key=done.key),
        translated(done.says),
        say("Back up the key folder now, and destroy the backups that hold the old key."),
    ]
    return record, lines


@command(
    "key people",
    Enters.WORDS,
    Leaves.NOTHING,
    Suspended.ANY,
    terminal="replaces the key files of people where they lie",
)
def people(
    proposal: Annotated[str, typer.Option(help="Digest of the approved proposal.")] = "",
    reason: Annotated[str, typer.Option("--propose", help="Make new keys and propose them to a second person.")] = "",
    out: Annotated[Path | None, typer.Option(help="With --propose: new file for the first passphrases.")] = None,
    end_passkeys: Annotated[
        bool, typer.Option("--end-passkeys", help="With --propose: end all passkeys, too.")
    ] = False,
    as_: AsOption = "custodian",
    office: OfficeOption = HERE,
) -> Printed:
    """Replace the signing keys of all people that lie here, as two people agreed. Sessions and access tokens end.

    Authorizations and decisions that the keys before signed and that are still to be used must be signed anew.
    """
    from peelian.operations.key_renewal import END, KEEP, propose_renewal, renew_keys, write_passphrases

    if bool(proposal) == bool(reason) or (reason and (out is None or out.exists())):
        raise InputError("nothing to do", accepted="--propose REASON with --out and a new file, or --proposal DIGEST")
    with opened(office) as town:
        by = town.operator(as_)
        if reason and out:
            made = propose_renewal(town, by, words=reason, passkeys=END if end_passkeys else KEEP)
            write_passphrases(out, made.passphrases)
            left = [say("Keeps their key elsewhere, unchanged: %(name)s", name=name) for name in made.elsewhere]
            lines = [*proposed(made.proposal), written(out), *left]
            return {"proposal": made.proposal, "people": len(made.passphrases), "elsewhere": made.elsewhere}, lines
        done = renew_keys(town, by, proposal)
    lines = [
        say("New signing keys: %(people)d. Ended: %(sessions)d sessions, %(passkeys)d passkeys.", **asdict(done)),
        say("Give each person their first passphrase. They choose their own: peelian key protect NAME."),
        say("Issue anew the authorizations that are still needed. Those that the old keys signed no longer count."),
    ]
    return asdict(done), lines


@command(
    "key provenance",
    Enters.WORDS,
    Leaves.NOTHING,
    Suspended.ANY,
    terminal="replaces a key file where it lies",
)
def provenance(
    replace: Annotated[bool, typer.Option("--replace", help="Replace the key that signs packages now.")] = False,
    as_: AsOption = "custodian",
    office: OfficeOption = HERE,
) -> Printed:
    """Show the certificate that signs packages and each before it, or replace it.

    A package that an earlier one signed counts where the log has its delivery before the replacement.
    """
    from peelian.operations.provenance_key import certificates_of, replace_provenance

    with opened(office) as town:
        found = replace_provenance(town, town.operator(as_)) if replace else certificates_of(town)
    lines = [say("Certificate: %(fingerprint)s", fingerprint=found.present)]
    lines += [
        say("Replaced on %(day)s, at entry %(n)d: %(fingerprint)s", day=e.at[:10], n=e.entry, fingerprint=e.fingerprint)
        for e in found.earlier
    ]
    lines += [say("Publish the new fingerprint where the old one stood.")] if replace else []
    return asdict(found), lines


@command(
    "key working",
    Enters.WORDS,
    Leaves.NOTHING,
    Suspended.ANY,
    terminal="replaces a key file where it lies",
)
def working(
    proposal: Annotated[str, typer.Option(help="Digest of the approved proposal.")] = "",
    reason: Annotated[str, typer.Option("--propose", help="Only propose it to a second person. Give the reason.")] = "",
    as_: AsOption = "custodian",
    office: OfficeOption = HERE,
) -> Printed:
    """Replace the key behind sensors' keys, drafts and live levels, as two people agreed.

    The keys with which sensors posted by HTTP before are refused then.
    """
    from peelian.operations.working_key import propose_working_key, replace_working_key

    if bool(proposal) == bool(reason):
        raise InputError("nothing to do", accepted="--propose REASON, or --proposal DIGEST")
    with opened(office) as town:
        if reason:
            digest = propose_working_key(town, town.operator(as_), words=reason)
            return {"proposal": digest}, proposed(digest)
        done = replace_working_key(town, town.operator(as_), proposal)
    lines = [
        say("The working key is replaced. The keys before with which sensors posted by HTTP are refused."),
        *(say("Needs its new key if it posts by HTTP: peelian watch key %(sensor)s", sensor=id) for id in done.sensors),
        say("Give the monitoring program its new key: peelian sensors metrics-key"),
        say("Restart the sensor listener, so that its checkpoint is sealed with the new key at once."),
    ]
    return asdict(done), lines


@command(
    "key exposed",
    Enters.WORDS,
    Leaves.RECORDS,
    Suspended.ANY,
    terminal="reads a folder that was found, where the key files lie",
)
def exposed(
    folder: Annotated[Path, typer.Argument(help="The folder of the copy found.")],
    incident: Annotated[str, typer.Option(help="The incident that is to name them, b-….")] = "",
    as_: AsOption = "custodian",
    office: OfficeOption = HERE,
) -> Printed:
    """Name each secret in a found copy, and those that the office still uses. It is not contained while one is.

    An incident keeps their names and fingerprints, and says from then on which of them are not replaced.
    """
    from peelian.operations.exposed_secrets import exposed_secrets, note_exposed
    from peelian.oversight.breach.taken_secrets import REMEDIES

    with opened(office) as town:
        found = exposed_secrets(town, folder)
        if incident:
            note_exposed(town, town.operator(as_), incident, found)
    open_ones = [one for one in found if one.in_use]
    lines = [
        f"{'✗' if one.in_use else '·'} {one.place}: "
        + (say(REMEDIES[one.kind]) if one.in_use else say("No longer used."))
        for one in found
    ]
    end = say("Not contained: %(n)d secrets of the copy are still in use.", n=len(open_ones))
    lines.append(end if open_ones else say("No secret of the copy is still in use."))
    lines += [say("Recorded for %(id)s.", id=incident)] if incident else []
    record = {"contained": not open_ones, "secrets": [asdict(one) for one in found]}
    return record, lines, PeelianError.exit_code if open_ones else 0
