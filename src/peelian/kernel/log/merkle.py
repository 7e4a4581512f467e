"""The Merkle tree of RFC 9162: roots, proofs and their checks, and the tiles of C2SP tlog-tiles."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

from peelian.errors import IntegrityError

HASH = 32  # bytes of a SHA-256
PAIR = 2 * HASH
TILE = 256  # hashes of a full tile, entries of a full bundle
_NODE = b"\x01"
EMPTY_ROOT = sha256(b"").digest()


def leaf_hash(entry: bytes) -> bytes:
    """The hash of one entry (RFC 9162, section 2.1.1)."""
    return sha256(b"\x00" + entry).digest()


def _parent(left: bytes, right: bytes) -> bytes:
    return sha256(_NODE + left + right).digest()


class Tree:
    """All hashes of complete subtrees of a growing log, 64 bytes an entry. Appending costs O(1) hashes amortised,
    roots and proofs O(log n)."""

    __slots__ = ("_rows",)

    def __init__(self) -> None:
        self._rows: list[bytearray] = [bytearray()]  # row l: hashes of complete subtrees of 2**l entries

    @property
    def size(self) -> int:
        """How many entries it covers."""
        return len(self._rows[0]) // HASH

    def append(self, leaf: bytes) -> None:
        """Add one leaf hash."""
        self.extend(leaf)

    def extend(self, leaves: bytes) -> None:
        """Add leaf hashes that lie side by side, row by row: O(1) hashes a leaf amortised, however many at once."""
        level, nodes = 0, leaves
        while nodes:
            if level == len(self._rows):
                self._rows.append(bytearray())
            row = self._rows[level]
            start = len(row) // PAIR * PAIR  # where the first pair begins that was not whole yet
            row += nodes
            if len(row) - start < PAIR:
                return
            pairs = row[start : len(row) // PAIR * PAIR]
            nodes = b"".join([sha256(_NODE + pairs[at : at + PAIR]).digest() for at in range(0, len(pairs), PAIR)])
            level += 1

    def hashes(self, level: int, start: int, end: int) -> bytes:
        """Hashes `start` to `end` (end not included) of the complete subtrees of 2**level entries, side by side."""
        return bytes(self._rows[level][start * HASH : end * HASH])

    def root(self, size: int | None = None) -> bytes:
        """The root over the first `size` entries (RFC 9162, section 2.1.1); over all of them where it is not given."""
        size = self.size if size is None else size
        self._covers(size)
        return self._range_root(0, size) if size else EMPTY_ROOT

    def inclusion(self, index: int, size: int) -> tuple[bytes, ...]:
        """The proof that entry `index` is among the first `size`, leaf's sibling first (RFC 9162, section 2.1.3.1)."""
        self._covers(size)
        if not 0 <= index < size:
            raise IntegrityError(f"No entry {index:,} in a log of {size:,} entries.")
        path, start, end = [], 0, size
        while end - start > 1:
            middle = start + _split(end - start)
            if index < middle:
                path.append(self._range_root(middle, end))
                end = middle
            else:
                path.append(self._range_root(start, middle))
                start = middle
        return tuple(reversed(path))

    def consistency(self, old: int, new: int) -> tuple[bytes, ...]:
        """The proof that the first `old` entries begin the first `new` ones (RFC 9162, section 2.1.4.1).

        Empty for `old` equal to `new` and, as C2SP tlog-witness asks, for `old` 0.
        """
        self._covers(new)
        if not 0 <= old <= new:
            raise IntegrityError(f"A log of {old:,} entries cannot be the start of a log of {new:,}.")
        if old in (0, new):
            return ()
        proof, start, end = [], 0, new
        while old != end:  # until the old log ends where this subtree does
            middle = start + _split(end - start)
            if old <= middle:
                proof.append(self._range_root(middle, end))
                end = middle
            else:
                proof.append(self._range_root(start, middle))
                start = middle
        if start:  # the old root itself is known to whoever checks; any other subtree is not
            proof.append(self._range_root(start, end))
        return tuple(reversed(proof))

    def _range_root(self, start: int, end: int) -> bytes:
        """The root over entries start to end, where start is a multiple of a power of two not below end - start."""
        parts = []
        while end > start:
            level = (end - start).bit_length() - 1
            at = start >> level
            parts.append(self.hashes(level, at, at + 1))
            start += 1 << level
        root = parts.pop()
        while parts:
            root = _parent(parts.pop(), root)
        return root

    def _covers(self, size: int) -> None:
        if not 0 <= size <= self.size:
            raise IntegrityError(f"A log of {self.size:,} entries has no root at {size:,}.")


def _split(size: int) -> int:
    """The largest power of two below `size`, which is at least 2."""
    return 1 << ((size - 1).bit_length() - 1)


def includes(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether `proof` shows the leaf hash at `index` under `root` of `size` entries (RFC 9162, section 2.1.3.2).

    >>> tree = Tree()
    >>> for entry in (b"a", b"b", b"c"):
    ...     tree.append(leaf_hash(entry))
    >>> includes(leaf_hash(b"c"), 2, 3, tree.inclusion(2, 3), tree.root())
    True
    """
    if not 0 <= index < size or len(leaf) != HASH:
        return False
    at, last, node = index, size - 1, leaf
    for sibling in proof:
        if last == 0 or len(sibling) != HASH:
            return False
        if at % 2 or at == last:
            node = _parent(sibling, node)
            at, last = _up_past_lone_edges(at, last)
        else:
            node = _parent(node, sibling)
        at, last = at >> 1, last >> 1
    return last == 0 and node == root


def _up_past_lone_edges(at: int, last: int) -> tuple[int, int]:
    """Skip the levels at which a right edge stands alone and rises unhashed."""
    while at and not at % 2:
        at, last = at >> 1, last >> 1
    return at, last


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """How long a log is and its root."""

    size: int
    root: bytes


def extends(old: Head, new: Head, proof: Sequence[bytes]) -> bool:
    """Whether `proof` shows that `new` only adds to `old` (RFC 9162, section 2.1.4.2).

    >>> tree = Tree()
    >>> for entry in (b"a", b"b", b"c"):
    ...     tree.append(leaf_hash(entry))
    >>> extends(Head(size=2, root=tree.root(2)), Head(size=3, root=tree.root()), tree.consistency(2, 3))
    True
    """
    if not 0 < old.size <= new.size or any(len(part) != HASH for part in proof):
        return False  # that a log extends an empty one says nothing, and is not taken for a proof
    if old.size == new.size:
        return not proof and old.root == new.root
    path = list(proof)
    if old.size & (old.size - 1) == 0:
        path.insert(0, old.root)
    return bool(path) and _both_roots(path, old.size - 1, new.size - 1) == (old.root, new.root)


def _both_roots(path: Sequence[bytes], at: int, last: int) -> tuple[bytes, bytes] | None:
    """The old and the new root that a consistency path leads to; None where it is too short or too long."""
    while at % 2:
        at, last = at >> 1, last >> 1
    old = new = path[0]
    for part in path[1:]:
        if last == 0:
            return None
        if at % 2 or at == last:
            old, new = _parent(part, old), _parent(part, new)
            at, last = _up_past_lone_edges(at, last)
        else:
            new = _parent(new, part)
        at, last = at >> 1, last >> 1
    return (old, new) if last == 0 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class TileAt:
    """One tile of a log: its level, its number at that level, and how many of its 256 places are filled."""

    level: int
    number: int
    width: int

    @property
    def path(self) -> str:
        """Where it lies (C2SP tlog-tiles).

        >>> TileAt(level=0, number=1234067, width=3).path
        'tile/0/x001/x234/067.p/3'
        """
        return f"tile/{self.level}/{_number_path(self.number, self.width)}"

    @property
    def entries_path(self) -> str:
        """Where the bundle of the entries it hashes lies; for level 0."""
        return f"tile/entries/{_number_path(self.number, self.width)}"


def _number_path(number: int, width: int) -> str:
    parts = [f"{number % 1000:03d}"]
    while number >= 1000:
        number //= 1000
        parts.append(f"x{number % 1000:03d}")
    return "/".join(reversed(parts)) + (f".p/{width}" if width < TILE else "")


def tiles_between(old: int, new: int) -> Iterator[TileAt]:
    """The tiles that a log of `new` entries has and one of `old` had not: O(new - old), levels from the bottom.

    >>> [(tile.level, tile.number, tile.width) for tile in tiles_between(0, 257)]
    [(0, 0, 256), (0, 1, 1), (1, 0, 1)]
    """
    level = 0
    while new:
        for number in range(old // TILE, -(-new // TILE)):
            width = min(TILE, new - number * TILE)
            if number * TILE + width > old:
                yield TileAt(level=level, number=number, width=width)
        old, new, level = old // TILE, new // TILE, level + 1


def tile_bytes(tree: Tree, tile: TileAt) -> bytes:
    """The hashes of one tile, side by side."""
    start = tile.number * TILE
    return tree.hashes(8 * tile.level, start, start + tile.width)


def bundle_bytes(entries: Sequence[bytes]) -> bytes:
    """An entry bundle: each entry after its length in two bytes, big end first (C2SP tlog-tiles)."""
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def read_bundle(data: bytes) -> list[bytes]:
    """The entries of a bundle; IntegrityError where the lengths do not add up or an entry is empty."""
    entries, at = [], 0
    while at < len(data):
        length = int.from_bytes(data[at : at + 2], "big")
        at += 2 + length
        if not length or at > len(data):
            raise IntegrityError("An entry bundle of the log is cut short or damaged.")
        entries.append(data[at - length : at])
    return entries
