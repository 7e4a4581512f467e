"""Log recovery: what a log folder holds at opening, and whether it reaches the newest signed head."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from peelian.errors import IntegrityError
from peelian.kernel.log.checkpoints import read_checkpoint
from peelian.kernel.log.entry_schema import decode_entry, known_entry
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
from peelian.kernel.log.signed_note import Note, NoteKey
from peelian.kernel.model.ports import Entry
from peelian.storage.durable_files import read_regular
from peelian.storage.log_heads import KEPT, Heads
from peelian.storage.log_index import LogIndex
from peelian.storage.log_journal import MOST_JOURNAL, Journal, read_journal

_REMEDY = (
    "Nothing was changed. Keep this copy. Compare it with `peelian verify`, the newest receipts and the witness. "
    "Two people restore the newest true copy (`peelian restore-log`). Treat the rest as a breach."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where the parts of a log lie; `signed` lies apart, so that an old copy of the log gives itself away, and so do
    the heads in the `parts` of its office, by name."""

    folder: Path
    signed: Path
    parts: Mapping[str, Path] = field(default_factory=dict)

    @property
    def journal(self) -> Path:
        """Entries that are not yet in a full bundle."""
        return self.folder / "journal"

    @property
    def checkpoint(self) -> Path:
        """The newest signed checkpoint."""
        return self.folder / "checkpoint"

    @property
    def witnessed(self) -> Path:
        """The newest checkpoint that a witness cosigned."""
        return self.folder / "checkpoint.witnessed"

    @property
    def key(self) -> Path:
        """The public key of the log, as one line."""
        return self.folder / "log.vkey"

    @property
    def unfinished(self) -> Path:
        """The scrap name for files being written."""
        return self.folder / "unfinished"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovered:
    """A log that is in order, and what was last signed about it; `signed` is None for a new log."""

    tree: Tree
    index: LogIndex
    tail: list[bytes]  # the entries after the last full bundle that is signed
    latest: str  # the time of the last entry, "" where there is none
    heads: Heads  # in the parts of its office
    heads_kept: bool = False  # it says that every part has one
    torn: bytes = b""
    signed: tuple[Note, Head] | None = None
    checkpoint: tuple[Note, Head] | None = None
    witnessed: tuple[Note, Head] | None = None


def recover(places: Places, key: NoteKey) -> Recovered:
    """Read the whole log and hold it against what was last signed; IntegrityError, with nothing changed, where it is
    shorter, different or damaged. O(n): every entry is read and hashed."""
    try:
        return _recovered(places, key)
    except IntegrityError as wrong:
        raise wrong if _REMEDY in str(wrong) else IntegrityError(f"{wrong}. {_REMEDY}") from wrong


def _recovered(places: Places, key: NoteKey) -> Recovered:
    signed = _signed_note(places.signed, key)
    checkpoint = _signed_note(places.checkpoint, key)
    journal = read_journal(read_regular(places.journal, most=MOST_JOURNAL)) if places.journal.exists() else None
    heads = Heads(places.parts, key)
    is_new = signed is None and checkpoint is None and not (places.folder / "tile").exists()
    if is_new and (journal is None or not journal.end):  # also where its making was cut short
        _is_what_the_parts_saw(Tree(), heads)
        if heads.bare:
            raise IntegrityError(f"there is no log, but {', '.join(heads.bare)} was used with one. {_REMEDY}")
        return Recovered(tree=Tree(), index=LogIndex(), tail=[], latest="", heads=heads)
    if signed is None:
        raise IntegrityError(f"the record of what this log last signed is missing ({places.signed.name}). {_REMEDY}")
    if journal is None:
        raise IntegrityError(f"the log's journal is missing. {_REMEDY}")
    tree, index, latest, kept = Tree(), LogIndex(), "", False
    tail: list[bytes] = []
    for spelling in _bundles_then_journal(places.folder, journal):
        entry = _entry_at(tree.size, spelling, known=tree.size < signed[1].size)
        if tree.size >= signed[1].size // TILE * TILE:
            tail.append(spelling)
        index.add(tree.size, entry)
        tree.append(leaf_hash(spelling))
        latest, kept = str(entry["t"]), kept or entry["kind"] == KEPT
    witnessed = _signed_note(places.witnessed, key)
    _is_what_was_signed(tree, [note[1] for note in (signed, checkpoint, witnessed) if note])
    _is_what_the_parts_saw(tree, heads)
    if kept:
        _no_part_lost_its_head(heads)
    _tiles_agree(places.folder, tree, tail, signed[1].size)
    return Recovered(
        tree=tree,
        index=index,
        tail=tail,
        latest=latest,
        heads=heads,
        heads_kept=kept,
        torn=journal.torn,
        signed=signed,
        checkpoint=checkpoint,
        witnessed=witnessed,
    )


def _signed_note(path: Path, key: NoteKey) -> tuple[Note, Head] | None:
    return read_checkpoint(read_regular(path), key) if path.exists() else None


def _entry_at(index: int, spelling: bytes, *, known: bool) -> Entry:
    """Entries under a signature were checked when they were written, and their root is compared at the end."""
    try:
        entry = known_entry(spelling) if known else decode_entry(spelling)
        entry["t"]
    except (ValueError, KeyError, TypeError):
        raise IntegrityError(f"entry {index:,} of the log is damaged. {_REMEDY}") from None
    return entry


def _bundles_then_journal(folder: Path, journal: Journal) -> Iterator[bytes]:
    """All entries in order. Bundles and journal overlap where a power cut came between putting one and the other."""
    index = 0
    while (path := folder / TileAt(level=0, number=index // TILE, width=TILE).entries_path).exists():
        bundle = read_bundle(read_regular(path))
        if len(bundle) != TILE:
            raise IntegrityError(f"the entries from {index:,} on are damaged: a full bundle is not. {_REMEDY}")
        first = max(index, journal.base)
        both = journal.entries[first - journal.base : max(0, index + TILE - journal.base)]
        if bundle[first - index :][: len(both)] != list(both):
            raise IntegrityError(f"entries from {index:,} on stand differently in bundle and journal. {_REMEDY}")
        yield from bundle
        index += TILE
    if journal.base > index:
        raise IntegrityError(f"the entries from {index:,} to {journal.base - 1:,} are missing. {_REMEDY}")
    if journal.end < index:
        raise IntegrityError(f"the journal ends at {journal.end:,}, before the bundles do: it is an old one. {_REMEDY}")
    yield from journal.entries[index - journal.base :]


def _is_what_was_signed(tree: Tree, heads: Sequence[Head]) -> None:
    """`heads` begins with the record of what was last signed; the published ones follow."""
    signed = heads[0]
    if tree.size < signed.size:
        raise IntegrityError(
            f"the log holds {tree.size:,} entries, but {signed.size:,} were signed: "
            f"entries were lost, or an old backup was put back. {_REMEDY}"
        )
    for head in heads:
        if head.size > signed.size:
            raise IntegrityError(
                f"a checkpoint of {head.size:,} entries is newer than the record of what was last signed "
                f"({signed.size:,}): that record is an old one. {_REMEDY}"
            )
        if tree.root(head.size) != head.root:
            raise IntegrityError(f"the first {head.size:,} entries are not those that were signed. {_REMEDY}")


def _is_what_the_parts_saw(tree: Tree, heads: Heads) -> None:
    """The log is at least what it was when each part of the office was last used with it."""
    for name, head in sorted(heads.known.items(), key=lambda one: -one[1].size):
        if tree.size < head.size:
            raise IntegrityError(
                f"the log holds {tree.size:,} entries, but {name} was last used with a log of {head.size:,}: the log "
                f"was put back as it was before entry {tree.size:,}, with its record of what was signed. {_REMEDY}"
            )
        if tree.root(head.size) != head.root:
            raise IntegrityError(
                f"the first {head.size:,} entries are not those that {name} was last used with. {_REMEDY}"
            )


def _no_part_lost_its_head(heads: Heads) -> None:
    """Whoever puts an older log back could else do it unseen, by removing what gives it away."""
    if heads.bare and heads.known:
        raise IntegrityError(
            f"the file log-head is missing from {', '.join(heads.bare)}, though this log says that every part of the "
            "office has one: put back the newest copy of that folder. Where there is none, two people give each part "
            f"its head anew with `peelian restore-log`. {_REMEDY}"
        )
    if heads.bare:
        raise IntegrityError(
            "the file log-head is missing from every part of the office, though this log says that each has one: "
            "nothing here can tell whether the log is the newest. Ask the witness, and look for who removed them. "
            "Where the log is the newest, two people give each part its head anew with `peelian restore-log`. "
            f"{_REMEDY}"
        )


def _tiles_agree(folder: Path, tree: Tree, tail: list[bytes], size: int) -> None:
    for tile in tiles_between(0, size):
        _holds(folder / tile.path, tile_bytes(tree, tile))
        if tile.level == 0 and tile.width < TILE:
            _holds(folder / tile.entries_path, bundle_bytes(tail[: tile.width]))


def _holds(path: Path, data: bytes) -> None:
    if not path.exists() or read_regular(path) != data:
        raise IntegrityError(f"{path.parent.name}/{path.name} of the log is missing or damaged. {_REMEDY}")
