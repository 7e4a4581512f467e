"""The directory of people: a name comes back, is changed in place, and when forgotten is nowhere on the disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from peelian.errors import IntegrityError
from peelian.kernel.model.ports import Named
from peelian.storage.people_records import open_directory

ANA = Named(person="a" * 20, name="Ana Quartermarker", salt="1")


def test_names_come_back_until_they_are_forgotten(tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir(mode=0o700)
    made = open_directory(tmp_path)
    made.keep("m1", ANA)
    made.keep("m2", Named(person=ANA.person, name="Ana Married", salt="2"))
    made.keep("m3", Named(person="b" * 20, name="Bo", salt="3"))
    made.records.close()
    again = open_directory(tmp_path)
    assert again.known("m1") == ANA and again.known("none") is None
    assert again.forget(ANA.person) == 2 and again.forget(ANA.person) == 0
    assert again.known("m1") is None and again.known("m3") is not None
    assert (tmp_path / "records" / "records.db-wal").stat().st_size == 0, "nothing deleted stays in the journal"
    again.records.close()


def test_another_offices_key_opens_nothing(tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir(mode=0o700)
    open_directory(tmp_path).records.close()
    (tmp_path / "keys" / "records.key").write_bytes(bytes(32))
    with pytest.raises(IntegrityError, match="key is different"):
        open_directory(tmp_path)
