"""The log's folder: what is put where, in which order, and the compare-and-swap of what was last signed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from log_parts import ORIGIN, SIGNER, entry, filled, opened
from power import recorded

from peelian.errors import IntegrityError, OutOfOrder
from peelian.kernel.log.checkpoints import sign_checkpoint
from peelian.kernel.log.merkle import EMPTY_ROOT, Head
from peelian.storage.log_files import locked_folder, log_places
from peelian.storage.log_folder import LogFolder

ZERO = sign_checkpoint(ORIGIN, Head(size=0, root=EMPTY_ROOT), SIGNER)
ONE = sign_checkpoint(ORIGIN, Head(size=1, root=bytes(32)), SIGNER)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[LogFolder]:
    made = locked_folder(log_places(tmp_path / "log"))
    yield made
    made.close()


def test_what_is_signed_is_swapped_only_from_what_was_expected(folder: LogFolder) -> None:
    folder.swap_signed(None, ZERO)
    with pytest.raises(IntegrityError, match="signed log head was altered"):
        folder.swap_signed(None, ONE)
    with pytest.raises(IntegrityError, match="signed log head was altered"):
        folder.swap_signed(ONE, ONE)
    folder.swap_signed(ZERO, ONE)
    assert folder.places.signed.read_bytes() == ONE.data


def test_tiles_are_synced_before_the_record_and_the_record_before_the_checkpoint(tmp_path: Path) -> None:
    with recorded(tmp_path) as recording, opened(tmp_path / "log") as log:
        log.append_all([entry(number) for number in range(300)])
        log.checkpoint()
        at = len(recording.events)
    moved = [str(Path(event.path).relative_to(tmp_path)) for event in recording.events[:at] if event.kind == "moved"]
    assert moved == [
        "log/log.vkey",
        "log/journal",
        "log.signed",
        "log/checkpoint",
        "log/tile/0/000",
        "log/tile/entries/000",
        "log/tile/0/001.p/44",
        "log/tile/entries/001.p/44",
        "log/tile/1/000.p/1",
        "log.signed",
        "log/checkpoint",
    ]
    kinds = [(event.kind, event.path.removeprefix(str(tmp_path))) for event in recording.events]
    record = kinds.index(("moved", "/log.signed"), kinds.index(("moved", "/log/tile/1/000.p/1")))
    assert kinds.index(("folder synced", "/log/tile/1/000.p")) < record, "no tile is signed before it is on the disk"
    assert kinds[record + 1] == ("folder synced", ""), "the record is on the disk before the checkpoint is shown"


def test_partial_tiles_go_when_the_full_one_is_there(tmp_path: Path) -> None:
    filled(tmp_path / "log", 200)
    assert (tmp_path / "log" / "tile" / "entries" / "000.p" / "200").exists()
    with opened(tmp_path / "log") as log:
        log.append_all([entry(number) for number in range(200, 256)])
    top = tmp_path / "log" / "tile"
    files = sorted(str(path.relative_to(top)) for path in top.rglob("*") if path.is_file())
    assert files == ["0/000", "1/000.p/1", "entries/000"]


def test_the_locks_cover_the_folder_and_the_record(tmp_path: Path, folder: LogFolder) -> None:
    with pytest.raises(OutOfOrder):
        locked_folder(log_places(tmp_path / "log"))
    with pytest.raises(OutOfOrder):
        locked_folder(log_places(tmp_path / "copy", tmp_path / "log.signed"))
    locked_folder(log_places(tmp_path / "copy")).close()


def test_room_is_made_beforehand_and_given_back(tmp_path: Path) -> None:
    log = opened(tmp_path / "log")
    log.append(entry(0))
    journal = tmp_path / "log" / "journal"
    assert os.path.getsize(journal) > 1_000_000
    log._folder.close()  # as if it had died
    with opened(tmp_path / "log") as again:
        assert again.torn == 0
        assert [what for _, what in again.read()] == [entry(0)]
    assert os.path.getsize(journal) < 1_000


def test_closing_twice_does_no_harm(folder: LogFolder) -> None:
    folder.start_journal(0, [b"x"])
    folder.close()
    folder.close()
    assert os.path.getsize(folder.places.journal) > 30
