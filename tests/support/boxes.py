"""A technology of objects kept whole, for tests: boxes of bytes, shortened into derivatives, handed to recipients."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import BinaryIO

from peelian.errors import InputError
from peelian.kernel.model.capability import (
    Arithmetic,
    Asks,
    Capability,
    Context,
    Dataset,
    Emit,
    Example,
    Findings,
    Note,
    Purpose,
    Read,
    Role,
    Shows,
    note_paragraphs,
)
from peelian.kernel.model.custody_declarations import Delivery, Make, stream_of
from peelian.kernel.model.formats import Admitted, Format
from peelian.kernel.model.parameters import number, text
from peelian.kernel.model.tables import count
from peelian.kernel.model.technology import Technology
from peelian.measure.table import Kind, table
from peelian.pictures.panels import Grid, Panels, Say

FOUND = "%(n)d bytes were kept of the box."
CAVEAT = "What was cut off is not looked at."
MAGIC = b"BOX"
CONTENT = MAGIC + b" and what is in it"
KEPT = Emit(table="kept", title="bytes kept", columns={"n": count("Bytes kept", "bins")})


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class BoxParams:
    """How much to keep."""

    most: int = number(12, "Most bytes kept", 1, unit="bytes")
    recipient: str = text("age1nobody", "The recipient's public key")
    days: int = number(30, "Days in which it may be handed over", 1, 365)


def inspect(file: BinaryIO, options: Mapping[str, str]) -> Admitted:
    """A box begins with BOX; a box that says CRASH makes its inspection fail in an unexpected way."""
    start = file.read(9)
    if not start.startswith(MAGIC):
        raise InputError("this is no box", accepted="a file that begins with BOX")
    if b"CRASH" in start:
        raise KeyError("12 Main Street")
    size = file.seek(0, 2)
    facts = {"bytes": size, **{key: value for key, value in options.items() if value}}
    return Admitted(table=table("box", {"n": (Kind.COUNT, [size])}, n="bins"), facts=facts)


def run(params: BoxParams, datasets: Mapping[str, Dataset], context: Context) -> Findings:
    box = datasets["box"]
    assert box.stream is not None
    kept = box.stream.read(params.most)
    with context.scratch() as scratch, context.make("short") as file:
        scratch.write(kept)
        scratch.seek(0)
        file.write(scratch.read())
    made = KEPT.of({"n": [len(kept)]})
    notes = (
        Note(text=FOUND, values={"n": len(kept)}),
        Note(text=CAVEAT, kind="caveat"),
        Note(text=FOUND, values={"n": len(kept)}, kind="explanation"),
    )
    return Findings(tables=(made,), notes=notes, facts={"kept": len(kept), "moments": len(box.history)})


def view(findings: Findings, say: Say) -> Panels:
    return [
        *note_paragraphs(findings.notes, say),
        Grid(caption=say("Boxes"), titles=("n",), rows=((str(findings.facts["kept"]),),)),
    ]


def example() -> Example:
    box = Dataset(
        id="box-1",
        format="box",
        digest="0" * 64,
        table=table("box", {"n": (Kind.COUNT, [len(CONTENT)])}, n="bins"),
        facts={"bytes": len(CONTENT)},
        stream=stream_of(CONTENT),
    )
    return Example(params=BoxParams(), datasets={"box": box})


ARITHMETIC = Arithmetic(
    run=run,
    example=example,
    messages=frozenset({FOUND, CAVEAT}),
    vocabulary=frozenset(),
    public=lambda findings: findings,
    shows=Shows(
        view=view,
    ),
)

SHORTEN = Capability(
    id="boxes.shorten",
    title="Shorten a box",
    about="Keeps the beginning of a box.",
    asks=Asks(
        params=BoxParams,
        purposes=frozenset({Purpose.DISCLOSURE}),
        askers=frozenset({Role.CLERK}),
        deciders=frozenset({Role.PRIVACY_OFFICER}),
    ),
    reads=(Read(role="box", title="box", shape="box", history=True),),
    emits=(KEPT,),
    makes=(
        Make(
            role="short",
            shape="short_box",
            of="box",
            describe=lambda params, found: Admitted(table=found.tables[0], facts={"bytes": found.facts["kept"]}),
        ),
    ),
    delivers=lambda params: Delivery(make="short", recipient=params.recipient, days=params.days),
    arithmetic=lambda: ARITHMETIC,
)
BOX = Format(
    id="box",
    title="Boxes",
    shape="box",
    kinds=("stream",),
    inspect=inspect,
    options={"owner": "whose it is", "colour": "its colour"},
    tokens=frozenset({"owner"}),
)


def formats() -> tuple[Format, ...]:
    """What it keeps: a function of the module, so that an intake child finds it."""
    return (BOX,)


BOXES = Technology(id="boxes", title="Boxes", capabilities=(SHORTEN,), formats=formats)
