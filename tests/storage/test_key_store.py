"""The key store: what was destroyed has no key, whichever copy of the data lies beside it; used is used up."""

from __future__ import annotations

import secrets
import shutil
from pathlib import Path
from typing import Any

import pytest

from peelian.errors import InputError, IntegrityError, OutOfOrder
from peelian.storage.document_rows import _sealed
from peelian.storage.key_store import (
    FILE,
    RING,
    KeyStore,
    memory_key_store,
    newest_of,
    open_key_store,
    opened_with,
    partition_key,
    person_key,
)

KEY = secrets.token_bytes(32)


def everything(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


@pytest.fixture(params=["file", "postgresql", "memory"])
def store(request: Any, tmp_path: Path) -> KeyStore:
    if request.param == "memory":
        return memory_key_store()
    place = request.getfixturevalue("postgres").place() if request.param == "postgresql" else ""
    return open_key_store(tmp_path / "keys", place)


def test_a_key_comes_back_until_it_is_destroyed_and_leaves_its_tombstone(store: KeyStore) -> None:
    store.add("a", KEY)
    assert store.unwrapped("a") == KEY and store.state("a") == "live"
    with pytest.raises(OutOfOrder, match="already has a key"):
        store.add("a", KEY)
    assert store.destroy("a") and not store.destroy("a")
    assert store.states() == {"a": False} and store.state("a") == "destroyed"
    with pytest.raises(OutOfOrder, match="destroyed"):
        store.unwrapped("a")
    with pytest.raises(OutOfOrder, match="already has"):
        store.add("a", KEY)
    with pytest.raises(InputError, match="no such object"):
        store.unwrapped("b")
    with pytest.raises(InputError, match="no such object"):
        store.destroy("b")
    assert store.destroy("b", unknown=True) and store.state("b") == "destroyed", "it can never get one"


def test_an_opening_serves_once(store: KeyStore) -> None:
    store.add("a", KEY)
    assert store.opened("a", 7) == KEY
    with pytest.raises(OutOfOrder, match="already used"):
        store.opened("a", 7)
    assert store.opened("a", 3) == KEY and (store.openings(), store.openings_end()) == ([(3, -1), (7, -1)], 8)
    store.forget_openings(5)
    assert store.openings_end() == 4 and store.opened("a", 7) == KEY


def test_what_is_opened_in_vain_is_not_used_up(store: KeyStore) -> None:
    with pytest.raises(InputError):
        store.opened("nothing", 1)
    assert store.openings() == []


def test_a_rotation_rewraps_all_and_destroys_the_older_key(store: KeyStore) -> None:
    store.add("a", KEY)
    store.add("gone", KEY)
    store.destroy("gone")
    old = store._ring.newest
    assert store.rotate() == 1 and store.unwrapped("a") == KEY and store.state("gone") == "destroyed"
    assert old.id not in store._ring.keys
    store.add("b", KEY)
    assert store.rotate() == 2


def test_a_partition_has_a_key_of_its_own_and_never_a_second_one(store: KeyStore) -> None:
    key = store.own_key(partition_key("cases.2026q1"))
    assert store.own_key(partition_key("cases.2026q1")) == key != store.own_key(person_key("cases.2026q1"))
    store.destroy(partition_key("cases.2026q1"))
    with pytest.raises(OutOfOrder):
        store.own_key(partition_key("cases.2026q1"))
    store.revive(person_key("cases.2026q1"))
    assert store.state(person_key("cases.2026q1")) == "live", "what lives is not made anew"


def test_a_rotation_gives_what_goes_on_a_key_more_and_an_object_none(store: KeyStore) -> None:
    name = partition_key("cases.2026q1")
    store.add("a", KEY)
    first = store.own_key(name)
    store.rotate()
    second = store.own_key(name)
    store.rotate()
    third = store.own_key(name)
    assert (len(first), len(second), len(third)) == (32, 64, 96) and third[:64] == second and second[:32] == first
    assert len({newest_of(keys) for keys in (first, second, third)}) == 3 and store.unwrapped("a") == KEY


def test_what_was_sealed_before_each_rotation_is_opened_and_what_came_after_not_with_the_keys_before() -> None:
    keys = [bytes([n]) * 32 for n in (1, 2, 3)]
    sealed = [_sealed(b"".join(keys[: n + 1]), b"text", b"here") for n in range(3)]
    for n in range(3):
        had = b"".join(keys[: n + 1])
        assert all(opened_with(had, one, context=b"here") == b"text" for one in sealed[: n + 1])
        for later in sealed[n + 1 :]:
            with pytest.raises(IntegrityError):
                opened_with(had, later, context=b"here")


def test_the_newest_head_is_kept(store: KeyStore) -> None:
    assert store.read() is None
    for note in (b"one", b"two"):
        store.write(note)
        assert store.read() == note


def test_keys_are_nowhere_in_the_clear_and_a_destroyed_one_nowhere_at_all(tmp_path: Path) -> None:
    store = open_key_store(tmp_path / "keys")
    store.add("a", KEY)
    with store.database.reading() as connection:
        (wrapped,) = connection.exec_driver_sql("SELECT wrapped FROM keys").one()
    assert KEY not in everything(tmp_path) and wrapped in everything(tmp_path)
    store.destroy("a")
    assert wrapped not in everything(tmp_path), "neither in the database nor in its journal"


def test_another_process_that_rotated_is_followed(tmp_path: Path) -> None:
    one, two = open_key_store(tmp_path / "keys"), open_key_store(tmp_path / "keys")
    one.add("a", KEY)
    two.rotate()
    assert one.unwrapped("a") == KEY


def test_keys_of_another_ring_are_said_to_be(tmp_path: Path) -> None:
    open_key_store(tmp_path / "keys").add("a", KEY)
    open_key_store(tmp_path / "other").close()
    shutil.rmtree(tmp_path / "keys" / RING)
    with pytest.raises(IntegrityError, match="key encryption keys are missing"):
        open_key_store(tmp_path / "keys")
    shutil.copytree(tmp_path / "other" / RING, tmp_path / "keys" / RING, dirs_exist_ok=True)
    with pytest.raises(IntegrityError, match="not in this ring"):
        open_key_store(tmp_path / "keys").unwrapped("a")


def test_a_rotation_that_is_cut_short_leaves_keys_and_ring_that_belong_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_key_store(tmp_path / "keys")
    store.add("a", KEY)
    monkeypatch.setattr("peelian.storage.key_store.destroy_older", lambda *a, **k: (_ for _ in ()).throw(OSError()))
    with pytest.raises(OSError):
        store.rotate()
    monkeypatch.undo()
    again = open_key_store(tmp_path / "keys")
    assert again.unwrapped("a") == KEY and len(list((tmp_path / "keys" / RING).iterdir())) == 2
    again.rotate()
    assert len(list((tmp_path / "keys" / RING).iterdir())) == 1 and (tmp_path / "keys" / FILE).exists()
