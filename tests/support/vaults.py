"""A vault in folders with a log that is a list, for tests that open what they sealed."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

from peelian.errors import OutOfOrder
from peelian.kernel.model.ports import Entry, Sealed
from peelian.kernel.vault.vault import Permitted
from peelian.storage.key_store import open_key_store
from peelian.storage.vault_files import FileVault, open_vault
from peelian.storage.vault_keys import StoredKeys


@dataclasses.dataclass(frozen=True, slots=True)
class VaultAndLog:
    """A vault, its folders, and the openings that were logged for it."""

    vault: FileVault
    folder: Path
    log: list[Entry]

    def sealed(self, plain: bytes, dataset: str = "incidents") -> Sealed:
        with self.vault.seal(dataset) as file:
            file.write(plain)
        return file.sealed

    def intent(self, sealed: Sealed) -> int:
        """Log an opening; its index."""
        self.log.append({"kind": "OPENED", "object": sealed.object, "dataset": sealed.dataset})
        return len(self.log) - 1

    def read(self, sealed: Sealed) -> bytes:
        with self.vault.open(sealed.object, intent=self.intent(sealed)) as file:
            return file.read()

    def file(self, sealed: Sealed) -> Path:
        return self.folder / "objects" / sealed.object

    def bytes_of(self, *folders: str) -> bytes:
        """Everything that lies in some of the folders, or in all."""
        roots = [self.folder / name for name in folders] or [self.folder]
        return b"".join(path.read_bytes() for root in roots for path in sorted(root.rglob("*")) if path.is_file())


def openings_in(entry_at: Callable[[int], Entry | None]) -> Permitted:
    """Openings of the very object are permitted: what an office asks besides has tests of its own (`test_openings`)."""

    def permitted(intent: int, *, object: str, dataset: str) -> None:
        entry = entry_at(intent) or {}
        if entry.get("kind") != "OPENED" or (entry["object"], entry["dataset"]) != (object, dataset):
            raise OutOfOrder("the log has no opening of this object at this index")

    return permitted


_UNSEEN = itertools.count(10_000_000)


def plain(vault: Any, object: str) -> bytes:
    """What lies sealed, for a test that wants to look at it: the judgement before the keys is put aside for once.

    Nothing of the product does so: the look is left out of what `unwraps` counts.
    """
    keys = getattr(vault, "keys", vault)
    judged, keys._permitted = keys._permitted, lambda intent, *, object, dataset: None
    table: Any = getattr(keys, "store", None)
    if table is not None:
        counted, table.of_an_office = getattr(table, "of_an_office", False), False
    try:
        with vault.open(object, intent=next(_UNSEEN)) as file:
            return bytes(file.read())
    finally:
        keys._permitted = judged
        if table is not None:
            table.of_an_office = counted


def vault_in(folder: Path, log: list[Entry] | None = None) -> VaultAndLog:
    """The vault in a folder, opened again if it was there; `log` goes on with an earlier one."""
    known: list[Entry] = [] if log is None else log
    permitted = openings_in(lambda index: known[index] if 0 <= index < len(known) else None)
    vault = open_vault(folder / "objects", StoredKeys(open_key_store(folder / "keys"), permitted))
    return VaultAndLog(vault, folder, known)
