"""Private files: for their owner only, whole or not at all, overwritten when shredded."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from peelian.errors import DiskError, DiskFull, DiskReadOnly, InputError, PeelianError
from peelian.storage.private_files import (
    disk_error,
    in_plain_words,
    locked,
    private_folder,
    put_private,
    read_private,
    shred,
    swept,
)


def test_what_is_put_is_read_and_nobody_else_may(tmp_path: Path) -> None:
    file = private_folder(tmp_path / "a" / "b") / "key"
    put_private(file, b"one")
    put_private(file, b"two")
    assert read_private(file) == b"two"
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert [path.name for path in file.parent.iterdir()] == ["key"]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o610, 0o666])
def test_wider_modes_are_refused_with_the_cure(tmp_path: Path, mode: int) -> None:
    put_private(tmp_path / "key", b"secret")
    (tmp_path / "key").chmod(mode)
    with pytest.raises(InputError, match="chmod 600") as error:
        read_private(tmp_path / "key")
    assert "secret" not in str(error.value)
    (tmp_path / "wide").mkdir()
    (tmp_path / "wide").chmod(mode | 0o100)
    with pytest.raises(InputError, match="chmod 700"):
        private_folder(tmp_path / "wide")


def test_a_link_in_a_key_s_place_is_not_followed(tmp_path: Path) -> None:
    put_private(tmp_path / "key", b"x")
    (tmp_path / "link").symlink_to(tmp_path / "key")
    with pytest.raises(OSError, match="symbolic"):
        read_private(tmp_path / "link")


def test_no_key_file_is_that_large(tmp_path: Path) -> None:
    put_private(tmp_path / "key", bytes((1 << 20) + 1))
    with pytest.raises(InputError, match="1 MiB"):
        read_private(tmp_path / "key")


def test_a_failed_put_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put_private(tmp_path / "key", b"before")
    for call in ("write", "fsync", "replace"):
        with monkeypatch.context() as m:
            m.setattr(os, call, lambda *a: (_ for _ in ()).throw(OSError(errno.ENOSPC, "full")))
            with pytest.raises(OSError, match="full"):
                put_private(tmp_path / "key", b"after")
        assert read_private(tmp_path / "key") == b"before"
        assert [path.name for path in tmp_path.iterdir()] == ["key"]


def test_shredding_overwrites_in_place_before_it_removes(tmp_path: Path) -> None:
    put_private(tmp_path / "key", b"secret")
    os.link(tmp_path / "key", tmp_path / "the same blocks")
    shred(tmp_path / "key")
    assert not (tmp_path / "key").exists()
    assert (tmp_path / "the same blocks").read_bytes() == bytes(6)


@pytest.mark.parametrize(
    ("number", "says"),
    [(errno.ENOSPC, "disk is full"), (errno.EROFS, "read-only"), (errno.EACCES, "own user"), (errno.EIO, "EIO")],
)
def test_disks_answer_in_plain_words(number: int, says: str) -> None:
    with pytest.raises(PeelianError, match=says), in_plain_words("the object was not kept"):
        raise OSError(number, "", "/secret/path")


HOLD = """
import sys
from pathlib import Path
from peelian.storage.private_files import locked
with locked(Path(sys.argv[1]), shared=True):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_what_another_process_writes_is_not_swept(tmp_path: Path) -> None:
    (tmp_path / "x.partial").touch()
    lock = tmp_path / "lock"
    with subprocess.Popen(  # our own interpreter
        [sys.executable, "-c", HOLD, str(lock)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None and holder.stdin is not None
        assert holder.stdout.readline() == b"held\n"
        assert list(swept(tmp_path, lock=lock)) == []
        with locked(lock, shared=True):
            pass  # writers do not wait for one another
        holder.stdin.close()
    assert [path.name for path in swept(tmp_path, lock=lock)] == ["x.partial"]


def test_many_at_once_may_make_the_same_folder(tmp_path: Path) -> None:
    from concurrent.futures import ThreadPoolExecutor

    for turn in range(40):
        folder = tmp_path / str(turn) / "a" / "b"
        with ThreadPoolExecutor(8) as pool:
            made = list(pool.map(private_folder, [folder] * 8))
        assert made == [folder] * 8 and folder.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("number", "kind"),
    [(errno.ENOSPC, DiskFull), (errno.EDQUOT, DiskFull), (errno.EROFS, DiskReadOnly), (errno.EIO, DiskError)],
)
def test_a_full_disk_a_read_only_one_and_a_failing_one_are_told_apart(number: int, kind: type[DiskError]) -> None:
    assert disk_error(OSError(number, "x")) is kind
