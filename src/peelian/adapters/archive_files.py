"""The archive in a folder: small encrypted documents found by their mark, all under the key of one retention class.

Destroying the class's key destroys every document of it at once, wherever copies of the ciphertext may be.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import time
from collections.abc import Iterable, Sequence
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
_LATELY = 2_000_000_000  # nanoseconds within which a folder may change and show the same time
_MARK = re.compile(r"[0-9A-Za-z_-]{8,128}")
_CLASS = re.compile(r"[0-9a-z][0-9a-z._-]{0,63}")


class Places:
    """On which shelf a document lies. Folders are read once and again when they change: other processes may put, too.

    A document that is carried over lies on two shelves for a moment: either will do.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[str, tuple[int, frozenset[str]]] = {}  # shelf → when it had changed, and its marks
        self._shelf: dict[str, str] = {}

    def shelf_of(self, mark: str) -> str:
        """The shelf of a document; "" where it lies on none. O(1), or O(shelves) where it is not known yet."""
        known = self._shelf.get(mark, "")
        if not known or not (self._folder / known / mark).exists():
            self.all()
        return self._shelf.get(mark, "")

    def note(self, marks: Iterable[str], shelf: str) -> None:
        """Documents were put on a shelf."""
        self._shelf.update(dict.fromkeys(marks, shelf))

    def all(self) -> dict[str, frozenset[str]]:
        """Every shelf with documents and their marks. O(shelves + documents of those that changed)."""
        now: dict[str, tuple[int, frozenset[str]]] = {}
        for entry in os.scandir(self._folder):
            if entry.is_dir() and _CLASS.fullmatch(entry.name):
                changed, (was, marks) = entry.stat().st_mtime_ns, self._read.get(entry.name, (-1, frozenset()))
                if changed != was or changed > time.time_ns() - _LATELY:
                    marks = frozenset(name for name in os.listdir(entry.path) if _MARK.fullmatch(name))
                now[entry.name] = (changed, marks)
        if now != self._read:
            self._read = now
            self._shelf = {mark: shelf for shelf, (_, marks) in now.items() for mark in marks}
        return {shelf: marks for shelf, (_, marks) in now.items() if marks}


class FileArchive:
    """Answers `ports.Archive` with a folder for one retention class. Made by `open_archive`."""

    def __init__(self, folder: Path, table: KeyTable, *, retention: str, places: Places | None = None) -> None:
        self.folder = folder
        self._places = places or Places(folder.parent)
        self._known: dict[str, FileArchive] = {}
        self.retention = retention
        self._table = table
        self._lock = folder / ".lock"
        self._class = hashlib.sha256(f"archive {retention}".encode()).digest()[:OBJECT_BYTES]
        with suppress(OutOfOrder):  # the class was destroyed, or another process gave it its key
            self._must_have_a_key()

    def _must_have_a_key(self) -> None:
        """A new class gets its key; IntegrityError where there are documents whose key the table has lost."""
        try:
            self._table.record(self._class)
        except InputError:
            if any(_MARK.fullmatch(path.name) for path in self.folder.iterdir()):
                raise IntegrityError(
                    f"the key table has lost the key of the archive's folder {self.retention}: restore the key folder "
                    "from its own backup"
                ) from None
            self._table.add(self._class, secrets.token_bytes(KEY_BYTES))

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
        self._places.note([leaf.mark for leaf in fresh.values()], self.retention)

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
            shelf = self._places.shelf_of(mark)
            if shelf in ("", self.retention):
                raise InputError("the archive holds no document with this mark") from None
            return self._beside(shelf)._got(mark)
        return self._opened(mark, sealed)

    def _got(self, mark: str) -> bytes:
        """The document on this shelf; where a backup brought a destroyed shelf back, that on another one."""
        try:
            return self._opened(mark, self._path(mark).read_bytes())
        except OutOfOrder:
            for shelf, marks in self._places.all().items():
                if mark in marks and not self._beside(shelf)._is_destroyed():
                    return self._beside(shelf).get(mark)
            raise

    def _is_destroyed(self) -> bool:
        try:
            self._table.record(self._class)
        except OutOfOrder:
            return True
        return False

    def _opened(self, mark: str, sealed: bytes) -> bytes:
        key = self._table.unwrapped(self._class)
        try:
            return opened_whole(VAULT, key, sealed, context=self._context(mark))
        except IntegrityError as wrong:
            raise IntegrityError(
                f"a document in the archive's folder {self.retention} was altered, cut or swapped ({wrong}): keep it "
                "for whoever investigates, and restore the archive from its backup"
            ) from wrong

    def shelves(self) -> dict[str, frozenset[str]]:
        """Every shelf that holds documents, with their marks; the class's own among them. O(documents)."""
        return self._places.all()

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
        if shelf not in self._known:
            folder = private_folder(self.folder.parent / shelf)
            self._known[shelf] = FileArchive(folder, self._table, retention=shelf, places=self._places)
        return self._known[shelf]

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
    if any(Places(directory).all().values()) and not (keys / "table").exists():
        raise IntegrityError("there are archived documents but no keys: restore the key folder from its own backup")
    archive = FileArchive(folder, open_key_table(keys), retention=retention)
    archive.sweep()
    return archive
