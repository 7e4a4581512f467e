"""Findings as bytes: a JSON head, then one Arrow stream a table. Evidence commits to their digest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from peelian.errors import IntegrityError
from peelian.kernel.model.capability import Findings, Note, Scalar
from peelian.measure.table import Table

WAITING = (
    "%(n)d of %(all)d rows stand as in an earlier release, or are left out. New ones beside it would tell of fewer "
    "than %(k)d people. They are renewed when enough has changed."
)
RANGES = (
    "%(n)d of %(all)d rows count fewer than %(least)d. Read these as ranges: each may be up to %(by)d too low or too "
    "high."
)
REPEATED = (
    "All %(n)d rows stand as in the release of %(day)s. New ones beside it would tell of fewer than %(k)d people. "
    "They are renewed when enough has changed."
)
LEFT_OUT = (
    "%(n)d areas are left out, because another map of this subject was published before. Both together would tell of "
    "fewer than %(k)d people, or of one home: %(areas)s."
)
"""What a publication says of earlier ones of its subject (`kernel/disclosure/editions`, `map_layers`)."""
STAY_TWO = "maps_of_one_subject_stay_two"  # the rule of `map_layers` by which no area of a release is left
EACH = "each"
"""The value of `LEFT_OUT` that has all areas, a line each: its sentence names the first ones."""
_HEAD = json.JSONEncoder(ensure_ascii=False, sort_keys=True).encode


def pack(findings: Findings) -> bytes:
    """The findings as bytes; O(bytes of the tables)."""
    streams = [_stream(table) for table in findings.tables]
    head = {
        "notes": [{"text": n.text, "values": dict(n.values), "kind": n.kind} for n in findings.notes],
        "facts": dict(findings.facts),
        "tables": [len(stream) for stream in streams],
    }
    return _HEAD(head).encode() + b"\n" + b"".join(streams)


def outline(data: bytes) -> tuple[tuple[Note, ...], frozenset[str]]:
    """Of findings that `pack` wrote the notes, and the columns of all their tables: no row is read. Errors as for
    `unpack`."""
    import pyarrow as pa

    with _whole():
        head, streams = _split(data)
        return _notes(head), frozenset(name for one in streams for name in pa.ipc.open_stream(one).schema.names)


def unpack(data: bytes) -> Findings:
    """The findings that `pack` wrote; IntegrityError where they are damaged."""
    import pyarrow as pa  # heavy: only where findings are read

    with _whole():
        head, streams = _split(data)
        tables = tuple(Table.from_arrow(pa.ipc.open_stream(one).read_all()) for one in streams)
        facts: Mapping[str, Scalar] = head["facts"]
        return Findings(tables=tables, notes=_notes(head), facts=facts)


@contextmanager
def _whole() -> Iterator[None]:
    import pyarrow as pa

    try:
        yield
    except (ValueError, KeyError, TypeError, pa.ArrowException) as error:
        raise IntegrityError(f"Archived findings are damaged ({type(error).__name__}).") from None


def _split(data: bytes) -> tuple[dict[str, Any], list[memoryview]]:
    """The head of packed findings, and each table as Arrow streams it."""
    start = data.index(b"\n") + 1
    head, whole, streams = json.loads(data[:start]), memoryview(data), []
    for size in head["tables"]:
        streams.append(whole[start : start + size])
        start += size
    return head, streams


def _notes(head: Mapping[str, Any]) -> tuple[Note, ...]:
    return tuple(Note(text=n["text"], values=n["values"], kind=n["kind"]) for n in head["notes"])


def on_editions(findings: Findings) -> tuple[Findings, tuple[Note, ...]]:
    """Published findings without what they say of earlier releases, and that."""
    said = tuple(note for note in findings.notes if note.text in (WAITING, RANGES, REPEATED, LEFT_OUT))
    rest = tuple(note for note in findings.notes if note not in said) if said else findings.notes
    return replace(findings, notes=rest), said


def areas_left_out(findings: Findings) -> tuple[str, ...]:
    """The areas that a publication leaves out for a map published before, as it names them."""
    said = (str(note.values.get(EACH, "")) for note in findings.notes if note.text == LEFT_OUT)
    return tuple(name for names in said for name in names.splitlines())


def digest_of_bytes(packed: bytes) -> str:
    """SHA-256 of packed findings."""
    return hashlib.sha256(packed).hexdigest()


def _stream(table: Table) -> bytes:
    import pyarrow as pa

    arrow = table.to_arrow()
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, arrow.schema, options=pa.ipc.IpcWriteOptions()) as writer:
        writer.write_table(arrow)
    return bytes(sink.getvalue())
