"""Command on the register of geographies and vocabularies: labels of areas, landmarks and groups."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from peelian.cli.command import command
from peelian.cli.frame import HERE, AsOption, OfficeOption, Printed, opened, pairs, proposed
from peelian.cli.words import say, translated
from peelian.errors import InputError
from peelian.kernel.model.doors import Enters, Leaves, Suspended

if TYPE_CHECKING:
    from peelian.kernel.model.labels import Vocabulary


@command(
    "data vocabulary",
    Enters.FILE,
    Leaves.NOTHING,
    Suspended.STOPS,
    page="POST /data/labels/{id}",
)
def vocabulary(
    file: Annotated[
        Path | None,
        typer.Argument(help="Labels to adopt: CSV (label, people, function, homes, capacity) or GeoJSON of areas."),
    ] = None,
    kind: Annotated[str, typer.Option(help="What they name: area, landmark, group, instrument or outcome.")] = "area",
    source: Annotated[str, typer.Option(help="Where they are from, for example a census.")] = "",
    reason: Annotated[str, typer.Option("--propose", help="Propose it to a second person. Give the reason.")] = "",
    withdraw: Annotated[str, typer.Option(help="Digest of a vocabulary to withdraw.")] = "",
    format: Annotated[str, typer.Option(help="Format of the file. See `peelian data formats`.")] = "auto",
    option: Annotated[list[str] | None, typer.Option(help="An option of the format, name=value.")] = None,
    as_: AsOption = "custodian",
    office: OfficeOption = HERE,
) -> Printed:
    """List the adopted labels of areas, landmarks, groups, instruments and outcomes, or propose some for adoption.

    Files may only carry adopted labels and words of public classifications. Another unit approves:
    `peelian proposals approve`.
    """
    from peelian.kernel.disclosure.label_checks import propose_vocabulary, propose_withdrawal
    from peelian.kernel.model.labels import LabelKind
    from peelian.kernel.records.label_register import adopted
    from peelian.operations.vocabularies import read_vocabulary

    if kind not in set(LabelKind):
        raise InputError("unknown kind of labels", column="--kind", accepted=", ".join(LabelKind))
    if (file is not None or withdraw) and not reason:
        raise InputError("reason missing", column="--propose", accepted="at least three words")
    with opened(office) as town:
        digest, by = "", town.operator(as_) if reason else None
        if by is not None and withdraw:
            digest = propose_withdrawal(town.kernel, by, withdraw, words=reason)
        elif by is not None and file is not None:
            options = pairs(option or [], "--option")
            read = read_vocabulary(
                file, LabelKind(kind), source, town.kernel.technologies, format=format, options=options
            )
            digest = propose_vocabulary(town.kernel, by, read, words=reason)
        known = adopted(town.kernel).vocabularies
    record = {"adopted": [_record(name, one) for name, one in known.items()], "proposal": digest}
    lines = [
        say(
            "%(record)s  %(kind)s, %(n)d labels, from: %(source)s",
            record=name,
            kind=translated(str(one.kind)),
            n=len(one.labels),
            source=one.source,
        )
        for name, one in known.items()
    ]
    lines = lines or [say("No labels adopted. Files may only carry words of public classifications.")]
    return record, [*lines, *(proposed(digest) if digest else [])]


def _record(name: str, one: Vocabulary) -> dict[str, Any]:
    """A vocabulary in force, as JSON."""
    labels = [
        {
            "label": a.label,
            "people": a.people,
            "function": a.function,
            "homes": a.homes,
            "capacity": a.capacity,
            "outline_sha256": a.outline,
        }
        for a in one.labels
    ]
    return {"record": name, "kind": str(one.kind), "source": one.source, "labels": labels}
