"""Findings as bytes: a JSON head, then one Arrow stream a table. Evidence commits to their digest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from peelian.errors import IntegrityError
from peelian.kernel.model.capability import Findings, Note, Scalar
from peelian.measure.table import Table

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


def unpack(data: bytes) -> Findings:
    """The findings that `pack` wrote; IntegrityError where they are damaged."""
    import pyarrow as pa  # heavy: only where findings are read

    try:
        start = data.index(b"\n") + 1
        head, whole = json.loads(data[:start]), memoryview(data)
        tables = []
        for size in head["tables"]:
            tables.append(Table.from_arrow(pa.ipc.open_stream(whole[start : start + size]).read_all()))
            start += size
    except (ValueError, KeyError, TypeError, pa.ArrowException) as error:
        raise IntegrityError(f"Archived findings are damaged ({type(error).__name__}).") from None
    notes = tuple(Note(text=n["text"], values=n["values"], kind=n["kind"]) for n in head["notes"])
    facts: Mapping[str, Scalar] = head["facts"]
    return Findings(tables=tuple(tables), notes=notes, facts=facts)


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
