"""Rebuild: derive every row anew from the log, in a fresh database, and name each that differs.

Documents, names and noisy answers cannot be derived: they are held against what the log commits to. Rows of released
counts are laid out anew from the signed records.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from peelian.errors import InputError, IntegrityError
from peelian.kernel.model.ports import Entry
from peelian.kernel.state.kernel import Kernel
from peelian.operations.committed_content import lost_content
from peelian.operations.office import office_of
from peelian.operations.released_layout import unlike_released
from peelian.storage.database import open_database
from peelian.storage.log_publisher import PublishedLog
from peelian.storage.log_rows import LogRows
from peelian.storage.office_settings import database_place, read_settings
from peelian.storage.rows import StoredRows
from peelian.storage.schema import METADATA

AT_ONCE = 2_000


def rebuilt_at(path: Path, *, repair: bool = False) -> list[str]:
    """The same of the office at `path`, also where it cannot be opened for what differs. Once these rows are right:
    each document, name and noisy answer that is not as the log commits to it, which cannot be repaired here; and each
    row of released counts that is not as the records say, where these are there. O(entries + bytes of the archive)."""
    settings = read_settings(path)
    if "registrar" in settings:
        raise InputError("a registrar holds this office's log", accepted="--office with the registrar's own folder")
    with ExitStack() as closing:
        office = office_of(path, settings, database_place(path, settings), closing)
        found = rebuilt(office.kernel, repair=repair)
        if found and not repair:  # its state is not to be had
            return found
        lost = list(lost_content(office.kernel))
        return [*found, *lost, *(() if lost else unlike_released(office.kernel, repair=repair))]


def rebuilt(kernel: Kernel, *, repair: bool = False) -> list[str]:
    """Each row that differs from what the log says ("cases c-1"), once all rows were derived anew. O(entries), flat
    memory; the office may be served meanwhile.

    `repair`: put what was derived in the place of what differs. IntegrityError where the log itself was altered or cut:
    then nothing is repaired.
    """
    rows, log = kernel.stores.rows, kernel.stores.log
    if not isinstance(rows, StoredRows) or not isinstance(log, PublishedLog):
        raise InputError("an office without a database of its own", accepted="the office's own folder")
    altered = list(log.differences(repair=repair))
    if altered and not repair:  # all else is derived from them
        return altered
    with TemporaryDirectory(prefix="peelian-rebuild-") as folder:
        fresh, key = open_database(Path(folder) / "rebuild" / "state.db", METADATA), secrets.token_bytes(32)
        derived = LogRows(fresh, key)
        try:
            _follow(derived, log.as_it_stands())
            with kernel.lock, kernel.stores.lease("publisher", True):  # while nothing more is appended or signed
                _follow(derived, log.as_it_stands(derived.size()))
                _must_be_the_signed_one(log, derived)
                return [
                    *altered,
                    *rows.differences(StoredRows(fresh, key), repair=repair),
                    *log.tree.differences(derived.tree, repair=repair),
                    *log.note_differences(derived.tree, repair=repair),
                ]
        finally:
            fresh.close()


def _follow(derived: LogRows, entries: Iterator[tuple[int, Entry]]) -> None:
    while some := [entry for _, entry in islice(entries, AT_ONCE)]:
        derived.copy(some)


def _must_be_the_signed_one(log: PublishedLog, derived: LogRows) -> None:
    """IntegrityError where the entries are not those of the heads kept apart, or of the stored hashes."""
    for name, head in log.heads().items():
        if head.size > derived.size() or derived.tree.root(head.size) != head.root:
            says = f"The log differs from the one that {name} was last used with, from its entries alone."
            raise IntegrityError(f"{says} Restore the database: `peelian machine restore-log`.")
