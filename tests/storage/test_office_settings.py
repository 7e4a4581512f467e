"""Settings survive any printable name, and damaged or missing ones are refused with what is accepted."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from peelian.errors import InputError
from peelian.kernel.log.witness_protocol import witness_key
from peelian.kernel.model.archive_partitions import DAYS
from peelian.storage.office_settings import (
    new_secret,
    periods_of,
    read_secret,
    read_settings,
    witness_of,
    write_settings,
)
from peelian.storage.private_files import put_private


@given(name=st.text(min_size=1, max_size=40).filter(str.isprintable))
def test_any_name_comes_back(name: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    office = tmp_path_factory.mktemp("office")
    write_settings(office, {"name": name, "origin": "o"})
    assert read_settings(office) == {"name": name, "origin": "o"}


def test_what_is_no_line_of_text_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        write_settings(tmp_path, {"name": 'x"\norigin = "elsewhere', "origin": "o"})
    assert not (tmp_path / "office.toml").exists()


def test_missing_and_damaged_settings_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is not an office"):
        read_settings(tmp_path)
    for damaged in (b"name = ", b'name = "x"', b"\xff\xfe"):
        (tmp_path / "office.toml").write_bytes(damaged)
        with pytest.raises(InputError, match="damaged"):
            read_settings(tmp_path)


def test_a_witness_is_one_only_with_key_and_address() -> None:
    key = witness_key("board.example/w", Ed25519PrivateKey.generate())
    chosen = witness_of({"witness_key": key.text, "witness_url": "https://board.example/"})
    assert chosen is not None and chosen.key == key
    assert witness_of({"witness_key": key.text}) is None
    with pytest.raises(InputError):
        witness_of({"witness_key": "nonsense", "witness_url": "https://board.example/"})


def test_the_secret_is_private_and_named_when_missing(tmp_path: Path) -> None:
    file = tmp_path / "token.key"
    with pytest.raises(InputError, match="backup"):
        read_secret(file)
    new_secret(file)
    assert len(read_secret(file)) == 32 and file.stat().st_mode & 0o077 == 0
    for damaged in (b"", b"short", bytes(33)):
        (file.parent / "other.key").unlink(missing_ok=True)
        put_private(file.parent / "other.key", damaged)
        with pytest.raises(InputError, match=r"damaged.*backup"):
            read_secret(file.parent / "other.key")
    file.chmod(0o644)
    with pytest.raises(InputError):
        read_secret(file)


def test_how_long_the_archive_keeps_what_is_read_from_the_settings(tmp_path: Path) -> None:
    write_settings(tmp_path, {"name": "Town", "origin": "town.example/log", "keep_refusals_days": "365"})
    assert periods_of(read_settings(tmp_path)) == {**DAYS, "refusals": 365}


@pytest.mark.parametrize(
    "line", ["keep_refusals_days = 1", "keep_cases_days = -4", "keep_cases_days = 4.5", "keep_x_days = 400"]
)
def test_a_time_that_is_none_is_refused_with_what_would_be_accepted(tmp_path: Path, line: str) -> None:
    write_settings(tmp_path, {"name": "Town", "origin": "town.example/log"})
    file = tmp_path / "office.toml"
    file.write_text(file.read_text() + line + "\n")
    with pytest.raises(InputError) as refused:
        periods_of(read_settings(tmp_path))
    assert refused.value.accepted
