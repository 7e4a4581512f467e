"""A copy becomes the log only on purpose, only when whole, and the record it overrides is kept."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from log_parts import ORIGIN, SIGNER, entry, filled, opened

from peelian.adapters.log_restore import dangerously_trust_this_copy
from peelian.errors import IntegrityError, OutOfOrder
from peelian.governance.note import key_of

KEY = key_of(ORIGIN, SIGNER)


def set_back(tmp_path: Path) -> Path:
    """A log of 300 entries, put back from a backup after 700 had been signed."""
    filled(tmp_path / "log", 300)
    shutil.copytree(tmp_path / "log", tmp_path / "backup")
    with opened(tmp_path / "log") as log:
        log.append_all([entry(number) for number in range(300, 700)])
    shutil.rmtree(tmp_path / "log")
    (tmp_path / "backup").rename(tmp_path / "log")
    return tmp_path / "log"


def test_an_old_backup_goes_on_when_somebody_says_so_and_the_record_is_kept(tmp_path: Path) -> None:
    copy = set_back(tmp_path)
    assert dangerously_trust_this_copy(copy, key=KEY).size == 300
    with opened(copy) as log:
        assert log.append(entry(300)) == 300
    kept = (tmp_path / "log.signed.replaced-1").read_text(encoding="utf-8")
    assert kept.split("\n")[1] == "700"


def test_a_copy_fetched_without_its_journal_goes_on(tmp_path: Path) -> None:
    copy = set_back(tmp_path)
    (copy / "journal").unlink()
    dangerously_trust_this_copy(copy, key=KEY)
    with opened(copy) as log:
        assert [what for _, what in log.read()] == [entry(number) for number in range(300)]


def test_a_copy_that_is_not_whole_is_not_trusted(tmp_path: Path) -> None:
    copy = set_back(tmp_path)
    record = (tmp_path / "log.signed").read_bytes()
    path = copy / "tile" / "entries" / "000"
    path.write_bytes(path.read_bytes().replace(b"ASKED", b"ASKEE", 1))
    with pytest.raises(IntegrityError):
        dangerously_trust_this_copy(copy, key=KEY)
    (copy / "checkpoint").unlink()
    with pytest.raises(IntegrityError, match="no checkpoint"):
        dangerously_trust_this_copy(copy, key=KEY)
    assert (tmp_path / "log.signed").read_bytes() == record


def test_a_log_that_is_open_is_left_alone(tmp_path: Path) -> None:
    with opened(tmp_path / "log"), pytest.raises(OutOfOrder):
        dangerously_trust_this_copy(tmp_path / "log", key=KEY)
