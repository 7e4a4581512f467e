"""The archive in folders: documents come back by their mark, and die together with the key of their class."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from peelian.adapters.archive_files import MOST_BYTES, FileArchive, open_archive
from peelian.errors import InputError, IntegrityError, OutOfOrder, PeelianError
from peelian.governance.ports import Leaf

MARK = "ab" * 32
MARKER = b"PLANTED-MARKER-91c4: reasons that name Jane Doe"


@pytest.fixture
def archive(tmp_path: Path) -> FileArchive:
    return open_archive(tmp_path / "archive", tmp_path / "keys")


def _again(archive: FileArchive, retention: str = "office") -> FileArchive:
    return open_archive(archive.folder.parent, archive.folder.parent.parent / "keys", retention=retention)


@pytest.mark.parametrize("document", [b"", b"{}", MARKER, bytes(65_536), os.urandom(200_000)])
def test_a_document_comes_back_by_its_mark(archive: FileArchive, document: bytes) -> None:
    archive.put(MARK, document)
    archive.put(MARK, document)  # the same again does nothing
    assert archive.get(MARK) == _again(archive).get(MARK) == document
    assert archive.marks() == [MARK]


def test_nothing_is_overwritten(archive: FileArchive) -> None:
    archive.put(MARK, b"one")
    with pytest.raises(OutOfOrder, match="overwrites nothing"):
        archive.put(MARK, b"two")
    assert archive.get(MARK) == b"one"


@pytest.mark.parametrize("mark", ["", "short", "../../../etc/passwd", MARK + "/x", "a" * 129, ".lock" * 3, MARK + "\n"])
def test_a_mark_is_never_a_path(archive: FileArchive, mark: str) -> None:
    with pytest.raises(InputError):
        archive.put(mark, b"x")
    with pytest.raises(InputError):
        archive.get(mark)


def test_what_is_not_there_or_too_large_is_bad_input(archive: FileArchive) -> None:
    with pytest.raises(InputError, match="no document"):
        archive.get(MARK)
    with pytest.raises(InputError, match="bytes"):
        archive.put(MARK, bytes(MOST_BYTES + 1))
    with pytest.raises(InputError, match="retention"):
        _again(archive, "../up")


def test_every_damage_is_refused_before_a_byte_is_released(archive: FileArchive) -> None:
    archive.put(MARK, MARKER)
    archive.put(MARK[::-1], b"another")
    file, other = archive.folder / MARK, archive.folder / MARK[::-1]
    whole = file.read_bytes()
    for at in range(len(whole)):
        for bad in (whole[:at], whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]):
            file.write_bytes(bad)
            with pytest.raises(IntegrityError):
                archive.get(MARK)
    for bad in (whole + b"x", other.read_bytes()):
        file.write_bytes(bad)
        with pytest.raises(IntegrityError):
            archive.get(MARK)


def test_a_class_dies_with_its_key_and_the_others_live(archive: FileArchive) -> None:
    short = _again(archive, "2-years")
    for each in (archive, short):
        each.put(MARK, MARKER)
    backup = (short.folder / MARK).read_bytes()
    assert short.destroy() == 1
    (short.folder / MARK).write_bytes(backup)  # a backup of the data brings it back
    for each in (short, _again(archive, "2-years")):
        with pytest.raises(OutOfOrder, match="destroyed"):
            each.get(MARK)
        with pytest.raises(OutOfOrder, match="destroyed"):
            each.put(MARK[::-1], b"new")
    assert short.destroy() == 1  # again: removes what came back
    assert archive.get(MARK) == MARKER


def test_rotation_touches_no_document(archive: FileArchive) -> None:
    archive.put(MARK, MARKER)
    before = (archive.folder / MARK).read_bytes()
    assert archive.rotate_keys() == 1
    assert (archive.folder / MARK).read_bytes() == before
    assert archive.get(MARK) == MARKER


def test_no_plaintext_lies_on_the_disk_and_files_are_private(archive: FileArchive, tmp_path: Path) -> None:
    archive.put(MARK, MARKER * 3000)
    for path in tmp_path.rglob("*"):
        assert path.name == "archive" or not path.stat().st_mode & 0o077
        assert not path.is_file() or MARKER[:16] not in path.read_bytes()


@pytest.mark.parametrize("call", ["write", "fsync", "replace"])
def test_a_full_disk_keeps_nothing_half(archive: FileArchive, call: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as m:
        m.setattr(os, call, lambda *a: (_ for _ in ()).throw(OSError(errno.ENOSPC, "")))
        with pytest.raises(PeelianError, match="the disk is full"):
            archive.put(MARK, b"x")
    assert archive.marks() == [] and not list(archive.folder.glob("*.partial"))
    archive.put(MARK, b"x")


def test_what_a_crash_left_is_swept(archive: FileArchive) -> None:
    (archive.folder / f"{MARK}.0badcafe.partial").write_bytes(b"half")
    assert _again(archive).marks() == [] and not list(archive.folder.glob("*.partial"))


def test_documents_without_keys_or_with_other_keys_are_refused(archive: FileArchive, tmp_path: Path) -> None:
    archive.put(MARK, b"x")
    (tmp_path / "keys").rename(tmp_path / "aside")
    with pytest.raises(IntegrityError, match="no keys"):
        _again(archive)
    open_archive(tmp_path / "elsewhere", tmp_path / "keys")
    with pytest.raises(IntegrityError):
        _again(archive).get(MARK)
    shutil.rmtree(tmp_path / "keys")
    (tmp_path / "aside").rename(tmp_path / "keys")
    assert _again(archive).get(MARK) == b"x"


PUT = """
import sys
from pathlib import Path
from peelian.adapters.archive_files import open_archive
archive = open_archive(Path(sys.argv[1]) / "archive", Path(sys.argv[1]) / "keys")
for j in range(30):
    archive.put(f"{j:064d}", bytes([j]) * 100)
"""


def test_two_processes_put_the_same_documents(tmp_path: Path) -> None:
    both = [
        subprocess.Popen([sys.executable, "-c", PUT, str(tmp_path)])  # our own interpreter
        for _ in range(2)
    ]
    assert [process.wait() for process in both] == [0, 0]
    archive = open_archive(tmp_path / "archive", tmp_path / "keys")
    assert [archive.get(f"{j:064d}") for j in range(30)] == [bytes([j]) * 100 for j in range(30)]


def test_a_shelf_has_a_key_of_its_own_and_dies_alone(tmp_path: Path) -> None:
    archive = open_archive(tmp_path / "archive", tmp_path / "keys")
    archive.put("ordinary-1", b"stays")
    archive.put("collected-1", b"goes", shelf="warrant-1")
    archive.put("collected-2", b"stays, too", shelf="warrant-2")
    again = open_archive(tmp_path / "archive", tmp_path / "keys")
    assert again.get("collected-1") == b"goes" and again.get("ordinary-1") == b"stays"
    copy = (tmp_path / "archive" / "warrant-1" / "collected-1").read_bytes()
    assert again.destroy_shelf("warrant-1") == 1 and again.destroy_shelf("warrant-1") == 0
    with pytest.raises(InputError, match="holds no document"):
        again.get("collected-1")
    (tmp_path / "archive" / "warrant-1" / "collected-1").write_bytes(copy)  # from a backup
    with pytest.raises(OutOfOrder, match="destroyed"):
        again.get("collected-1")
    assert again.get("collected-2") == b"stays, too" and again.get("ordinary-1") == b"stays"
    with pytest.raises(InputError, match="shelf"):
        again.put("collected-3", b"x", shelf="../elsewhere")


def test_documents_put_together_wait_for_the_disk_together(
    archive: FileArchive, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive.put(MARK[::-1], b"before")  # the shelf has its key
    done: list[str] = []
    for call in ("fsync", "replace"):
        real = getattr(os, call)
        monkeypatch.setattr(os, call, lambda *a, real=real, call=call: (done.append(call), real(*a))[1])
    archive.put_all([Leaf(mark=f"{n:064d}", document=bytes([n])) for n in range(3)])
    assert done == ["fsync"] * 3 + ["replace"] * 3 + ["fsync"]  # every one is on the disk before one has its name
    assert [archive.get(f"{n:064d}") for n in range(3)] == [b"\0", b"\1", b"\2"]


def test_of_documents_put_together_none_is_kept_where_the_disk_fails_at_the_last(
    archive: FileArchive, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []

    def failing(file: int) -> None:
        synced.append(file)
        if len(synced) == 2:
            raise OSError(errno.ENOSPC, "")

    with monkeypatch.context() as m:
        m.setattr(os, "fsync", failing)
        with pytest.raises(PeelianError, match="the disk is full"):
            archive.put_all([Leaf(mark=f"{n:064d}", document=b"x") for n in range(3)])
    assert archive.marks() == [] and not list(archive.folder.glob("*.partial"))
