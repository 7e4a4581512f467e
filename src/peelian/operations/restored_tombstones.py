"""Restored tombstones: destructions that a restored log no longer tells are logged again.

A log that was lost in part may end before a partition was destroyed. Its key is gone all the same, and an office
would take
that for damage for ever. The key tables still know: each key that was destroyed left its tombstone, and an office
destroys none before the log says so. So the restored log goes on with what it said: the partitions to which
documents were
carried over, the partitions and the objects that were destroyed. All with the time of its last entry: the day is lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from peelian.errors import InputError
from peelian.kernel.log.entry_schema import decode_entry, encode_entry
from peelian.kernel.log.merkle import Tree, leaf_hash
from peelian.kernel.model.archive_partitions import CARRIED, Partitions, digest_of_digests, homes
from peelian.kernel.model.ports import Entry
from peelian.kernel.state.object_state import ObjectState
from peelian.storage.archive_files import FileArchive
from peelian.storage.key_table import open_key_table
from peelian.storage.log_restore import Pieced


def with_what_is_gone(pieced: Pieced, archive: FileArchive, keys: Path) -> tuple[Pieced, int]:
    """The log with what it has to say again, and how many entries that are. O(entries + documents + objects).

    `keys` is the folder of the vault's key table.
    """
    entries = [decode_entry(spelling) for spelling in pieced.entries]
    again = [encode_entry(entry) for entry in (*_partitions(entries, archive), *_objects(entries, keys))]
    if not again:
        return pieced, 0
    tree, spellings = Tree(), (*pieced.entries, *again)
    for spelling in spellings:
        tree.append(leaf_hash(spelling))
    return replace(pieced, entries=spellings, root=tree.root(len(spellings))), len(again)


def _partitions(entries: Sequence[Entry], archive: FileArchive) -> Iterator[Entry]:
    known = Partitions()
    for entry in entries:
        known.fold(entry)
    for partition, digests in sorted(archive.partitions().items()):
        if f".{CARRIED}-" in partition and partition not in known.carried and not archive.is_destroyed(partition):
            yield _at_the_end(
                entries, "CARRIED", partition=partition, n=len(digests), digests=digest_of_digests(digests)
            )
    named = {partition for entry in entries if "document" in entry for partition in homes(entry)} | known.carried.keys()
    for partition in sorted(named - known.destroyed.keys()):
        if archive.is_destroyed(partition):
            yield _at_the_end(entries, "PARTITION_DESTROYED", partition=partition, n=0, by="office")


def _objects(entries: Sequence[Entry], keys: Path) -> Iterator[Entry]:
    held = ObjectState()
    for entry in entries:
        held.fold(entry)
    living = {object.hex(): lives for object, lives in open_key_table(keys).states().items()} if keys.exists() else {}
    admitted = _admitted(entries)
    for object, dataset in sorted(held.datasets.items()):
        if object not in held.gone and living.get(object) is False:
            kind = "DESTROYED" if object in admitted else "KEY_DESTROYED"
            yield _at_the_end(entries, kind, dataset=dataset, object=object, by="office", why="restored")


def _admitted(entries: Iterable[Entry]) -> set[str]:
    return {str(entry["object"]) for entry in entries if entry["kind"] in ("ADMITTED", "DERIVED")}


def _at_the_end(entries: Sequence[Entry], kind: str, **fields: str | int) -> Entry:
    if not entries:
        raise InputError("the log to restore is empty", accepted="a newer backup")
    return {"v": entries[-1]["v"], "t": entries[-1]["t"], "kind": kind, **fields}
