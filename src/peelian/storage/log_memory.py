"""Log in memory: for tests and notebooks; it ends with the process."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from threading import Lock

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from peelian.kernel.log.checkpoints import make_receipt, sign_checkpoint
from peelian.kernel.log.entry_schema import encode_entry, known_entry
from peelian.kernel.log.merkle import Head, Tree, leaf_hash
from peelian.kernel.log.signed_note import NoteKey, key_of
from peelian.kernel.model.ports import Entry
from peelian.storage.log_index import LogIndex


class MemoryLog:
    """Answers Log and Receipts without a file, under a key of its own."""

    origin = "memory.invalid/log"

    def __init__(self) -> None:
        self._signer = Ed25519PrivateKey.generate()
        self._entries: list[bytes] = []
        self._tree = Tree()
        self._index = LogIndex()
        self._lock = Lock()

    @property
    def key(self) -> NoteKey:
        """The key that its checkpoints and receipts are checked with."""
        return key_of(self.origin, self._signer)

    def append(self, entry: Entry) -> int:
        """Keep `entry`, return its index; InputError for what a log may not hold."""
        spelling = encode_entry(entry)
        with self._lock:
            index = len(self._entries)
            self._entries.append(spelling)
            self._tree.append(leaf_hash(spelling))
            self._index.add(index, entry)
        return index

    def append_all(self, entries: Sequence[Entry]) -> list[int]:
        """Keep several entries; InputError, and none is kept, for what a log may not hold."""
        for entry in entries:
            encode_entry(entry)
        return [self.append(entry) for entry in entries]

    def read(self, start: int = 0) -> Iterator[tuple[int, Entry]]:
        """Entries from `start` on that were there when reading began."""
        for index in range(start, len(self._entries)):
            yield index, known_entry(self._entries[index])

    def find(self, key: str, value: str) -> list[int]:
        """Indexes of the entries whose `key` (digest, case or before) is `value`."""
        with self._lock:
            return self._index.find(key, value)

    def checkpoint(self) -> bytes:
        """A signed checkpoint of all entries."""
        with self._lock:
            return sign_checkpoint(self.origin, self._head(), self._signer).data

    def receipt(self, index: int) -> bytes:
        """A tlog-proof of entry `index` under a checkpoint of all entries."""
        with self._lock:
            head = self._head()
            return make_receipt(self._tree, index, head, sign_checkpoint(self.origin, head, self._signer).data).data

    def _head(self) -> Head:
        return Head(size=self._tree.size, root=self._tree.root())
