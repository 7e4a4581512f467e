"""Leases: what one process or thread of an office does while no other does, held by the database's own means."""

from __future__ import annotations

import fcntl
import os
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from hashlib import sha256
from pathlib import Path

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from peelian.storage.private_files import open_private

LOOKS_EVERY = 5.0  # seconds between two looks whether a shared lease is still held by its server


@contextmanager
def in_memory(leases: dict[str, threading.Lock], what: str, *, wait: bool, shared: bool) -> Iterator[bool]:
    """Hold a lease among the threads of this process; `leases` are those of one database. False: another has it."""
    lock = leases.setdefault(what, threading.Lock())
    if shared:
        yield True
    elif lock.acquire(blocking=wait):
        try:
            yield True
        finally:
            lock.release()
    else:
        yield False


@contextmanager
def on_a_file(folder: Path, what: str, *, wait: bool, shared: bool) -> Iterator[bool]:
    """Hold a lease by a lock of one byte of a file. Locks are of open files: threads keep each other out, too."""
    file = open_private(folder / "leases", os.O_RDWR | os.O_CREAT)
    try:
        start = int.from_bytes(sha256(what.encode()).digest()[:7], "big")
        wanted = struct.pack("@hhqqi4x", fcntl.F_RDLCK if shared else fcntl.F_WRLCK, os.SEEK_SET, start, 1, 0)
        try:
            fcntl.fcntl(file, fcntl.F_OFD_SETLKW if wait else fcntl.F_OFD_SETLK, wanted)
            held = True
        except BlockingIOError:
            held = False
        yield held
    finally:
        os.close(file)


@contextmanager
def on_postgresql(engine: Engine, what: str, *, wait: bool, shared: bool) -> Iterator[bool]:
    """Hold a lease by a lock of the server for a connection of its own.

    With that connection, as when the server begins anew, the lease ends. A shared one, which a process holds for as
    long as it lives, is asked for again within some seconds.
    """
    number = int.from_bytes(sha256(f"{engine.url} {what}".encode()).digest()[:7], "big")
    mode = "_shared" if shared else ""
    lock = f"SELECT pg_{'' if wait else 'try_'}advisory_lock{mode}({number})"
    with engine.connect() as connection:
        answer = connection.scalar(text(lock))
        held = wait or bool(answer)
        try:
            with _kept(connection, number) if shared and held else nullcontext():
                yield held
        finally:
            try:
                if held:
                    connection.execute(text(f"SELECT pg_advisory_unlock{mode}({number})"))
            except SQLAlchemyError:
                connection.invalidate()  # with its connection the lease ended, too


@contextmanager
def _kept(connection: Connection, number: int) -> Iterator[None]:
    """Look again and again whether the server still knows the connection; where it does not, share the lock anew."""
    over, lock = threading.Event(), text(f"SELECT pg_try_advisory_lock_shared({number})")

    def look() -> None:
        held = True
        while not over.wait(LOOKS_EVERY):
            with suppress(SQLAlchemyError):  # its server is not back yet
                try:
                    held = bool(connection.scalar(text("SELECT true") if held else lock))
                except DBAPIError:
                    held = False
                    connection.invalidate()
                    connection.rollback()  # so that it may be used again

    thread = threading.Thread(target=look, name="lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
