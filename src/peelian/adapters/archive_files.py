"""The archive in a folder: small encrypted documents found by their mark, all under the key of one retention class.

Destroying the class's key destroys every document of it at once, wherever copies of the ciphertext may be.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from peelian.adapters.durable_files import make_folder
from peelian.adapters.key_table import KeyTable, open_key_table
from peelian.adapters.private_files import in_plain_words, locked, private_folder, put_private_together, swept
from peelian.errors import InputError, IntegrityError, OutOfOrder
from peelian.governance.chunks import KEY_BYTES, SALT_BYTES, VAULT, key_to_seal, opened_whole, sealed_whole
from peelian.governance.keys import OBJECT_BYTES
from peelian.governance.ports import Leaf
from peelian.measure.canonical import canonical

MOST_BYTES = 64 << 20
_MARK = re.compile(r"[0-9A-Za-z_-]{8,128}")
_CLASS = re.compile(r"[0-9a-z][0-9a-z._-]{0,63}")


class FileArchive:
    """Answers `ports.Archive` with a folder for one retention class. Made by `open_archive`."""

    def __init__(self, folder: Path, table: KeyTable, *, retention: str) -> None:
        self.folder = folder
        self.retention = retention
        self._table = table
        self._lock = folder / ".lock"
        self._class = hashlib.sha256(f"archive {retention}".encode()).digest()[:OBJECT_BYTES]
        with suppress(OutOfOrder):  # the class has its key already
            table.add(self._class, secrets.token_bytes(KEY_BYTES))

    def put(self, mark: str, document: bytes, *, shelf: str = "") -> None:
        """Keep a document under its mark; it survives a power cut. Putting the same again does nothing.

        On a shelf it lies under a key of that shelf's own. OutOfOrder where another document has this mark, or where
        the class was destroyed.
        """
        self.put_all([Leaf(mark=mark, document=document, shelf=shelf)])

    def put_all(self, leaves: Sequence[Leaf]) -> None:
        """Keep several documents, waiting for the disk once for each shelf; errors as for `put`. O(bytes)."""
        for shelf in sorted({leaf.shelf for leaf in leaves}):
            place = self._beside(shelf) if shelf else self
            place._put([leaf for leaf in leaves if leaf.shelf == shelf])

    def _put(self, leaves: Sequence[Leaf]) -> None:
        fresh = {self._path(leaf.mark): leaf for leaf in leaves if not self._is_kept(leaf)}
        if not fresh:
            return
        own = self._table.unwrapped(self._class)
        sealed = {path: self._sealed(own, leaf) for path, leaf in fresh.items()}
        sweepers = locked(self._lock, shared=True)  # wait until this is written
        with in_plain_words("the document was not kept, and nothing of it remains"), sweepers:
            put_private_together(sealed)

    def _is_kept(self, leaf: Leaf) -> bool:
        if len(leaf.document) > MOST_BYTES:
            raise InputError(f"a document of {len(leaf.document):,} bytes", accepted=f"up to {MOST_BYTES:,} bytes")
        if not self._path(leaf.mark).exists():
            return False
        if self.get(leaf.mark) != leaf.document:
            raise OutOfOrder("another document has this mark: the archive overwrites nothing")
        return True

    def _sealed(self, own: bytes, leaf: Leaf) -> bytes:
        salt = secrets.token_bytes(SALT_BYTES)
        return sealed_whole(key_to_seal(VAULT, own, salt=salt, context=self._context(leaf.mark)), leaf.document)

    def get(self, mark: str) -> bytes:
        """The document with this mark, after all of it was authenticated; InputError where there is none."""
        try:
            sealed = self._path(mark).read_bytes()
        except FileNotFoundError:
            for found in self.folder.parent.glob(f"*/{mark}"):
                if found.parent != self.folder:
                    return self._beside(found.parent.name).get(mark)
            raise InputError("the archive holds no document with this mark") from None
        key = self._table.unwrapped(self._class)
        return opened_whole(VAULT, key, sealed, context=self._context(mark))

    def destroy(self) -> int:
        """Destroy the class's key, then remove its documents; how many. Doing it again removes what is left."""
        with in_plain_words("the retention class may not be destroyed yet, do it again"):
            self._table.destroy(self._class)
            documents = self.marks()
            for mark in documents:
                (self.folder / mark).unlink(missing_ok=True)
        return len(documents)

    def destroy_shelf(self, shelf: str) -> int:
        """Destroy a shelf's key, then remove its documents; how many. A shelf that never was has none."""
        return self._beside(shelf).destroy()

    def marks(self) -> list[str]:
        """The marks of all documents, in order. O(documents)."""
        return sorted(path.name for path in self.folder.iterdir() if _MARK.fullmatch(path.name))

    def sweep(self) -> None:
        """Remove what a crash left of unfinished documents."""
        for partial in swept(self.folder, lock=self._lock):
            partial.unlink()

    def rotate_keys(self) -> int:
        """Rewrap the keys of all classes kept with this one under a new wrapping key; no document is touched."""
        with in_plain_words("the keys were not rewrapped and the old ones still serve"):
            return self._table.rotate()

    def _beside(self, shelf: str) -> FileArchive:
        """Another class in the same folders."""
        if not _CLASS.fullmatch(shelf):
            raise InputError("this is no name of a shelf", accepted="up to 64 small letters, digits, dots, dashes")
        return FileArchive(private_folder(self.folder.parent / shelf), self._table, retention=shelf)

    def _path(self, mark: str) -> Path:
        if not _MARK.fullmatch(mark):
            raise InputError("this is no mark of a document", accepted="8 to 128 letters and digits")
        return self.folder / mark

    def _context(self, mark: str) -> bytes:
        return canonical({"archive": self.retention, "mark": mark, "version": 1})


def open_archive(directory: Path, keys: Path, *, retention: str = "office") -> FileArchive:
    """The archive of one retention class: documents in `directory/RETENTION`, keys in the folder `keys`.

    Classes may share both folders; each has its own key. A new class gets one from the system's random source.
    IntegrityError where there are documents but no keys.
    """
    if not _CLASS.fullmatch(retention):
        raise InputError(
            "this is no name of a retention class", accepted="up to 64 small letters, digits, dots, dashes"
        )
    make_folder(directory)
    folder = private_folder(directory / retention)
    if any(_MARK.fullmatch(path.name) for path in folder.iterdir()) and not (keys / "table").exists():
        raise IntegrityError("there are archived documents but no keys: restore the key folder from its own backup")
    archive = FileArchive(folder, open_key_table(keys), retention=retention)
    archive.sweep()
    return archive
