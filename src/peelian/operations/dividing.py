"""Dividing an office: what a registrar holds moves into a folder of its own, and can be moved back.

From then on `open_office` on the office's folder asks the registrar, whoever opens it. Whoever divides (root, too)
leaves every file of the office with the owner that the office's folder has. Databases on PostgreSQL stay where they
are: their addresses move, and the server's administrator has it admit the registrar's user alone.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from peelian.errors import InputError, IntegrityError, OutOfOrder
from peelian.integrations.login_codes import SERVING
from peelian.integrations.registrar_server import answers
from peelian.operations.backup import sync_all
from peelian.operations.office import open_office
from peelian.operations.registrar_process import user_of
from peelian.oversight.verification.verifier import verify_log
from peelian.storage.durable_files import sync_folder
from peelian.storage.log_heads import HEAD
from peelian.storage.office_settings import read_settings, write_settings
from peelian.storage.private_files import private_folder, shred

MOVES = ("log", "state", "keys/store")
FILES = ("log.signed", "keys/log.pem", "keys/token.key")
BESIDE = ("handover.*", "working.*.key")  # of log and working key, where they were ever replaced
HEAD_BESIDE = f"objects/{HEAD}"  # it stays where the office lies, and the registrar has one, too


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """What moved: its names, how many entries the log has, and whose the files in the office and beside it are.
    `on_server`: a database stays on PostgreSQL."""

    entries: int
    names: tuple[str, ...]
    office_owner: int
    registrar_owner: int
    on_server: bool


def divide(office: Path, folder: Path, socket: Path, *, owner: str = "") -> Moved:
    """Move what a registrar holds out of the office at `office` into `folder`.

    First everything is copied and the copy opened and verified, then the settings name the socket, then the originals
    are removed, keys overwritten. A crash before the settings changed leaves the office as it was; after it, doing the
    same again removes what is left. `owner`: the user who is to own the folder (only the administrator can give it).
    OutOfOrder while pages are served, which would go on with keys in their memory.
    """
    settings, own = read_settings(office), os.stat(office).st_uid
    if settings.get("registrar") == str(socket):
        _remove(office)
        owners = own, os.stat(folder).st_uid
        return _told(_entries(folder), folder, read_settings(folder), owners=owners)
    if "registrar" in settings:
        raise OutOfOrder("A registrar already holds this office's log.")
    if folder.exists() and any(folder.iterdir()):
        raise InputError(f"{folder.name} is not empty", accepted="a new or empty folder for the registrar")
    to = user_of(owner) if owner else os.geteuid()
    with open_office(office) as opened, opened.kernel.stores.lease(SERVING, False) as alone:  # so it is in order
        if not alone:
            raise OutOfOrder("This office's pages are served. Stop them first.")
    private_folder(folder)
    private_folder(folder / "objects")
    _copied(office, folder)
    if (office / "bylaws").is_dir():
        shutil.copytree(office / "bylaws", folder / "bylaws")
    write_settings(folder, settings)
    sync_all(folder)
    n = _entries(folder)
    _give([folder, *folder.rglob("*")], to)
    private_folder(office / "own")
    write_settings(office, {key: settings[key] for key in ("name", "origin")} | {"registrar": str(socket)})
    _remove(office)
    _give([office, *office.rglob("*")], own)
    return _told(n, folder, settings, owners=(own, to))


def undo(office: Path, folder: Path) -> Moved:
    """Move what a registrar holds in `folder` back into the office, while the registrar is stopped.

    In the same order: copied, verified, the settings changed, the registrar's copy removed. Sessions at the pages end.
    """
    settings, own, of = read_settings(office), os.stat(office).st_uid, os.stat(folder).st_uid
    there = read_settings(folder)
    if there["origin"] != settings["origin"] or "registrar" in there:
        raise InputError(f"{folder.name} is not the folder of this office's registrar", accepted="its own folder")
    if "registrar" in settings:
        if answers(Path(settings["registrar"])):
            raise OutOfOrder("The registrar still answers. Stop it first.")
        n = _entries(folder)
        _remove(office)  # of an undoing that was cut short
        _copied(folder, office)
        sync_all(office)
        if not (verdict := verify_log(office / "log")).ok:
            raise IntegrityError(f"The copy of the log failed verification: {verdict.says}. Nothing was removed.")
        write_settings(office, there)
        shutil.rmtree(office / "own", ignore_errors=True)
        _give([office, *office.rglob("*")], own)
    else:
        n = _entries(office)
    _gone(folder)
    return _told(n, office, there, owners=(own, of))


def _gone(folder: Path) -> None:
    """Nothing of the registrar's folder remains, its keys overwritten."""
    _remove(folder)
    shutil.rmtree(folder, ignore_errors=True)


def _told(entries: int, holder: Path, settings: Mapping[str, str], *, owners: tuple[int, int]) -> Moved:
    """What moved to `holder`, whose settings these are."""
    return Moved(
        entries=entries,
        names=tuple(name for name in (*MOVES, *FILES) if (holder / name).exists()),
        office_owner=owners[0],
        registrar_owner=owners[1],
        on_server=not {"database", "keys_database"}.isdisjoint(settings),
    )


def _copied(source: Path, to: Path) -> None:
    private_folder(to / "keys")
    for name in MOVES:
        if (source / name).exists():  # not `state` where a server has it
            shutil.copytree(source / name, to / name)
    for name in (*FILES, *_beside(source), HEAD_BESIDE):
        if (source / name).exists():
            shutil.copy2(source / name, to / name)


def _beside(folder: Path) -> list[str]:
    return sorted(f"keys/{path.name}" for name in BESIDE for path in (folder / "keys").glob(name))


def _entries(folder: Path) -> int:
    """How many entries the log in a folder has, once it is verified."""
    with open_office(folder) as copy:
        copy.checkpoint()
        n = copy.kernel.stores.log.size()
    verdict = verify_log(folder / "log")
    if not verdict.ok:
        raise IntegrityError(
            f"The registrar's copy of the log failed verification: {verdict.says}. Nothing was removed."
        )
    return n


def _remove(office: Path) -> None:
    for name in (*FILES, *_beside(office)):
        if name.startswith("keys") and (office / name).exists():
            shred(office / name)
        (office / name).unlink(missing_ok=True)
    for name in MOVES:
        for path in sorted((office / name).rglob("*")) if name.startswith("keys") else ():
            if path.is_file():
                shred(path)
        shutil.rmtree(office / name, ignore_errors=True)
    sync_folder(office)


def _give(paths: Iterable[Path], owner: int) -> None:
    """Have these be owned by a user; InputError where only the administrator can."""
    try:
        for path in paths:
            if os.lstat(path).st_uid != owner:
                os.chown(path, owner, -1, follow_symlinks=False)
    except PermissionError:
        raise InputError(
            "only the administrator can give a folder to another user", accepted="run this as root"
        ) from None
