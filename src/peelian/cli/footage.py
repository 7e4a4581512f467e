"""Recordings: `peelian footage keep`, `tag`, `allow`, `library`, `history`, `deliver`, `check`, `releases`, `year`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from peelian.cli.command import command
from peelian.cli.frame import (
    HERE,
    AsOption,
    LanguageOption,
    OfficeOption,
    Printed,
    language_of,
    list_text,
    opened,
    progress_bar,
    proven,
    reads,
    tell,
    written,
)
from peelian.cli.words import language as spoken
from peelian.cli.words import say
from peelian.errors import IntegrityError, enumerated, sentence
from peelian.kernel.model.doors import ANYBODY, MACHINE, Enters, Leaves, Suspended

LEGAL = "The case of the recording that it belongs to"  # of what shows nobody; a recording has its bylaw
MINIMAL = "The recording as it came; nothing further about anybody in it"
LONGEST = 36_500
ItemArgument = Annotated[str, typer.Argument(help="Number of the item. See `peelian footage library`.")]


@command(
    "footage keep",
    Enters.FILE,
    Leaves.NOTHING,
    Suspended.STOPS,
    page="POST /data/uploads/{id}",
)
def keep(
    file: Annotated[Path, typer.Argument(help="The recording, or another file to store whole.")],
    as_: AsOption,
    recorded_at: Annotated[str, typer.Option(help="Start time with its zone, as 2026-03-02T14:05:00-05:00.")] = "",
    officer: Annotated[str, typer.Option(help="Badge number of the wearer. Only a token is stored.")] = "",
    device: Annotated[str, typer.Option(help="Serial number of the camera. Only a token is stored.")] = "",
    event: Annotated[str, typer.Option(help="Number of the call. Only a token is stored.")] = "",
    place: Annotated[
        str, typer.Option(help="Public place, as your office always writes it. Only a token is stored.")
    ] = "",
    people: Annotated[
        Path | None, typer.Option(help="List of the people it shows: a CSV file. It is stored encrypted.")
    ] = None,
    people_not_known: Annotated[
        bool, typer.Option("--people-not-known", help="Nobody can say whom it shows. A recording needs this or a list.")
    ] = False,
    category: Annotated[list[str] | None, typer.Option(help="A category. Repeat for more.")] = None,
    damaged: Annotated[
        bool, typer.Option("--damaged", help="The file is damaged. Store it as it is and record that.")
    ] = False,
    format: Annotated[str, typer.Option(help="video, or another format for whole files.")] = "video",
    title: Annotated[str, typer.Option(help="Title of the recording.")] = "Recording of a body-worn camera",
    office: OfficeOption = HERE,
) -> Printed:
    """Store a recording, encrypted and logged, all or nothing. Your file is not changed.

    A recording requires a council approval that names its bylaw, and a privacy assessment.
    """
    from peelian.kernel.model.documents import NOT_KNOWN, Declaration
    from peelian.kernel.retention import retention

    declaration = Declaration(
        title=title,
        purposes=("disclosure", "oversight"),
        legal_basis=LEGAL,
        minimisation=MINIMAL,
        retention_days=LONGEST,  # its categories say how long it is kept
        source=file.suffix.lstrip(".").lower()[:12] or "file",
        people=NOT_KNOWN if people_not_known else "",
    )
    stated = {"recorded_at": recorded_at, "officer": officer, "device": device, "event": event, "place": place}
    stated["damaged"] = "yes" if damaged else ""
    with opened(office) as opened_office, progress_bar() as progress:
        by = opened_office.operator(as_)
        made = opened_office.keep_object(
            by,
            file,
            declaration,
            format=format,
            options={key: text for key, text in stated.items() if text},
            people=list_text(people) if people else None,
            progress=progress,
        )
        if category:
            retention.tag(opened_office.kernel, by, made.dataset, tuple(category), words="given when it was kept")
        told = opened_office.say(spoken())
    record = {"dataset": made.dataset, "sha256": made.digest, "bytes": made.size, "facts": dict(made.facts)}
    lines = [say("Stored as %(item)s: %(n)d bytes.", item=made.dataset, n=made.size), f"SHA-256 {made.digest}"]
    lines += [told(note["text"], **note["values"]) for note in made.notes]
    lines += [] if category else [say("No category. The item is kept until someone gives it one.")]
    return record, lines


@command(
    "footage library",
    Enters.NOTHING,
    Leaves.RECORDS,
    Suspended.GOES_ON,
    whom=MACHINE,
    page="GET /items",
)
def library(office: OfficeOption = HERE) -> Printed:
    """List stored items, newest first: categories, holds and destruction date."""
    from peelian.oversight.footage.items import library as lines_of

    with opened(office) as opened_office:
        found = lines_of(opened_office.kernel)
    lines = [
        f"{i.dataset:<34} {i.state:<9} {','.join(i.categories) or '-':<20} "
        f"{i.kept_by or (i.goes_at.date().isoformat() if i.goes_at else '-'):<14} {i.digest[:16]}"
        for i in found
    ]
    return [asdict(i) for i in found], lines or [say("No items.")]


@command(
    "footage history",
    Enters.NOTHING,
    Leaves.RECORDS,
    Suspended.GOES_ON,
    page="GET /items/{dataset}",
    reads="recording",
)
def history(
    item: ItemArgument,
    pdf: Annotated[Path | None, typer.Option(help="Also write it to this file, a tagged PDF (PDF/UA-1).")] = None,
    as_: AsOption = "custodian",
    language: LanguageOption = "",
    office: OfficeOption = HERE,
) -> Printed:
    """Show every log entry about an item and the items it was made from."""
    from peelian.oversight.footage.items import SAID, item_record
    from peelian.web.footage.library import item_pdf

    with opened(office) as opened_office:
        record = item_record(opened_office.kernel, item)
        reads(opened_office, as_, "recording", of=item)
        if pdf is not None:
            pdf.write_bytes(item_pdf(opened_office, item, language_of(language)))
    lines = [f"{item}: SHA-256 {record.admission.digest}, {record.line.size:,} bytes, {record.line.state}"]
    lines += [
        f"{h.index:>7} {h.at}  {say(SAID.get(h.kind, h.kind)):<52} {h.who} {h.case}".rstrip() for h in record.history
    ]
    lines += [written(pdf)] if pdf is not None else []
    found = {"item": item, "sha256": record.admission.digest, "history": [asdict(h) for h in record.history]}
    return found, lines


@command(
    "footage deliver",
    Enters.WORDS,
    Leaves.RECORDING,
    Suspended.COURT,
    page="POST /tasks/footage-deliver",
)
def deliver(
    case: Annotated[str, typer.Argument(help="An accepted case of footage.disclose.")],
    to: Annotated[Path, typer.Option("--to", help="The new file, encrypted for its recipient: NAME.age.")],
    as_: AsOption,
    office: OfficeOption = HERE,
) -> Printed:
    """Write a package for its recipient, encrypted, with the receipt of the log beside it."""
    with opened(office) as opened_office:
        handed = opened_office.hand_over(proven(opened_office, as_), case, to)
    record = {"file": str(to), "receipt": f"{to}.receipt", "until": handed.until, "log_entry": handed.index}
    lines = [
        written(to),
        say("Only the recipient can open it: age -d -i KEY %(file)s", file=to.name),
        say("Receipt: %(file)s", file=f"{to}.receipt"),
        say("It can be delivered until %(until)s.", until=handed.until[:10]),
    ]
    return record, lines


@command(
    "footage releases",
    Enters.NOTHING,
    Leaves.RECORDS,
    Suspended.GOES_ON,
    page="GET /releases",
    reads="releases",
)
def releases(as_: AsOption = "custodian", office: OfficeOption = HERE) -> Printed:
    """List the packages that left the office: recording, recipient's key, when, by whom."""
    from peelian.oversight.footage.releases import releases as register

    with opened(office) as opened_office:
        reads(opened_office, as_, "releases")
        found = register(opened_office.kernel)
    lines = [f"{one.at[:16]}Z  {one.case:<14} {one.recording:<26} {one.recipient[:20]}…  {one.who}" for one in found]
    return [asdict(one) for one in found], lines or [say("Nothing was released yet.")]


@command(
    "footage check",
    Enters.FILE,
    Leaves.OWN,
    Suspended.ANY,
    whom=ANYBODY,
    terminal="is done by a recipient, who has no office",
)
def check(
    package: Annotated[Path, typer.Argument(help="A decrypted package.")],
    fingerprint: Annotated[str, typer.Option(help="Fingerprint of the certificate, as the office publishes it.")] = "",
    log_key: Annotated[str, typer.Option(help="Published verification key of the log. It checks the receipts.")] = "",
    certificates: Annotated[Path | None, typer.Option(help="The office's provenance.json.")] = None,
    receipt: Annotated[Path | None, typer.Option(help="The receipt that came with the package.")] = None,
    entry: Annotated[Path | None, typer.Option(help="The log entry of the delivery, from its page.")] = None,
) -> Printed:
    """Check a package as its recipient: every byte, the signature, the receipts. No office needed.

    If its certificate was replaced since, receipt and entry show that the package was delivered before.
    """
    from peelian.oversight.verification.packages import Delivery, certificates_in, check_package

    known = certificates_in(certificates.read_bytes()) if certificates else None
    delivery = Delivery(entry=entry.read_bytes(), receipt=receipt.read_bytes()) if entry and receipt else None
    fingerprint = fingerprint or (known.present if known else "")
    earlier = known.earlier if known else ()
    with package.open("rb") as file:
        verdict = check_package(file, fingerprint=fingerprint, log_key=log_key, earlier=earlier, delivery=delivery)
    record = {"holds": verdict.ok, "faults": verdict.faults, "files": verdict.files, "receipts": verdict.receipts}
    record["fingerprint"] = verdict.fingerprint
    if not verdict.ok:
        tell(record, [])
        raise IntegrityError(sentence("the package is not valid: %(faults)s", faults=enumerated(verdict.faults)))
    checked = {"files": verdict.files, "receipts": verdict.receipts}
    lines = [say("Package verified: %(files)d files, %(receipts)d receipts.", **checked)]
    lines += [say("Certificate: %(fingerprint)s", fingerprint=verdict.fingerprint)]
    lines += [] if fingerprint else [say("Compare it with the public register. Without that, a forgery would pass.")]
    return record, lines


@command(
    "footage year",
    Enters.NOTHING,
    Leaves.RELEASED,
    Suspended.GOES_ON,
    whom=MACHINE,
    page="GET /recordings/{year}",
)
def year(
    number: Annotated[int, typer.Argument(help="The year.", min=1990, max=2999)],
    office: OfficeOption = HERE,
) -> Printed:
    """Count the actions of a year on recordings, for the annual public report."""
    from peelian.oversight.footage.items import SAID, year_of

    with opened(office) as opened_office:
        found = year_of(opened_office.kernel, number)
    return dict(found), [f"{n:>7,}  {say(SAID[kind])}" for kind, n in found.items()]
