"""Records come back by their key; no planted word of them is in the database, its journal, a copy or temp files."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pytest
from at_rest import readable
from hypothesis import given, settings
from hypothesis import strategies as st

from peelian.errors import InputError, IntegrityError
from peelian.storage import records_db
from peelian.storage.records_db import open_records

PLANTED = ["Zebediah Quartermarker", "plantedkey-0001", "Plantedkind of record", "Plantedcolumn"]
NAME, KEY, KIND, COLUMN = PLANTED


def test_what_was_put_comes_back_also_after_reopening(tmp_path: Path) -> None:
    with open_records(tmp_path / "records", tmp_path / "records.key") as kept:
        kept.put("roster", "a", {"name": NAME, "n": 1})
        kept.put("roster", "a", {"name": NAME, "n": 2})
        kept.put("roster", "b", {"name": "B"})
        kept.put("staff", "a", {})
    with open_records(tmp_path / "records", tmp_path / "records.key") as kept:
        assert kept.get("roster", "a") == {"name": NAME, "n": 2}
        assert [key for key, _ in kept.listed("roster")] == ["a", "b"]
        assert kept.get("roster", "c") is None and list(kept.listed("none")) == []
        assert kept.forget("roster", "a") and not kept.forget("roster", "a")
        assert kept.get("roster", "a") is None and kept.get("staff", "a") == {}


def test_no_planted_word_in_database_journal_copy_or_temporary_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = tmp_path / "tmp"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    monkeypatch.setenv("SQLITE_TMPDIR", str(scratch))
    with open_records(tmp_path / "records", tmp_path / "records.key") as kept:
        for number in range(500):
            kept.put(KIND, f"{KEY}-{number}", {COLUMN: f"{NAME} {number}" * 20})
        for number in range(0, 500, 2):
            kept.forget(KIND, f"{KEY}-{number}")
        assert (tmp_path / "records" / "records.db-wal").exists(), "the journal is looked at, too"
        list(kept.listed(KIND))
        kept.backup(tmp_path / "copy.db")
        shutil.copytree(tmp_path / "records", tmp_path / "while open")
        assert list(readable([tmp_path], PLANTED)) == []
        with pytest.raises(InputError):
            kept.backup(tmp_path / "copy.db")
    assert list(readable([tmp_path], PLANTED)) == []
    assert (tmp_path / "records" / "records.db").stat().st_mode & 0o077 == 0
    folder = tmp_path / "restored"
    folder.mkdir(mode=0o700)
    shutil.copy(tmp_path / "copy.db", folder / "records.db")
    with open_records(folder, tmp_path / "records.key") as kept:
        assert len(list(kept.listed(KIND))) == 250, "the copy is whole"


def test_another_key_a_lost_key_and_a_damaged_file_are_refused(tmp_path: Path) -> None:
    with open_records(tmp_path / "records", tmp_path / "records.key") as kept:
        kept.put("roster", "a", {"name": NAME})
    with open_records(tmp_path / "other", tmp_path / "other.key"):
        pass
    with pytest.raises(IntegrityError, match="key is different"):
        open_records(tmp_path / "records", tmp_path / "other.key")
    with pytest.raises(InputError, match="missing"):
        open_records(tmp_path / "records", tmp_path / "lost.key")
    file = tmp_path / "records" / "records.db"
    data = bytearray(file.read_bytes())
    data[100] ^= 1
    file.write_bytes(data)
    with pytest.raises(IntegrityError):
        open_records(tmp_path / "records", tmp_path / "records.key")


def test_a_newer_programs_records_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    newer = (*records_db.MIGRATIONS, "ALTER TABLE records ADD COLUMN at TEXT")
    with monkeypatch.context() as later:
        later.setattr(records_db, "MIGRATIONS", newer)
        open_records(tmp_path / "records", tmp_path / "records.key").close()
    with pytest.raises(IntegrityError, match="newer version"):
        open_records(tmp_path / "records", tmp_path / "records.key")


def test_an_older_programs_records_are_brought_up_to_date(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_records(tmp_path / "records", tmp_path / "records.key") as kept:
        kept.put("roster", "a", {"n": 1})
    monkeypatch.setattr(records_db, "MIGRATIONS", (*records_db.MIGRATIONS, "CREATE INDEX by_kind ON records (kind)"))
    with open_records(tmp_path / "records", tmp_path / "records.key") as kept:
        assert kept.get("roster", "a") == {"n": 1}


@settings(max_examples=25, deadline=None)
@given(key=st.text(max_size=40).filter(lambda t: "\x00" not in t and t.isprintable()), value=st.text(max_size=200))
def test_any_text_comes_back(key: str, value: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    here = tmp_path_factory.mktemp("records")
    with open_records(here / "records", here / "records.key") as kept:
        value = value.encode("utf-8", "replace").decode()
        kept.put("kind", key, {"text": value})
        assert kept.get("kind", key) == {"text": value}
