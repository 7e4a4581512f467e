"""Vault keys: kept, destroyed, and unwrapped only against a logged opening.

In an embedded office they lie in a key table in the same process, in a divided one a registrar holds them
(`registrar_client`). The same judgement stands before both (`kernel/access/decryption_checks`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from peelian.errors import InputError, IntegrityError
from peelian.kernel.vault.vault import Permitted
from peelian.storage.key_table import KeyTable, open_key_table
from peelian.storage.used_intents import UsedIntents


class VaultKeys(Protocol):
    """What a vault needs of whoever holds its keys. An object is named by its 16 bytes."""

    def add(self, object: bytes, key: bytes) -> None:
        """Wrap a new object's data key and keep it, so that it survives a power cut; OutOfOrder where it has one."""
        ...

    def unwrapped(self, object: bytes, *, dataset: str, intent: int) -> bytes:
        """The data key, against the logged opening at index `intent`, which serves once.

        OutOfOrder or Refused where there is no such opening, where it is not permitted or was used, or where the key
        was destroyed; IntegrityError where there never was one.
        """
        ...

    def known(self, object: bytes) -> None:
        """Nothing where the object has a key; InputError where there never was one, OutOfOrder where it was
        destroyed."""
        ...

    def destroy(self, object: bytes) -> bool:
        """Destroy the wrapped key; False where it was destroyed before, InputError where there never was one."""
        ...

    def states(self) -> dict[bytes, bool]:
        """Every object and whether its key still exists. O(objects)."""
        ...

    def rotate(self) -> int:
        """Rewrap every data key under a new wrapping key and destroy the older ones; how many."""
        ...

    def openings_used(self) -> int:
        """How many logged openings ever unwrapped a key."""
        ...


class TableKeys:
    """Answers `VaultKeys` with a key table and the bits of used openings in one private folder."""

    def __init__(self, table: KeyTable, permitted: Permitted) -> None:
        self._table, self._permitted, self._used = table, permitted, UsedIntents(table.folder)

    def add(self, object: bytes, key: bytes) -> None:
        """Wrap and keep a new object's data key."""
        self._table.add(object, key)

    def unwrapped(self, object: bytes, *, dataset: str, intent: int) -> bytes:
        """The data key, once the opening is judged to be permitted, and found to be unused."""
        self._permitted(intent, object=object.hex(), dataset=dataset)
        try:
            self._table.record(object)
        except InputError:
            raise IntegrityError(
                "A sealed object has no key in this key folder. Restore the key folder of these objects."
            ) from None
        self._used.use(intent)
        return self._table.unwrapped(object)

    def known(self, object: bytes) -> None:
        """Nothing where the object has a key."""
        self._table.record(object)

    def destroy(self, object: bytes) -> bool:
        """Overwrite the wrapped key."""
        return self._table.destroy(object)

    def states(self) -> dict[bytes, bool]:
        """Every object the table knows, and whether its key still exists."""
        return self._table.states()

    def rotate(self) -> int:
        """Rewrap all of them."""
        return self._table.rotate()

    def openings_used(self) -> int:
        """How many openings were ever used in this folder."""
        return self._used.count()

    def openings_end(self) -> int:
        """The log index after the last opening that was used in this folder."""
        return self._used.end()


def open_table_keys(keys: Path, *, permitted: Permitted) -> TableKeys:
    """The keys in the folder `keys`, made where it is missing. `permitted` judges every opening by the log."""
    return TableKeys(open_key_table(keys), permitted)
