"""A second verifier for the log (`peelian verify DIR`): it shares no code with the writer and checks every byte.

It reads a C2SP tlog-tiles folder from the top down: the signed checkpoint vouches for the root, the root for the tiles,
each tile for those below it, and the lowest tiles for the entries. So a damaged file is named by itself, and a part of
a long log can be checked alone. All hashes are computed here, from RFC 9162 and the C2SP pages, a second time.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from peelian.errors import InputError, sentence
from peelian.oversight.verification.signed_heads import (
    COSIGNS,
    Cosigned,
    Handover,
    Wrong,
    cosigned_by,
    followed,
    head_under,
    is_signed,
    key_parts,
    read_handovers,
    signed_head,
)

_WIDE = 256
_OPENED = b'"kind":"OPENED'
_LARGEST_SET = 1_000
_ROOT = re.compile(r"[0-9a-f]{64}")
_COPY = "Copy the log again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the verifier found: whether the log is valid, its signed size and root, and otherwise what is wrong where.

    `first_bad_index` is the first entry that is not confirmed: exact where one entry is wrong, the first of 256 or
    more where a tile above them is; None where the log is valid or no entry can be named. `cosigned` has the witnesses
    whose key was given and whose cosignature is good. Without any the log was checked by its own key only, and whoever
    has that key can have rewritten it.
    """

    ok: bool
    size: int
    root: str  # base64, as in the checkpoint
    first_bad_index: int | None
    says: str
    cosigned: tuple[Cosigned, ...] = ()
    played: bool = False  # the first entry says that it is a demonstration's
    openings: int = 0  # keys that the entries checked let be unwrapped: one an OPENED, as many as it says an OPENED_SET


def verify_log(
    directory: Path,
    *,
    key: str = "",
    witnesses: Sequence[str] = (),
    known: Sequence[str] = (),
    first: int = 0,
    last: int | None = None,
) -> Verdict:
    """Check the log in `directory` under its signed checkpoint, with the public key line `key` (name+id+key).

    Without `key` the line in the folder itself is used, and the verdict says so: compare it with the published one.
    `witnesses` are the key lines of witnesses that must have cosigned the newest witnessed checkpoint, `known` those of
    witnesses that may have; where none did, the verdict says that the log was checked by its own key only.
    `first` and `last` (an index, not included) check only the bundles that hold these entries, and the tiles above
    them; every other file of the folder is then passed over. O(n), or O(log n) for a part; reads only.
    InputError where `directory` is no folder, or a key no key.
    """
    if not directory.is_dir():
        raise InputError("no such folder", accepted="a log folder", file=directory.name)
    _must_be_keys(key, (*witnesses, *known))
    whole = (first, last) == (0, None)
    found = _Found(directory, 0, b"")
    cosigned: tuple[Cosigned, ...] = ()
    try:
        # These are read first and at once, so that a log in use is seen at one moment.
        witnessed, note = (_small(directory, name) for name in ("checkpoint.witnessed", "checkpoint"))
        line = key or _small(directory, "log.vkey").decode("ascii", "replace").strip()
        handovers = read_handovers(_notes(directory))
        line = followed(line, handovers, (*witnesses, *known))
        found = _Found(directory, *signed_head(note, line))
        part = range(first // _WIDE, -(-(found.size if last is None else min(last, found.size)) // _WIDE))
        found.check_tiles_and_entries(part)
        says = sentence("%(n)d entries match the signed checkpoint", n=found.size)
        if not whole:
            says = "%(n)d bundles match the signed checkpoint of a log of %(all)d entries"
            says = sentence(says, n=len(part), all=found.size)
        else:
            found.check_other_tiles()
            found.check_handovers(handovers)
            earlier = head_under(witnessed, line, handovers) if witnessed else None
            cosigned = found.check_earlier(witnessed, earlier, witnesses, known)
            found.check_key(line)
    except Wrong as wrong:
        return found.verdict(wrong.says, ok=False, index=wrong.index)
    for one in handovers:
        says = sentence("%(what)s. Its key was replaced at %(n)d entries", what=says, n=one.size)
    own = "%(what)s. The key came from this folder: compare it with the published one"
    says = _vouched(says if key else sentence(own, what=says), cosigned)
    return found.verdict(says, ok=True, cosigned=cosigned, played=whole and found.is_played())


def _must_be_keys(key: str, witnesses: Sequence[str]) -> None:
    if key:
        key_parts(key)
    for line in witnesses:
        if key_parts(line)[2] != COSIGNS:  # not the log's own key once more
            raise InputError("not the key of a witness", accepted="the line that `peelian machine run-witness` prints")


def _vouched(says: str, cosigned: Sequence[Cosigned]) -> str:
    """The same with who else vouches for the log."""
    if not cosigned:
        return sentence("%(what)s. Checked by its own key only: whoever has it can have rewritten the log", what=says)
    for one in cosigned:
        at = f"{one.at:%Y-%m-%d %H:%M}"
        text = "%(what)s. Witness %(name)s cosigned %(n)d of them on %(at)s UTC"
        says = sentence(text, what=says, name=one.name, n=one.size, at=at)
    return says


def _notes(directory: Path) -> list[bytes]:
    """The key handovers beside the tiles, the first first."""
    notes: list[bytes] = []
    while note := _small(directory, f"handover.{len(notes) + 1}"):
        notes.append(note)
    return notes


def _small(directory: Path, name: str, absent: bytes = b"") -> bytes:
    """A small file beside the tiles; `absent` where there is none, as in a copy that was fetched from the web."""
    return _bytes(directory / name) if (directory / name).exists() else absent


def _bytes(path: Path, index: int | None = None) -> bytes:
    try:
        with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:  # a pipe would be waited for
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise Wrong("%(file)s is not a regular file", index, remedy=_COPY, file=path.name)
            return file.read()
    except OSError as wrong:
        says = "%(file)s cannot be read (%(why)s)"
        raise Wrong(says, index, remedy=_COPY, file=path.name, why=wrong.strerror) from wrong


# ---- tiles and entries, from the top down


@dataclass(frozen=True, slots=True)
class _Found:
    """The log in a folder, as far as it was vouched for: its signed size and root."""

    directory: Path
    size: int
    root: bytes
    openings: list[int] = field(default_factory=list)  # of each bundle

    def verdict(self, says: str, *, ok: bool, index: int | None = None, **more: Any) -> Verdict:
        root = b64encode(self.root).decode()
        return Verdict(
            ok=ok, size=self.size, root=root, first_bad_index=index, says=says, openings=sum(self.openings), **more
        )

    def widths(self, size: int) -> list[int]:
        """How many hashes each level has in a log of `size` entries."""
        widths = []
        while size:
            widths.append(size)
            size //= _WIDE
        return widths

    def check_tiles_and_entries(self, part: range) -> None:
        """The right ends of all levels give the root; then each tile is held against the one above it."""
        widths = self.widths(self.size)
        edges = [self.tile(level, width // _WIDE, width % _WIDE) for level, width in enumerate(widths)]
        if _root_of(edges) != self.root:
            raise Wrong("the newest tiles do not match the signed root", self.first_disagreement(edges))
        for level in range(len(widths) - 1, -1, -1):
            span = _WIDE**level
            for number in range(part.start // span, -(-part.stop // span)):
                hashes = edges[level]
                if number < widths[level] // _WIDE:
                    hashes = self.tile(level, number, _WIDE)
                    if _root_of([hashes]) != self.hash_at(level + 1, number):
                        first, tile = number * _WIDE * span, f"{level}/{number}"
                        raise Wrong("tile %(tile)s was changed after signing", first, tile=tile)
                if level == 0:
                    self.check_bundle(number, hashes)

    def tile(self, level: int, number: int, width: int) -> bytes:
        """A tile of `width` hashes; nothing for width 0."""
        if not width:
            return b""
        index = number * _WIDE ** (level + 1)
        path, is_full = self.path(str(level), number, width)
        data = _bytes(path, index)
        data = data[: 32 * width] if is_full else data
        if len(data) != 32 * width:
            says, tile = "tile %(tile)s has %(n)d bytes instead of %(wanted)d", f"{level}/{number}"
            raise Wrong(says, index, tile=tile, n=len(data), wanted=32 * width)
        return data

    def path(self, kind: str, number: int, width: int) -> tuple[Path, bool]:
        """Where a tile or bundle lies, and whether that is the full one though a partial was asked for: a log in use
        removes partial ones once the full one is there."""
        top = self.directory / "tile" / kind
        partial, full = top / _place(number, width), top / _place(number, _WIDE)
        return (full, width < _WIDE) if not partial.exists() and full.exists() else (partial, False)

    def hash_at(self, level: int, index: int) -> bytes:
        """Hash `index` of a level whose tiles were checked already."""
        number, place = divmod(index, _WIDE)
        return self.tile(level, number, self.width_at(level, number))[32 * place : 32 * place + 32]

    def width_at(self, level: int, number: int) -> int:
        """How many places of a tile are filled in the signed log."""
        there: int = self.size // _WIDE**level - number * _WIDE
        return max(0, min(_WIDE, there))

    def check_bundle(self, number: int, hashes: bytes) -> None:
        """Every entry of a bundle hashes to its place in the lowest tile, and nothing is left over."""
        start, width = number * _WIDE, len(hashes) // 32
        if not width:
            return
        path, is_full = self.path("entries", number, width)
        data = _bytes(path, start)
        found, rest = _hashed_entries(data[: _length_of(data, width)] if is_full else data, width)
        if b"".join(found) != hashes or rest:
            for place in range(width):
                if place >= len(found) or found[place] != hashes[32 * place : 32 * place + 32]:
                    raise Wrong("entry %(n)d was changed after signing", start + place, n=start + place)
            says = "the bundle from entry %(first)d on has %(n)d extra bytes"
            raise Wrong(says, start + width - 1, first=start, n=rest)
        self.openings.append(_openings_in(data, start, width) if _OPENED in data else 0)

    def first_disagreement(self, edges: Sequence[bytes]) -> int | None:
        """Where the right ends of the levels disagree with what lies below them; None where nothing does, so that the
        whole is another log than the signed one."""
        worst: list[int] = []
        for level, edge in enumerate(edges):
            number, span = self.size // _WIDE**level // _WIDE, _WIDE**level
            try:
                if level == 0:
                    self.check_bundle(number, edge)
                    continue
                for place in range(len(edge) // 32):
                    below = self.tile(level - 1, number * _WIDE + place, _WIDE)
                    if _root_of([below]) != edge[32 * place : 32 * place + 32]:
                        raise Wrong("", (number * _WIDE + place) * span)
            except Wrong as wrong:
                worst += [] if wrong.index is None else [wrong.index]
        return min(worst, default=None)

    def is_played(self) -> bool:
        """Whether the first entry, checked before, marks the office as a demonstration."""
        data = _bytes(self.path("entries", 0, self.width_at(0, 0))[0]) if self.size else b""
        return data[2:].startswith(b'{"kind":"DEMONSTRATION",')

    # ---- what else lies there

    def check_other_tiles(self) -> None:
        """Partial tiles of earlier checkpoints begin the full ones; nothing else lies among the tiles. Files beyond the
        signed size are passed over: a log in use writes them before it signs."""
        top = self.directory / "tile"
        for path in sorted(top.rglob("*")) if top.is_dir() else ():
            if path.is_dir():
                continue
            kind, number, width = _tile_of(path.relative_to(top).parts)
            level = int(kind) if kind.isdigit() else 0
            signed = self.width_at(level, number)
            if width > signed or width == _WIDE:
                continue
            whole = _bytes(self.path(kind, number, signed)[0])
            part = _bytes(path)
            begins = whole[: 32 * width] if kind.isdigit() else whole[: _length_of(whole, width)]
            if part != begins:
                says, tile = "partial tile %(tile)s of %(n)d was changed after signing", f"{kind}/{number}"
                raise Wrong(says, number * _WIDE, tile=tile, n=width)

    def root_at(self, size: int) -> bytes:
        """The root that the log had when it had `size` entries."""
        return _root_of(
            [
                self.tile(level, width // _WIDE, self.width_at(level, width // _WIDE))[: 32 * (width % _WIDE)]
                for level, width in enumerate(self.widths(size))
            ]
        )

    def check_key(self, line: str) -> None:
        """The key beside the log is the one that it was checked with."""
        if _small(self.directory, "log.vkey", line.encode()).strip() != line.encode():
            raise Wrong("log.vkey differs from the given key", remedy="Ask the office which key it published")

    def check_handovers(self, handovers: Sequence[Handover]) -> None:
        """Each handover is of this log, and the last entry under it says that the key was replaced by that one."""
        for one in handovers:
            if one.size > self.size or self.root_at(one.size) != one.root:
                raise Wrong("a key handover covers other entries: the log was rewritten", n=one.size)
            start = (one.size - 1) // _WIDE * _WIDE
            data = _bytes(self.path("entries", start // _WIDE, self.width_at(0, start // _WIDE))[0], start)
            at = _length_of(data, one.size - 1 - start)
            entry = json.loads(data[at + 2 : at + 2 + int.from_bytes(data[at : at + 2], "big")])
            if entry.get("kind") != "LOG_KEY_REPLACED" or entry.get("new") != key_parts(one.new)[3].hex():
                raise Wrong("no entry says that the log's key was replaced by this one", one.size - 1)

    def check_earlier(
        self, note: bytes, head: tuple[int, bytes] | None, witnesses: Sequence[str], known: Sequence[str]
    ) -> tuple[Cosigned, ...]:
        """The witnessed checkpoint is of this log, not newer than the other one, and witnessed as was asked; by whom
        it is cosigned."""
        size = 0
        if head is not None:
            size, root = head
            if size > self.size:
                says = "witnesses cosigned %(n)d entries and the checkpoint has fewer: the log was rolled back"
                raise Wrong(says, self.size, n=size)
            if self.root_at(size) != root:
                raise Wrong("the witnessed checkpoint covers other entries: the log was rewritten")
        for witness in witnesses:
            if not note:
                raise Wrong("no cosigned checkpoint is here: it was removed, perhaps because the log was rewritten")
            if not is_signed(note, witness):
                raise Wrong("a required witness did not cosign the witnessed checkpoint")
        asked = dict.fromkeys((*witnesses, *known))
        return tuple(cosigned_by(note, one, size) for one in asked if note and is_signed(note, one))


def _place(number: int, width: int) -> str:
    digits = str(number).zfill(-(-len(str(number)) // 3) * 3)
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    return "/".join([f"x{group}" for group in groups[:-1]] + groups[-1:]) + ("" if width == _WIDE else f".p/{width}")


def _tile_of(parts: Sequence[str]) -> tuple[str, int, int]:
    """Level or "entries", number and width of a tile by its place; what has no such place is wrong."""
    kind, *names = parts
    digits, _, width = "/".join(names).partition(".p/")
    number = digits.replace("/", "").replace("x", "")
    wide = int(width) if width.isdigit() else _WIDE
    if (
        not number.isdigit()
        or f"{_place(int(number), wide)}" != "/".join(names)
        or not (kind.isdigit() or kind == "entries")
    ):
        raise Wrong("%(file)s does not belong in the tile folder", file="/".join(parts))
    return kind, int(number), wide


def _root_of(edges: Sequence[bytes]) -> bytes:
    """The root over the right ends of all levels, lowest first: whatever hash stands alone on its row is joined, on the
    left, to what the rows below it left over."""
    sha, root = hashlib.sha256, b""
    for row in edges:
        while row:
            if len(row) % 64:
                lone, row = row[-32:], row[:-32]
                root = sha(b"\x01" + lone + root).digest() if root else lone
            row = b"".join([sha(b"\x01" + row[at : at + 64]).digest() for at in range(0, len(row), 64)])
    return root or sha().digest()


def _hashed_entries(data: bytes, most: int) -> tuple[list[bytes], int]:
    """Leaf hashes of the entries of a bundle, at most `most`, and how many bytes are left over or lacking."""
    sha, at, size = hashlib.sha256, 0, len(data)
    found: list[bytes] = []
    while at + 2 <= size and len(found) < most:
        end = at + 2 + (data[at] << 8) + data[at + 1]
        found.append(sha(b"\x00" + data[at + 2 : end]).digest())
        at = end
    return found, abs(size - at)


def _openings_in(bundle: bytes, start: int, most: int) -> int:
    """How many keys the entries of a bundle let be unwrapped. A set that does not say over how many, or over what root,
    could let any number."""
    n = at = 0
    for index in range(start, start + most):
        end = at + 2 + int.from_bytes(bundle[at : at + 2], "big")
        entry = json.loads(bundle[at + 2 : end]) if bundle.find(_OPENED, at, end) >= 0 else {}
        at = end
        n += entry.get("kind") == "OPENED"
        if entry.get("kind") == "OPENED_SET":
            size, root = entry.get("n"), entry.get("root")
            if type(size) is not int or not 1 <= size <= _LARGEST_SET or not _ROOT.fullmatch(str(root)):
                raise Wrong("entry %(n)d is not a valid set of openings", index, n=index)
            n += size
    return n


def _length_of(bundle: bytes, entries: int) -> int:
    """How many bytes the first entries of a bundle take."""
    at = 0
    for _ in range(entries):
        at += 2 + int.from_bytes(bundle[at : at + 2], "big")
    return at
