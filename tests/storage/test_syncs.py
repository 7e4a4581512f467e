"""What is said to be kept is on the disk: bytes are synced before their name is put, names after they change."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from log_parts import entry, opened
from vaults import vault_in

from peelian.storage.durable_files import make_folder, put_durably, sync_folder
from peelian.storage.private_files import private_folder, put_private, shred
from peelian.storage.waiting_line import FILE


@dataclass
class Disk:
    """What a power cut could still take: written and not synced, or named in a folder that was not synced."""

    files: set[str] = field(default_factory=set)
    folders: set[str] = field(default_factory=set)
    too_early: list[str] = field(default_factory=list)

    def of(self, descriptor: int) -> str:
        return os.readlink(f"/proc/self/fd/{descriptor}")

    def named(self, path: Any) -> None:
        if "lock" not in Path(path).name and Path(path).name != FILE:  # a lock or line that is gone is made again
            self.folders.add(str(Path(path).parent))

    def wrote(self, descriptor: int) -> None:
        if Path(self.of(descriptor)).name != FILE:  # who waits where is advice: nobody waits after a power cut
            self.files.add(self.of(descriptor))

    def synced(self, descriptor: int) -> None:
        (self.folders if os.path.isdir(self.of(descriptor)) else self.files).discard(self.of(descriptor))

    def moved(self, old: Any, new: Any) -> None:
        if str(old) in self.files:
            self.too_early.append(f"{Path(old).name} got its name before its bytes were synced")
        self.named(old)
        self.named(new)

    def removed(self, path: Any) -> None:
        if str(path) in self.files:
            self.too_early.append(f"{Path(path).name} was removed before its bytes were synced")
        self.files.discard(str(path))
        if Path(path).parent.suffix != ".p":  # a partial tile that came back is replaced by the whole one again
            self.named(path)


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Disk]:
    disk = Disk()

    def around(name: str, note: Callable[..., None]) -> None:
        real = getattr(os, name)

        def both(*args: Any, **kwargs: Any) -> Any:
            result = real(*args, **kwargs)
            note(*args)
            return result

        monkeypatch.setattr(os, name, both)

    really_open = os.open

    def opened(path: Any, flags: int, *rest: Any, **more: Any) -> int:
        is_new = bool(flags & os.O_CREAT) and not os.path.exists(path)
        descriptor = really_open(path, flags, *rest, **more)
        if is_new:
            disk.named(path)
        return descriptor

    monkeypatch.setattr(os, "open", opened)
    for name in ("write", "pwrite", "writev", "pwritev"):
        around(name, lambda descriptor, *_: disk.wrote(descriptor))
    for name in ("fsync", "fdatasync"):
        around(name, disk.synced)
    for name in ("rename", "replace"):
        around(name, lambda old, new, **_: disk.moved(old, new))
    around("unlink", lambda path, **_: disk.removed(path))
    around("mkdir", lambda path, *_: disk.named(path))
    yield disk
    assert not disk.too_early and not disk.files and not disk.folders


def test_a_private_folder(tmp_path: Path, disk: Disk) -> None:
    private_folder(tmp_path / "keys" / "vault")


def test_a_folder_and_those_above_it(tmp_path: Path, disk: Disk) -> None:
    make_folder(tmp_path / "a" / "b" / "c")


def test_a_private_file(tmp_path: Path, disk: Disk) -> None:
    put_private(tmp_path / "settings", b"one")
    put_private(tmp_path / "settings", b"two")


def test_a_durable_file(tmp_path: Path, disk: Disk) -> None:
    put_durably(tmp_path / "checkpoint", b"one", unfinished=tmp_path / "checkpoint.unfinished")
    assert not disk.files and not disk.too_early, "many share one wait for their folder"
    sync_folder(tmp_path)


def test_a_key_is_overwritten_on_the_disk_before_it_is_removed(tmp_path: Path, disk: Disk) -> None:
    put_private(tmp_path / "clerk.pem", b"secret")
    shred(tmp_path / "clerk.pem")
    assert not list(tmp_path.iterdir())


def test_sealed_objects_and_their_destruction(tmp_path: Path, disk: Disk) -> None:
    desk = vault_in(tmp_path)
    sealed = desk.sealed(b"one" * 70_000)
    assert not disk.files and not disk.folders, "what was sealed is there after a power cut"
    desk.vault.destroy(sealed.object)


def test_the_published_log_and_its_heads(tmp_path: Path, disk: Disk) -> None:
    for _ in range(3):
        with opened(tmp_path / "log") as log:
            log.append_all([entry(number) for number in range(300)])
            log.checkpoint()
        assert not disk.files and not disk.folders
