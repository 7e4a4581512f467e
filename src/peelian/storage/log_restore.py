"""Log restore: a copy of the log put in place of a damaged one, only on purpose and never silently.

What is put in place is pieced together: the copy, and after it whatever the damaged log still shows that goes on from
there under what was signed. Nothing that was ever signed may disagree with it; what is missing at the end is counted.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from peelian.errors import InputError, IntegrityError
from peelian.kernel.log.checkpoints import read_checkpoint, sign_checkpoint
from peelian.kernel.log.entry_schema import decode_entry
from peelian.kernel.log.merkle import HASH, TILE, Head, TileAt, Tree, leaf_hash, read_bundle, tiles_between
from peelian.kernel.log.signed_note import NoteKey
from peelian.storage.durable_files import put_durably, read_regular, sync_folder
from peelian.storage.log_files import locked_folder, log_places
from peelian.storage.log_heads import KEPT, Heads
from peelian.storage.log_journal import MOST_JOURNAL, read_journal
from peelian.storage.log_recovery import Places

MOST_COPIES = 10_000
_NOT_THIS = (
    "the copy is not this log: its entries are not those that were signed. Nothing was changed; find an older true "
    "copy, and treat this one as evidence"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pieced:
    """A log pieced together: its spelled entries, how many the copy had, and what is lost after them."""

    entries: tuple[bytes, ...] = field(repr=False)
    copied: int  # the first so many come from the copy, the rest from the damaged log
    root: bytes
    lost: int  # entries that were signed once and are in neither
    witnessed: int  # the size a witness cosigned last; 0 where none did
    damage: tuple[str, ...]  # what could not be read of the present log
    heads_lost: bool = False  # of the parts of the office, though the log says that each has one

    @property
    def size(self) -> int:
        """How many entries it has."""
        return len(self.entries)


def pieced_together(
    copy: Path, present: Path, *, key: NoteKey, signed: Path | None = None, parts: Mapping[str, Path] | None = None
) -> Pieced:
    """The copy in the folder `copy` and what the log in `present` still has beyond it. O(n); changes nothing.

    What was signed is known from the log, its record, and the heads in the `parts` of its office. IntegrityError where
    the copy is not whole under its own checkpoint of this key, or where anything that was signed later disagrees with
    it: then it is a fork or an altered copy, and nothing may be put in place.
    """
    entries = _whole_copy(copy, key)
    places = log_places(present, signed, parts)
    heads, witnessed, damage = _heads(places, key)
    n = len(entries)
    bare = Heads(places.parts, key).bare
    if lost := bool(bare) and any(f'"{KEPT}"'.encode() in spelling for spelling in entries):
        damage.append(f"log-head is missing from {', '.join(bare)}: ask the witness whether a longer log was seen")
    furthest = max([Head(size=0, root=Tree().root(0)), *heads], key=lambda head: head.size)
    proven = _proven_leaves(places, furthest)
    if not proven and furthest.size > n:
        damage.append("the log's own hashes are damaged: that the copy begins what was signed later is not proven")
    if [leaf_hash(spelling) for spelling in entries[: len(proven)]] != proven[:n]:
        raise IntegrityError(_NOT_THIS)
    entries += _goes_on(places, n, proven, damage)
    tree, roots = Tree(), {0: Tree().root(0)}
    for number, spelling in enumerate(entries, start=1):
        tree.append(leaf_hash(spelling))
        roots[number] = tree.root(number) if number in {head.size for head in heads} else b""
    if any(head.size <= n and roots[head.size] != head.root for head in heads):
        raise IntegrityError(_NOT_THIS)
    size = _as_far_as_signed(len(entries), n, proven, [h for h in heads if h.size <= len(entries)], roots)
    if size < furthest.size < len(entries):
        damage.append("what follows in the damaged log is not what was signed, and is left out")
    if furthest.size <= size:
        size = len(entries)  # what follows was written after the last signature; its frames vouch for it
    return Pieced(
        entries=tuple(entries[:size]),
        copied=n,
        root=tree.root(size),
        lost=max(0, furthest.size - size),
        witnessed=witnessed,
        damage=tuple(damage),
        heads_lost=lost,
    )


def _as_far_as_signed(
    there: int, copied: int, proven: list[bytes], heads: Sequence[Head], roots: dict[int, bytes]
) -> int:
    """How many of the entries that are there are sure to be those that were signed."""
    if proven:
        return max(copied, min(there, len(proven)))  # each was compared with its own hash
    return max([copied, *(head.size for head in heads if roots[head.size] == head.root)])


def put_in_place(
    pieced: Pieced,
    present: Path,
    *,
    key: NoteKey,
    signer: Ed25519PrivateKey,
    signed: Path | None = None,
    parts: Mapping[str, Path] | None = None,
) -> Path | None:
    """Let the pieced log be the log in `present` from now on; returns where the one before was set aside.

    Nothing is thrown away: folder and record of the one before are renamed. The heads in the `parts` that were beyond
    it are set to it last. A crash at any point leaves either log, or a place for the log that is empty: doing the same
    again completes it. OutOfOrder where the log is open.
    """
    places, fresh = log_places(present, signed, parts), present.with_name(present.name + ".restoring")
    shutil.rmtree(fresh, ignore_errors=True)
    new = Places(folder=fresh, signed=fresh.with_name(fresh.name + ".signed"))
    folder = locked_folder(new)
    tree, head = Tree(), Head(size=pieced.size, root=pieced.root)
    for spelling in pieced.entries:
        tree.append(leaf_hash(spelling))
    note = sign_checkpoint(key.name, head, signer)
    try:
        folder.put_key(key.text)
        folder.put_tiles(tree, pieced.entries, 0, pieced.size)
        folder.start_journal(pieced.size // TILE * TILE, pieced.entries[pieced.size // TILE * TILE :])
        folder.put_note(new.checkpoint, note)
        folder.sync()
    finally:
        folder.close()
    aside = None
    if present.exists():
        locked_folder(places).close()  # nobody has it open
        aside = _put_aside(present)
    if places.signed.exists():
        _put_aside(places.signed)
    put_durably(places.signed, note.data, unfinished=places.signed.with_name(places.signed.name + ".unfinished"))
    os.replace(fresh, present)
    for left in (new.signed, new.signed.with_name(new.signed.name + ".lock")):
        left.unlink(missing_ok=True)
    sync_folder(present.parent)
    Heads(places.parts, key).set_back(note, head)
    return aside


def _whole_copy(copy: Path, key: NoteKey) -> list[bytes]:
    checkpoint = copy / "checkpoint"
    if not checkpoint.is_file():
        raise InputError("not a copy of a log: no checkpoint", accepted="the folder log of a backup")
    _, head = read_checkpoint(read_regular(checkpoint), key)
    entries = _readable(copy, 0)
    if len(entries) < head.size:
        raise IntegrityError(f"The copy is incomplete: {len(entries):,} of the {head.size:,} signed entries.")
    tree = Tree()
    for spelling in entries[: head.size]:
        tree.append(leaf_hash(spelling))
    if tree.root(head.size) != head.root:
        raise IntegrityError("The copy is incomplete: its entries do not match its signed checkpoint.")
    return entries[: head.size]


def _readable(folder: Path, start: int) -> list[bytes]:
    """The entries of a log's folder from `start` on, as far as they can be read without a gap."""
    known = _journalled(folder / "journal")
    found: list[bytes] = []
    while True:
        index = start + len(found)
        piece = _bundle(folder, index // TILE)
        if index % TILE < len(piece):
            found += piece[index % TILE :]
        elif index in known:
            found.append(known[index])
        else:
            return found


def _bundle(folder: Path, number: int) -> list[bytes]:
    """The entries of a bundle, full or the widest partial one; none where it cannot be read."""
    full = folder / TileAt(level=0, number=number, width=TILE).entries_path
    partial = full.with_name(full.name + ".p")
    names = [full, *sorted(partial.iterdir(), key=lambda path: -int(path.name))] if partial.is_dir() else [full]
    for path in names:
        try:
            return read_bundle(read_regular(path))
        except (OSError, IntegrityError, ValueError):
            continue
    return []


def _journalled(path: Path) -> dict[int, bytes]:
    try:
        journal = read_journal(read_regular(path, most=MOST_JOURNAL))
    except (OSError, IntegrityError):
        return {}
    return dict(enumerate(journal.entries, start=journal.base))


def _proven_leaves(places: Places, head: Head) -> list[bytes]:
    """The hashes of all entries in the log's own tiles, where together they are what was signed; else none."""
    leaves: list[bytes] = []
    tree = Tree()
    try:
        for tile in tiles_between(0, head.size):
            if tile.level == 0:
                data = read_regular(places.folder / tile.path)
                leaves += [data[at : at + HASH] for at in range(0, len(data), HASH)]
        for leaf in leaves:
            tree.append(leaf)
        whole = all(len(leaf) == HASH for leaf in leaves) and len(leaves) == head.size
        return leaves if whole and tree.root(head.size) == head.root else []
    except (OSError, ValueError, IntegrityError):
        return []


def _goes_on(places: Places, start: int, proven: list[bytes], damage: list[str]) -> list[bytes]:
    """What the damaged log still has from entry `start` on, without a gap, each the one that was signed if that is
    known."""
    if not places.folder.is_dir():
        damage.append("the log's folder is gone")
        return []
    found: list[bytes] = []
    for index, spelling in enumerate(_readable(places.folder, start), start=start):
        if (index < len(proven) and leaf_hash(spelling) != proven[index]) or not _is_entry(spelling):
            damage.append(f"entry {index:,} is damaged")
            break
        found.append(spelling)
    return found


def _is_entry(spelling: bytes) -> bool:
    try:
        decode_entry(spelling)
    except InputError:
        return False
    return True


def _heads(places: Places, key: NoteKey) -> tuple[list[Head], int, list[str]]:
    """What is known to have been signed about the present log, the size a witness cosigned, and what is unreadable."""
    heads, witnessed, damage = list(Heads(places.parts, key).known.values()), 0, []
    for path in (places.signed, places.checkpoint, places.witnessed):
        if not path.exists():
            continue
        try:
            _, head = read_checkpoint(read_regular(path), key)
        except (IntegrityError, InputError, ValueError):
            damage.append(f"{path.name} is damaged, or is not of this log")
            continue
        heads.append(head)
        witnessed = head.size if path == places.witnessed else witnessed
    return heads, witnessed, damage


def _put_aside(path: Path) -> Path:
    for number in range(1, MOST_COPIES):
        aside = path.with_name(f"{path.name}.replaced-{number}")
        if not aside.exists():
            os.replace(path, aside)
            return aside
    raise IntegrityError("too many logs set aside here; move them elsewhere")
