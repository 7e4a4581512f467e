"""Sealed rows: there again after a crash, unreadable without the office or its key, gone with the key."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from peelian.errors import IntegrityError, OutOfOrder
from peelian.storage import sealed_rows
from peelian.storage.sealed_rows import SealedRows

SECRET = bytes(range(32))
PLANTED = "9182736455"


def _opened(folder: Path, secret: bytes = SECRET) -> SealedRows:
    return SealedRows(folder, "listening", secret)


def _keys(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.key"))


def test_what_was_kept_is_there_again_and_only_for_its_owner(tmp_path: Path) -> None:
    rows = _opened(tmp_path / "watch")
    rows.save({"a": "1", "b": "2"})
    rows.save({"b": "3"}, gone=["a"])
    rows.close()
    again = _opened(tmp_path / "watch")
    assert again.load() == {"b": "3"}
    for file in (tmp_path / "watch").iterdir():
        assert file.suffix == ".lock" or stat.S_IMODE(file.stat().st_mode) == 0o600


def test_neither_name_nor_text_stands_in_any_file(tmp_path: Path) -> None:
    rows = _opened(tmp_path)
    rows.save({f"w square-{PLANTED}": f"[1,{PLANTED}]"})
    content = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert PLANTED.encode() not in content and b"square" not in content
    rows.close()


def test_another_office_or_a_lost_key_reads_nothing(tmp_path: Path) -> None:
    rows = _opened(tmp_path)
    rows.save({"a": "1"})
    rows.close()
    other = _opened(tmp_path, bytes(32))
    assert other.load() is None
    other.close()
    _keys(tmp_path)[0].unlink()
    lost = _opened(tmp_path)
    assert lost.load() is None
    lost.renew({"c": "1"})
    assert lost.load() == {"c": "1"}


def test_renewed_rows_stand_under_another_key_and_the_first_is_destroyed(tmp_path: Path) -> None:
    rows = _opened(tmp_path)
    rows.save({"a": "1", "b": "2"})
    (before,) = _keys(tmp_path)
    secret, copy = before.read_bytes(), (tmp_path / "listening.db").read_bytes()
    rows.renew({"b": "2"})
    (after,) = _keys(tmp_path)
    assert after != before and after.read_bytes() != secret and rows.load() == {"b": "2"}
    rows.close()
    (tmp_path / "listening.db").write_bytes(copy)  # somebody puts an old copy back
    for more in ("-wal", "-shm"):
        (tmp_path / f"listening.db{more}").unlink(missing_ok=True)
    assert _opened(tmp_path).load() in (None, {})


@pytest.mark.parametrize("at", ["_write", "shred"])
def test_a_crash_while_rows_are_renewed_leaves_them_readable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    rows = _opened(tmp_path)
    rows.save({"a": "1"})
    with monkeypatch.context() as broken:
        broken.setattr(SealedRows if at == "_write" else sealed_rows, at, crash)
        with pytest.raises(KeyboardInterrupt):
            rows.renew({"a": "2"})
    rows.close()
    again = _opened(tmp_path)
    assert again.load() == {"a": "1" if at == "_write" else "2"}
    assert len(_keys(tmp_path)) == 1, "the other key is destroyed"


def test_one_process_at_a_time(tmp_path: Path) -> None:
    rows = _opened(tmp_path)
    with pytest.raises(OutOfOrder, match="another process"):
        _opened(tmp_path)
    rows.close()
    _opened(tmp_path).close()


def test_a_damaged_file_or_a_closed_one_is_an_integrity_error(tmp_path: Path) -> None:
    (tmp_path / "listening.db").write_bytes(b"not a database at all" * 100)
    os.chmod(tmp_path / "listening.db", 0o600)
    with pytest.raises(IntegrityError):
        _opened(tmp_path)
    rows = _opened(tmp_path / "other")
    rows.close()
    with pytest.raises(IntegrityError):
        rows.save({"a": "1"})


def test_an_altered_row_is_not_believed(tmp_path: Path) -> None:
    rows = _opened(tmp_path)
    rows.save({"a": "1", "b": "2"})
    rows._database.execute("UPDATE rows SET sealed = (SELECT sealed FROM rows LIMIT 1)")
    assert rows.load() is None
    rows.close()
