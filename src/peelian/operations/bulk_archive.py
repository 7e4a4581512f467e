"""Bulk archive: the public register as one tar stream, each case with its tables, facts and receipt.

It is made piece by piece while it is read, so that no plaintext touches the disk; what goes wrong in the middle comes
out of `read`, and whoever reads keeps nothing.
"""

from __future__ import annotations

import dataclasses
import io
import json
import tarfile
from collections.abc import Iterator, Sequence
from typing import Any

from peelian.integrations.table_exports import csv_of
from peelian.kernel.model.documents import digest_of
from peelian.kernel.state.kernel import Kernel
from peelian.kernel.verbs.bulk_export import must_not_be_suspended
from peelian.measure.canonical import spelled
from peelian.oversight.transparency.register import CaseRecord, case_record

_BLOCK = 512


class PublicArchive(io.RawIOBase):
    """A readable stream of a tar archive of published cases. O(one case) of memory."""

    def __init__(self, kernel: Kernel, cases: Sequence[str]) -> None:
        self._pieces = _tar(_members(kernel, cases))
        self._held = b""

    def readable(self) -> bool:
        return True

    def readinto(self, into: Any, /) -> int:
        """The next bytes; 0 at the end."""
        while not self._held:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._held = piece
        view = memoryview(into).cast("B")
        n = min(len(view), len(self._held))
        view[:n], self._held = self._held[:n], self._held[n:]
        return n


def _members(kernel: Kernel, cases: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    index: list[dict[str, str]] = []
    for case in cases:
        kernel.stores.follow()
        must_not_be_suspended(kernel, [case])
        record = case_record(kernel, case)
        if record.publication is None or record.public is None:
            continue
        index.append(
            {
                "case": case,
                "capability": record.capability.id,
                "published_at": record.publication.at,
                "corrected_by": record.corrected.newer if record.corrected else "",
            }
        )
        yield f"cases/{case}/publication.json", _publication(record)
        for table in record.public.tables:
            yield f"cases/{case}/{table.name}.csv", csv_of(table)
        (entry,) = [
            i for i, e in kernel.state.histories[case].entries if e.get("document") == digest_of(record.publication)
        ]
        yield f"cases/{case}/published.tlog-proof", kernel.stores.log.receipt(entry)
    about = {
        "office": kernel.office.name,
        "made_at": kernel.now().isoformat(),
        "version": kernel.office.version,
        "cases": index,
    }
    yield "index.json", json.dumps(about, ensure_ascii=False, indent=1).encode()


def _publication(record: CaseRecord) -> bytes:
    if record.publication is None or record.public is None:
        return b""
    public = record.public
    body = {
        "publication": dataclasses.asdict(record.publication),
        "correction": dataclasses.asdict(record.corrected) if record.corrected else None,
        "corrects": list(record.corrects),
        "capability": record.capability.id,
        "purpose": record.request.purpose,
        "choice": record.decision.choice if record.decision else "",
        "facts": dict(public.facts),
        "notes": [{"kind": n.kind, "text": n.text % n.values if n.values else n.text} for n in public.notes],
    }
    return json.dumps(spelled(body), ensure_ascii=False, indent=1).encode()


def _tar(members: Iterator[tuple[str, bytes]]) -> Iterator[bytes]:
    for name, data in members:
        info = tarfile.TarInfo(name)
        info.size, info.mode = len(data), 0o600
        yield info.tobuf(format=tarfile.PAX_FORMAT) + data + bytes(-len(data) % _BLOCK)
    yield bytes(2 * _BLOCK)
