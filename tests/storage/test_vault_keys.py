"""The keys of a vault: unwrapped against one logged opening of the very object, once."""

from __future__ import annotations

import secrets
from pathlib import Path

import pytest
from used_openings import alone
from vaults import openings_in

from peelian.errors import InputError, IntegrityError, OutOfOrder
from peelian.kernel.model.ports import Entry
from peelian.storage.key_store import open_key_store
from peelian.storage.vault_keys import StoredKeys

OBJECT, OTHER = secrets.token_hex(16), secrets.token_hex(16)


def test_a_key_is_unwrapped_against_one_opening_of_its_object_and_once(tmp_path: Path) -> None:
    log: dict[int, Entry] = {
        0: {"kind": "OPENED", "object": OBJECT, "dataset": "wells-1"},
        1: {"kind": "OPENED", "object": OTHER, "dataset": "wells-1"},
        2: {"kind": "RAN", "object": OBJECT, "dataset": "wells-1"},
        3: {"kind": "OPENED", "object": OBJECT, "dataset": "wells-2"},
    }
    keys = StoredKeys(open_key_store(tmp_path / "keys"), openings_in(log.get))
    key = secrets.token_bytes(32)
    keys.add(OBJECT, key)
    for wrong in (1, 2, 3, 4, -1):
        with pytest.raises(OutOfOrder):
            keys.unwrapped(OBJECT, dataset="wells-1", intent=wrong)
    assert alone(keys) == 0
    assert keys.unwrapped(OBJECT, dataset="wells-1", intent=0) == key
    with pytest.raises(OutOfOrder, match="already used"):
        keys.unwrapped(OBJECT, dataset="wells-1", intent=0)
    with pytest.raises(IntegrityError, match="no key in this key store"):
        keys.unwrapped(OTHER, dataset="wells-1", intent=1)
    assert alone(keys) == 1


def test_what_was_destroyed_is_known_to_be(tmp_path: Path) -> None:
    keys = StoredKeys(open_key_store(tmp_path / "keys"), openings_in(lambda index: None))
    keys.add(OBJECT, secrets.token_bytes(32))
    keys.known(OBJECT)
    assert keys.rotate() == 1 and keys.states() == {OBJECT: True}
    assert keys.destroy(OBJECT) and not keys.destroy(OBJECT)
    assert keys.states() == {OBJECT: False}
    with pytest.raises(OutOfOrder):
        keys.known(OBJECT)
    with pytest.raises(InputError):
        keys.known(OTHER)
