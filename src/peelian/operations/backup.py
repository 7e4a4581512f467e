"""Backup: an office's data in one folder, its keys in another, and a check of what a copy is worth.

The data folder holds ciphertext, the log (which is no secret) and settings; nobody opens it without the keys. The
record of what was last signed is in neither: it is what gives an old copy of the log away.
"""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from peelian.errors import InputError, IntegrityError
from peelian.integrations.person_keys import Passphrases
from peelian.kernel.records.office_records import backed_up
from peelian.operations.office import Office, open_office
from peelian.storage.database_copies import check_copy, check_dump, copy_database, dump_postgresql
from peelian.storage.durable_files import file_digest, sync_folder
from peelian.storage.office_settings import SETTINGS, read_settings
from peelian.storage.private_files import in_plain_words, private_folder, put_private

DATA = ("objects", "log", "bylaws", "ground")
MANIFEST = "backup.json"
SKIPPED = frozenset({"lock", ".lock", "unfinished", "leases", "waiting"})


@dataclass(frozen=True, slots=True, kw_only=True)
class BackedUp:
    """What a backup holds."""

    entries: int  # of the log
    files: int
    size: int  # bytes
    keys: bool  # whether the keys were copied, too
    divided: bool  # whether a registrar holds the database, the log's key and the key store, so that this has none


def back_up(
    office: Path, by: str, to: Path, *, keys: Path | None = None, passphrases: Passphrases | None = None
) -> BackedUp:
    """Copy the office at `office`, for the custodian with the short name `by`, into the new folder `to`.

    It may be served meanwhile.

    With `keys`, the key folder goes into that new folder, which may not lie in the other. The log says BACKED_UP before
    anything is copied. All of it or nothing: `to` appears when every file is on the disk. O(bytes).
    """
    for folder in (to, *([keys] if keys else [])):
        if folder.exists():
            raise InputError(f"{folder.name} already exists", accepted="a new folder")
        if folder.absolute().is_relative_to(office.absolute()):
            raise InputError("backup folder inside the office", accepted="a folder elsewhere")
    if keys and (keys.absolute().is_relative_to(to.absolute()) or to.absolute().is_relative_to(keys.absolute())):
        raise InputError("keys and data in one place: whoever takes one takes both", accepted="two places")
    if keys and any((folder / MANIFEST).exists() for folder in keys.absolute().parents):
        raise InputError("keys inside another data backup", accepted="a folder outside any backup")
    partial = to.with_name(to.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    with in_plain_words("the backup was not made, and nothing of it remains"), _all_or_nothing(partial, keys):
        with open_office(office).asking(passphrases) as opened:
            entries = _copy(opened, by, office, partial, keys)
        files, size = _listed(partial, entries)
        if keys:
            sync_all(keys)
    with in_plain_words("the backup is whole, but may not have its name yet"):
        os.rename(partial, to)
        sync_folder(to.parent)
    divided = "registrar" in read_settings(to)
    return BackedUp(entries=entries, files=files, size=size, keys=keys is not None, divided=divided)


def back_up_before_upgrade(office: Path, settings: Mapping[str, str], to: Path, *, entries: int) -> None:
    """Copy what an upgrade changes, settings and database, into the new folder `to`, and check the copy. The office may
    have another format. All of it or nothing. O(bytes of the database)."""
    partial = to.with_name(to.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    with in_plain_words("the backup was not made, so nothing was upgraded"), _all_or_nothing(partial):
        _copy_databases(office, private_folder(partial), settings)
        shutil.copy2(office / SETTINGS, partial / SETTINGS)
        _listed(partial, entries)
        os.rename(partial, to)
        sync_folder(to.parent)
    must_be_whole(to)
    must_restore(to)


def must_restore(backup: Path) -> None:
    """IntegrityError where a database in a backup could not be put back. O(bytes)."""
    for name in (Path("state") / "state.db", Path("own") / "own.db"):
        if (backup / name).is_file():
            check_copy(backup / name)
    if (backup / "state" / "state.dump").is_file():
        check_dump(backup / "state" / "state.dump")


def _listed(partial: Path, entries: int) -> tuple[int, int]:
    """Put the list of its files into a backup, and wait until the disk has all; how many files and bytes."""
    files = {path.relative_to(partial).as_posix(): file_digest(path) for path in _files(partial)}
    size = sum(path.stat().st_size for path in _files(partial))
    manifest = {"format": 1, "entries": entries, "files": files}
    put_private(partial / MANIFEST, json.dumps(manifest, indent=1).encode())
    sync_all(partial)
    return len(files), size


def _copy(opened: Office, by: str, office: Path, partial: Path, keys: Path | None) -> int:
    """Copy the office's data, and its keys, while it may be served; how many entries its log has.

    The head beside the objects is that of the copied log: a whole copy that is put back together is in order.
    """
    custodian = opened.operator(by)
    backed_up(opened.kernel, custodian, keys=keys is not None)
    opened.checkpoint()
    private_folder(partial)
    with opened.kernel.stores.lease("publisher", True):  # nothing is signed while database and tiles are copied
        entries = _copy_databases(office, partial, read_settings(office)) or opened.kernel.stores.log.size()
        _copy_data(office, partial)
    if opened.copy_of_the_log is not None:
        opened.copy_of_the_log(private_folder(partial / "log"))
    if keys:
        _copy_keys(office, keys)
    return entries


def _copy_keys(office: Path, to: Path) -> None:
    shutil.copytree(office / "keys", to, ignore=shutil.ignore_patterns(*SKIPPED, "keys.db*"))
    if address := read_settings(office).get("keys_database"):
        dump_postgresql(address, to / "store" / "keys.dump")
    elif (office / "keys" / "store").is_dir():
        copy_database(office / "keys" / "store" / "keys.db", to / "store" / "keys.db")


def _copy_databases(office: Path, to: Path, settings: Mapping[str, str]) -> int:
    """Copy the office's databases as they are now; how many entries their log has (0: it is elsewhere)."""
    entries = 0
    if address := settings.get("database"):
        private_folder(to / "state")
        dump_postgresql(address, to / "state" / "state.dump")
    for name in (Path("state") / "state.db", Path("own") / "own.db"):
        if (office / name).exists():
            entries = max(entries, copy_database(office / name, to / name))
    return entries


@contextmanager
def _all_or_nothing(*folders: Path | None) -> Iterator[None]:
    """Where the copying fails, remove what there is of it: half a copy of the keys lies about for nobody's use."""
    try:
        yield
    except BaseException as error:
        for folder in folders:
            if folder is not None and not isinstance(error, FileExistsError):  # then it is somebody else's
                shutil.rmtree(folder, ignore_errors=True)
        if isinstance(error, shutil.Error):  # what was wrong with each file, as text
            numbers = re.findall(r"\[Errno (\d+)\]", str(error))
            raise OSError(int(numbers[0]) if numbers else errno.EIO, "") from error
        raise


def must_be_whole(backup: Path) -> int:
    """How many entries the log of a backup has, once every file of it was found as it was written. O(bytes).

    InputError where it is no backup, IntegrityError where a file is missing, altered or was added.
    """
    try:
        manifest = json.loads((backup / MANIFEST).read_bytes())
        files, entries = dict(manifest["files"]), int(manifest["entries"])
    except (OSError, ValueError, KeyError, TypeError, ArithmeticError, RecursionError):
        raise InputError("not a backup of an office", accepted="a folder made by `peelian machine backup`") from None
    there = {path.relative_to(backup).as_posix() for path in _files(backup)} - {MANIFEST}
    for name in sorted(set(files) | there):
        if name not in files or name not in there or file_digest(backup / name) != files[name]:
            raise IntegrityError(f"The backup is damaged: {name[:80]} is missing, altered or foreign.")
    return entries


def _copy_data(office: Path, to: Path) -> None:
    shutil.copy2(office / SETTINGS, to / SETTINGS)
    for name in DATA:
        if (office / name).is_dir():
            shutil.copytree(office / name, to / name, ignore=shutil.ignore_patterns(*SKIPPED, "*.partial"))


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file())


def sync_all(folder: Path) -> None:
    """Wait until the disk has a folder with everything in it. O(files)."""
    for path in (*folder.rglob("*"), folder):
        file = os.open(path, os.O_RDONLY)
        try:
            os.fsync(file)
        finally:
            os.close(file)
