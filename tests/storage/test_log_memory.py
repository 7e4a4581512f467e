"""The log in memory answers as the one in files does."""

from __future__ import annotations

import pytest
from log_parts import digest, entry

from peelian.errors import InputError, IntegrityError
from peelian.kernel.log.checkpoints import check_receipt, read_checkpoint
from peelian.kernel.log.entry_schema import encode_entry
from peelian.storage.log_memory import MemoryLog


def test_what_is_appended_is_read_found_and_proven() -> None:
    log = MemoryLog()
    assert [log.append(entry(number)) for number in range(5)] == list(range(5))
    assert list(log.read(3)) == [(3, entry(3)), (4, entry(4))]
    assert log.find("document", digest(2)) == [2]
    assert read_checkpoint(log.checkpoint(), log.key)[1].size == 5
    assert check_receipt(log.receipt(2), encode_entry(entry(2)), log.key).size == 5


def test_what_a_log_may_not_hold_is_refused_and_nothing_is_kept() -> None:
    log = MemoryLog()
    with pytest.raises(InputError):
        log.append({"v": 1, "t": "now", "kind": "ASKED"})
    assert list(log.read()) == []
    with pytest.raises(IntegrityError):
        log.receipt(0)


def test_an_entry_that_is_changed_afterwards_is_not_changed_in_the_log() -> None:
    log = MemoryLog()
    mine = dict(entry(0))
    log.append(mine)
    mine["kind"] = "DECIDED"
    assert next(log.read())[1]["kind"] == "ASKED"


def test_entries_appended_together_are_side_by_side_or_not_at_all() -> None:
    log = MemoryLog()
    entry = {"v": 1, "t": "2026-11-24T15:32:01.12Z", "kind": "ASKED"}
    assert log.append_all([entry, {**entry, "kind": "PERMITTED"}]) == [0, 1]
    with pytest.raises(InputError):
        log.append_all([entry, {**entry, "name": "Jane Doe"}])
    assert [e["kind"] for _, e in log.read()] == ["ASKED", "PERMITTED"]
