"""Copies are of one moment, while others write; what cannot be copied is said."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path
from typing import Any

import pytest
from log_parts import entry
from postgres import Server

from peelian.errors import InputError, IntegrityError
from peelian.storage.database import open_database
from peelian.storage.database_copies import check_copy, check_dump, copy_database, dump_postgresql
from peelian.storage.log_rows import LogRows
from peelian.storage.schema import METADATA


def test_a_copy_is_of_one_moment_while_others_write(tmp_path: Path) -> None:
    database = open_database(tmp_path / "state" / "state.db", METADATA)
    log, stop = LogRows(database, bytes(32)), threading.Event()

    def writes() -> None:
        n = 0
        while not stop.is_set():
            log.append(entry(n))
            n += 1

    thread = threading.Thread(target=writes)
    thread.start()
    try:
        for n in range(5):
            there = tmp_path / f"copy-{n}" / "state.db"
            size = copy_database(tmp_path / "state" / "state.db", there)
            copied = LogRows(open_database(there, METADATA), bytes(32))
            assert copied.size() == size == len(list(copied.read())) and there.stat().st_mode & 0o077 == 0
    finally:
        stop.set()
        thread.join()


def test_what_is_no_database_or_there_already_is_refused(tmp_path: Path) -> None:
    (tmp_path / "broken.db").write_bytes(b"no database" * 99)
    with pytest.raises(IntegrityError, match="cannot be copied"):
        copy_database(tmp_path / "broken.db", tmp_path / "a" / "copy.db")
    with pytest.raises(FileExistsError):
        copy_database(tmp_path / "broken.db", tmp_path / "a" / "copy.db")


def test_a_dump_of_a_server_can_be_put_back(tmp_path: Path, postgres: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    if shutil.which("pg_dump") is None:
        pytest.skip("pg_dump is not installed: Debian package postgresql-client")
    place = postgres.place()
    log = LogRows(open_database(place, METADATA), bytes(32))
    log.append_all([entry(n) for n in range(9)])
    dump_postgresql(place, tmp_path / "state.dump")
    assert (tmp_path / "state.dump").read_bytes().startswith(b"PGDMP")
    with pytest.raises(IntegrityError, match="cannot be dumped"):
        dump_postgresql(place.replace("/postgres?", "/nothing?"), tmp_path / "other.dump")
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(InputError, match="pg_dump is missing"):
        dump_postgresql(place, tmp_path / "other.dump")


def test_the_password_of_a_server_is_no_argument(
    tmp_path: Path, postgres: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever is on the machine reads the arguments of every process. Variants: an address without a password."""
    program, record = tmp_path / "bin" / "pg_dump", tmp_path / "record"
    program.parent.mkdir()
    real = shutil.which("pg_dump")
    program.write_text(f'#!/bin/sh\necho "$PGPASSWORD|$*" >>{record}\nexec {real} "$@"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent), prepend=":")
    place = postgres.place()
    open_database(place, METADATA).close()
    for nth, address in enumerate((place.replace("postgres@", "postgres:o%20pen%2Fup@"), place)):
        dump_postgresql(address, tmp_path / f"{nth}.dump")
        check_dump(tmp_path / f"{nth}.dump")
    first, second = record.read_text().splitlines()
    assert first.startswith("o pen/up|--format=custom") and "pen/up" not in first.partition("|")[2]
    assert second.startswith("|") and first.partition("|")[2].replace("0.dump", "1.dump") == second[1:]


def test_a_copy_that_is_not_whole_is_told(tmp_path: Path, postgres: Server) -> None:
    open_database(tmp_path / "state" / "state.db", METADATA).close()
    copy, dump = tmp_path / "copy" / "state.db", tmp_path / "copy" / "state.dump"
    copy_database(tmp_path / "state" / "state.db", copy)
    place = postgres.place()
    open_database(place, METADATA).close()
    dump_postgresql(place, dump)
    check_copy(copy)
    check_dump(dump)
    for file, check in ((copy, check_copy), (dump, check_dump)):
        file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
        with pytest.raises(IntegrityError, match=r"not whole\. Nothing was changed"):
            check(file)
