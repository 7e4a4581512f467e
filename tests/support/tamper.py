"""Tampering with a log's folder as hands that have the disk, but not the key, can; and undoing it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from random import Random

WIDE = 256


@dataclass(frozen=True)
class Tampering:
    """What was done, where, and what a verifier should say: the entries that were touched, and the first bad one where
    it can be named exactly."""

    kind: str
    first: int
    last: int
    index: int | None
    before: dict[Path, bytes]

    def undo(self) -> None:
        """Put everything back."""
        for path, data in self.before.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)


@dataclass
class Hands:
    """A log's folder and chance."""

    folder: Path
    size: int
    chance: Random

    def tamper(self) -> Tampering:
        """One tampering, chosen by chance; something is really changed."""
        while True:
            act: Callable[[], Tampering] = self.chance.choice(
                [
                    self.edit_an_entry,
                    self.edit_a_length,
                    self.delete_an_entry,
                    self.swap_two_entries,
                    self.insert_an_entry,
                    self.truncate_a_bundle,
                    self.delete_a_file,
                    self.swap_two_bundles,
                    self.edit_a_tile,
                    self.swap_two_hashes,
                    self.truncate_a_tile,
                    self.cut_off_the_end,
                    self.edit_the_checkpoint,
                    self.rewrite_consistently,
                ]
            )
            done = act()
            if any(not path.exists() or path.read_bytes() != data for path, data in done.before.items()):
                return done

    # ---- entries

    def edit_an_entry(self) -> Tampering:
        number, place, entries = self._entries()
        at = self.chance.randrange(len(entries[place]))
        entries[place] = _with_byte(entries[place], at, self.chance)
        return self._bundle("edit", number, entries, place)

    def edit_a_length(self) -> Tampering:
        number, place, entries = self._entries()
        data = _bundle(entries)
        at = len(_bundle(entries[:place])) + self.chance.randrange(2)
        path = self._path("entries", number)
        return self._put("length", number, number * WIDE + place, {path: _with_byte(data, at, self.chance)})

    def delete_an_entry(self) -> Tampering:
        number, place, entries = self._entries()
        del entries[place]
        return self._bundle("deletion", number, entries, place)

    def insert_an_entry(self) -> Tampering:
        number, place, entries = self._entries()
        entries.insert(place, b'{"kind":"ASKED","t":"2026-11-24T15:32:01.12Z","v":1}')
        return self._bundle("insertion", number, entries, place)

    def swap_two_entries(self) -> Tampering:
        number, place, entries = self._entries()
        other = self.chance.randrange(len(entries))
        entries[place], entries[other] = entries[other], entries[place]
        return self._bundle("swap", number, entries, min(place, other))

    def truncate_a_bundle(self) -> Tampering:
        number, _, entries = self._entries()
        data = _bundle(entries)
        cut = data[: self.chance.randrange(len(data))]
        whole, at = 0, 0
        while whole < len(entries) and at + 2 + len(entries[whole]) <= len(cut):
            at += 2 + len(entries[whole])
            whole += 1
        return self._put("truncation", number, number * WIDE + whole, {self._path("entries", number): cut})

    def swap_two_bundles(self) -> Tampering:
        one, other = (self.chance.randrange(self.size // WIDE) for _ in range(2))
        paths = self._path("entries", one), self._path("entries", other)
        return self._put(
            "bundle swap", one, one * WIDE, {paths[0]: paths[1].read_bytes(), paths[1]: paths[0].read_bytes()}
        )

    # ---- tiles, files, the end

    def edit_a_tile(self) -> Tampering:
        level, number, data = self._tile()
        at = self.chance.randrange(len(data))
        return self._put_tile("tile edit", level, number, _with_byte(data, at, self.chance))

    def swap_two_hashes(self) -> Tampering:
        level, number, data = self._tile()
        hashes = [data[at : at + 32] for at in range(0, len(data), 32)]
        one, other = (self.chance.randrange(len(hashes)) for _ in range(2))
        hashes[one], hashes[other] = hashes[other], hashes[one]
        return self._put_tile("hash swap", level, number, b"".join(hashes))

    def truncate_a_tile(self) -> Tampering:
        level, number, data = self._tile()
        return self._put_tile("tile truncation", level, number, data[: self.chance.randrange(len(data))])

    def delete_a_file(self) -> Tampering:
        kind = self.chance.choice(["entries", "0"])
        number = self.chance.randrange(-(-self.size // WIDE))
        path = self._path(kind, number)
        done = Tampering("file deletion", number * WIDE, number * WIDE + 1, None, {path: path.read_bytes()})
        path.unlink()
        return done

    def cut_off_the_end(self) -> Tampering:
        """The last entries go, with their tile cut to fit: what a quick hand would do."""
        number = (self.size - 1) // WIDE
        bundle, tile = self._path("entries", number), self._path("0", number)
        entries = _read(bundle.read_bytes())
        kept = self.chance.randrange(len(entries))
        done = {bundle: _bundle(entries[:kept]), tile: tile.read_bytes()[: 32 * kept]}
        return self._put("end cut off", number, None, done)

    def edit_the_checkpoint(self) -> Tampering:
        path = self.folder / "checkpoint"
        data = path.read_bytes()
        return self._put(
            "checkpoint edit", 0, None, {path: _with_byte(data, self.chance.randrange(len(data)), self.chance)}
        )

    def rewrite_consistently(self) -> Tampering:
        """An entry is changed and every tile above it recomputed: what an insider without the key would do."""
        number, place, entries = self._entries()
        entries[place] = entries[place].replace(b"ASKED", b"ASKER")
        new = {self._path("entries", number): _bundle(entries)}
        node, at, level = sha256(b"\x00" + entries[place]).digest(), number * WIDE + place, 0
        while (path := self._path(str(level), at // WIDE)).exists():
            data = bytearray(path.read_bytes())
            data[at % WIDE * 32 : at % WIDE * 32 + 32] = node
            new[path] = bytes(data)
            if len(data) < 32 * WIDE:
                break
            node, at, level = _root(bytes(data)), at // WIDE, level + 1
        return self._put("consistent rewriting", number, None, new)

    # ---- parts

    def _entries(self) -> tuple[int, int, list[bytes]]:
        """A bundle, one of its places, and its entries."""
        index = self.chance.randrange(self.size)
        number = index // WIDE
        return number, index % WIDE, _read(self._path("entries", number).read_bytes())

    def _bundle(self, kind: str, number: int, entries: list[bytes], place: int) -> Tampering:
        return self._put(kind, number, number * WIDE + place, {self._path("entries", number): _bundle(entries)})

    def _tile(self) -> tuple[int, int, bytes]:
        level = self.chance.choice([0, 0, 1]) if self.size >= WIDE else 0
        number = self.chance.randrange(-(-(self.size // WIDE**level) // WIDE))
        return level, number, self._path(str(level), number).read_bytes()

    def _put_tile(self, kind: str, level: int, number: int, data: bytes) -> Tampering:
        return self._put(kind, number * WIDE**level, None, {self._path(str(level), number): data})

    def _put(self, kind: str, number: int, index: int | None, files: dict[Path, bytes]) -> Tampering:
        done = Tampering(kind, number * WIDE, number * WIDE + 1, index, {path: path.read_bytes() for path in files})
        for path, data in files.items():
            path.write_bytes(data)
        return done

    def _path(self, kind: str, number: int) -> Path:
        """The file of a tile or bundle, full or at the right end."""
        level = 0 if kind == "entries" else int(kind)
        width = min(WIDE, self.size // WIDE**level - number * WIDE)
        name = f"{number:03d}" if number < 1000 else f"x{number // 1000:03d}/{number % 1000:03d}"
        return self.folder / "tile" / kind / (name if width == WIDE else f"{name}.p/{width}")


def _with_byte(data: bytes, at: int, chance: Random) -> bytes:
    changed = bytearray(data)
    changed[at] ^= chance.randrange(1, 256)
    return bytes(changed)


def _bundle(entries: list[bytes]) -> bytes:
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def _read(data: bytes) -> list[bytes]:
    entries, at = [], 0
    while at < len(data):
        length = int.from_bytes(data[at : at + 2], "big")
        entries.append(data[at + 2 : at + 2 + length])
        at += 2 + length
    return entries


def _root(hashes: bytes) -> bytes:
    while len(hashes) > 32:
        hashes = b"".join(sha256(b"\x01" + hashes[at : at + 64]).digest() for at in range(0, len(hashes), 64))
    return hashes


def copy_of(folder: Path, place: Path) -> Path:
    """A copy to tamper with."""
    return Path(shutil.copytree(folder, place))
