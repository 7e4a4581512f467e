"""Log on disk: a C2SP tlog-tiles folder that outsiders' tools read, written by one process at a time."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock
from time import monotonic
from types import TracebackType

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from peelian.errors import InputError, IntegrityError, OutOfOrder
from peelian.kernel.log.checkpoints import make_receipt, read_checkpoint, sign_checkpoint, with_cosignatures
from peelian.kernel.log.entry_schema import encode_entry, known_entry, read_time, time_text
from peelian.kernel.log.merkle import TILE, Head, leaf_hash
from peelian.kernel.log.signed_note import Note, NoteKey, cosigned_at, key_of, signed_by
from peelian.kernel.model.ports import Clock, Entry
from peelian.storage.durable_files import lock_exclusively, make_folder
from peelian.storage.group_commit import GroupCommit
from peelian.storage.log_folder import LogFolder
from peelian.storage.log_recovery import Places, Recovered, recover
from peelian.storage.private_files import disk_error, plain

MOST_AT_ONCE = 10_000
_JOURNAL_HOLDS = 4_096  # entries that already lie in bundles before the journal is begun anew
# Seconds at least, and at most in a rush that lasts, between two checkpoints that nobody asked for; in between, signing
# takes at most a tenth of the time: each costs ten syncs and two new files for every 256 entries.
_SIGNS_EVERY, _SIGNS_AFTER, _SIGNING_SHARE = 1.0, 10.0, 0.1
_Spelled = tuple[bytes, bytes, Entry]
_JITTER = timedelta(seconds=1)  # threads that append at once may pass one another by that much
_REOPEN = "Nothing more is acknowledged. Repair the disk, then reopen the log."


def open_log(
    directory: Path,
    *,
    origin: str,
    signer: Ed25519PrivateKey,
    clock: Clock,
    signed: Path | None = None,
    parts: Mapping[str, Path] | None = None,
    stopped: str = "",
) -> FileLog:
    """Open or make the log in `directory`, named `origin` (best its public address without "https://").

    `signed` is the record of what was last signed, by default the file `<directory>.signed`: keep it out of the log's
    backup, else an old backup cannot be told from the newest. `parts` are the folders of an office, by name, that keep
    the newest head, too: what the log was when each was last used. `stopped` says why it is only to be read. Opening
    reads and hashes every entry: O(n).
    OutOfOrder where another process has it open; IntegrityError, with nothing changed, where the log is damaged,
    shorter than or different from what was signed, or cannot be written.
    """
    key = key_of(origin, signer)
    places = log_places(directory, signed, parts)
    folder = locked_folder(places)
    try:
        recovered = recover(places, key)
        size = recovered.tree.size
        if recovered.torn:
            folder.set_aside(recovered.torn, size)
        folder.put_key(key.text)
        folder.start_journal(size - len(recovered.tail), recovered.tail)
        log = FileLog(folder, recovered, signer=signer, clock=clock, key=key)
        if stopped:
            log.stop(stopped)
        else:
            log.complete_heads()
    except OSError as wrong:
        folder.close()
        raise disk_error(wrong)(f"The log cannot be opened: {plain(wrong)}. {_REOPEN}") from wrong
    except BaseException:
        folder.close()
        raise
    return log


def log_places(directory: Path, signed: Path | None = None, parts: Mapping[str, Path] | None = None) -> Places:
    """Where the parts of the log in `directory` lie."""
    directory = directory.absolute()
    signed = signed or directory.with_name(directory.name + ".signed")
    return Places(folder=directory, signed=signed, parts=parts or {})


def locked_folder(places: Places) -> LogFolder:
    """The folder, with the locks that keep a second process from the log and from the record of what was signed."""
    locks: list[int] = []
    try:
        make_folder(places.folder)
        for path in (places.folder / "lock", places.signed.with_name(places.signed.name + ".lock")):
            locks.append(lock_exclusively(path, what="this log"))
    except (OSError, OutOfOrder) as wrong:
        for lock in locks:
            os.close(lock)
        if isinstance(wrong, OutOfOrder):
            raise
        raise disk_error(wrong)(f"The log's folder cannot be written: {plain(wrong)}. {_REOPEN}") from wrong
    return LogFolder(places, locks)


def _spelled(entry: Entry) -> _Spelled:
    """An entry as it is written, with its leaf hash, made by whoever appends it and not by the one who writes for
    all: meanwhile the next thread wakes."""
    spelling = encode_entry(entry)
    return spelling, leaf_hash(spelling), entry


class FileLog:
    """Answers Log and Receipts. Any number of threads may append: those that wait share one sync (group commit).

    Every 256 entries (in a rush, every second to ten seconds), when asked for a checkpoint or receipt, and when closed,
    it signs what is on the disk.
    After a write or sync that failed nothing is acknowledged any more and the log must be opened again.
    """

    def __init__(
        self, folder: LogFolder, recovered: Recovered, *, signer: Ed25519PrivateKey, clock: Clock, key: NoteKey
    ) -> None:
        """For `open_log`, which holds the locks and has checked what was recovered."""
        self.key = key
        self.heads_kept = recovered.heads_kept  # when it was opened
        self._seen = {name: head.size for name, head in recovered.heads.known.items()}  # before it was opened
        self.torn = len(recovered.torn)  # bytes of an unacknowledged write that were set aside when it was opened
        self._folder, self._signer, self._clock = folder, signer, clock
        self._tree, self._index = recovered.tree, recovered.index
        self._tail, self._latest, self._heads = recovered.tail, recovered.latest, recovered.heads
        self._signed, self._published, self._witnessed = recovered.signed, recovered.checkpoint, recovered.witnessed
        self._journal_starts = recovered.tree.size - len(recovered.tail)
        self._next_signing = 0.0
        self._stopped, self._error = "", IntegrityError
        # Taken in this order: whoever signs may keep the writers out, whoever writes may keep the readers out.
        self._signing = Lock()
        self._commit = GroupCommit(self._write)
        self._short = Lock()  # guards what readers see; never held over a sync

    def append(self, entry: Entry) -> int:
        """Write `entry` so that it survives a power cut, then return its index.

        InputError for what a log may not hold; IntegrityError where the disk fails, now and from then on.
        """
        index = self._commit.append(_spelled(entry))
        self._sign_full_bundles()
        return index

    def append_all(self, entries: Sequence[Entry]) -> list[int]:
        """Write up to 10,000 entries with one sync, side by side, then return their indexes; errors as for `append`."""
        if len(entries) > MOST_AT_ONCE:
            raise InputError(f"{len(entries):,} entries at once", accepted=f"at most {MOST_AT_ONCE:,}")
        if not entries:
            return []
        indexes = self._commit.append_all([_spelled(entry) for entry in entries])
        self._sign_full_bundles()
        return indexes

    def read(self, start: int = 0) -> Iterator[tuple[int, Entry]]:
        """Entries from `start` on that were durable when reading began; IntegrityError where a bundle was altered."""
        if start < 0:
            raise InputError(f"no entry {start:,} in the log", accepted="0 or a later index")
        index, end = start, self._tree.size
        while index < end:
            for spelling in self._block(index // TILE)[index % TILE :]:
                if index == end:
                    return
                yield index, known_entry(spelling)
                index += 1

    def find(self, key: str, value: str) -> list[int]:
        """Indexes of the entries whose `key` (digest, case or before; else InputError) is `value`, in order."""
        with self._short:
            return self._index.find(key, value)

    def checkpoint(self) -> bytes:
        """The signed checkpoint of all that is durable, with the cosignatures it has (C2SP tlog-checkpoint)."""
        with self._signing:
            return self._newest()[0].data

    def complete_heads(self) -> None:
        """Sign all that is durable, and let every part of the office have the head of it that has none."""
        with self._signing:
            signed = self._newest()
            with self._or_stop():
                self._heads.complete(*signed)

    def receipt(self, index: int) -> bytes:
        """A tlog-proof of entry `index`, under the newest witnessed checkpoint where that reaches so far."""
        with self._signing:
            known = self._witnessed
            note, head = known if known and index < known[1].size else self._newest()
            return make_receipt(self._tree, index, head, note.data).data

    def witnessed(self, key: NoteKey) -> tuple[int, datetime] | None:
        """How many entries the witness with this key cosigned last, as far as this log knows, and when it says so."""
        with self._signing:
            known = self._witnessed
        at = cosigned_at(known[0], key) if known else None
        return (known[1].size, at) if known and at else None

    def consistency(self, old: int, new: int) -> tuple[bytes, ...]:
        """The Merkle proof that the log of `old` entries begins the one of `new` (RFC 9162), for witnesses."""
        return self._tree.consistency(old, new)

    def keep_witnessed(self, cosigned: bytes, witnesses: Sequence[NoteKey]) -> None:
        """Keep a checkpoint of this log with its witnesses' cosignatures; IntegrityError where they are not."""
        note, head = read_checkpoint(cosigned, self.key)
        if not signed_by(note, witnesses) or self._tree.root(head.size) != head.root:
            raise IntegrityError("A cosigned checkpoint is not of this log, or no known witness cosigned it.")
        with self._signing, self._or_stop():
            self._refuse_if_stopped()
            if self._published and self._published[0].text == note.text:
                note = with_cosignatures(self._published[0], note, witnesses)
                self._folder.put_note(self._folder.places.checkpoint, note)
                self._published = (note, head)
            if self._witnessed is None or self._witnessed[1].size <= head.size:
                self._folder.put_note(self._folder.places.witnessed, note)
                self._witnessed = (note, head)
            self._folder.sync()

    def seen(self) -> Mapping[str, int]:
        """How many entries the log had when each part of its office was last used with it."""
        return self._seen

    def stop(self, why: str) -> None:
        """Acknowledge and sign nothing any more, because of `why`; reading goes on."""
        self._stopped = self._stopped or f"the log has stopped: {why}"

    def close(self) -> None:
        """Sign what is not signed yet and let the log go; closing again does nothing."""
        with self._signing:
            try:
                if not self._stopped:
                    self._newest()
                    with self._commit.writing:
                        self._folder.trim_journal()
            finally:
                with self._commit.writing:
                    self._stopped = self._stopped or "the log was closed: open it again"
                    self._folder.close()

    def __enter__(self) -> FileLog:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _write(self, items: Sequence[_Spelled]) -> list[int]:
        self._refuse_if_stopped()
        first = self._tree.size
        items, indexes = self._with_statements(items, first)
        spellings, leaves, entries = zip(*items, strict=True)
        with self._or_stop():
            self._folder.append(first, spellings)
        with self._short:
            self._tree.extend(b"".join(leaves))
            self._index.extend(first, entries)
            self._tail += spellings
        return indexes

    def _with_statements(self, items: Sequence[_Spelled], first: int) -> tuple[Sequence[_Spelled], list[int]]:
        """What to write, and where each of `items` goes: with a statement before any whose time lies more than a second
        before an earlier one's."""
        moments = [str(entry["t"]) for _, _, entry in items]
        newest, oldest = max(self._latest, *moments), min(moments)
        if newest == oldest or read_time(newest) - read_time(oldest) <= _JITTER:
            self._latest = newest
            return items, list(range(first, first + len(items)))
        written: list[_Spelled] = []
        indexes = []
        for item, moment in zip(items, moments, strict=True):
            if moment < self._latest:
                back = read_time(self._latest) - read_time(moment)
                if back > _JITTER:
                    hundredths = back // timedelta(milliseconds=10)
                    says: Entry = {
                        "v": 1,
                        "t": time_text(self._clock()),
                        "kind": "CLOCK_WENT_BACK",
                        "hundredths": hundredths,
                    }
                    written.append(_spelled(says))
                    self._latest = moment
            else:
                self._latest = moment
            indexes.append(first + len(written))
            written.append(item)
        return written, indexes

    def _sign_full_bundles(self) -> None:
        """Sign full bundles, in the thread that finds them unsigned and while the others go on appending."""
        if self._is_full_unsigned() and self._signing.acquire(blocking=False):
            try:
                # Where it fails, what was acknowledged is durable; the log has stopped and the next call says why.
                with suppress(IntegrityError):
                    if self._is_full_unsigned() and not self._stopped:
                        self._sign(self._tree.size // TILE * TILE)
            finally:
                self._signing.release()

    def _is_full_unsigned(self) -> bool:
        is_full = self._signed is not None and self._tree.size // TILE > self._signed[1].size // TILE
        return is_full and monotonic() >= self._next_signing

    def _newest(self) -> tuple[Note, Head]:
        """The checkpoint of all that is durable, signed now where it is not yet."""
        self._refuse_if_stopped()
        published, size = self._published, self._tree.size
        if published is None or published[1].size < size:
            published = self._sign(size)
        return published

    def _sign(self, size: int) -> tuple[Note, Head]:
        """Only what is synced is signed: tiles, heads, then the record of what is signed, then the checkpoint."""
        began = monotonic()
        with self._short:  # whoever writes is done with all hashes over these entries
            head = Head(size=size, root=self._tree.root(size))
        note = sign_checkpoint(self.key.name, head, self._signer)
        old, before = (self._signed[1].size, self._signed[0]) if self._signed else (0, None)
        with self._or_stop():
            self._folder.put_tiles(self._tree, self._tail, old, size)
            self._heads.put(note, head)
            self._folder.swap_signed(before, note)
            self._folder.put_note(self._folder.places.checkpoint, note)
            self._folder.sync()
        now = monotonic()
        self._next_signing = now + min(_SIGNS_AFTER, max(_SIGNS_EVERY, (now - began) / _SIGNING_SHARE))
        with self._short:
            self._signed = self._published = (note, head)
            del self._tail[: size // TILE * TILE - old // TILE * TILE]  # these lie in full bundles now
        with self._or_stop():
            self._folder.drop_partials(old, size)
            if size - self._journal_starts > _JOURNAL_HOLDS:
                self._shorten_journal()
        return note, head

    def _shorten_journal(self) -> None:
        """Let the journal begin after the full bundles, which hold the entries before."""
        with self._commit.writing:
            self._journal_starts = self._tree.size - len(self._tail)
            self._folder.start_journal(self._journal_starts, self._tail)

    def _block(self, number: int) -> list[bytes]:
        """The entries of bundle `number` as far as they are there, checked against the tree."""
        with self._short:
            starts = self._tree.size - len(self._tail)
            if number * TILE >= starts:
                return self._tail[number * TILE - starts :][:TILE]
        entries = self._folder.bundle(number)
        if b"".join(map(leaf_hash, entries)) != self._tree.hashes(0, number * TILE, (number + 1) * TILE):
            raise IntegrityError(f"the entries from {number * TILE:,} on were altered after they were written.")
        return entries

    def _refuse_if_stopped(self) -> None:
        if self._stopped:
            raise self._error(self._stopped)

    @contextmanager
    def _or_stop(self) -> Iterator[None]:
        """Around what must not fail halfway: where it does, nothing is acknowledged from then on."""
        try:
            yield
        except BaseException as wrong:
            says = f"the disk failed ({plain(wrong)})" if isinstance(wrong, OSError) else str(wrong)
            if isinstance(wrong, OSError) and not self._stopped:
                self._error = disk_error(wrong)
            self._stopped = self._stopped or f"the log has stopped: {says or type(wrong).__name__}. {_REOPEN}"
            if isinstance(wrong, OSError):
                raise self._error(self._stopped) from wrong
            raise
