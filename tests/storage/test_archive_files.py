"""The archive in folders: documents come back by their digest, and die together with the key of their class."""

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

from peelian.errors import InputError, IntegrityError, OutOfOrder, PeelianError
from peelian.kernel.model.ports import Leaf
from peelian.storage import archive_files
from peelian.storage.archive_files import MOST_BYTES, FileArchive, open_archive
from peelian.storage.partition_files import PartitionFile

DIGEST = "ab" * 32
MARKER = b"PLANTED-MARKER-91c4: reasons that name Jane Doe"


@pytest.fixture
def archive(tmp_path: Path) -> FileArchive:
    return open_archive(tmp_path / "archive", tmp_path / "keys")


def _again(archive: FileArchive) -> FileArchive:
    return open_archive(archive.folder, archive.folder.parent / "keys")


def _file(archive: FileArchive, partition: str = "office") -> Path:
    return archive.folder / partition / "partition"


@pytest.mark.parametrize("document", [b"", b"{}", MARKER, bytes(65_536), os.urandom(200_000)])
def test_a_document_comes_back_by_its_digest(archive: FileArchive, document: bytes) -> None:
    archive.put(DIGEST, document)
    archive.put(DIGEST, document)  # the same again does nothing
    assert archive.get(DIGEST) == _again(archive).get(DIGEST) == document
    assert archive.partitions() == {"office": {DIGEST}}


def test_nothing_is_overwritten(archive: FileArchive) -> None:
    archive.put(DIGEST, b"one")
    with pytest.raises(OutOfOrder, match="never overwrite"):
        archive.put(DIGEST, b"two")
    assert archive.get(DIGEST) == b"one"


@pytest.mark.parametrize(
    "digest", ["", "short", "../../../etc/passwd", DIGEST + "/x", "a" * 129, ".lock" * 3, DIGEST + "\n"]
)
def test_a_digest_is_never_a_path(archive: FileArchive, digest: str) -> None:
    with pytest.raises(InputError):
        archive.put(digest, b"x")
    with pytest.raises(InputError):
        archive.get(digest)


def test_what_is_not_there_or_too_large_is_bad_input(archive: FileArchive) -> None:
    with pytest.raises(InputError, match="no document"):
        archive.get(DIGEST)
    with pytest.raises(InputError, match="bytes"):
        archive.put(DIGEST, bytes(MOST_BYTES + 1))
    for partition in ("../up", ".hidden", "a/b", "x" * 65):
        with pytest.raises(InputError, match="partition name"):
            archive.put(DIGEST, b"x", partition=partition)


def test_every_damage_is_refused_before_a_byte_is_released(archive: FileArchive) -> None:
    archive.put(DIGEST, MARKER)
    archive.put(DIGEST[::-1], b"another")
    file = _file(archive)
    whole = file.read_bytes()
    for at in range(len(whole)):
        for bad in (whole[:at], whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]):
            file.write_bytes(bad)
            for digest, document in ((DIGEST, MARKER), (DIGEST[::-1], b"another")):
                for each in (archive, _again(archive)):
                    with suppress(IntegrityError, InputError):
                        assert each.get(digest) == document, "whole, or nothing"
    assert archive.partitions() != {"office": {DIGEST, DIGEST[::-1]}}, "the last damage is seen"
    file.write_bytes(whole)
    assert (archive.get(DIGEST), archive.get(DIGEST[::-1])) == (MARKER, b"another")


def test_a_document_that_was_altered_is_said_to_be(archive: FileArchive) -> None:
    archive.put(DIGEST, MARKER)
    archive.put(DIGEST[::-1], b"another")
    whole = _file(archive).read_bytes()
    at = whole.index(DIGEST.encode()) + len(DIGEST) + 40
    _file(archive).write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
    with pytest.raises(IntegrityError, match=r"partition office was altered.*restore the archive"):
        archive.get(DIGEST)


def test_a_partition_dies_with_its_key_and_the_others_live(archive: FileArchive) -> None:
    archive.put("stays-1234", MARKER)
    archive.put(DIGEST, MARKER, partition="2-years")
    backup = _file(archive, "2-years").read_bytes()
    assert archive.destroy_partition("2-years") == 1
    _file(archive, "2-years").write_bytes(backup)  # a backup of the data brings it back
    for each in (archive, _again(archive)):
        with pytest.raises(OutOfOrder, match="destroyed"):
            each.get(DIGEST)
        with pytest.raises(OutOfOrder, match="destroyed"):
            each.put(DIGEST[::-1], b"new", partition="2-years")
    assert archive.destroy_partition("2-years") == 1  # again: removes what came back
    assert archive.get("stays-1234") == MARKER


def test_rotation_touches_no_document(archive: FileArchive) -> None:
    archive.put(DIGEST, MARKER)
    before = _file(archive).read_bytes()
    assert archive.rotate_keys() == 1
    assert _file(archive).read_bytes() == before
    assert archive.get(DIGEST) == MARKER


def test_no_plaintext_lies_on_the_disk_and_files_are_private(archive: FileArchive, tmp_path: Path) -> None:
    archive.put(DIGEST, MARKER * 3000)
    for path in tmp_path.rglob("*"):
        assert path.name == "archive" or not path.stat().st_mode & 0o077
        assert not path.is_file() or MARKER[:16] not in path.read_bytes()


@pytest.mark.parametrize("call", ["write", "fdatasync"])
def test_a_full_disk_keeps_nothing_half(archive: FileArchive, call: str, monkeypatch: pytest.MonkeyPatch) -> None:
    archive.put(DIGEST[::-1], b"before")
    with monkeypatch.context() as m:
        m.setattr(os, call, lambda *a: (_ for _ in ()).throw(OSError(errno.ENOSPC, "")))
        with pytest.raises(PeelianError, match="the disk is full"):
            archive.put(DIGEST, b"x")
    for each in (archive, _again(archive)):
        assert each.partitions() == {"office": {DIGEST[::-1]}}
    archive.put(DIGEST, b"x")
    assert _again(archive).get(DIGEST) == b"x"


def test_a_write_that_was_cut_short_leaves_nothing_of_it(archive: FileArchive, monkeypatch: pytest.MonkeyPatch) -> None:
    archive.put(DIGEST[::-1], b"before")
    size, real = _file(archive).stat().st_size, os.write

    def short(file: int, data: bytes) -> int:
        if size < os.fstat(file).st_size:
            raise OSError(errno.EIO, "")
        return real(file, data[:9])

    with monkeypatch.context() as m:
        m.setattr(os, "write", short)
        with pytest.raises(PeelianError, match="EIO"):
            archive.put(DIGEST, b"x")
    assert _file(archive).stat().st_size == size


def test_documents_without_keys_or_with_other_keys_are_refused(archive: FileArchive, tmp_path: Path) -> None:
    archive.put(DIGEST, b"x")
    (tmp_path / "keys").rename(tmp_path / "aside")
    with pytest.raises(IntegrityError, match="no keys"):
        _again(archive)
    open_archive(tmp_path / "elsewhere", tmp_path / "keys")
    with pytest.raises(IntegrityError):
        _again(archive).get(DIGEST)
    shutil.rmtree(tmp_path / "keys")
    (tmp_path / "aside").rename(tmp_path / "keys")
    assert _again(archive).get(DIGEST) == b"x"


PUT = """
import sys
from pathlib import Path
from peelian.storage.archive_files import open_archive
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


def test_a_partition_has_a_key_of_its_own_and_dies_alone(tmp_path: Path) -> None:
    archive = open_archive(tmp_path / "archive", tmp_path / "keys")
    archive.put("ordinary-1", b"stays")
    archive.put("collected-1", b"goes", partition="warrant-1")
    archive.put("collected-2", b"stays, too", partition="warrant-2")
    again = open_archive(tmp_path / "archive", tmp_path / "keys")
    assert again.get("collected-1") == b"goes" and again.get("ordinary-1") == b"stays"
    copy = (tmp_path / "archive" / "warrant-1" / "partition").read_bytes()
    assert again.destroy_partition("warrant-1") == 1 and again.destroy_partition("warrant-1") == 0
    with pytest.raises(InputError, match="has no document"):
        again.get("collected-1")
    (tmp_path / "archive" / "warrant-1" / "partition").write_bytes(copy)  # from a backup
    with pytest.raises(OutOfOrder, match="destroyed"):
        again.get("collected-1")
    assert again.get("collected-2") == b"stays, too" and again.get("ordinary-1") == b"stays"
    with pytest.raises(InputError, match="partition"):
        again.put("collected-3", b"x", partition="../elsewhere")


def test_documents_put_together_wait_for_the_disk_once(archive: FileArchive, monkeypatch: pytest.MonkeyPatch) -> None:
    archive.put(DIGEST[::-1], b"before")  # the partition has its key, its file and its name
    done: list[str] = []
    for call in ("write", "fsync", "fdatasync", "replace"):
        real = getattr(os, call)
        monkeypatch.setattr(os, call, lambda *a, real=real, call=call: (done.append(call), real(*a))[1])
    archive.put_all([Leaf(digest=f"{n:064d}", document=bytes([n])) for n in range(3)])
    assert done == ["write", "fdatasync"]
    assert [archive.get(f"{n:064d}") for n in range(3)] == [b"\0", b"\1", b"\2"]


def test_what_an_older_version_kept_as_a_file_each_is_gathered(archive: FileArchive) -> None:
    archive.put(DIGEST, MARKER)
    archive.put(DIGEST[::-1], b"another", partition="cases.2026q1")
    for partition, digest in (("office", DIGEST), ("cases.2026q1", DIGEST[::-1])):
        sealed = PartitionFile(_file(archive, partition)).read(digest)
        assert sealed is not None
        _file(archive, partition).with_name(digest).write_bytes(sealed)
        _file(archive, partition).unlink()
    again = _again(archive)
    assert (again.get(DIGEST), again.get(DIGEST[::-1])) == (MARKER, b"another")
    assert {path.name for path in archive.folder.rglob("*") if path.is_file()} == {"partition"}


def test_of_what_an_older_version_kept_memory_holds_some_at_once(
    archive: FileArchive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive_files, "_BYTES", 1_000)
    digests = [f"{n:064d}" for n in range(9)]
    archive.put_all([Leaf(digest=digest, document=bytes(280)) for digest in digests])
    for digest in digests:
        _file(archive).with_name(digest).write_bytes(PartitionFile(_file(archive)).read(digest) or b"")
    _file(archive).unlink()
    appended, append = [], PartitionFile.append
    monkeypatch.setattr(PartitionFile, "append", lambda self, some: appended.append(len(some)) or append(self, some))
    again = _again(archive)
    assert [again.get(digest) for digest in digests] == [bytes(280)] * 9
    assert max(appended) < 4 and sum(appended) == 9


def test_a_document_that_a_crash_left_half_written_is_put_again(archive: FileArchive) -> None:
    archive.put(DIGEST, MARKER)
    whole = _file(archive).read_bytes()
    _file(archive).write_bytes(whole[:-20] + bytes(20))  # its length is there, its last bytes are not
    again = _again(archive)
    with pytest.raises(InputError, match="no document"):
        again.get(DIGEST)
    again.put(DIGEST, MARKER)
    assert _again(archive).get(DIGEST) == MARKER


def test_a_document_that_is_there_already_is_synced_before_it_counts_as_kept(
    archive: FileArchive, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive.put(DIGEST, MARKER)
    synced: list[int] = []
    monkeypatch.setattr(os, "fdatasync", synced.append)
    _again(archive).put(DIGEST, MARKER)
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


def test_it_remembers_which_partitions_were_destroyed(archive: FileArchive) -> None:
    for partition in ("cases.2026q1", "cases.2026q2"):
        archive.put(DIGEST, b"x", partition=partition)
    archive.destroy_partition("cases.2026q1")
    for one in (archive, _again(archive)):
        assert [one.is_destroyed(f"cases.2026q{n}") for n in (1, 2, 3)] == [True, False, False]
    assert not (archive.folder / "cases.2026q3").exists(), "asking makes no shelf"


def test_a_partition_whose_key_is_lost_while_it_is_written_to_waits_for_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = open_archive(tmp_path / "archive", tmp_path / "keys")
    archive.put("first-1234", b"1")
    found = iter([archive._table.unwrapped(archive._partition("office").object)])
    asked: list[bytes] = []

    def lost_after_once(object: bytes) -> bytes:
        asked.append(object)
        key = next(found, None)
        if key is None:
            raise InputError("The key table has no such object.")
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
    """However many partitions there are: a town has one for each warrant that it ever used."""
    for n in range(50):
        archive.put(f"on-shelf-{n:02}", b"one", partition=f"warrant-{n:02}")
    looked: list[str] = []
    holds = PartitionFile.holds
    monkeypatch.setattr(
        PartitionFile, "holds", lambda partition, digest: looked.append(digest) or holds(partition, digest)
    )
    assert archive.get("on-shelf-03") == archive.get("on-shelf-02") == b"one"
    for n in (3, 3, 2, 3):
        looked.clear()
        assert archive.get(f"on-shelf-{n:02}") == b"one" and len(looked) <= 2
    archive.put("of-the-office", b"own")
    looked.clear()
    assert archive.get("of-the-office") == b"own" and len(looked) == 1
