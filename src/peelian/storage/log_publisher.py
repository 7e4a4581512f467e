"""Log publisher: signs the log and writes it as C2SP tlog-tiles, for outsiders and their tools.

One process at a time publishes. The order makes a crash harmless: entries are committed, their tiles are durable, the
signed head is kept in places of its own, moves in the database by compare-and-swap, and only then is the checkpoint
shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from time import sleep

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select

from peelian.errors import InputError, IntegrityError, OfficeShut
from peelian.kernel.log.checkpoints import make_receipt, sign_checkpoint, with_cosignatures
from peelian.kernel.log.key_handover import KeyHandover, sign_handover
from peelian.kernel.log.merkle import (
    TILE,
    Head,
    TileAt,
    Tree,
    bundle_bytes,
    leaf_hash,
    read_bundle,
    tile_bytes,
    tiles_between,
)
from peelian.kernel.log.signed_note import Note, NoteKey, cosigned_at, signed_by
from peelian.kernel.state.missing_documents import OLDER_LOG
from peelian.storage.database import Database
from peelian.storage.durable_files import make_folder, put_durably, read_regular, sync_folder
from peelian.storage.log_heads import Heads
from peelian.storage.log_keys import HANDOVER, SigningKeys
from peelian.storage.log_rows import LogRows
from peelian.storage.private_files import disk_error, plain
from peelian.storage.row_tree import RowTree
from peelian.storage.rows import head_damaged
from peelian.storage.schema import NOTES

SIGNED, WITNESSED = "signed", "witnessed"
LOOKS_EVERY = 0.05  # seconds between two looks whether another process still publishes
CHECKPOINT, COSIGNED, KEY = "checkpoint", "checkpoint.witnessed", "log.vkey"


class PublishedLog(LogRows):
    """Answers `ports.Log` and `ports.Receipts`. `folder` is where outsiders read it; None: nowhere (in memory)."""

    def __init__(
        self,
        database: Database,
        secret: bytes,
        *,
        keys: SigningKeys,
        folder: Path | None = None,
        heads: Heads | None = None,
        stopped: Callable[[], str] = lambda: "",
    ) -> None:
        super().__init__(database, secret, stopped=stopped)
        self.keys, self.folder = keys, folder
        self._heads = heads or Heads({}, keys.read)

    @property
    def key(self) -> NoteKey:
        """The public key of what signs the log now."""
        return self.keys.key

    def handovers(self) -> Sequence[KeyHandover]:
        """From the log's first key to the present one."""
        return self.keys.handovers

    def handover(self, number: int) -> bytes:
        """The signed note of one handover, counted from 1; InputError where there was none."""
        found = self.handovers()
        if not 1 <= number <= len(found):
            raise InputError("The log has no public file with this name.")
        return found[number - 1].note.data

    def checkpoint(self) -> bytes:
        """The signed checkpoint of all that is kept, with the cosignatures it has (C2SP tlog-checkpoint)."""
        return self._newest()[0].data

    def receipt(self, index: int) -> bytes:
        """A tlog-proof of entry `index`, under the newest witnessed checkpoint where that reaches so far."""
        known = self._witnessed()
        note, head = known if known and index < known[1].size else self._newest()
        return make_receipt(self.tree, index, head, note.data).data

    def witnessed(self, key: NoteKey) -> tuple[int, datetime] | None:
        """How many entries the witness with this key cosigned last, as far as this log knows, and when it says so."""
        known = self._witnessed()
        at = cosigned_at(known[0], key) if known else None
        return (known[1].size, at) if known and at else None

    def consistency(self, old: int, new: int) -> tuple[bytes, ...]:
        """The Merkle proof that the log of `old` entries begins the one of `new` (RFC 9162), for witnesses."""
        return self.tree.consistency(old, new)

    def keep_witnessed(self, cosigned: bytes, witnesses: Sequence[NoteKey]) -> None:
        """Keep a checkpoint of this log with its witnesses' cosignatures; IntegrityError where they are not."""
        note, head = self.keys.read(cosigned)
        if not signed_by(note, witnesses) or self.tree.root(head.size) != head.root:
            raise IntegrityError("A cosigned checkpoint is not of this log, or no known witness cosigned it.")
        with self._publishing():
            signed, known = self._note(SIGNED), self._note(WITNESSED)
            if signed and signed[0].text == note.text:
                note = with_cosignatures(signed[0], note, witnesses)
                self._swap(SIGNED, signed[0], note)
                self._show(CHECKPOINT, note)
            if note.text in [one.note.text for one in self.handovers()]:
                self.keys.keep(note)
                self._show_keys()
            if known is None or known[1].size <= head.size:
                self._swap(WITNESSED, known[0] if known else None, note)
                self._show(COSIGNED, note)

    def close(self) -> None:
        """Sign what this process appended and nobody has signed since."""
        if self.appended and not self.why_stopped and not self._stopped():
            self._newest()

    def show_key(self) -> None:
        """Put the public key beside the log, for whoever checks a copy and has compared the key elsewhere, and the
        handovers that led to it."""
        if self.folder is not None:
            with self._or_stop():
                self._show_keys()

    def _show_keys(self) -> None:
        shown = {f"{HANDOVER}.{number}": one.note.data for number, one in enumerate(self.handovers(), 1)}
        for name, data in ((KEY, self.key.text.encode() + b"\n"), *shown.items()):
            if (folder := self.folder) is not None and not _holds(folder / name, data):
                sync_folder(_put(folder, name, data))

    def heads(self) -> Mapping[str, Head]:
        """The heads kept apart, as they were when each place was last used."""
        return self._heads.known()

    def oldest_head(self) -> int:
        """How many entries the log had when the place was last used that has not been used for longest; 0 where a place
        has no head."""
        return 0 if self._heads.bare() else min((head.size for head in self.heads().values()), default=0)

    def newest_head(self) -> int:
        """How many entries the newest signed log had, wherever its head is kept."""
        signed = self._note(SIGNED)
        return max([head.size for head in self.heads().values()] + ([signed[1].size] if signed else []), default=0)

    def must_not_be_behind(self) -> None:
        """IntegrityError where the log is shorter than a head kept apart or than what outsiders read, or another; where
        a place lost its head; and where the log differs from what was signed. O(log n)."""
        size, known = self.size(), dict(self._heads.known())
        signed, shown = self._note(SIGNED), self._shown()
        known |= {"the database": signed[1]} if signed else {}
        known |= {"log": shown} if shown else {}
        for name, head in known.items():
            if head.size > size:
                says = f"The log has {size:,} entries, but {head.size:,} when {name} was last used."
                raise OfficeShut(f"{says} {OLDER_LOG}", of="head")
            if self.tree.root(head.size) != head.root:
                says = f"The log differs from the one that {name} was last used with."
                raise OfficeShut(f"{says} {OLDER_LOG}", of="head")
        if signed and (bare := self._heads.bare()):
            raise OfficeShut(f"The log head kept in {bare[0]} is gone. Restore what belongs together.", of="head")

    def set_heads_back(self) -> None:
        """Two people put another database in place: every place has seen this log from now on. O(entries)."""
        with self._publishing():
            self._must_sign()
            head = Head(size=self.size(), root=self.tree.root())
            note, known = sign_checkpoint(self.key.name, head, self.keys.signer), self._note(SIGNED)
            self._put_tiles(0, head.size)
            self._swap(SIGNED, known[0] if known else None, note)
            self._heads.put(note)
            self._show(CHECKPOINT, note)
            list(self.note_differences(self.tree, repair=True))  # the other database knew another cosigned one

    def note_differences(self, derived: Tree, *, repair: bool) -> Iterator[str]:
        """Each signed head of the database ("notes signed") that is altered, of another log than the derived one, or
        older than what outsiders read of it; `repair`: put that in its place. Call it where nobody publishes."""
        for name, file in ((SIGNED, CHECKPOINT), (WITNESSED, COSIGNED)):
            shown, known = self._read_shown(file), None
            with suppress(IntegrityError, InputError, ValueError):
                known = self._note(name)
            if shown is not None and not _is_of(shown[1], derived):
                shown = None  # left from before another database was put in place
            if _is_set_back(known, shown) or (known and not _is_of(known[1], derived)) or self._is_damaged(name, known):
                yield f"notes {name}"
                if repair:
                    self._put_note(name, shown[0] if shown else None)

    def _is_damaged(self, name: str, known: tuple[Note, Head] | None) -> bool:
        with self._database.reading() as connection:
            return known is None and connection.scalar(select(NOTES.c.name).where(NOTES.c.name == name)) is not None

    def _put_note(self, name: str, note: Note | None) -> None:
        with self._database.writing() as connection:
            connection.execute(NOTES.delete().where(NOTES.c.name == name))
            if note is not None:
                connection.execute(NOTES.insert(), {"name": name, "note": note.data})

    def _published(self, index: int) -> bytes | None:
        """The spelling of an entry in the bundle that outsiders read, once the head that the office signed is found to
        cover that bundle as it is. O(256)."""
        shown, number = self._read_shown(CHECKPOINT), index // TILE
        if self.folder is None or shown is None or index >= shown[1].size:
            return None
        head, start = shown[1], number * TILE
        tile = TileAt(level=0, number=number, width=min(TILE, head.size - start))
        try:
            entries = read_bundle(read_regular(self.folder / tile.entries_path))
        except (OSError, IntegrityError):
            return None
        own, whole = Tree(), _WithBundle(self._database, head.size, start, entries)
        own.extend(b"".join(map(leaf_hash, entries)))
        is_there = tile.width < TILE or own.root() == whole.hashes(8, number, number + 1)
        proven = len(entries) == tile.width and is_there and whole.root(head.size) == head.root
        return entries[index - start] if proven else None

    def _newest(self) -> tuple[Note, Head]:
        """The checkpoint of all that is kept, signed now where it is not yet."""
        signed = self._note(SIGNED)
        if self.why_stopped:
            self._refuse_if_stopped()
        if signed is not None and signed[1].size == self.size() and self._is_shown(signed[0]):
            return signed
        self._refuse_if_stopped()
        with self._publishing():
            return self._sign()

    def finish_handover(self) -> None:
        """Take up a replacement of the log's key that the log knows of and that was cut short, as whoever signs next
        does."""
        with self._publishing():
            self._must_sign()

    def sign(self, message: bytes) -> bytes:
        """The office's signature of a document that is logged now: by the key that the log names."""
        followed = self._followed()
        return (followed[1] if followed else self.keys.signer).sign(message)

    def _followed(self) -> tuple[int, Ed25519PrivateKey] | None:
        """The entry that names the next key, and that key; None where no replacement was cut short. O(1) then."""
        if (following := self.keys.following) is None:
            return None
        own = following.public_key().public_bytes_raw().hex()
        found = next((index for index, one in self.read(kinds=["LOG_KEY_REPLACED"]) if one["new"] == own), None)
        return None if found is None else (found, following)

    def _must_sign(self) -> None:
        """Whatever the log says of its key is done before anything is signed; OfficeShut where the key is the one
        before."""
        if followed := self._followed():
            self._hand_over(followed[0] + 1, followed[1])
        if self.handovers() and self.handovers()[-1].new != self.key:
            raise OfficeShut("keys/log.pem is the log's key before. Restore what belongs together.", of="ring")

    def _hand_over(self, size: int, following: Ed25519PrivateKey) -> None:
        """The log of this size is the last that its key signs: the next one signs it, too, and takes its place.

        Each step may be the last before a crash; all are done again then, and change nothing twice."""
        signed, shown = self._note(SIGNED), self._shown()
        head = Head(size=size, root=self.tree.root(size))
        made = [one.note for one in self.handovers() if one.head == head]
        note = made[0] if made else sign_handover(self.key.name, head, self.keys.signer, following)
        self._put_tiles(min(signed[1].size if signed else 0, shown.size if shown else 0), size)
        self._database.settle()
        if signed and signed[1].size > size:
            raise OfficeShut(f"The log's key signed {signed[1].size:,} entries after it was replaced.", of="head")
        self.keys.keep(note)
        self._heads.put(note)
        self._swap(SIGNED, signed[0] if signed else None, note)
        self._show(CHECKPOINT, note)
        self.keys.replace()
        self._show_keys()

    def _sign(self) -> tuple[Note, Head]:
        self._must_sign()
        size, signed, shown = self.size(), self._note(SIGNED), self._shown()
        old = signed[1].size if signed else 0
        if signed and (old > size or self.tree.root(old) != signed[1].root):
            says = f"The log differs from the one that was signed at {old:,} entries."
            raise OfficeShut(f"{says} {OLDER_LOG}", of="head")
        head = Head(size=size, root=self.tree.root(size))
        note = signed[0] if signed and old == size else sign_checkpoint(self.key.name, head, self.keys.signer)
        self._put_tiles(min(old, shown.size if shown else 0), size)  # an older folder may have been put back
        self._database.settle()
        self._heads.put(note)
        if not signed or old != size:
            self._swap(SIGNED, signed[0] if signed else None, note)
        self._show(CHECKPOINT, note)
        return note, head

    def _witnessed(self) -> tuple[Note, Head] | None:
        """The newest cosigned checkpoint: the database's, or what outsiders read, where that is newer."""
        known, shown = self._note(WITNESSED), self._read_shown(COSIGNED)
        return shown if shown and _is_set_back(known, shown) and _is_of(shown[1], self.tree) else known

    def _note(self, name: str) -> tuple[Note, Head] | None:
        with self._database.reading() as connection:
            found = connection.scalar(select(NOTES.c.note).where(NOTES.c.name == name))
        try:
            return self.keys.read(bytes(found)) if found is not None else None
        except (IntegrityError, InputError, ValueError):
            raise head_damaged(f"notes {name}") from None

    def _swap(self, name: str, old: Note | None, new: Note) -> None:
        """Put a note in the place of `old`; IntegrityError where that is not what was there."""
        with self._database.writing() as connection:
            there = connection.scalar(select(NOTES.c.note).where(NOTES.c.name == name))
            if (bytes(there) if there is not None else None) != (old.data if old else None):
                raise head_damaged(f"notes {name}")
            self._database.upsert(connection, NOTES, [{"name": name, "note": new.data}])
        self._database.settle()

    def _put_tiles(self, old: int, new: int) -> None:
        """Write what a log of `new` entries has and one of `old` had not; partial tiles of full ones go.

        O(new - old)."""
        if (folder := self.folder) is None:
            return
        touched = set()
        for tile in tiles_between(old, new):
            made = {tile.path: tile_bytes(self.tree, tile)}
            if tile.level == 0:
                start = tile.number * TILE
                made[tile.entries_path] = bundle_bytes(self.tree.entries(start, start + tile.width))
            self._database.settle()  # no other process waits for the disk
            touched |= {_put(folder, path, content) for path, content in made.items()}
            if tile.width == TILE:
                _drop_partials(folder, tile)
        for changed in touched:
            sync_folder(changed)

    def _show(self, name: str, note: Note) -> None:
        if self.folder is not None:
            sync_folder(_put(self.folder, name, note.data))

    def _shown(self) -> Head | None:
        """The head that outsiders see; None where they see none of this log."""
        shown = self._read_shown(CHECKPOINT)
        return shown[1] if shown else None

    def _read_shown(self, name: str) -> tuple[Note, Head] | None:
        try:
            return self.keys.read(read_regular(self.folder / name)) if self.folder else None
        except (OSError, IntegrityError, InputError, ValueError):
            return None

    def _is_shown(self, note: Note) -> bool:
        """Whether outsiders see it: a crash may have come before the checkpoint was shown."""
        if self.folder is None:
            return True
        file = self.folder / CHECKPOINT
        return file.exists() and file.read_bytes() == note.data

    def _refuse_if_stopped(self) -> None:
        if why := self.why_stopped or self._stopped():
            raise OfficeShut(f"the log has stopped: {why}", of="log")

    @contextmanager
    def _publishing(self) -> Iterator[None]:
        """While nobody else publishes. First the turn to write, then the lease: whoever has the turn may ask for a
        receipt, and would wait for somebody who waits for the turn. Outside an act the turn is given back while another
        process has the lease: a backup keeps it for long."""
        while True:
            in_act = self._database.in_act
            with self._database:
                self._database.settle()
                with self._database.alone("publisher", wait=in_act) as mine:
                    if mine:
                        with self._or_stop():
                            yield
                        return
            sleep(LOOKS_EVERY)

    @contextmanager
    def _or_stop(self) -> Iterator[None]:
        """Around what must not fail halfway: what is not shown is shown by the next one who publishes."""
        try:
            yield
        except OSError as wrong:
            raise disk_error(wrong)(f"The log cannot be published: {plain(wrong)}.") from wrong


class _WithBundle(RowTree):
    """The tree over the rows as they are, but for the entries of one published bundle."""

    __slots__ = ("_bundle", "_start")

    def __init__(self, database: Database, size: int, start: int, bundle: Sequence[bytes]) -> None:
        super().__init__(database, lambda: size, lambda row: bytes(row.spelling))
        self._start, self._bundle = start, bundle

    def entries(self, start: int, end: int) -> list[bytes]:
        """Those of the bundle where they lie in its tile."""
        if start // TILE == self._start // TILE:
            return list(self._bundle[start - self._start : end - self._start])
        return super().entries(start, end)


def _is_of(head: Head, log: Tree) -> bool:
    return head.size <= log.size and log.root(head.size) == head.root


def _is_set_back(known: tuple[Note, Head] | None, shown: tuple[Note, Head] | None) -> bool:
    """Whether outsiders read a newer head than this one, or the same with other signatures: it is shown last."""
    if shown is None:
        return False
    same = known is not None and known[0].text == shown[0].text
    return known is None or known[1].size < shown[1].size or (same and known[0].data != shown[0].data)


def _drop_partials(log: Path, tile: TileAt) -> None:
    """Remove the partial tiles of a full one, which C2SP tlog-tiles allows and nothing depends on."""
    for path in (tile.path, tile.entries_path) if tile.level == 0 else (tile.path,):
        folder = log / f"{path}.p"
        for partial in sorted(folder.iterdir()) if folder.is_dir() else ():
            partial.unlink()
        if folder.is_dir():
            folder.rmdir()


def _holds(path: Path, data: bytes) -> bool:
    return path.exists() and read_regular(path) == data


def _put(log: Path, name: str, data: bytes) -> Path:
    path = log / name
    make_folder(path.parent)
    put_durably(path, data, unfinished=log / "unfinished")
    return path.parent
