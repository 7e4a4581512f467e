"""Log folder: journal, tiles, checkpoint and the newest signed head, each written durably."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from peelian.errors import IntegrityError
from peelian.kernel.log.merkle import TILE, TileAt, Tree, bundle_bytes, read_bundle, tile_bytes, tiles_between
from peelian.kernel.log.signed_note import Note
from peelian.storage.durable_files import append_durably, make_folder, put_durably, read_regular, sync_folder
from peelian.storage.log_journal import frame_entries, journal_top
from peelian.storage.log_recovery import Places

_ROOM = 1 << 20  # bytes


class LogFolder:
    """Does what it is told, in the order it is told, and returns when the disk has it; OSError where it cannot.

    One caller at a time, but for `append`, which another thread may call while tiles and notes are put. `locks` are
    open files that it closes last.
    """

    def __init__(self, places: Places, locks: Sequence[int]) -> None:
        self.places = places
        self._locks = tuple(locks)
        self._journal, self._end, self._room = -1, 0, 0
        self._known: set[Path] = set()

    def start_journal(self, base: int, entries: Sequence[bytes]) -> None:
        """Put a journal in place that begins with `entries`, the first of them entry `base`, and go on from there."""
        data = journal_top(base) + frame_entries(entries, first=base, durable=base + len(entries))
        self._put(self.places.journal, data)
        self.sync()
        if self._journal >= 0:
            os.close(self._journal)
        self._journal = os.open(self.places.journal, os.O_WRONLY | os.O_CLOEXEC)
        self._end = self._room = os.lseek(self._journal, 0, os.SEEK_END)

    def append(self, first: int, entries: Sequence[bytes]) -> None:
        """Write `entries` to the journal, the first of them entry `first`."""
        data = frame_entries(entries, first=first, durable=first)
        if self._end + len(data) > self._room:
            self._make_room(len(data))
        append_durably(self._journal, data)
        self._end += len(data)

    def trim_journal(self) -> None:
        """Give back the room that was made beyond the journal's end."""
        os.ftruncate(self._journal, self._end)

    def _make_room(self, size: int) -> None:
        """Write zeroes beyond the end, which entries then take the place of: a sync takes half the time where it need
        keep neither a new length nor new blocks (measured; room without zeroes spares only the length). The next sync
        takes them along. A disk that has no room to spare still takes what it can."""
        more = max(_ROOM, size)
        with suppress(OSError):
            os.pwrite(self._journal, bytes(more), self._end)
        self._room = self._end + more

    def set_aside(self, torn: bytes, index: int) -> None:
        """Keep the bytes of a write that was cut short before entry `index` was acknowledged."""
        self._put(self.places.folder / f"torn-{index}", torn)

    def put_tiles(self, tree: Tree, tail: Sequence[bytes], old: int, new: int) -> None:
        """Put what a log of `new` entries has and one of `old` had not. `tail` begins where full bundles ended then."""
        tail_starts = old // TILE * TILE
        touched = set()
        for tile in tiles_between(old, new):
            touched.add(self._put(self.places.folder / tile.path, tile_bytes(tree, tile)))
            if tile.level == 0:
                start = tile.number * TILE - tail_starts
                data = bundle_bytes(tail[start : start + tile.width])
                touched.add(self._put(self.places.folder / tile.entries_path, data))
        for folder in touched:
            sync_folder(folder)

    def swap_signed(self, old: Note | None, new: Note) -> None:
        """Record what is signed now, provided that `old` is still what was recorded; IntegrityError where it is not."""
        path = self.places.signed
        recorded = read_regular(path) if path.exists() else None
        if recorded != (old and old.data):
            raise IntegrityError(
                "The record of the last signed log head was altered. Stop, and compare both with the "
                "witness and the newest receipts."
            )
        put_durably(path, new.data, unfinished=path.with_name(path.name + ".unfinished"))
        sync_folder(path.parent)

    def put_note(self, path: Path, note: Note) -> None:
        """Put a checkpoint in place; the caller syncs."""
        self._put(path, note.data)

    def sync(self) -> None:
        """Wait until the disk has the names that were put into the log's own folder."""
        sync_folder(self.places.folder)

    def put_key(self, line: str) -> None:
        """Put the public key beside the log, for whoever checks a copy and has compared the key elsewhere."""
        if not self.places.key.exists():
            self._put(self.places.key, line.encode() + b"\n")

    def drop_partials(self, old: int, new: int) -> None:
        """Remove the partial tiles of full ones, which C2SP tlog-tiles allows and nothing depends on."""
        for tile in tiles_between(old, new):
            if tile.width == TILE:
                for path in (tile.path, tile.entries_path) if tile.level == 0 else (tile.path,):
                    self._drop(self.places.folder / f"{path}.p")

    def _drop(self, folder: Path) -> None:
        if folder.is_dir():
            for path in sorted(folder.iterdir()):
                os.unlink(path)
            os.rmdir(folder)
            self._known.discard(folder)

    def bundle(self, number: int) -> list[bytes]:
        """The entries of a full bundle."""
        return read_bundle(read_regular(self.places.folder / TileAt(level=0, number=number, width=TILE).entries_path))

    def close(self) -> None:
        """Close the journal and let go of the locks."""
        for file in (self._journal, *self._locks):
            if file >= 0:
                os.close(file)
        self._journal, self._locks = -1, ()

    def _put(self, path: Path, data: bytes) -> Path:
        """Put a file into a folder that may have to be made; returns the folder, which is still to be synced."""
        if path.parent not in self._known:
            make_folder(path.parent)
            self._known.add(path.parent)
        put_durably(path, data, unfinished=self.places.unfinished)
        return path.parent
