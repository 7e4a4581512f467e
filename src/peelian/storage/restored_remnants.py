"""Restored remnants: what an old backup brought back though the log says it was destroyed is destroyed again.

Partitions of the archive with their keys, sealed objects and their keys, wrapping keys from before a rotation, and the
signing keys of people who were forgotten.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from peelian.errors import IntegrityError
from peelian.kernel.model.pseudonyms import PERSON
from peelian.kernel.retention.expiry_job import must_be_whole, remove_what_came_back
from peelian.kernel.state.kernel import Kernel
from peelian.kernel.state.missing_documents import OLDER_LOG
from peelian.storage.archive_files import FileArchive
from peelian.storage.log_files import FileLog
from peelian.storage.log_heads import KEPT
from peelian.storage.private_files import shred
from peelian.storage.vault_files import FileVault
from peelian.storage.vault_keys import TableKeys

KEYS = ("keys/vault", "keys/archive")


def destroy_again(
    kernel: Kernel, vault: FileVault, archive: FileArchive, operators: Path, *, seen: Mapping[str, int]
) -> None:
    """Everything that came back; `seen` says how far the log had come when each part of the office was last used.

    IntegrityError where the archive is older than the log, or the log older than the archive: then nothing is
    destroyed. O(documents + objects + partitions that ever were + entries since a part was last used).
    """
    must_be_whole(kernel)
    _no_opening_is_ahead(kernel, vault)
    remove_what_came_back(kernel)
    destroy_here(kernel, vault, operators)
    last = min(seen.get(name, 0) for name in KEYS)
    if any(entry["kind"] == "ROTATED" for _, entry in kernel.stores.log.read(last)):
        vault.rotate_keys()
        archive.rotate_keys()
        kernel.append("ROTATED", by="office")


def say_heads_are_kept(kernel: Kernel, log: FileLog) -> None:
    """Say once in the log that every part of the office keeps its head: whoever removes them all is found out then."""
    if not log.heads_kept and kernel.state.authorization_status.entries:
        kernel.append(KEPT)


def _no_opening_is_ahead(kernel: Kernel, vault: FileVault) -> None:
    """An opening is logged before it is used: where one was used beyond the log's end, entries were taken away."""
    end = vault.keys.openings_end() if isinstance(vault.keys, TableKeys) else 0
    if end > kernel.state.authorization_status.entries:
        raise IntegrityError(
            f"The keys record an opening of sealed data by entry {end - 1:,}, but the log has only "
            f"{kernel.state.authorization_status.entries:,} entries. "
            f"Entries were removed, or the log is an old copy. {OLDER_LOG}"
        )


def destroy_here(kernel: Kernel, vault: FileVault, operators: Path) -> None:
    """What lies in the office's own folder though a registrar holds log and archive: sealed objects, and signing keys
    of people who were forgotten, by the short names that their files have. O(objects + keys)."""
    for object in sorted((vault.living() | vault.kept()) & kernel.state.objects.gone):
        vault.forget(object)
    if kernel.state.forgotten:
        for file in sorted(operators.glob("*.pem")):
            if kernel.office.token(file.stem, of=PERSON) in kernel.state.forgotten:
                shred(file)
