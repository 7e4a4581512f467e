"""Rehearsal: recorded readings run through a watch by their own clock, beside the office's log.

The log's times are the machine's and only go on, so a day that is over cannot be replayed into it. The readings, the
alarms and the documents of a rehearsal are in memory; the log only hears that one took place.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from peelian.errors import InputError, OutOfOrder
from peelian.kernel.alarms import watch
from peelian.kernel.model.ports import Archive, Leaf
from peelian.kernel.state.alarm_state import body_of
from peelian.kernel.state.kernel import Kernel, OfficeState
from peelian.operations.capacity_alarms import CapacityAlarms
from peelian.operations.live_zones import LiveZones
from peelian.operations.office import Office
from peelian.operations.watch_service import Replay, readings_of, stand_of
from peelian.storage.database import memory_database
from peelian.storage.document_rows import DocumentRows
from peelian.storage.key_store import memory_key_store
from peelian.storage.log_rows import LogRows
from peelian.storage.rows import StoredRows
from peelian.storage.schema import METADATA


class Forgetful:
    """Answers `Checkpoints`: nothing is kept."""

    def load(self, case: str) -> Mapping[str, str]:
        return {}

    def save(self, case: str, changed: Mapping[str, str]) -> None:
        """Nothing is kept."""


class Beside:
    """An archive that reads the office's and keeps what is new to itself, in memory."""

    def __init__(self, office: Archive, own: Archive) -> None:
        self._office, self._own = office, own

    def put(self, digest: str, document: bytes, *, partition: str = "") -> None:
        self._own.put(digest, document, partition=partition)

    def put_all(self, leaves: Sequence[Leaf]) -> None:
        self._own.put_all(leaves)

    def get(self, digest: str, *, partition: str = "") -> bytes:
        """The document with this digest, of the rehearsal or of the office."""
        try:
            return self._own.get(digest, partition=partition)
        except InputError:
            return self._office.get(digest, partition=partition)

    def several(self, digests: Collection[str]) -> Mapping[str, bytes]:
        """The documents that either has."""
        return {**self._office.several(digests), **self._own.several(digests)}

    def partitions(self) -> Mapping[str, frozenset[str]]:
        return self._own.partitions()

    def destroy_partition(self, partition: str) -> int:
        """A rehearsal destroys nothing of the office's."""
        return self._own.destroy_partition(partition)


def rehearse(office: Office, case: str, file: Path) -> dict[str, Any]:
    """What a drill's watch would do with a file of JSON lines, by the file's own clock.

    `steps` are the steps of alarms in order, at the file's own times. OutOfOrder where the watch is no drill.
    O(entries + readings).
    """
    if not stand_of(office.kernel, case).request.exercise:
        raise OutOfOrder("Only drills can be replayed. Start the watch with --exercise.")
    clock = Replay(office.kernel.now())
    kernel = _beside(office.kernel, clock)
    standing = watch.begin(kernel, stand_of(kernel, case).permit, Forgetful())
    zones, alarms = LiveZones(kernel, [standing]), CapacityAlarms(kernel, [standing])
    shift, moves = None, []
    for reading in readings_of(file):
        shift = shift or clock.now - reading.time
        reading = replace(reading, time=reading.time + shift)
        clock.reach(reading.time)
        moves += [*watch.tick(kernel), *watch.feed(kernel, standing, [reading]), *alarms.judge(zones.fresh())]
    watch.rehearsed(office.kernel, case, readings=standing.tally.total(), steps=len(moves))
    steps = [body_of(replace(move, at=move.at - shift)) for move in moves] if shift else []
    return {"case": case, "moves": len(moves), "readings": dict(standing.tally), "steps": steps}


def _beside(kernel: Kernel, clock: Replay) -> Kernel:
    """The kernel as its log tells it, with a log, an archive and a clock of its own. O(entries)."""
    database, secret = memory_database(METADATA), secrets.token_bytes(32)
    log = LogRows(database, secret)
    log.copy([entry for _, entry in kernel.stores.log.read()])
    archive = Beside(kernel.stores.archive, DocumentRows(database, memory_key_store()))
    stores = replace(kernel.stores, log=log, rows=StoredRows(database, secret), archive=archive)
    return replace(kernel, state=OfficeState(), lock=database, stores=stores, clock=clock)
