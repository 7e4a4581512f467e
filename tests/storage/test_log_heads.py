"""Heads kept apart: a database put back as it was is refused by any one of the places that know how far the log was."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from log_parts import ORIGIN, SIGNER, beside, entry, filled, opened

from peelian.errors import IntegrityError
from peelian.storage.log_heads import HeadFile, Heads
from peelian.storage.log_keys import OneKey


def grown(folder: Path) -> Path:
    """A log that went on from 30 to 70 entries; its database as it was at 30."""
    filled(folder, 30)
    old = folder.with_name("old")
    shutil.copytree(beside(folder), old)
    with opened(folder) as log:
        log.append_all([entry(number) for number in range(30, 70)])
    return old


def put_back(folder: Path, old: Path, *, with_head: bool) -> None:
    head = (beside(folder) / "log.signed").read_bytes()
    shutil.rmtree(beside(folder))
    shutil.copytree(old, beside(folder))
    if not with_head:
        (beside(folder) / "log.signed").write_bytes(head)


def test_a_database_put_back_as_it_was_is_refused(tmp_path: Path) -> None:
    old = grown(tmp_path / "log")
    put_back(tmp_path / "log", old, with_head=False)
    with pytest.raises(IntegrityError, match=r"has 30 entries, but 70 when log.signed was last used.*restore-log"):
        opened(tmp_path / "log")
    put_back(tmp_path / "log", old, with_head=True)
    with pytest.raises(IntegrityError, match=r"has 30 entries, but 70 when log was last used"):
        opened(tmp_path / "log")
    shutil.rmtree(tmp_path / "log")
    assert opened(tmp_path / "log").size() == 30, "with every head: what a witness is for"


def test_a_database_that_went_on_otherwise_is_refused(tmp_path: Path) -> None:
    old = grown(tmp_path / "log")
    head = (beside(tmp_path / "log") / "log.signed").read_bytes()
    put_back(tmp_path / "log", old, with_head=True)
    shutil.rmtree(tmp_path / "log")
    with opened(tmp_path / "log") as log:
        log.append_all([entry(number) for number in range(100, 150)])
    (beside(tmp_path / "log") / "log.signed").write_bytes(head)
    with pytest.raises(IntegrityError, match=r"The log differs from the one that log.signed was last used with"):
        opened(tmp_path / "log")


def test_a_head_that_is_gone_or_damaged_is_missed(tmp_path: Path) -> None:
    filled(tmp_path / "log", 3)
    head = beside(tmp_path / "log") / "log.signed"
    for damage in (b"", b"x" * 500, head.read_bytes()[:-20]):
        kept = head.read_bytes()
        head.write_bytes(damage)
        with pytest.raises(IntegrityError, match=r"kept in log.signed is damaged"):
            opened(tmp_path / "log")
        head.write_bytes(kept)
    head.unlink()
    with pytest.raises(IntegrityError, match=r"kept in log.signed is gone"):
        opened(tmp_path / "log")


def test_a_place_without_a_head_is_named(tmp_path: Path) -> None:
    heads = Heads({"a": HeadFile(tmp_path / "a"), "b": HeadFile(tmp_path / "b")}, OneKey(ORIGIN, SIGNER).read)
    assert heads.bare() == ["a", "b"] and heads.known() == {}
