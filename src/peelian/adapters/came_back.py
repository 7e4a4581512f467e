"""What an old backup brought back although the log says that it is gone: destroyed again, whenever the office opens.

Shelves of the archive with their keys, sealed objects and their keys, wrapping keys from before a rotation, and the
signing keys of people who were forgotten.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from peelian.adapters.archive_files import FileArchive
from peelian.adapters.log_files import FileLog
from peelian.adapters.log_heads import KEPT
from peelian.adapters.private_files import shred
from peelian.adapters.vault_files import FileVault
from peelian.adapters.vault_keys import TableKeys
from peelian.errors import IntegrityError
from peelian.governance.expiry import must_be_whole, remove_what_came_back
from peelian.governance.house import House
from peelian.governance.lost import OLDER_LOG
from peelian.governance.tokens import PERSON

KEYS = ("keys/vault", "keys/archive")


def destroy_again(
    house: House, vault: FileVault, archive: FileArchive, operators: Path, *, seen: Mapping[str, int]
) -> None:
    """Everything that came back; `seen` says how far the log had come when each part of the office was last used.

    IntegrityError where the archive is older than the log, or the log older than the archive: then nothing is
    destroyed. O(documents + objects + shelves that ever were + entries since a part was last used).
    """
    must_be_whole(house)
    _no_opening_is_ahead(house, vault)
    remove_what_came_back(house)
    destroy_here(house, vault, operators)
    last = min(seen.get(name, 0) for name in KEYS)
    if any(entry["kind"] == "ROTATED" for _, entry in house.log.read(last)):
        vault.rotate_keys()
        archive.rotate_keys()
        house.append("ROTATED", by="office")


def say_heads_are_kept(house: House, log: FileLog) -> None:
    """Say once in the log that every part of the office keeps its head: whoever removes them all is found out then."""
    if not log.heads_kept and house.book.orders.entries:
        house.append(KEPT)


def _no_opening_is_ahead(house: House, vault: FileVault) -> None:
    """An opening is logged before it is used: where one was used beyond the log's end, entries were taken away."""
    end = vault.keys.openings_end() if isinstance(vault.keys, TableKeys) else 0
    if end > house.book.orders.entries:
        raise IntegrityError(
            f"the keys remember an opening of sealed data by entry {end - 1:,}, and the log has "
            f"{house.book.orders.entries:,}: entries were taken away, or {OLDER_LOG}"
        )


def destroy_here(house: House, vault: FileVault, operators: Path) -> None:
    """What lies in the office's own folder though a registrar holds log and archive: sealed objects, and signing keys
    of people who were forgotten, by the short names that their files have. O(objects + keys)."""
    for object in sorted((vault.living() | vault.kept()) & house.book.held.gone):
        vault.forget(object)
    if house.book.forgotten:
        for file in sorted(operators.glob("*.pem")):
            if house.token(file.stem, of=PERSON) in house.book.forgotten:
                shred(file)
