"""Files that survive: whole or not at all, in folders whose names are synced, behind one lock."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from power import recorded

from peelian.errors import IntegrityError, OutOfOrder
from peelian.storage.durable_files import (
    append_durably,
    lock_exclusively,
    make_folder,
    put_durably,
    read_regular,
    sync_folder,
    write_all,
)


def test_a_file_is_synced_before_it_is_put_in_place(tmp_path: Path) -> None:
    with recorded(tmp_path) as recording:
        put_durably(tmp_path / "kept", b"new", unfinished=tmp_path / "unfinished")
        sync_folder(tmp_path)
    assert [event.kind for event in recording.events] == ["made", "written", "synced", "moved", "folder synced"]
    assert (tmp_path / "kept").read_bytes() == b"new"


def test_where_the_disk_fails_the_old_file_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "kept").write_bytes(b"old")

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fdatasync", full)
    with pytest.raises(OSError, match="No space"):
        put_durably(tmp_path / "kept", b"new", unfinished=tmp_path / "unfinished")
    assert (tmp_path / "kept").read_bytes() == b"old"


def test_a_write_that_takes_only_a_part_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.write
    monkeypatch.setattr(os, "write", lambda file, data: real(file, bytes(data)[:3]))
    file = os.open(tmp_path / "f", os.O_WRONLY | os.O_CREAT)
    write_all(file, b"0123456789")
    append_durably(file, b"abcde")
    os.close(file)
    assert (tmp_path / "f").read_bytes() == b"0123456789abcde"


def test_every_folder_that_is_made_is_synced_into_the_one_above(tmp_path: Path) -> None:
    with recorded(tmp_path) as recording:
        make_folder(tmp_path / "a" / "b")
    top = str(tmp_path)
    assert [(event.kind, event.path) for event in recording.events] == [
        ("folder made", f"{top}/a"),
        ("folder synced", top),
        ("folder made", f"{top}/a/b"),
        ("folder synced", f"{top}/a"),
    ]


def test_a_lock_is_held_once_and_let_go_with_its_file(tmp_path: Path) -> None:
    first = lock_exclusively(tmp_path / "lock", what="this log")
    with pytest.raises(OutOfOrder, match="this log is open in another process"):
        lock_exclusively(tmp_path / "lock", what="this log")
    os.close(first)
    os.close(lock_exclusively(tmp_path / "lock", what="this log"))


def test_a_pipe_or_a_folder_in_a_file_s_place_is_not_read(tmp_path: Path) -> None:
    """Neither is waited for, and neither is taken for an empty file."""
    (tmp_path / "file").write_bytes(b"kept")
    assert read_regular(tmp_path / "file") == b"kept"
    os.mkfifo(tmp_path / "pipe")
    for name in ("pipe", ""):
        with pytest.raises(IntegrityError, match="is not a file"):
            read_regular(tmp_path / name)
