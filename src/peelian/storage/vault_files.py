"""Vault on disk: sealed objects in one folder, their keys in another that joins no data backup.

`objects/NAME` is a header (format, dataset) and the chunk ciphertext; `objects/NAME.partial` is being written.
Plaintext never touches the disk. POSIX only: it leans on file locks and on renames that replace.
"""

from __future__ import annotations

import io
import os
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from peelian.errors import InputError, IntegrityError, OutOfOrder
from peelian.kernel.model.ports import Sealed
from peelian.kernel.vault.chunk_cipher import HEAD_BYTES, KEY_BYTES, SALT_BYTES, VAULT, key_to_open, key_to_seal
from peelian.kernel.vault.key_wrapping import OBJECT_BYTES
from peelian.kernel.vault.vault import (
    LONGEST_HEADER,
    context_of,
    dataset_in,
    header_of,
    object_id,
)
from peelian.storage.durable_files import sync_folder, write_all
from peelian.storage.private_files import PARTIAL, in_plain_words, locked, open_private, private_folder, swept
from peelian.storage.record_files import RecordFile
from peelian.storage.sealed_files import NOT_KEPT, OpenedObject, SealingFile
from peelian.storage.vault_keys import StoredKeys, VaultKeys

T = TypeVar("T")


class FileVault:
    """Answers `ports.Vault` with two folders. Made by `open_vault`.

    `unwraps` counts the data keys unwrapped since it was opened; `keys.openings()` are those ever used.
    """

    def __init__(self, objects: Path, keys: VaultKeys) -> None:
        self.objects = objects
        self.unwraps = 0
        self.keys = keys
        self._mutex = threading.Lock()

    @contextmanager
    def seal(self, dataset: str) -> Iterator[SealingFile]:
        """A file to write plaintext into; on a clean exit the object is sealed (`.sealed`), else nothing remains.

        The order makes a crash harmless: ciphertext on disk, then its key in the table, then its name.
        """
        object, key = secrets.token_hex(16), secrets.token_bytes(KEY_BYTES)
        header = header_of(dataset)
        context = context_of(dataset=dataset, object=object)
        chunk_key = key_to_seal(VAULT, key, salt=secrets.token_bytes(SALT_BYTES), context=context)
        partial = self.objects / (object + PARTIAL)
        with locked(self.objects / "lock", shared=True):  # nobody sweeps while something is being sealed
            with in_plain_words(NOT_KEPT):
                descriptor = open_private(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
            try:
                with SealingFile(descriptor, chunk_key, header=header) as file:
                    yield file
                    digest, size = file.finish()
                with in_plain_words(NOT_KEPT):
                    self.keys.add(object, key)
                    os.rename(partial, f"{self.objects}/{object}")
                    sync_folder(self.objects)
            except BaseException:
                self.forget(object)
                raise
            finally:
                os.close(descriptor)
            file.kept(Sealed(object=object, dataset=dataset, digest=digest, size=size))

    def open(self, object: str, *, intent: int) -> io.BufferedReader:
        """A seekable file of the plaintext, against the logged opening at index `intent`, which serves once.

        OutOfOrder or Refused where there is no such opening, where it is not permitted or was used, or where the
        object was destroyed; IntegrityError where the object or its key is damaged.
        """

        def whole(file: int, key: bytes, dataset: str, start: int) -> io.BufferedReader:
            head, context = os.pread(file, HEAD_BYTES, start), context_of(dataset=dataset, object=object)
            chunk_key = key_to_open(VAULT, key, head=head, context=context)
            return io.BufferedReader(OpenedObject(file, chunk_key, start=start), VAULT.chunk)

        return self._opened(object, intent, os.O_RDONLY, whole)

    def _opened(self, object: str, intent: int, mode: int, made: Callable[[int, bytes, str, int], T]) -> T:
        """What is `made` of an object's descriptor, which it then owns, its key, its dataset's name, and where its
        content starts."""
        object_id(object)
        with in_plain_words("the object was not opened"):
            file = self._file_of(object, mode)
            try:
                dataset, start = dataset_in(os.pread(file, LONGEST_HEADER, 0))
                key = self.keys.unwrapped(object, dataset=dataset, intent=intent)
                with self._mutex:
                    self.unwraps += 1
                return made(file, key, dataset, start)
            except BaseException:
                os.close(file)
                raise

    def begin_records(self, object: str, *, dataset: str) -> RecordFile:
        """A file of records (`record_files`) under a new data key; OutOfOrder where the object has one."""
        object_id(object)
        header, key = header_of(dataset), secrets.token_bytes(KEY_BYTES)
        self.keys.add(object, key)
        file = open_private(self.objects / object, os.O_RDWR | os.O_CREAT | os.O_EXCL)
        try:
            write_all(file, header)
            return RecordFile(file, key, dataset=dataset, object=object, start=len(header))
        except BaseException:
            os.close(file)
            raise

    def records(self, object: str, *, intent: int) -> RecordFile:
        """The file of records, against the logged opening at index `intent`, which serves once; errors as `open`."""
        return self._opened(
            object,
            intent,
            os.O_RDWR,
            lambda file, key, dataset, start: RecordFile(file, key, dataset=dataset, object=object, start=start),
        )

    def lies_here(self, object: str) -> bool:
        """Whether there is a file of this object; IntegrityError where its header is damaged."""
        object_id(object)
        path = self.objects / object
        return path.is_file() and bool(self._names(path))

    def is_new(self, object: str) -> bool:
        """Whether the object never had a key; InputError where it is no object's name."""
        object_id(object)
        try:
            self.keys.known(object)
        except InputError:
            return True
        except OutOfOrder:
            return False
        return False

    def destroy(self, object: str) -> None:
        """Destroy the wrapped data key, then remove the object. Doing it again does nothing."""
        object_id(object)
        with in_plain_words("the key may not be destroyed yet, do it again"):
            self.keys.destroy(object)
            (self.objects / object).unlink(missing_ok=True)
            sync_folder(self.objects)

    def forget(self, object: str) -> None:
        """Nothing of an object remains, neither its key, where it has one, nor its ciphertext."""
        with suppress(InputError):  # it has no key yet
            self.keys.destroy(object)
        (self.objects / object).unlink(missing_ok=True)
        (self.objects / (object + PARTIAL)).unlink(missing_ok=True)

    def living(self) -> frozenset[str]:
        """The objects whose keys exist. O(objects)."""
        return frozenset(object for object, alive in self.keys.states().items() if alive)

    def kept(self) -> frozenset[str]:
        """The objects whose ciphertext lies here. O(objects)."""
        return frozenset(path.name for path in self.objects.iterdir() if len(path.name) == 2 * OBJECT_BYTES)

    def found(self, dataset: str) -> tuple[str, ...]:
        """The objects sealed under a dataset's name. O(objects): the beginning of each is read."""
        return tuple(sorted(object for object, name in self.names().items() if name == dataset))

    def names(self) -> dict[str, str]:
        """Under which dataset's name each object is sealed. O(objects): the beginning of each is read."""
        return {path.name: self._names(path) for path in self.objects.iterdir()}

    def rotate_keys(self) -> int:
        """Rewrap all data keys under a new wrapping key and destroy the older ones; how many. No object is touched."""
        with in_plain_words("the keys were not rewrapped and the old ones still serve"):
            return self.keys.rotate()

    def states(self) -> dict[str, str]:
        """Every object by name: whole, missing (a key without its object), destroyed, returned (destroyed, but a backup
        brought its ciphertext back: destroy it again) or keyless. O(objects)."""
        kept = self.kept()
        words = {(True, True): "whole", (True, False): "missing", (False, True): "returned"}
        keys = self.keys.states()
        found = {name: words.get((live, name in kept), "destroyed") for name, live in keys.items()}
        return found | dict.fromkeys(kept - keys.keys(), "keyless")

    def sweep(self) -> int:
        """Remove what a crash left of unfinished objects, keys first; how many. Nothing while somebody is sealing."""
        n = 0
        for partial in swept(self.objects, lock=self.objects / "lock"):
            self.forget(partial.name.removesuffix(PARTIAL))
            n += 1
        return n

    def _names(self, path: Path) -> str:
        """The dataset an object's file names; "" for files that are no objects."""
        if len(path.name) != 2 * OBJECT_BYTES:
            return ""
        with path.open("rb") as file:
            return dataset_in(file.read(LONGEST_HEADER))[0]

    def _file_of(self, object: str, mode: int) -> int:
        try:
            return os.open(f"{self.objects}/{object}", mode | os.O_CLOEXEC | os.O_NOFOLLOW)
        except FileNotFoundError:
            self.keys.known(object)  # says what is wrong where it is unknown or was destroyed
            raise IntegrityError("A sealed object is missing from its folder. Restore it from the backup.") from None


def open_vault(objects: Path, keys: StoredKeys) -> FileVault:
    """The vault in the folder `objects`, made where it is missing; what a crash left unfinished is swept.

    IntegrityError where there are objects, but no keys.
    """
    private_folder(objects)
    held = any(len(path.name) == 2 * OBJECT_BYTES for path in objects.iterdir())
    if held and not keys.states():
        raise IntegrityError("Sealed objects have no keys. Restore the key folder from its own backup.")
    return vault_with(objects, keys)


def vault_with(objects: Path, keys: VaultKeys) -> FileVault:
    """The vault in the folder `objects`, made where it is missing, whose keys somebody else holds; it is swept."""
    vault = FileVault(private_folder(objects), keys)
    vault.sweep()
    return vault
