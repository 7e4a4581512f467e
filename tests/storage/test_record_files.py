"""A record is read under its own name, from its own file, whole; or not at all."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from peelian.errors import IntegrityError
from peelian.storage import record_files
from peelian.storage.record_files import _HEAD, RecordFile

KEY, STEP = bytes(range(32)), "0123456789abcdef" * 2


@contextmanager
def opened(path: Path, key: bytes = KEY, **of: str) -> Iterator[RecordFile]:
    named = {"dataset": "parts-x", "object": "o" * 32} | of
    file = RecordFile(os.open(path, os.O_RDWR | os.O_CREAT), key, start=5, **named)
    try:
        yield file
    finally:
        file.close()
        file.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file with three records of two steps, written at two times."""
    path = tmp_path / "records"
    path.write_bytes(b"head\n")
    with opened(path) as file:
        file.add([((STEP, 0), b"first"), ((STEP, 1), b"second" * 20_000)])
        file.add([((STEP[::-1], 0), b"")])
    return path


def test_records_are_found_by_name_and_their_content_lies_nowhere_in_clear(path: Path) -> None:
    with opened(path) as file:
        assert file.names() == {(STEP, 0), (STEP, 1), (STEP[::-1], 0)} and file.writable and not file.cut
        assert [file.get((STEP, 0)), file.get((STEP, 1)), file.get((STEP[::-1], 0))] == [
            b"first",
            b"second" * 20_000,
            b"",
        ]
    assert b"second" not in path.read_bytes() and b"first" not in path.read_bytes()


def test_a_record_that_is_written_again_takes_the_place_of_the_first(path: Path) -> None:
    with opened(path) as file:
        file.add([((STEP, 0), b"anew")])
        assert file.get((STEP, 0)) == b"anew"
    with opened(path) as file:
        assert file.get((STEP, 0)) == b"anew" and len(file.names()) == 3


@pytest.mark.parametrize("of", [{"dataset": "parts-y"}, {"object": "p" * 32}, {"key": bytes(32)}])
def test_another_key_plan_or_object_opens_nothing(path: Path, of: dict[str, object]) -> None:
    with opened(path, **of) as file, pytest.raises(IntegrityError):  # type: ignore[arg-type]
        file.get((STEP, 0))


def test_no_byte_can_be_changed_and_no_end_be_cut_unnoticed(path: Path) -> None:
    good, names = path.read_bytes()[: 5 + _HEAD.size + 77], [(STEP, 0)]
    for at in range(5, len(good)):
        path.write_bytes(good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :])
        with opened(path) as file:
            if sorted(file.names()) == names:
                with pytest.raises(IntegrityError):
                    file.get((STEP, 0))
        path.write_bytes(good[:at])
        with opened(path) as file:
            assert not file.names() and file.cut == (at > 5)


@pytest.mark.parametrize("length", [1 << 63, 2**64 - 1, 0])
def test_a_length_that_is_a_lie_allocates_nothing(path: Path, length: int) -> None:
    path.write_bytes(b"head\n" + _HEAD.pack(length, bytes(16), 0))
    with opened(path) as file:
        assert file.cut == bool(length)
        if not length:
            with pytest.raises(IntegrityError):
                file.get((bytes(16).hex(), 0))


def test_what_a_crash_left_of_the_last_one_is_cut_off_before_the_next(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)
    with opened(path) as file:
        assert file.cut and len(file.names()) == 1
        file.add([((STEP, 7), b"next")])
    with opened(path) as file:
        assert not file.cut and file.get((STEP, 7)) == b"next"


def test_a_full_disk_leaves_the_file_as_it_was(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = path.read_bytes()

    def full(file: int, data: bytes) -> None:
        os.write(file, data[:3])
        raise OSError(errno.ENOSPC, "")

    with opened(path) as file, monkeypatch.context() as patch:
        patch.setattr(record_files, "write_all", full)
        with pytest.raises(OSError, match=""):
            file.add([((STEP, 9), b"more")])
        assert len(file.names()) == 3
    assert path.read_bytes() == before


def test_one_process_writes_at_a_time(path: Path) -> None:
    with opened(path) as first, opened(path) as second:
        assert first.writable and not second.writable and second.get((STEP, 0)) == b"first"
    with opened(path) as third:
        assert third.writable
