"""Operators' keys: made once, readable by their owner only, and damage is said without showing anything."""

from __future__ import annotations

from pathlib import Path

import pytest

from peelian.errors import InputError
from peelian.storage.operator_keys import load_key, new_key


def test_a_key_comes_back_and_is_made_once(tmp_path: Path) -> None:
    file = tmp_path / "keys" / "a.pem"
    made = new_key(file)
    assert load_key(file).sign(b"x") == made.sign(b"x")
    assert file.stat().st_mode & 0o077 == 0
    with pytest.raises(InputError):
        new_key(file)


def test_a_key_open_to_others_damaged_or_missing_is_refused_without_showing_it(tmp_path: Path) -> None:
    file = tmp_path / "keys" / "a.pem"
    new_key(file)
    file.chmod(0o644)
    with pytest.raises(InputError, match="chmod 600"):
        load_key(file)
    file.chmod(0o600)
    file.write_bytes(b"-----BEGIN PRIVATE KEY-----\nnonsense\n")
    with pytest.raises(InputError) as error:
        load_key(file)
    assert "nonsense" not in str(error.value)
    with pytest.raises(InputError):
        load_key(tmp_path / "none.pem")
