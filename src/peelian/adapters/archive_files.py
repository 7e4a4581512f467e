"""The archive in a folder: small encrypted documents found by their mark, each shelf one file under a key of its own.

Destroying a shelf's key destroys every document of it at once, wherever copies of the ciphertext may be.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from peelian.adapters.durable_files import make_folder
from peelian.adapters.key_table import KeyTable, open_key_table
from peelian.adapters.private_files import in_plain_words, private_folder
from peelian.adapters.shelf_files import MOST_DOCUMENT, ShelfFile
from peelian.errors import InputError, IntegrityError, OutOfOrder
from peelian.governance.chunks import KEY_BYTES, SALT_BYTES, VAULT, key_to_seal, opened_whole, sealed_whole
from peelian.governance.keys import OBJECT_BYTES
from peelian.governance.ports import Leaf

MOST_BYTES = 64 << 20
OWN = "office"  # the shelf of what is put on none
FILE = "shelf"
LATELY = 4
_MARK = re.compile(r"[0-9A-Za-z_-]{8,128}")
_SHELF = re.compile(r"[0-9a-z][0-9a-z._-]{0,63}")
_TOGETHER, _BYTES = 256, 16 << 20  # documents of an older archive, and bytes of them, that are gathered at once


@dataclass(frozen=True, kw_only=True)
class _Shelf:
    name: str
    file: ShelfFile

    @cached_property
    def object(self) -> bytes:
        """What the key table knows its key as."""
        return _object_of(self.name)

    def context(self, mark: str) -> bytes:
        """What a document is sealed to: the shelf and its mark."""
        return b'{"archive":"%b","mark":"%b","version":1}' % (self.name.encode(), mark.encode())  # canonical JSON


class FileArchive:
    """Answers `ports.Archive` with a file for each shelf. Made by `open_archive`."""

    def __init__(self, folder: Path, table: KeyTable) -> None:
        self.folder = folder
        self._table = table
        self._known: dict[str, _Shelf] = {}
        self._lately: tuple[_Shelf, ...] = ()  # the newest ones of those that documents were put on or wanted of

    def put(self, mark: str, document: bytes, *, shelf: str = "") -> None:
        """Keep a document under its mark; it survives a power cut. Putting the same again does nothing.

        OutOfOrder where another document has this mark, or where the shelf was destroyed.
        """
        self.put_all([Leaf(mark=mark, document=document, shelf=shelf)])

    def put_all(self, leaves: Sequence[Leaf]) -> None:
        """Keep several documents, waiting for the disk once for each shelf; errors as for `put`. O(bytes)."""
        for leaf in leaves:
            if len(leaf.document) > MOST_BYTES:
                raise InputError(f"a document of {len(leaf.document):,} bytes", accepted=f"up to {MOST_BYTES:,} bytes")
        for name in sorted({leaf.shelf for leaf in leaves}):
            self._put(
                self._shelf(name or OWN), {_checked(one.mark): one.document for one in leaves if one.shelf == name}
            )

    def _put(self, shelf: _Shelf, documents: Mapping[str, bytes]) -> None:
        key = self._key(shelf, new=True)
        self._is_used(shelf)
        sealed = {mark: _sealed(key, document, shelf.context(mark)) for mark, document in documents.items()}
        with in_plain_words("the document was not kept, and nothing of it remains"):
            shelf.file.append(sealed, lambda mark, there: self._is_kept(shelf, mark, (there, documents[mark]), key))

    def _is_kept(self, shelf: _Shelf, mark: str, both: tuple[bytes, bytes], key: bytes) -> bool:
        """`both`: the document that is there, sealed, and the one that is to be kept. It looks at no file and at no key
        table: the shelf's file is held meanwhile."""
        sealed, document = both
        try:
            kept = self._opened(shelf, mark, sealed, key)
        except IntegrityError:
            return False  # a crash left it half written, or somebody altered it: the right one is kept behind it
        if kept != document:
            raise OutOfOrder("another document has this mark: the archive overwrites nothing")
        return True

    def get(self, mark: str) -> bytes:
        """The document with this mark, after all of it was authenticated; InputError where there is none.

        It may lie on two shelves, carried over from one to the other: either will do. OutOfOrder where each shelf that
        has it was destroyed.
        """
        gone: OutOfOrder | None = None
        for shelf in self._shelves_with(_checked(mark)):
            if (sealed := shelf.file.read(mark)) is None:
                continue
            try:
                return self._opened(shelf, mark, sealed, self._key(shelf))
            except OutOfOrder as destroyed:
                gone = destroyed
        raise gone or InputError("the archive holds no document with this mark")

    def shelves(self) -> dict[str, frozenset[str]]:
        """Every shelf that holds documents, with their marks. O(shelves), and O(documents) where some are new."""
        found = {shelf.name: shelf.file.marks() for shelf in self._all()}
        return {name: marks for name, marks in found.items() if marks}

    def destroy_shelf(self, shelf: str) -> int:
        """Destroy a shelf's key, then remove its documents; how many. A shelf that never was has none.

        Doing it again removes what is left.
        """
        there = self._shelf(shelf)
        with in_plain_words("the shelf may not be destroyed yet, do it again"):
            self._give_key(there)  # one that has none yet can never get another
            self._table.destroy(there.object)
            return there.file.remove()

    def is_destroyed(self, shelf: str) -> bool:
        """Whether the key of this shelf was destroyed here, whatever a log says. O(1)."""
        try:
            self._table.record(_object_of(shelf))
        except InputError:  # it never had one
            return False
        except OutOfOrder:
            return True
        return False

    def rotate_keys(self) -> int:
        """Rewrap the keys of all shelves under a new wrapping key; no document is touched."""
        with in_plain_words("the keys were not rewrapped and the old ones still serve"):
            return self._table.rotate()

    def gather(self) -> None:
        """Take what an older version kept as a file each into their shelves' files. O(such documents)."""
        for shelf in self._all():
            old = sorted(path for path in shelf.file.path.parent.iterdir() if _is_old(path))
            for some in _some_at_once(old):
                shelf.file.append({path.name: path.read_bytes() for path in some})
                for path in some:
                    path.unlink()

    def _shelves_with(self, mark: str) -> Iterator[_Shelf]:
        """The shelves that hold a document, one by one as they are wanted: those that are known to, then those that
        turn out to. O(1) where it lies on one that was used lately, else O(shelves)."""
        given: set[str] = set()
        for shelf in self._lately_used_first():
            if shelf.name not in given and shelf.file.holds(mark):
                given.add(shelf.name)
                self._is_used(shelf)
                yield shelf
        yield from (shelf for shelf in self._all() if shelf.name not in given and mark in shelf.file.marks())

    def _lately_used_first(self) -> Iterator[_Shelf]:
        yield from self._lately
        yield from reversed(list(self._known.values()))

    def _is_used(self, shelf: _Shelf) -> None:
        if shelf not in self._lately[:1]:
            self._lately = (shelf, *(one for one in self._lately if one is not shelf))[:LATELY]

    def _all(self) -> list[_Shelf]:
        return [self._shelf(one.name) for one in os.scandir(self.folder) if one.is_dir() and _SHELF.fullmatch(one.name)]

    def _shelf(self, name: str) -> _Shelf:
        if not _SHELF.fullmatch(name):
            raise InputError("this is no name of a shelf", accepted="up to 64 small letters, digits, dots, dashes")
        if name not in self._known:
            self._known[name] = _Shelf(name=name, file=ShelfFile(private_folder(self.folder / name) / FILE))
        return self._known[name]

    def _key(self, shelf: _Shelf, *, new: bool = False) -> bytes:
        """The shelf's key, which a new shelf gets; IntegrityError where there are documents whose key is lost."""
        try:
            return self._table.unwrapped(shelf.object)
        except InputError:
            if shelf.file.marks():
                raise IntegrityError(
                    f"the key table has lost the key of the archive's shelf {shelf.name}: restore the key folder from "
                    "its own backup"
                ) from None
            if not new:
                raise
        self._give_key(shelf)
        return self._table.unwrapped(shelf.object)

    def _give_key(self, shelf: _Shelf) -> None:
        with suppress(OutOfOrder):  # it has one, or had one that was destroyed
            self._table.add(shelf.object, secrets.token_bytes(KEY_BYTES))

    def _opened(self, shelf: _Shelf, mark: str, sealed: bytes, key: bytes) -> bytes:
        try:
            return opened_whole(VAULT, key, sealed, context=shelf.context(mark))
        except IntegrityError as wrong:
            raise IntegrityError(
                f"a document on the archive's shelf {shelf.name} was altered, cut or swapped ({wrong}): keep it for "
                "whoever investigates, and restore the archive from its backup"
            ) from wrong


def open_archive(folder: Path, keys: Path) -> FileArchive:
    """The archive in `folder`, its keys in the folder `keys`. A new shelf gets a key from the system's random source.

    IntegrityError where there are documents but no keys. O(documents) where an older version kept a file for each.
    """
    make_folder(folder)
    if not (keys / "table").exists() and any(folder.glob(f"*/{FILE}")):
        raise IntegrityError("there are archived documents but no keys: restore the key folder from its own backup")
    archive = FileArchive(folder, open_key_table(keys))
    with in_plain_words("what an older version kept was not taken over, and is as it was"):
        archive.gather()
    return archive


def _some_at_once(paths: Sequence[Path]) -> Iterator[list[Path]]:
    """These files, in order, as many at a time as memory may well hold; at least one."""
    some: list[Path] = []
    size = 0
    for path in paths:
        more = path.stat().st_size
        if some and (len(some) == _TOGETHER or size + more > _BYTES):
            yield some
            some, size = [], 0
        some.append(path)
        size += more
    if some:
        yield some


def _is_old(path: Path) -> bool:
    """Whether this is a document that an older version kept, and nothing else that was put here."""
    if not _MARK.fullmatch(path.name):
        return False
    there = path.lstat()
    return stat.S_ISREG(there.st_mode) and 0 < there.st_size <= MOST_DOCUMENT


def _object_of(shelf: str) -> bytes:
    return hashlib.sha256(f"archive {shelf}".encode()).digest()[:OBJECT_BYTES]


def _checked(mark: str) -> str:
    if not _MARK.fullmatch(mark):
        raise InputError("this is no mark of a document", accepted="8 to 128 letters and digits")
    return mark


def _sealed(key: bytes, document: bytes, context: bytes) -> bytes:
    salt = secrets.token_bytes(SALT_BYTES)
    return sealed_whole(key_to_seal(VAULT, key, salt=salt, context=context), document)
