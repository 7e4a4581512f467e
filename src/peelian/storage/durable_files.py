"""Durable files: written whole, synced, put in place, and their folders synced too."""

from __future__ import annotations

import fcntl
import hashlib
import os
import stat
from contextlib import suppress
from pathlib import Path

from peelian.errors import IntegrityError, OutOfOrder

MOST_BYTES = 64 << 20  # of one file of a log but its journal: a bundle has 256 entries of at most 65,535 bytes


def write_all(file: int, data: bytes | memoryview) -> None:
    """Write every byte of `data` to an open file; OSError where it cannot."""
    view = memoryview(data)
    while view:
        view = view[os.write(file, view) :]


def append_durably(file: int, data: bytes) -> None:
    """Write `data` at the end of an open file and wait until the disk has it. A sync that failed must not be tried
    again: the kernel may have dropped the pages and would then report success."""
    write_all(file, data)
    os.fdatasync(file)


def put_durably(path: Path, data: bytes, *, unfinished: Path) -> None:
    """Make `path` hold `data`, or leave it as it was. `unfinished` is a scrap name on the same file system.

    The caller still has to sync the folder (`sync_folder`), once for all the files it put there.
    """
    file = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NONBLOCK | os.O_CLOEXEC, 0o644)
    try:
        append_durably(file, data)
    finally:
        os.close(file)
    os.replace(unfinished, path)


def read_regular(path: Path) -> bytes:
    """A file's bytes. IntegrityError where a pipe, a device or a folder lies in its place, which would be waited for
    or never end, or where it is larger than it can be. O(bytes)."""
    file = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        there = os.fstat(file)
        if not stat.S_ISREG(there.st_mode):
            raise IntegrityError(f"{path.name} is not a file. Find out who replaced it.")
        if there.st_size > MOST_BYTES:
            raise IntegrityError(f"{path.name} has {there.st_size:,} bytes. The limit is {MOST_BYTES:,}.")
        with open(file, "rb", closefd=False) as opened:
            return opened.read()
    finally:
        os.close(file)


def sync_folder(folder: Path) -> None:
    """Wait until the disk has the names that were put into a folder."""
    file = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def make_folder(folder: Path) -> None:
    """Make a folder and those above it, durably."""
    if not folder.is_dir():
        make_folder(folder.parent)
        with suppress(FileExistsError):  # another process made it in the meantime
            os.mkdir(folder)
        sync_folder(folder.parent)


def file_digest(path: Path) -> str:
    """SHA-256 of a file's bytes. O(bytes), flat memory."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def lock_exclusively(path: Path, *, what: str) -> int:
    """Hold the lock file `path` until the returned file is closed; OutOfOrder where another process holds it.

    The lock is advisory and local to one machine: a network file system may not honour it.
    """
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as taken:
        os.close(file)
        raise OutOfOrder(f"{what} is open in another process. Close it there first.") from taken
    return file
