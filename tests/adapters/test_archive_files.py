"""The archive in folders: documents come back by their mark, and die together with the key of their class."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from peelian.adapters import archive_files
from peelian.adapters.archive_files import MOST_BYTES, FileArchive, open_archive
from peelian.adapters.shelf_files import ShelfFile
from peelian.errors import InputError, IntegrityError, OutOfOrder, PeelianError
from peelian.governance.ports import Leaf

MARK = "ab" * 32
MARKER = b"PLANTED-MARKER-91c4: reasons that name Jane Doe"


@pytest.fixture
def archive(tmp_path: Path) -> FileArchive:
    return open_archive(tmp_path / "archive", tmp_path / "keys")


def _again(archive: FileArchive) -> FileArchive:
    return open_archive(archive.folder, archive.folder.parent / "keys")


def _file(archive: FileArchive, shelf: str = "office") -> Path:
    return archive.folder / shelf / "shelf"


@pytest.mark.parametrize("document", [b"", b"{}", MARKER, bytes(65_536), os.urandom(200_000)])
def test_a_document_comes_back_by_its_mark(archive: FileArchive, document: bytes) -> None:
    archive.put(MARK, document)
    archive.put(MARK, document)  # the same again does nothing
    assert archive.get(MARK) == _again(archive).get(MARK) == document
    assert archive.shelves() == {"office": {MARK}}


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
    for shelf in ("../up", ".hidden", "a/b", "x" * 65):
        with pytest.raises(InputError, match="name of a shelf"):
            archive.put(MARK, b"x", shelf=shelf)


def test_every_damage_is_refused_before_a_byte_is_released(archive: FileArchive) -> None:
    archive.put(MARK, MARKER)
    archive.put(MARK[::-1], b"another")
    file = _file(archive)
    whole = file.read_bytes()
    for at in range(len(whole)):
        for bad in (whole[:at], whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]):
            file.write_bytes(bad)
            for mark, document in ((MARK, MARKER), (MARK[::-1], b"another")):
                for each in (archive, _again(archive)):
                    with suppress(IntegrityError, InputError):
                        assert each.get(mark) == document, "whole, or nothing"
    assert archive.shelves() != {"office": {MARK, MARK[::-1]}}, "the last damage is seen"
    file.write_bytes(whole)
    assert (archive.get(MARK), archive.get(MARK[::-1])) == (MARKER, b"another")


def test_a_document_that_was_altered_is_said_to_be(archive: FileArchive) -> None:
    archive.put(MARK, MARKER)
    archive.put(MARK[::-1], b"another")
    whole = _file(archive).read_bytes()
    at = whole.index(MARK.encode()) + len(MARK) + 40
    _file(archive).write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
    with pytest.raises(IntegrityError, match=r"shelf office was altered.*restore the archive"):
        archive.get(MARK)


def test_a_shelf_dies_with_its_key_and_the_others_live(archive: FileArchive) -> None:
    archive.put("stays-1234", MARKER)
    archive.put(MARK, MARKER, shelf="2-years")
    backup = _file(archive, "2-years").read_bytes()
    assert archive.destroy_shelf("2-years") == 1
    _file(archive, "2-years").write_bytes(backup)  # a backup of the data brings it back
    for each in (archive, _again(archive)):
        with pytest.raises(OutOfOrder, match="destroyed"):
            each.get(MARK)
        with pytest.raises(OutOfOrder, match="destroyed"):
            each.put(MARK[::-1], b"new", shelf="2-years")
    assert archive.destroy_shelf("2-years") == 1  # again: removes what came back
    assert archive.get("stays-1234") == MARKER


def test_rotation_touches_no_document(archive: FileArchive) -> None:
    archive.put(MARK, MARKER)
    before = _file(archive).read_bytes()
    assert archive.rotate_keys() == 1
    assert _file(archive).read_bytes() == before
    assert archive.get(MARK) == MARKER


def test_no_plaintext_lies_on_the_disk_and_files_are_private(archive: FileArchive, tmp_path: Path) -> None:
    archive.put(MARK, MARKER * 3000)
    for path in tmp_path.rglob("*"):
        assert path.name == "archive" or not path.stat().st_mode & 0o077
        assert not path.is_file() or MARKER[:16] not in path.read_bytes()


@pytest.mark.parametrize("call", ["write", "fdatasync"])
def test_a_full_disk_keeps_nothing_half(archive: FileArchive, call: str, monkeypatch: pytest.MonkeyPatch) -> None:
    archive.put(MARK[::-1], b"before")
    with monkeypatch.context() as m:
        m.setattr(os, call, lambda *a: (_ for _ in ()).throw(OSError(errno.ENOSPC, "")))
        with pytest.raises(PeelianError, match="the disk is full"):
            archive.put(MARK, b"x")
    for each in (archive, _again(archive)):
        assert each.shelves() == {"office": {MARK[::-1]}}
    archive.put(MARK, b"x")
    assert _again(archive).get(MARK) == b"x"


def test_a_write_that_was_cut_short_leaves_nothing_of_it(archive: FileArchive, monkeypatch: pytest.MonkeyPatch) -> None:
    archive.put(MARK[::-1], b"before")
    size, real = _file(archive).stat().st_size, os.write

    def short(file: int, data: bytes) -> int:
        if size < os.fstat(file).st_size:
            raise OSError(errno.EIO, "")
        return real(file, data[:9])

    with monkeypatch.context() as m:
        m.setattr(os, "write", short)
        with pytest.raises(PeelianError, match="EIO"):
            archive.put(MARK, b"x")
    assert _file(archive).stat().st_size == size


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
    copy = (tmp_path / "archive" / "warrant-1" / "shelf").read_bytes()
    assert again.destroy_shelf("warrant-1") == 1 and again.destroy_shelf("warrant-1") == 0
    with pytest.raises(InputError, match="holds no document"):
        again.get("collected-1")
    (tmp_path / "archive" / "warrant-1" / "shelf").write_bytes(copy)  # from a backup
    with pytest.raises(OutOfOrder, match="destroyed"):
        again.get("collected-1")
    assert again.get("collected-2") == b"stays, too" and again.get("ordinary-1") == b"stays"
    with pytest.raises(InputError, match="shelf"):
        again.put("collected-3", b"x", shelf="../elsewhere")


def test_documents_put_together_wait_for_the_disk_once(archive: FileArchive, monkeypatch: pytest.MonkeyPatch) -> None:
    archive.put(MARK[::-1], b"before")  # the shelf has its key, its file and its name
    done: list[str] = []
    for call in ("write", "fsync", "fdatasync", "replace"):
        real = getattr(os, call)
        monkeypatch.setattr(os, call, lambda *a, real=real, call=call: (done.append(call), real(*a))[1])
    archive.put_all([Leaf(mark=f"{n:064d}", document=bytes([n])) for n in range(3)])
    assert done == ["write", "fdatasync"]
    assert [archive.get(f"{n:064d}") for n in range(3)] == [b"\0", b"\1", b"\2"]


def test_what_an_older_version_kept_as_a_file_each_is_gathered(archive: FileArchive) -> None:
    archive.put(MARK, MARKER)
    archive.put(MARK[::-1], b"another", shelf="cases.2026q1")
    for shelf, mark in (("office", MARK), ("cases.2026q1", MARK[::-1])):
        sealed = ShelfFile(_file(archive, shelf)).read(mark)
        assert sealed is not None
        _file(archive, shelf).with_name(mark).write_bytes(sealed)
        _file(archive, shelf).unlink()
    again = _again(archive)
    assert (again.get(MARK), again.get(MARK[::-1])) == (MARKER, b"another")
    assert {path.name for path in archive.folder.rglob("*") if path.is_file()} == {"shelf"}


def test_of_what_an_older_version_kept_memory_holds_some_at_once(
    archive: FileArchive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive_files, "_BYTES", 1_000)
    marks = [f"{n:064d}" for n in range(9)]
    archive.put_all([Leaf(mark=mark, document=bytes(280)) for mark in marks])
    for mark in marks:
        _file(archive).with_name(mark).write_bytes(ShelfFile(_file(archive)).read(mark) or b"")
    _file(archive).unlink()
    appended, append = [], ShelfFile.append
    monkeypatch.setattr(ShelfFile, "append", lambda self, some: appended.append(len(some)) or append(self, some))
    again = _again(archive)
    assert [again.get(mark) for mark in marks] == [bytes(280)] * 9
    assert max(appended) < 4 and sum(appended) == 9


def test_a_document_that_a_crash_left_half_written_is_put_again(archive: FileArchive) -> None:
    archive.put(MARK, MARKER)
    whole = _file(archive).read_bytes()
    _file(archive).write_bytes(whole[:-20] + bytes(20))  # its length is there, its last bytes are not
    again = _again(archive)
    with pytest.raises(InputError, match="no document"):
        again.get(MARK)
    again.put(MARK, MARKER)
    assert _again(archive).get(MARK) == MARKER


def test_a_document_that_is_there_already_is_synced_before_it_counts_as_kept(
    archive: FileArchive, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive.put(MARK, MARKER)
    synced: list[int] = []
    monkeypatch.setattr(os, "fdatasync", synced.append)
    _again(archive).put(MARK, MARKER)
    assert len(synced) == 1, "whoever wrote it may have been killed before the disk had it"


KILLED = (
    PUT.replace("range(30)", "range(10**9)")
    .replace("* 100)", "* 50); print(j, flush=True)")
    .replace("[j]", "[j % 251]")
)


def test_a_process_killed_while_it_puts_loses_nothing_it_was_told_of(tmp_path: Path) -> None:
    told = 0
    for _ in range(5):
        process = subprocess.Popen([sys.executable, "-c", KILLED, str(tmp_path)], stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        for _ in range(told + 40):
            told = max(told, int(process.stdout.readline()))
        process.kill()
        told = max([told, *map(int, process.stdout.read().split())])
        process.wait()
    archive = open_archive(tmp_path / "archive", tmp_path / "keys")
    assert all(archive.get(f"{j:064d}") == bytes([j % 251]) * 50 for j in range(told + 1))


def test_it_remembers_which_shelves_were_destroyed(archive: FileArchive) -> None:
    for shelf in ("cases.2026q1", "cases.2026q2"):
        archive.put(MARK, b"x", shelf=shelf)
    archive.destroy_shelf("cases.2026q1")
    for one in (archive, _again(archive)):
        assert [one.is_destroyed(f"cases.2026q{n}") for n in (1, 2, 3)] == [True, False, False]
    assert not (archive.folder / "cases.2026q3").exists(), "asking makes no shelf"


def test_a_shelf_whose_key_is_lost_while_it_is_written_to_waits_for_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = open_archive(tmp_path / "archive", tmp_path / "keys")
    archive.put("first-1234", b"1")
    found = iter([archive._table.unwrapped(archive._shelf("office").object)])
    asked: list[bytes] = []

    def lost_after_once(object: bytes) -> bytes:
        asked.append(object)
        key = next(found, None)
        if key is None:
            raise InputError("the key table knows no such object")
        return key

    monkeypatch.setattr(archive._table, "unwrapped", lost_after_once)
    said: list[Exception] = []

    def puts_it_again() -> None:
        try:
            archive.put("first-1234", b"1")
        except PeelianError as error:
            said.append(error)

    writing = threading.Thread(target=puts_it_again, daemon=True)
    writing.start()
    writing.join(10)
    assert not writing.is_alive() and len(asked) == 1 and not said, "whoever holds the file asks for no key"


def test_a_document_is_looked_for_where_the_last_ones_were(
    archive: FileArchive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many shelves there are: a town has one for each warrant that it ever used."""
    for n in range(50):
        archive.put(f"on-shelf-{n:02}", b"one", shelf=f"warrant-{n:02}")
    looked: list[str] = []
    holds = ShelfFile.holds
    monkeypatch.setattr(ShelfFile, "holds", lambda shelf, mark: looked.append(mark) or holds(shelf, mark))
    assert archive.get("on-shelf-03") == archive.get("on-shelf-02") == b"one"
    for n in (3, 3, 2, 3):
        looked.clear()
        assert archive.get(f"on-shelf-{n:02}") == b"one" and len(looked) <= 2
    archive.put("of-the-office", b"own")
    looked.clear()
    assert archive.get("of-the-office") == b"own" and len(looked) == 1
