"""Drill conditions: the board's witness and copy of the log, a full disk, files found outside.

Conditions are files in the drill's folder, so that a drill cut short finds the world as it left it.
"""

from __future__ import annotations

import resource
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import cast

from peelian.errors import IntegrityError
from peelian.integrations.witness_client import Witnessed, Witnessing, ask_witness
from peelian.integrations.witness_server import BoardWitness, witness_server
from peelian.kernel.log.entry_schema import known_entry
from peelian.kernel.log.merkle import TILE, TileAt, read_bundle
from peelian.kernel.log.signed_note import NoteKey, read_key
from peelian.kernel.log.witness_protocol import Witness
from peelian.kernel.model.ports import Entry
from peelian.operations.office import Office
from peelian.storage.operator_keys import load_key, new_key

FULL, DOWN = "disk-is-full", "witness-is-down"
ROOM = 1 << 18  # bytes of a file that a disk still takes which is nearly full: some acts
NONE_LEFT = 1 << 15  # what a database needs to be read
LOG, MIRROR, FOUND, WITNESS = "office/log", "mirror", "found", "witness"


@contextmanager
def the_disk(folder: Path) -> Iterator[None]:
    """The log's disk as it is now: where it is full, the system itself refuses to let a file grow (RLIMIT_FSIZE)."""
    if not (folder / FULL).exists():
        yield
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    limit = int((folder / FULL).read_text())
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def fill_disk(folder: Path, *, room: int = ROOM) -> None:
    """From now on no file can be written beyond `room` bytes: what an act writes first goes to a file of its own."""
    (folder / FULL).write_text(str(room))


def make_room(folder: Path) -> None:
    """The disk has room again."""
    (folder / FULL).unlink(missing_ok=True)


def witness_falls_silent(folder: Path) -> None:
    """The witness answers no more."""
    (folder / DOWN).touch()


def witness_wakes(folder: Path) -> None:
    """The witness answers again."""
    (folder / DOWN).unlink(missing_ok=True)


def ask_board(folder: Path, office: Office, clock: Callable[[], datetime]) -> Witnessing:
    """Ask the board's witness, over HTTP on this machine, to cosign the log as it is now."""
    log = cast(Witnessed, office.kernel.stores.log)
    log_key = read_key((folder / LOG / "log.vkey").read_text().strip())
    with _board(folder, log_key, clock) as (url, key):
        return ask_witness(log, Witness(key=key, url=url, seconds=5.0))


def take_mirror(folder: Path) -> None:
    """The board copies the public log, as it does after each cosignature."""
    shutil.rmtree(folder / MIRROR, ignore_errors=True)
    shutil.copytree(folder / LOG, folder / MIRROR, ignore=shutil.ignore_patterns("lock"))


def put_mirror_back(folder: Path) -> None:
    """The damaged log is set aside, never thrown away, and the board's copy takes its place. Done once."""
    damaged = folder / "office" / "log.damaged"
    if not damaged.exists():
        (folder / LOG).rename(damaged)
        shutil.copytree(folder / MIRROR, folder / LOG)


def differing(folder: Path) -> tuple[list[tuple[int, Entry]], list[int]]:
    """The entries of the board's copy, and the indexes at which the office's log says something else. O(entries)."""
    size = int((folder / MIRROR / "checkpoint").read_bytes().split(b"\n", 2)[1])
    kept, own = (_entries(folder / name, size) for name in (MIRROR, LOG))
    altered = [index for index, entry in enumerate(kept) if index >= len(own) or own[index] != entry]
    return [(index, known_entry(entry)) for index, entry in enumerate(kept)], altered


def bundles(folder: Path) -> list[Path]:
    """The files of the log that hold its entries."""
    return sorted(path for path in (folder / LOG / "tile" / "entries").rglob("*") if path.is_file())


def _entries(folder: Path, size: int) -> list[bytes]:
    """The entries of a copy; what cannot be read as a bundle counts as missing from there on."""
    entries: list[bytes] = []
    for number in range(-(-size // TILE)):
        tile = TileAt(level=0, number=number, width=min(TILE, size - number * TILE))
        try:
            entries += read_bundle((folder / tile.entries_path).read_bytes())
        except (OSError, IntegrityError):
            break
    return entries


@contextmanager
def _board(folder: Path, log_key: NoteKey, clock: Callable[[], datetime]) -> Iterator[tuple[str, NoteKey]]:
    """The witness's service, while the block runs; its address alone where it is down."""
    place = folder / WITNESS
    place.mkdir(exist_ok=True, mode=0o700)
    signer = load_key(place / "key.pem") if (place / "key.pem").exists() else new_key(place / "key.pem")
    with BoardWitness(
        place / "remembers", name="board.invalid/drill", signer=signer, logs=[log_key], clock=clock
    ) as witness:
        server = witness_server(witness, host="127.0.0.1", port=0)
        url = f"http://127.0.0.1:{server.server_address[1]}"
        if (folder / DOWN).exists():
            server.server_close()
            yield url, witness.key
            return
        thread = threading.Thread(target=lambda: server.serve_forever(poll_interval=0.01), daemon=True)
        thread.start()
        try:
            yield url, witness.key
        finally:
            server.shutdown()
            thread.join()
            server.server_close()
