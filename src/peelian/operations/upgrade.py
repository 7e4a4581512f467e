"""Upgrade: bring an office of an older format to this program's, after a backup; the only way by which one changes.

The number in the settings is written last. So an upgrade that was cut short is simply run again: a migration is kept
whole or not at all, and a backup that was finished before serves. A look (`looked_over`) writes nothing.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from sqlalchemy import Connection, select

from peelian.errors import DiskReadOnly, InputError, IntegrityError, OutOfOrder, sentence
from peelian.integrations.login_codes import SERVING
from peelian.kernel.model.ports import Clock
from peelian.operations.backup import back_up_before_upgrade, must_be_whole, must_restore
from peelian.operations.office import office_of
from peelian.operations.released_layout import unlike_released
from peelian.storage.database import Database, as_it_is
from peelian.storage.key_store import FILE
from peelian.storage.log_keys import LogKeys
from peelian.storage.log_rows import LogRows
from peelian.storage.migrate import frozen, migrate, stated_version
from peelian.storage.office_format import FORMAT, must_be_known, stated_format
from peelian.storage.office_settings import (
    SETTINGS,
    database_place,
    read_secret,
    read_settings,
    secret_for,
    settings_file,
    write_settings,
)
from peelian.storage.schema import HEADS, KEY_METADATA, METADATA, NOTES, VERSION
from peelian.storage.schema_description import differences


@dataclass(frozen=True, slots=True, kw_only=True)
class Upgrade:
    """What an upgrade does or would do: from which format (0: no number) to which, by which migrations of the database,
    and where its backup is. `entries`: of the log, 0 where a registrar holds it."""

    before: int
    after: int
    migrations: tuple[str, ...]
    entries: int
    backup: Path

    @property
    def is_needed(self) -> bool:
        """Whether there is anything to do."""
        return bool(self.migrations) or self.before != self.after


def looked_over(office: Path, *, backup: Path | None = None) -> Upgrade:
    """What `upgrade` would do with the office at `office`. Nothing is written. O(log n).

    InputError where it cannot be done: a newer office, one too old, a database that is missing or another office's;
    IntegrityError where the schema of its database was altered.
    """
    settings, before = read_settings(office, of_any_format=True), stated_format(settings_file(office))
    place = database_place(office, settings)
    if isinstance(place, Path) and not place.is_file():
        if not before:
            must_be_known(office, place)
        name = place.relative_to(office)
        raise InputError(sentence("the database %(name)s is missing", name=name), accepted="it, from the data backup")
    if not before:
        must_be_known(office, place)
    with closing(as_it_is(place, only_looks=True)) as database, database.reading() as connection:
        migrations, entries = _migrations(connection), 0
        if "registrar" not in settings:
            entries = _entries(office, settings, database, connection)
    to = backup or office.absolute().with_name(f"{office.absolute().name}-before-format-{FORMAT}")
    return Upgrade(before=before, after=FORMAT, migrations=migrations, entries=entries, backup=to)


def upgrade(office: Path, *, backup: Path | None = None, clock: Clock | None = None) -> Upgrade:
    """Bring the office at `office` to this program's format; what was done. Errors as for `looked_over`.

    `backup`: a new folder for what is changed, settings and database, as they were (default: beside the office).
    Released counts are laid out for other programs as this one does it.
    OutOfOrder while the office's pages are served or it is upgraded already. O(bytes of the database).
    """
    with _alone(office):
        plan = looked_over(office, backup=backup)
        if not plan.is_needed:
            return plan
        settings = read_settings(office, of_any_format=True)
        _must_be_ours(office)
        place = database_place(office, settings)
        with closing(as_it_is(place)) as database, database.alone(SERVING, wait=False) as nobody:
            if not nobody:
                raise OutOfOrder("This office's pages are served. Stop them first.")
            _keep_backup(office, settings, plan)
            if plan.migrations:
                migrate(database.engine, judged=_must_be_as_declared)
        if "registrar" not in settings:
            with ExitStack() as closing_after:
                made = office_of(office, settings, place, closing_after, clock=clock or partial(datetime.now, UTC))
                list(unlike_released(made.kernel, repair=True))
        write_settings(office, settings)
        return plan


@contextmanager
def _alone(office: Path) -> Iterator[None]:
    """While nobody else upgrades this office; the lock is of its folder and ends with the process."""
    try:
        folder = os.open(office, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        raise InputError(f"{office.name} is not an office", accepted="a folder made by `peelian office`") from None
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise OutOfOrder("Another process upgrades this office. Wait until it has ended.") from None
    finally:
        os.close(folder)


def _must_be_ours(office: Path) -> None:
    """DiskReadOnly where nothing can be written; InputError where another user owns the folder, whose program could not
    open what this one would write."""
    if not os.access(office, os.W_OK) or os.statvfs(office).f_flag & os.ST_RDONLY:
        raise DiskReadOnly("The folder of the office cannot be written. Nothing was upgraded. Make it writable first.")
    if office.stat().st_uid != os.geteuid():
        raise InputError(
            "the office belongs to another user", accepted="`peelian machine upgrade` as the office's own user"
        )


def _migrations(connection: Connection) -> tuple[str, ...]:
    """Those that the database has not had; InputError where a newer program migrated it, IntegrityError where its
    schema was altered since the newest."""
    at = stated_version(connection)
    if at not in frozen():
        accepted = "the newer program. Its `peelian machine upgrade` also ends an upgrade that was interrupted"
        raise InputError("a newer program made or upgraded this database", accepted=accepted)
    if at == VERSION:
        _must_be_as_declared(connection)
    return tuple(version for version in sorted(frozen()) if version > at)


def _must_be_as_declared(connection: Connection) -> None:
    if unlike := differences(connection, METADATA):
        says = "The schema of the database differs from the declared one: %(names)s. Nothing was upgraded. %(remedy)s"
        remedy = sentence("Restore the database from its backup, with the program that made it.")
        raise IntegrityError(sentence(says, names=", ".join(unlike[:5]), remedy=remedy))


def _entries(office: Path, settings: Mapping[str, str], database: Database, connection: Connection) -> int:
    """How many entries the log in the database has; InputError where database or key store is another office's."""
    secret, key = read_secret(office / "keys" / "token.key"), LogKeys(office / "keys", settings["origin"])
    _must_be_signed([bytes(note) for note in connection.scalars(select(NOTES.c.note))], key, "database")
    place = settings.get("keys_database") or office / "keys" / "store" / FILE
    if isinstance(place, Path) and not place.is_file():
        raise InputError("the key store is missing", accepted="keys/store, from the key folder's own backup")
    with closing(as_it_is(place, name="keys", only_looks=True)) as store, store.reading() as keys:
        if unlike := differences(keys, KEY_METADATA):
            says = sentence("The schema of the key store differs from the declared one: %(names)s.", names=unlike[0])
            raise IntegrityError(says)
        _must_be_signed([bytes(note) for note in keys.scalars(select(HEADS.c.note))], key, "key store")
    log = LogRows(database, secret_for(secret, "rows"))
    log.must_be_under_this_key()
    return log.size()


def _must_be_signed(notes: list[bytes], key: LogKeys, what: str) -> None:
    for note in notes:
        try:
            key.read(note)
        except (IntegrityError, InputError, ValueError):
            says = sentence("the %(what)s is not this office's: another key signed its log", what=sentence(what))
            raise InputError(says, accepted="the database and the key store that were made with this folder") from None


def _keep_backup(office: Path, settings: Mapping[str, str], plan: Upgrade) -> None:
    """Make the backup, or find the one that an upgrade made before it was cut short."""
    to = plan.backup
    if to.absolute().is_relative_to(office.absolute()):
        raise InputError("backup folder inside the office", accepted="a folder elsewhere")
    if not to.exists():
        back_up_before_upgrade(office, settings, to, entries=plan.entries)
        return
    accepted = "a new folder, with --backup"
    try:
        same = must_be_whole(to) == plan.entries
        must_restore(to)
    except InputError:
        same = False
    if not same or (to / SETTINGS).read_bytes() != (office / SETTINGS).read_bytes():
        raise InputError(f"{to.name} already exists", accepted=accepted)
