"""Private files: readable by their owner only, and refused where others can read them."""

from __future__ import annotations

import errno
import fcntl
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from peelian.errors import DiskError, DiskFull, DiskReadOnly, InputError, PeelianError
from peelian.storage.durable_files import make_folder, sync_folder, write_all

FILE_MODE = 0o600
FOLDER_MODE = 0o700
_NETWORK = ("nfs", "cifs", "smb", "9p", "fuse.sshfs", "afs", "ceph", "glusterfs")
PARTIAL = ".partial"  # ends the name of every file that is still being written

_PLAIN = {
    errno.ENOSPC: "the disk is full: free some space and do it again",
    errno.EDQUOT: "the disk quota is used up: free some space and do it again",
    errno.EROFS: "the disk is read-only: make it writable and do it again",
    errno.EACCES: "this user may not write there: run as the office's own user",
}


@contextmanager
def in_plain_words(what: str) -> Iterator[None]:
    """Turns an error of the disk into one that says what was not done (`what`) and what to do; it names no content."""
    try:
        yield
    except OSError as error:
        raise PeelianError(f"{what}: {plain(error)}") from error


def plain(error: OSError) -> str:
    """What is wrong with the disk and what to do, in plain words."""
    return _PLAIN.get(error.errno or 0, f"the disk answered {errno.errorcode.get(error.errno or 0, 'an error')}")


def disk_error(error: OSError) -> type[DiskError]:
    """Which error of the tree it is that the disk answered: it is full, read-only, or fails."""
    return _KINDS.get(error.errno or 0, DiskError)


_KINDS = {
    errno.ENOSPC: DiskFull,
    errno.EDQUOT: DiskFull,
    errno.EROFS: DiskReadOnly,
    errno.EACCES: DiskReadOnly,
}


def private_folder(folder: Path) -> Path:
    """The folder, made for its owner only (0700); InputError where others may enter it."""
    if not folder.is_dir():
        make_folder(folder.parent)
        with suppress(FileExistsError):  # another process made it in the meantime: judged below like any other
            os.mkdir(folder, FOLDER_MODE)
        sync_folder(folder.parent)
    _refuse_others(folder, os.stat(folder).st_mode, "chmod 700")
    return folder


def open_private(path: Path, flags: int) -> int:
    """A descriptor of a file for its owner only (0600 when made); InputError where others may read or write it."""
    file = os.open(path, flags | os.O_CLOEXEC | os.O_NOFOLLOW, FILE_MODE)
    try:
        _refuse_others(path, os.fstat(file).st_mode, "chmod 600")
    except InputError:
        os.close(file)
        raise
    return file


def read_private(path: Path) -> bytes:
    """The contents of a small file for its owner only; InputError where it is larger than 1 MiB."""
    file = open_private(path, os.O_RDONLY)
    try:
        if os.fstat(file).st_size > 1 << 20:
            raise InputError("not a key file: larger than 1 MiB", file=path.name)
        return os.read(file, 1 << 20)
    finally:
        os.close(file)


def put_private(path: Path, data: bytes) -> None:
    """Make `path` hold `data`, for its owner only, wholly or not at all, surviving a power cut."""
    unfinished = path.with_name(f"{path.name}.{secrets.token_hex(4)}{PARTIAL}")
    try:
        _write_new(unfinished, data)
        os.replace(unfinished, path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def _write_new(path: Path, data: bytes) -> None:
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, FILE_MODE)
    try:
        write_all(file, data)
        os.fsync(file)
    finally:
        os.close(file)


def replace_file(new: Path, own: Path) -> None:
    """Put a secret's file in the place of another, which is then overwritten. Cut short, one of them is there."""
    before = own.with_name(f"{own.name}.before{PARTIAL}")
    before.unlink(missing_ok=True)
    with suppress(FileNotFoundError):
        os.link(own, before)
    os.replace(new, own)
    sync_folder(own.parent)
    with suppress(FileNotFoundError):
        shred(before)


def shred(path: Path) -> None:
    """Overwrite a small file with zeros in its place, wait for the disk, then remove it.

    It first takes the name of an unfinished file, so that a crash halfway leaves nothing that passes for a key. A
    disk or file system that writes elsewhere (SSD, copy-on-write, snapshots) may keep the old bytes; see the docs.
    """
    if not path.name.endswith(PARTIAL):
        path = path.rename(path.with_name(path.name + PARTIAL))
        sync_folder(path.parent)
    file = open_private(path, os.O_WRONLY)
    try:
        write_all(file, bytes(os.fstat(file).st_size))
        os.fsync(file)
    finally:
        os.close(file)
    path.unlink()
    sync_folder(path.parent)


def swept(folder: Path, *, lock: Path) -> Iterator[Path]:
    """Every unfinished file that a crash left in a folder, for the caller to remove, under the lock; none while
    somebody else holds it, shared or not (they are writing)."""
    file = open_private(lock, os.O_RDWR | os.O_CREAT)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield from sorted(folder.glob("*" + PARTIAL))
    except BlockingIOError:
        return
    finally:
        os.close(file)


def must_be_local(folder: Path) -> None:
    """InputError on a network file system: its locks do not keep two writers apart."""
    kind, longest = "", -1
    with suppress(OSError):
        for line in Path("/proc/self/mounts").read_text(encoding="utf-8", errors="replace").splitlines():
            _, point, found, *_ = line.split(" ")
            point = point.replace("\\040", " ")
            if folder.absolute().is_relative_to(point) and len(point) > longest:
                kind, longest = found, len(point)
    if kind.startswith(_NETWORK):
        raise InputError(f"an office on a network file system ({kind})", accepted="a disk of this machine")


@contextmanager
def locked(path: Path, *, shared: bool = False) -> Iterator[None]:
    """Hold a lock file against other threads and processes of this machine, waiting for it as long as needed."""
    file = open_private(path, os.O_RDWR | os.O_CREAT)
    try:
        fcntl.flock(file, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
        yield
    finally:
        os.close(file)


def _refuse_others(path: Path, mode: int, cure: str) -> None:
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise InputError(
            f"accessible to other users (mode {stat.S_IMODE(mode):o})",
            accepted=f"{cure} {path.name}. Find out who read it, and replace exposed keys",
            file=path.name,
        )
