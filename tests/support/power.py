"""Power cuts: records what a program asks of the disk, and builds the folder that a cut at any moment may leave.

The model is harsher than a journalling file system: bytes that were written but not synced may be lost, cut short, or
come back as zeroes or noise, block by block; names that were put, moved or removed but whose folder was not synced may
each be there or not, in any combination.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import pytest

BLOCK = 512


@dataclass
class Event:
    """One thing that was asked: its kind, the path or the file's number, and what belongs to it."""

    kind: str
    path: str = ""
    file: int = 0
    data: bytes = b""
    other: str = ""
    count: int = 0


@dataclass
class Recording:
    """Everything that was asked of the disk below `top`, in order."""

    top: Path
    events: list[Event] = field(default_factory=list)
    open_files: dict[int, int] = field(default_factory=dict)  # descriptor → file number
    folders: dict[int, str] = field(default_factory=dict)  # descriptor → folder
    names: dict[str, int] = field(default_factory=dict)  # path → file number
    count: int = 0

    def say(self, count: int) -> None:
        """`count` entries were acknowledged by now."""
        self.events.append(Event("acknowledged", file=count))

    def on_open(self, path: str, flags: int, descriptor: int) -> None:
        if os.path.isdir(path):
            self.folders[descriptor] = path
        elif flags & os.O_TRUNC or path not in self.names:
            self.count += 1
            self.names[path] = self.open_files[descriptor] = self.count
            self.events.append(Event("made", path, self.count))
        else:
            self.open_files[descriptor] = self.names[path]

    def on_sync(self, descriptor: int) -> None:
        if descriptor in self.folders:
            self.events.append(Event("folder synced", self.folders[descriptor]))
        elif descriptor in self.open_files:
            self.events.append(Event("synced", file=self.open_files[descriptor]))


@contextmanager
def recorded(top: Path) -> Iterator[Recording]:
    """Record what happens below `top`; everything is really done, too."""
    log = Recording(top)

    def wrap(patch: pytest.MonkeyPatch, name: str, note: Callable[..., None]) -> None:
        real = getattr(os, name)

        def both(*args: Any, **kwargs: Any) -> Any:
            result = real(*args, **kwargs)
            note(result, *args)
            return result

        patch.setattr(os, name, both)

    def on_write(written: int, descriptor: int, data: bytes, at: int = 0) -> None:
        kind = "room" if at else "written"  # what is written somewhere are zeroes, for what comes later
        if descriptor in log.open_files:
            file = log.open_files[descriptor]
            log.events.append(Event(kind, file=file, data=bytes(data[:written]), count=at + written))

    def on_replace(_: None, old: Path, new: Path) -> None:
        log.names[str(new)] = log.names.pop(str(old))
        log.events.append(Event("moved", str(new), log.names[str(new)], other=str(old)))

    def on_close(_: None, descriptor: int) -> None:
        log.open_files.pop(descriptor, None)
        log.folders.pop(descriptor, None)

    with pytest.MonkeyPatch.context() as patch:
        wrap(
            patch,
            "open",
            lambda got, path, flags, *_: log.on_open(str(path), flags, got) if _below(path, top) else None,
        )
        wrap(patch, "write", on_write)
        wrap(patch, "pwrite", on_write)
        wrap(patch, "fsync", lambda _, descriptor: log.on_sync(descriptor))
        wrap(patch, "fdatasync", lambda _, descriptor: log.on_sync(descriptor))
        wrap(patch, "replace", on_replace)
        wrap(patch, "close", on_close)
        wrap(patch, "mkdir", lambda _, path, *__: log.events.append(Event("folder made", str(path))))
        wrap(patch, "unlink", lambda _, path: log.events.append(Event("removed", str(path))))
        wrap(patch, "rmdir", lambda _, path: log.events.append(Event("removed", str(path))))
        yield log


def _below(path: Any, top: Path) -> bool:
    return str(path).startswith(str(top))


def acknowledged(log: Recording, cut: int) -> int:
    """How many entries were acknowledged before the cut."""
    return max((event.file for event in log.events[:cut] if event.kind == "acknowledged"), default=0)


def after_cut(log: Recording, cut: int, chance: Random, target: Path) -> None:
    """Make `target` what may be left of the recorded folder when the power goes after `cut` events."""
    content, synced = _contents(log.events[:cut])
    room = _room(log.events[:cut])
    names, pending = _names(log.events[:cut])
    likely = chance.choice([0.0, 0.5, 1.0])
    for one in pending:
        if chance.random() < likely:
            _apply(names, one)
    for path, file in names.items():
        place = target / Path(path).relative_to(log.top)
        if file < 0:
            place.mkdir(parents=True, exist_ok=True)
        elif _has_its_folders(path, names, log.top):
            place.parent.mkdir(parents=True, exist_ok=True)
            left = _left(content.get(file, b""), synced.get(file, 0), chance)
            place.write_bytes(left + _beyond(room.get(file, (0, False)), len(left), chance))


def _contents(events: Sequence[Event]) -> tuple[dict[int, bytes], dict[int, int]]:
    """What was written to each file, and how much of it was synced."""
    content: dict[int, bytes] = {}
    synced: dict[int, int] = {}
    for event in events:
        if event.kind == "written":
            content[event.file] = content.get(event.file, b"") + event.data
        elif event.kind == "synced":
            synced[event.file] = len(content.get(event.file, b""))
    return content, synced


def _room(events: Sequence[Event]) -> dict[int, tuple[int, bool]]:
    """Up to where each file was given room, and whether that is on the disk."""
    room: dict[int, tuple[int, bool]] = {}
    for event in events:
        if event.kind == "room":
            assert not any(event.data)
            room[event.file] = (event.count, False)
        elif event.kind == "synced" and event.file in room:
            room[event.file] = (room[event.file][0], True)
    return room


def _beyond(room: tuple[int, bool], length: int, chance: Random) -> bytes:
    """What may be left of a file's room: all of it where it was synced, else nothing, some zeroes, or noise."""
    end, is_synced = room
    more = max(0, end - length)
    if is_synced or not more:
        return bytes(more)
    return chance.choice([b"", bytes(chance.randrange(more)), chance.randbytes(min(more, BLOCK))])


def _names(events: Sequence[Event]) -> tuple[dict[str, int], list[Event]]:
    """The names that are there for certain, and the changes of names that may or may not have reached the disk."""
    names: dict[str, int] = {}
    pending: list[Event] = []
    for event in events:
        if event.kind == "folder synced":
            for one in pending:
                if os.path.dirname(one.path) == event.path:
                    _apply(names, one)
            pending = [one for one in pending if os.path.dirname(one.path) != event.path]
        elif event.kind in ("made", "moved", "removed", "folder made"):
            pending.append(event)
    return names, pending


def _apply(names: dict[str, int], event: Event) -> None:
    if event.kind == "moved":
        names.pop(event.other, None)
        names[event.path] = event.file
    elif event.kind == "made":
        names[event.path] = event.file
    elif event.kind == "folder made":
        names[event.path] = -1
    elif event.kind == "removed":
        names.pop(event.path, None)


def _has_its_folders(path: str, names: dict[str, int], top: Path) -> bool:
    folders = [str(folder) for folder in Path(path).parents if str(folder).startswith(f"{top}/")]
    return all(folder in names for folder in folders)


def _left(data: bytes, synced: int, chance: Random) -> bytes:
    """What may be left of a file: its synced bytes, and of the others anything."""
    kept, rest = data[:synced], data[synced:]
    fate = chance.choice(["lost", "kept", "cut", "zeroes", "noise", "blocks"])
    if fate == "lost" or not rest:
        return kept
    if fate == "kept":
        return data
    if fate == "cut":
        return kept + rest[: chance.randrange(len(rest))]
    if fate == "zeroes":
        return kept + bytes(chance.randrange(1, 2 * len(rest)))
    if fate == "noise":
        return kept + chance.randbytes(len(rest))
    blocks = [rest[at : at + BLOCK] for at in range(0, len(rest), BLOCK)]
    return kept + b"".join(chance.choice([block, bytes(len(block)), chance.randbytes(len(block))]) for block in blocks)
