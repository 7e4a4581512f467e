"""An office at work, with canaries in every finding that nobody published; founded once, and copied to be played in."""

from __future__ import annotations

import dataclasses
import html
import io
import json
import struct
import zipfile
import zlib
from base64 import b64decode
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from re import findall
from typing import Any

import clips
import numpy as np
from changed import changed
from deciding import read_and_decide
from desk import Desk, declared, entitle
from map_town import REASONS
from standing_office import meter, office_at, stands, until_now, watch_of
from watched import MemoryCheckpoints

from peelian.kernel import verbs
from peelian.kernel.alarms import watch
from peelian.kernel.model.capability import Capability, Findings, Note
from peelian.kernel.model.documents import Evidence
from peelian.kernel.state.kernel import Kernel
from peelian.kernel.verbs import custody
from peelian.measure.table import Column, Table
from peelian.operations.office import Office
from peelian.technologies.footage.proposal.declared import ProposeParams

LABEL = "Kestrelmoor"
SAYS = LABEL + " holds %(n)d."
METER = "meter-1"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Living:
    """Where the office lies, its cases, and its alarm."""

    folder: Path
    published: str
    decided: str
    undecided: str
    audit: str
    footage: str
    recording: str
    alarm: str
    canaries: Mapping[str, int]

    @property
    def hidden(self) -> Mapping[str, str]:
        """Cases that nobody published, by what they are."""
        return {name: getattr(self, name) for name in ("decided", "undecided", "audit")}


def founded(folder: Path) -> Living:
    """The office: it takes some twenty seconds."""
    office, town = office_at(folder)
    with office:
        numbers = {"decided": 7_351_926, "undecided": 8_462_037, "audit": 6_240_815}
        published = _forecast(town, "2019-12-30", 0)
        decided = _forecast(town, "2020-01-06", numbers["decided"])
        undecided = _forecast(town, "2020-01-13", numbers["undecided"])
        audit = _ran(town, "risk.audit", numbers["audit"])
        for evidence in (published, decided):
            capability = town.kernel.capability("mapping.forecast")
            by = town.decider(capability, town.people["analyst"].person.unit)
            decision = read_and_decide(town.kernel, by, evidence, choice="accept", **REASONS)
            if evidence is published:
                verbs.publish(town.kernel, town.people["clerk"], decision, statement="Decided.")
        recording, footage = _footage(town)
        return Living(
            folder=folder,
            published=published.case,
            decided=decided.case,
            undecided=undecided.case,
            audit=audit.case,
            footage=footage,
            recording=recording,
            alarm=_alarm(office, town),
            canaries=numbers,
        )


def _forecast(town: Desk, day: str, canary: int) -> Evidence:
    return _ran(town, "mapping.forecast", canary, start_day=day, advised_cells=12)


def _ran(town: Desk, id: str, canary: int, **changes: Any) -> Evidence:
    """A case of a capability's own example, with a canary in what it finds unless that is 0."""
    capability = town.kernel.capability(id)
    town.authorizations(capability)
    params = dataclasses.replace(capability.arithmetic().example().params, **changes)
    permit = town.ask(capability, params=params)
    kernel = planted(town.kernel, capability, canary) if canary else town.kernel
    return verbs.run(kernel, town.people[town.asker(capability)], permit)[0]


def planted(kernel: Kernel, capability: Capability, canary: int) -> Kernel:
    """The kernel with a capability that finds a canary beside what it finds: in a sentence, a table and a map."""
    made = capability.arithmetic()

    def run(*given: Any, **named: Any) -> Findings:
        found = made.run(*given, **named)
        tables = tuple(_with(table, canary) for table in found.tables)
        told = [
            dataclasses.replace(note, values={**note.values, "n": canary})
            if note.text.startswith("%(n)d people")
            else note
            for note in found.notes
        ]
        return dataclasses.replace(found, tables=tables, notes=(Note(text=SAYS, values={"n": canary}), *told))

    other = changed(capability, run=run, messages=made.messages | {SAYS})
    technologies = tuple(
        dataclasses.replace(
            one, capabilities=tuple(other if each.id == other.id else each for each in one.capabilities)
        )
        for one in kernel.technologies
    )
    return dataclasses.replace(kernel, technologies=technologies)


def _with(table: Table, canary: int) -> Table:
    """The table with the canary in its first row, where it counts or measures something there."""
    name = {"forecast": "expected", "advice": "expected", "rates": "num", "verdicts": "n"}.get(table.name)
    if name is None:
        return table
    values = np.array(table[name]).copy()
    values[0] = canary
    columns = (
        Column(name=c.name, kind=c.kind, values=values, unit=c.unit, n=c.n) if c.name == name else c
        for c in table.columns
    )
    return Table(name=table.name, columns=tuple(columns))


def _footage(town: Desk) -> tuple[str, str]:
    clip = clips.clip(seed=4, pictures=12)
    entitle(town.kernel, town.people["council"])
    item = custody.keep(
        town.kernel,
        town.people["custodian"],
        declared("disclosure"),
        clip.open(),
        format="video",
        options={"recorded_at": "2026-03-01T10:00:00+00:00"},
    )
    clerk = town.people["clerk"]
    permit = verbs.ask(
        town.kernel, clerk, "footage.propose", purpose="disclosure", params=ProposeParams(),
        datasets={"item": item.dataset},
    )  # fmt: skip
    return item.dataset, verbs.run(town.kernel, clerk, permit)[0].case


def _alarm(office: Office, town: Desk) -> str:
    """An alarm that waits, of an exercise of the noise watch."""
    meter(town, METER)
    permit = stands(office, town, sensors={METER: "square"}, exercise=True)
    standing = watch.begin(town.kernel, permit, MemoryCheckpoints())
    readings = until_now(watch_of(office, "crowd.noise").reducer().example().readings)
    moves = [move for reading in readings for move in watch.feed(town.kernel, standing, [reading])]
    return moves[0].alarm


# ---- what an answer holds, unpacked


def needles(number: int) -> tuple[bytes, ...]:
    """How a number may stand in an answer: as digits, grouped in both languages, and as programs write it."""
    english = f"{number:,}"
    spelled = {str(number), english, *(english.replace(",", space) for space in ("\u00a0", "\u202f", " "))}
    packed = [struct.pack("<d", number), struct.pack("<f", number), struct.pack("<q", number)]
    return (*(text.encode() for text in sorted(spelled)), *packed)


def canaries_in(content: bytes, numbers: Iterable[int]) -> set[str]:
    """Which canaries stand in an answer, wherever they are packed in it."""
    found = set()
    wanted = {str(number): needles(number) for number in numbers} | {LABEL: (LABEL.encode(),)}
    for part in unpacked(content):
        found |= {name for name, some in wanted.items() if any(one in part for one in some)}
    return found


def unpacked(content: bytes, depth: int = 4) -> Iterator[bytes]:
    """An answer, and everything that is packed in it: gzip, ZIP, PDF, PNG, JSON, HTML, data addresses."""
    yield content
    if depth:
        for part in _within(content):
            yield from unpacked(part, depth - 1)


def _within(content: bytes) -> Iterator[bytes]:
    if content[:2] == b"\x1f\x8b":
        yield zlib.decompress(content, wbits=31)
    elif content[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            yield from (packed.read(name) for name in packed.namelist())
    elif content[:5] == b"%PDF-":
        yield from _of_pdf(content)
    elif content[:8] == b"\x89PNG\r\n\x1a\n":
        yield from _of_png(content)
    elif content[:1] in (b"{", b"["):
        yield from _of_json(content)
    elif b"<" in content[:400]:
        text = content.decode("utf-8", "replace")
        yield html.unescape(text).encode()
        yield from (b64decode(one) for one in findall(r"data:[\w/+.-]+;base64,([A-Za-z0-9+/=]+)", text))


@lru_cache(maxsize=64)
def _of_pdf(content: bytes) -> tuple[bytes, ...]:
    """Its text and its attachments; equal reports are equal bytes, and several doors and people get the same."""
    from pypdf import PdfReader

    read = PdfReader(io.BytesIO(content))
    text = "\n".join(page.extract_text() for page in read.pages).encode()
    return (text, *(bytes(data) for files in read.attachments.values() for data in files))


def _of_png(content: bytes) -> Iterator[bytes]:
    at = 8
    while at + 12 <= len(content):
        (size,), kind = struct.unpack(">I", content[at : at + 4]), content[at + 4 : at + 8]
        data = content[at + 8 : at + 8 + size]
        if kind in (b"tEXt", b"iTXt"):
            yield data
        elif kind == b"zTXt":
            yield zlib.decompress(data.partition(b"\0")[2][1:])
        at += 12 + size


def _of_json(content: bytes) -> Iterator[bytes]:
    try:
        told = json.loads(content)
    except ValueError:
        return
    yield json.dumps(told, ensure_ascii=False).encode()
    yield from map(str.encode, _texts(told))


def _texts(told: Any) -> Iterator[str]:
    if isinstance(told, str):
        yield told
    elif isinstance(told, (list, dict)):
        yield from (text for one in (told.values() if isinstance(told, dict) else told) for text in _texts(one))
