"""Vault keys: kept, destroyed, and unwrapped only against a logged opening.

In an embedded office they lie in a key store in the same process, in a divided one a registrar holds them
(`registrar_client`). The same judgement stands before both (`kernel/access/decryption_checks`).
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

from peelian.errors import InputError, IntegrityError, OutOfOrder
from peelian.kernel.vault.vault import Permitted
from peelian.storage.key_store import GONE, UNKNOWN, KeyStore

NO_KEY = "A sealed object has no key in this key store. Restore the keys of these objects."


class VaultKeys(Protocol):
    """What a vault needs of whoever holds its keys. An object is named by its 32 hexadecimal digits."""

    def add(self, object: str, key: bytes) -> None:
        """Wrap a new object's data key and keep it, so that it survives a power cut; OutOfOrder where it has one."""
        ...

    def unwrapped(self, object: str, *, dataset: str, intent: int) -> bytes:
        """The data key, against the logged opening at index `intent`, which serves once.

        OutOfOrder or Refused where there is no such opening, where it is not permitted or was used, or where the key
        was destroyed; IntegrityError where there never was one.
        """
        ...

    def known(self, object: str) -> None:
        """Nothing where the object has a key; InputError where there never was one, OutOfOrder where it was
        destroyed."""
        ...

    def destroy(self, object: str) -> bool:
        """Destroy the wrapped key; False where it was destroyed before, InputError where there never was one."""
        ...

    def states(self) -> dict[str, bool]:
        """Every object and whether its key still exists. O(objects)."""
        ...

    def rotate(self) -> int: ...

    def openings(self) -> list[tuple[int, int]]:
        """Every logged opening that ever unwrapped a key: the log's index, and the place in its set, -1 of one
        alone."""
        ...


class StoredKeys:
    """Answers `VaultKeys` with a key store. `settle`: keep what the act wrote, before a key is unwrapped or destroyed:
    the log says so first. `judging`: the same, around what only looks."""

    def __init__(
        self,
        store: KeyStore,
        permitted: Permitted,
        settle: Callable[[], None] = lambda: None,
        judging: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        self.store, self._permitted, self.settle, self._judging = store, permitted, settle, judging

    def add(self, object: str, key: bytes) -> None:
        """Wrap and keep a new object's data key."""
        self.store.add(object, key)

    def unwrapped(self, object: str, *, dataset: str, intent: int) -> bytes:
        """The data key, once the opening is judged to be permitted, and found to be unused."""
        with self._judging():
            self._permitted(intent, object=object, dataset=dataset)
        try:
            return self.store.opened(object, intent)
        except InputError:
            raise IntegrityError(NO_KEY) from None

    def for_worker(self, object: str, intent: int, position: int) -> bytes:
        """The data key, against one opening of the set logged at index `intent`, once it is found to be unused. Whether
        it may be used was judged before (`worker_handover`)."""
        try:
            return self.store.opened(object, intent, position)
        except InputError:
            raise IntegrityError(NO_KEY) from None

    def known(self, object: str) -> None:
        """Nothing where the object has a key."""
        if (state := self.store.state(object)) != "live":
            raise OutOfOrder(GONE) if state else InputError(UNKNOWN)

    def destroy(self, object: str) -> bool:
        """Overwrite the wrapped key."""
        self.settle()
        return self.store.destroy(object)

    def states(self) -> dict[str, bool]:
        """Every sealed object that has or had a key, and whether it still exists. O(keys)."""
        return {name: live for name, live in self.store.states().items() if " " not in name}

    def rotate(self) -> int:
        """Rewrap all of them."""
        self.settle()
        return self.store.rotate()

    def openings(self) -> list[tuple[int, int]]:
        """Every opening that was ever used, alone or of a set. O(openings)."""
        return self.store.openings()
