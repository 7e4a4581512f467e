"""Restored remnants: what an old backup brought back though the log says it was destroyed is destroyed again.

Partitions of the archive with their keys, sealed objects and their keys, wrapping keys from before a rotation, and the
signing keys of people who were forgotten.
"""

from __future__ import annotations

from collections.abc import Set
from contextlib import suppress
from pathlib import Path

from peelian.errors import InputError, IntegrityError, OutOfOrder
from peelian.kernel.model.pseudonyms import PERSON
from peelian.kernel.retention.expiry_job import must_be_whole, remove_unless_at_work
from peelian.kernel.state.kernel import Kernel
from peelian.kernel.state.missing_documents import OLDER_LOG
from peelian.storage.key_store import KEY_LOST, partition_key
from peelian.storage.log_publisher import PublishedLog
from peelian.storage.private_files import shred
from peelian.storage.vault_files import FileVault
from peelian.storage.vault_keys import StoredKeys

OLDER_KEYS = (
    "The key store is from before the keys were last replaced. It cannot read what was recorded since. "
    "Restore the keys from their newest backup."
)


def destroy_again(kernel: Kernel, vault: FileVault, log: PublishedLog, operators: Path, since: int) -> None:
    """Everything that came back, where a part of the office was last used with a log of `since` entries, and the newest
    signed one has more.

    IntegrityError where entries were taken away, or documents, or keys: then nothing is destroyed. O(1) where nothing
    was put back, else O(documents + objects + entries since).
    """
    _no_opening_is_ahead(kernel, vault)
    if isinstance(vault.keys, StoredKeys):
        _shred(kernel, vault.keys.store.forgotten(), operators)  # these have no head
    if since == log.newest_head():
        return
    must_be_whole(kernel)
    _no_key_is_lost(kernel, vault)
    rotated = max((index for index, _ in log.read(since, kinds=["ROTATED"])), default=None)
    if rotated is not None:
        _no_key_is_from_before(kernel, rotated)
    remove_unless_at_work(kernel)
    destroy_here(kernel, vault, operators)
    if rotated is not None:
        vault.rotate_keys()
        kernel.append("ROTATED", by="office")


def _no_opening_is_ahead(kernel: Kernel, vault: FileVault) -> None:
    """An opening is logged before it is used: where one was used beyond the log's end, entries were taken away."""
    end = vault.keys.store.openings_end() if isinstance(vault.keys, StoredKeys) else 0
    if end > kernel.stores.log.size():
        raise IntegrityError(
            f"The keys record an opening of sealed data by entry {end - 1:,}, but the log has only "
            f"{kernel.stores.log.size():,} entries. "
            f"Entries were removed, or the log is an old copy. {OLDER_LOG}"
        )


def _no_key_is_lost(kernel: Kernel, vault: FileVault) -> None:
    """An older key store would make a partition another key, and what is sealed under it would be lost when the right
    keys come back."""
    known = vault.keys.store if isinstance(vault.keys, StoredKeys) else None
    for partition in sorted(kernel.stores.archive.partitions()) if known else ():
        if known and not known.state(partition_key(partition)):
            raise IntegrityError(KEY_LOST.format(partition=partition))


def _no_key_is_from_before(kernel: Kernel, rotated: int) -> None:
    """Partitions got new keys by a rotation, which an older key store lacks. O(entries since)."""
    for _, entry in kernel.stores.log.read(rotated):
        with suppress(InputError, OutOfOrder):  # destroyed since, or of a log that was restored without it
            try:
                kernel.stores.archive.get(str(entry.get("document", "")))
            except IntegrityError as wrong:
                raise IntegrityError(OLDER_KEYS) from wrong


def destroy_here(kernel: Kernel, vault: FileVault, operators: Path) -> None:
    """What lies in the office's own folder though a registrar holds log and archive: sealed objects, and signing keys
    of people who were forgotten, by the short names that their files have. O(objects + keys)."""
    for object in sorted((vault.living() | vault.kept()) & kernel.state.objects.gone):
        vault.forget(object)
    _shred(kernel, kernel.state.forgotten, operators)


def _shred(kernel: Kernel, forgotten: Set[str], operators: Path) -> None:
    for file in sorted(operators.glob("*.pem")) if forgotten else ():
        if kernel.office.token(file.stem, of=PERSON) in forgotten:
            shred(file)
