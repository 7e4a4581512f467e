"""Each part of an office knows how far the log had come: one put back with its record of what was signed is refused."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from log_parts import ORIGIN, SIGNER, clock, entry

from peelian.errors import IntegrityError
from peelian.kernel.log.signed_note import key_of
from peelian.storage.log_files import FileLog, open_log
from peelian.storage.log_heads import HEAD, SLOT, parts_of
from peelian.storage.log_restore import pieced_together, put_in_place

KEY = key_of(ORIGIN, SIGNER)


def opened(office: Path) -> FileLog:
    return open_log(office / "log", origin=ORIGIN, signer=SIGNER, clock=clock, parts=parts_of(office))


def grown(office: Path) -> Path:
    """An office whose log went on from 30 to 70 entries, and its log with its record as they were at 30."""
    with opened(office) as log:
        log.append_all([entry(number) for number in range(30)])
    old = office / "old"
    old.mkdir()
    shutil.copytree(office / "log", old / "log")
    shutil.copy2(office / "log.signed", old / "log.signed")
    with opened(office) as log:
        log.append_all([entry(number) for number in range(30, 70)])
    return old


def put_back(office: Path, old: Path) -> None:
    shutil.rmtree(office / "log")
    shutil.copytree(old / "log", office / "log")
    shutil.copy2(old / "log.signed", office / "log.signed")


@pytest.mark.parametrize("left", sorted(parts_of(Path())))
def test_a_log_put_back_with_its_record_is_refused_by_any_one_part(tmp_path: Path, left: str) -> None:
    old = grown(tmp_path)
    put_back(tmp_path, old)
    for name, folder in parts_of(tmp_path).items():
        if name != left:
            (folder / HEAD).unlink()
    with pytest.raises(IntegrityError, match=f"holds 30 entries, but {left} was last used with a log of 70") as refused:
        opened(tmp_path)
    assert "restore-log" in str(refused.value)


def test_a_log_that_is_gone_is_no_new_one(tmp_path: Path) -> None:
    grown(tmp_path)
    shutil.rmtree(tmp_path / "log")
    (tmp_path / "log.signed").unlink()
    with pytest.raises(IntegrityError, match="holds 0 entries"):
        opened(tmp_path)


def test_two_people_may_put_the_shorter_log_in_place_and_what_is_lost_is_counted(tmp_path: Path) -> None:
    old, parts = grown(tmp_path), parts_of(tmp_path)
    put_back(tmp_path, old)
    pieced = pieced_together(old / "log", tmp_path / "log", key=KEY, parts=parts)
    assert (pieced.size, pieced.lost) == (30, 40)
    put_in_place(pieced, tmp_path / "log", key=KEY, signer=SIGNER, parts=parts)
    with opened(tmp_path) as log:
        assert len(list(log.read())) == 30


def test_a_write_of_a_head_that_was_cut_short_leaves_the_one_before(tmp_path: Path) -> None:
    grown(tmp_path)
    path = tmp_path / "archive" / HEAD
    data = path.read_bytes()
    newest = 0 if b"\n70\n" in data[:SLOT] else 1
    torn = bytearray(data)
    torn[newest * SLOT + 20 : newest * SLOT + 90] = bytes(70)
    path.write_bytes(torn)
    opened(tmp_path).close()
    path.write_bytes(bytes(2 * SLOT))
    with pytest.raises(IntegrityError, match="archive/log-head is damaged"):
        opened(tmp_path)
