"""Registrar process: log, signing key and key ring in a folder and a process of their own.

An office is divided once: what the registrar holds moves into its folder, and the office's settings name its socket.
From then on `open_office` on the office's folder asks the registrar, whoever opens it.
"""

from __future__ import annotations

import grp
import os
import pwd
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import peelian
from peelian.errors import InputError, IntegrityError, OutOfOrder
from peelian.integrations.registrar_acts import Registry
from peelian.integrations.registrar_server import RegistrarServer
from peelian.integrations.webauthn import answered
from peelian.kernel.registrar.registrar import Judge
from peelian.operations.office import Office, open_office
from peelian.oversight.verifier import verify_log
from peelian.storage.database import open_database
from peelian.storage.document_rows import DocumentRows
from peelian.storage.durable_files import sync_folder
from peelian.storage.log_heads import HEAD
from peelian.storage.log_publisher import PublishedLog
from peelian.storage.office_settings import read_settings, write_settings
from peelian.storage.private_files import private_folder, shred
from peelian.storage.schema import ANSWERS, METADATA
from peelian.storage.vault_files import FileVault
from peelian.storage.vault_keys import StoredKeys

MOVES = ("log", "state", "keys/store")
FILES = ("log.signed", "keys/log.pem", "keys/token.key")


def divide(office: Path, folder: Path, socket: Path, *, owner: str = "") -> int:
    """Move what a registrar holds out of the office at `office` into `folder`; how many entries its log has.

    First everything is copied and the copy opened and verified, then the settings name the socket, then the originals
    are removed, keys overwritten. A crash before the settings changed leaves the office as it was; after it, doing the
    same again removes what is left. `owner`: the user who is to own the folder (only the administrator can give it).
    """
    settings = read_settings(office)
    if settings.get("registrar") == str(socket):
        _remove(office)
        return _entries(folder)
    if "registrar" in settings:
        raise OutOfOrder("A registrar already holds this office's log.")
    if "database" in settings or "keys_database" in settings:
        raise InputError("an office on PostgreSQL cannot be divided yet", accepted="an office with files of its own")
    if folder.exists() and any(folder.iterdir()):
        raise InputError(f"{folder.name} is not empty", accepted="a new or empty folder for the registrar")
    with open_office(office):
        pass  # it is in order
    private_folder(folder)
    private_folder(folder / "keys")
    for name in (*MOVES, *(["bylaws"] if (office / "bylaws").is_dir() else [])):
        shutil.copytree(office / name, folder / name)
    private_folder(folder / "objects")  # it stays where the office lies, but for the head of the log
    for name in (*FILES, *([f"objects/{HEAD}"] if (office / "objects" / HEAD).exists() else [])):
        shutil.copy2(office / name, folder / name)
    write_settings(folder, settings)
    _leave_answers(folder, office)
    _sync(folder)
    n = _entries(folder)
    if owner:
        _give(folder, owner)
    write_settings(office, {key: settings[key] for key in ("name", "origin")} | {"registrar": str(socket)})
    _remove(office)
    return n


@contextmanager
def served(
    folder: Path, socket: Path, *, clients: Iterable[str] = (), group: str = ""
) -> Iterator[tuple[Office, RegistrarServer]]:
    """The registrar of the office whose log lies in `folder`, listening, not yet answering; attended while it lasts.

    `clients` are the users who may ask, by name or number; none: only the one who runs it. Where they are others than
    that one, `group` is the group whose members reach the socket.
    """
    users = {_user(name) for name in clients} or {os.getuid()}
    with open_office(folder) as office:
        kernel, vault, log, archive = (
            office.kernel,
            office.kernel.stores.vault,
            office.kernel.stores.log,
            office.kernel.stores.archive,
        )
        if (
            not isinstance(vault, FileVault)
            or not isinstance(log, PublishedLog)
            or not isinstance(archive, DocumentRows)
        ):
            raise InputError("the log of this folder is held by another registrar", accepted="a registrar's own folder")
        if not isinstance(vault.keys, StoredKeys) or office.maintenance is None:
            raise InputError("folder without keys", accepted="a registrar's own folder")
        registry = Registry(
            kernel=kernel,
            judge=Judge(kernel=kernel, authenticator=answered),
            log=log,
            archive=archive,
            keys=vault.keys,
            folder=folder / "log",
            identity={
                "name": kernel.office.name,
                "public_key": kernel.office.public_key,
                "version": peelian.__version__,
                "keeps": dict(kernel.retention_days),
            },
        )
        server = RegistrarServer(registry, socket, clients=users, mode=0o660 if group else 0o600, group=_group(group))
        office.maintenance.sweeps = False  # the office's own: it has the data
        with office.maintenance.attended():
            yield office, server


def _leave_answers(folder: Path, office: Path) -> None:
    """Noisy answers are no secret and stay where the office lies."""
    there = open_database(folder / "state" / "state.db", METADATA)
    here = open_database(office / "own" / "own.db", METADATA)
    with there.reading() as connection:
        rows = [dict(row) for row in connection.execute(ANSWERS.select()).mappings()]
    with here.writing() as connection:
        if rows:
            here.upsert(connection, ANSWERS, rows)
    there.close()
    here.close()


def _entries(folder: Path) -> int:
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
    for name in FILES:
        if name.startswith("keys") and (office / name).exists():
            shred(office / name)
        (office / name).unlink(missing_ok=True)
    for name in MOVES:
        for path in sorted((office / name).rglob("*")) if name.startswith("keys") else ():
            if path.is_file():
                shred(path)
        shutil.rmtree(office / name, ignore_errors=True)
    sync_folder(office)


def _sync(folder: Path) -> None:
    for path in folder.rglob("*"):
        file = os.open(path, os.O_RDONLY)
        try:
            os.fsync(file)
        finally:
            os.close(file)
    sync_folder(folder)


def _give(folder: Path, owner: str) -> None:
    try:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, _user(owner), -1)
    except PermissionError:
        raise InputError(
            "only the administrator can give a folder to another user", accepted="run this as root"
        ) from None


def _group(name: str) -> int:
    """The number of a group, by name or number; -1 for none, InputError where the machine knows none."""
    try:
        return (int(name) if name.isdigit() else grp.getgrnam(name).gr_gid) if name else -1
    except KeyError:
        wrong = "this machine has no such group"
        raise InputError(wrong, column=name[:40], accepted="a group's name or number") from None


def _user(name: str) -> int:
    """The user id of a user, by name or number; InputError where the machine knows none."""
    try:
        return int(name) if name.isdigit() else pwd.getpwnam(name).pw_uid
    except KeyError:
        raise InputError("unknown user on this machine", column=name[:40], accepted="a user's name or number") from None
