"""Body cameras at the desk: `peelian footage keep`, `tag`, `library`, `history`, `deliver`, `check`, `year`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from peelian.cli.frame import HERE, AsOption, JsonOption, OfficeOption, opened, progress_bar, tell
from peelian.errors import IntegrityError

room = typer.Typer(no_args_is_help=True, help="Recordings: keep them, see their history, hand them over, check them.")
LEGAL = "Police services act and the body-camera policy of the town"
MINIMAL = "The recording as it came; nothing further about anybody in it"
LONGEST = 36_500


def add_to(app: typer.Typer) -> None:
    """Register these commands under `peelian footage`."""
    for command in (keep, tag, allow, library, history, deliver, check, year):
        room.command()(command)
    app.add_typer(room, name="footage")


def keep(
    file: Annotated[Path, typer.Argument(help="The recording, or another file that is kept whole.")],
    as_: AsOption,
    recorded_at: Annotated[str, typer.Option(help="When it began, with its zone: 2026-03-02T14:05:00-05:00.")] = "",
    officer: Annotated[str, typer.Option(help="The badge of who wore the camera; only a token is kept.")] = "",
    device: Annotated[str, typer.Option(help="The camera's serial number; only a token is kept.")] = "",
    event: Annotated[str, typer.Option(help="The call's number; only a token is kept.")] = "",
    category: Annotated[list[str] | None, typer.Option(help="A category; repeat for more.")] = None,
    damaged: Annotated[bool, typer.Option("--damaged", help="It is damaged: keep it as it is, and say so.")] = False,
    format: Annotated[str, typer.Option(help="video, or another format that keeps objects whole.")] = "video",
    title: Annotated[str, typer.Option(help="What it is.")] = "Recording of a body-worn camera",
    legal_basis: Annotated[str, typer.Option(help="The law or bylaw that allows it.")] = LEGAL,
    office: OfficeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Keep a recording: copied once, sealed, looked at, logged. All or nothing; the file itself is not touched."""
    from peelian.governance import retention
    from peelian.governance.documents import Declaration

    declaration = Declaration(
        title=title,
        purposes=("disclosure", "oversight"),
        legal_basis=legal_basis,
        minimisation=MINIMAL,
        retention_days=LONGEST,  # its categories say how long it is kept
        source=file.suffix.lstrip(".").lower()[:12] or "file",
    )
    stated = {"recorded_at": recorded_at, "officer": officer, "device": device, "event": event}
    stated["damaged"] = "yes" if damaged else ""
    with opened(office) as house, progress_bar(quiet=as_json) as progress:
        by = house.operator(as_)
        made = house.keep_object(
            by,
            file,
            declaration,
            format=format,
            options={key: text for key, text in stated.items() if text},
            progress=progress,
        )
        if category:
            retention.tag(house.house, by, made.dataset, tuple(category), words="given when it was kept")
    record = {"dataset": made.dataset, "sha256": made.digest, "bytes": made.size, "facts": dict(made.facts)}
    lines = [f"Kept as {made.dataset}: {made.size:,} bytes.", f"SHA-256 {made.digest}"]
    lines += [note["text"] % note["values"] for note in made.notes]
    lines += [] if category else ["It has no category: it is kept until it gets one and a person decides."]
    tell(record, lines, as_json=as_json)


def tag(
    item: Annotated[str, typer.Argument()],
    category: Annotated[list[str], typer.Option(help="A category; repeat for more.")],
    words: Annotated[str, typer.Option(help="Why.")],
    as_: AsOption,
    office: OfficeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Give an item its categories, in place of those it had."""
    from peelian.governance import retention

    with opened(office) as house:
        retention.tag(house.house, house.operator(as_), item, tuple(category), words=words)
    tell({"item": item, "categories": category}, [f"{item} is now: {', '.join(category)}."], as_json=as_json)


def allow(
    item: Annotated[str, typer.Argument(help="A confidential item.")],
    person: Annotated[str, typer.Option(help="Who may use it (short name).")],
    as_: AsOption,
    no_longer: Annotated[bool, typer.Option("--no-longer", help="Take it back.")] = False,
    office: OfficeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Allow a person to use a confidential item, or no longer: the privacy officer's act."""
    from peelian.governance.access_classes import allow as allow_
    from peelian.governance.tokens import PERSON

    with opened(office) as house:
        allow_(house.house, house.operator(as_), item, house.house.token(person, of=PERSON), may=not no_longer)
    says = f"{person} may {'no longer ' if no_longer else ''}use {item}."
    tell({"item": item, "person": person, "may": not no_longer}, [says], as_json=as_json)


def library(office: OfficeOption = HERE, as_json: JsonOption = False) -> None:
    """List what is kept, the newest first: its categories, what keeps it, and when it goes."""
    from dataclasses import asdict

    from peelian.oversight.items import library as lines_of

    with opened(office) as house:
        found = lines_of(house.house)
    lines = [
        f"{i.dataset:<34} {i.state:<9} {','.join(i.categories) or '-':<20} "
        f"{i.kept_by or (i.goes_at.date().isoformat() if i.goes_at else '-'):<14} {i.digest[:16]}"
        for i in found
    ]
    tell([asdict(i) for i in found], lines, as_json=as_json)


def history(
    item: Annotated[str, typer.Argument()],
    pdf: Annotated[Path | None, typer.Option(help="Write it as a tagged PDF (PDF/UA-1) as well.")] = None,
    language: Annotated[str, typer.Option("--language", "-l", help="Language of the PDF: en or fr.")] = "en",
    office: OfficeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Show every entry of the log about an item and what it was made from."""
    from dataclasses import asdict

    from peelian.cli.frame import language_of
    from peelian.oversight.items import SAID, item_record
    from peelian.web.footage import item_pdf

    with opened(office) as house:
        record = item_record(house.house, item)
        if pdf is not None:
            pdf.write_bytes(item_pdf(house, item, language_of(language)))
    lines = [f"{item}: SHA-256 {record.admission.digest}, {record.line.size:,} bytes, {record.line.state}"]
    lines += [f"{h.index:>7} {h.at}  {SAID.get(h.kind, h.kind):<52} {h.who} {h.case}".rstrip() for h in record.history]
    lines += [f"Written: {pdf}"] if pdf is not None else []
    found = {"item": item, "sha256": record.admission.digest, "history": [asdict(h) for h in record.history]}
    tell(found, lines, as_json=as_json)


def deliver(
    case: Annotated[str, typer.Argument(help="An accepted case of footage.disclose.")],
    to: Annotated[Path, typer.Option("--to", help="The new file, encrypted to the recipient: NAME.age.")],
    as_: AsOption,
    office: OfficeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Hand a package over: encrypted to its recipient, with the log's receipt beside it."""
    from peelian.governance.step_up import prove

    with opened(office) as house:
        person = house.operator(as_)
        prove(house.house, person)
        handed = house.hand_over(person, case, to)
    record = {"file": str(to), "receipt": f"{to}.receipt", "until": handed.until, "log_entry": handed.index}
    lines = [f"Written: {to} (only its recipient can open it: age -d -i KEY {to.name})", f"Receipt: {to}.receipt"]
    tell(record, [*lines, f"It may be handed over until {handed.until[:10]}."], as_json=as_json)


def check(
    package: Annotated[Path, typer.Argument(help="A package after it was decrypted.")],
    fingerprint: Annotated[str, typer.Option(help="The certificate's fingerprint as the office publishes it.")] = "",
    log_key: Annotated[str, typer.Option(help="The log's published key line; the receipts are checked with it.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Check a package as its recipient: every byte, the signature, the receipts. Needs no office."""
    from peelian.oversight.packages import check_package

    with package.open("rb") as file:
        verdict = check_package(file, fingerprint=fingerprint, log_key=log_key)
    record = {"holds": verdict.ok, "faults": verdict.faults, "files": verdict.files, "receipts": verdict.receipts}
    record["fingerprint"] = verdict.fingerprint
    if not verdict.ok:
        if as_json:
            tell(record, [], as_json=True)
        raise IntegrityError("the package does not hold: " + "; ".join(verdict.faults))
    lines = [f"The package holds: {verdict.files:,} files, {verdict.receipts:,} receipts checked."]
    lines += [f"Signed with the certificate {verdict.fingerprint}."]
    lines += [] if fingerprint else ["Compare that with the office's register: a whole forgery would pass without it."]
    tell(record, lines, as_json=as_json)


def year(
    number: Annotated[int, typer.Argument(help="The year.", min=1990, max=2999)],
    office: OfficeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Count a year's acts on recordings for the annual public report."""
    from peelian.oversight.items import SAID, year_of

    with opened(office) as house:
        found = year_of(house.house, number)
    tell(dict(found), [f"{n:>7,}  {SAID[kind]}" for kind, n in found.items()], as_json=as_json)
