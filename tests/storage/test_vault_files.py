"""The vault in folders: what is sealed comes back, only against a logged opening, never in part, altered or twice."""

from __future__ import annotations

import errno
import io
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tracemalloc
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from vaults import VaultAndLog, openings_in, vault_in

from peelian.errors import InputError, IntegrityError, OutOfOrder, PeelianError
from peelian.kernel.model.ports import Entry, Sealed
from peelian.storage.key_store import KeyStore, open_key_store
from peelian.storage.schema import KEYS
from peelian.storage.vault_files import open_vault
from peelian.storage.vault_keys import StoredKeys

CHUNK = 1 << 16
MARKER = b"PLANTED-MARKER-7f3a: Jane Doe, 12 Elm Street"


@pytest.fixture
def desk(tmp_path: Path) -> VaultAndLog:
    return vault_in(tmp_path)


# -- what is sealed comes back


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 200_001])
def test_a_round_trip_is_identical(desk: VaultAndLog, size: int) -> None:
    plain = os.urandom(size)
    sealed = desk.sealed(plain)
    assert desk.read(sealed) == plain
    assert sealed.size == size


@given(
    st.lists(st.binary(max_size=100_000), max_size=6), st.lists(st.tuples(st.integers(0, 400_000), st.integers(0, 9)))
)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_writes_and_any_seeks_agree_with_a_plain_file(
    desk: VaultAndLog, parts: list[bytes], reads: list[tuple[int, int]]
) -> None:
    with desk.vault.seal("d") as file:
        for part in parts:
            file.write(part)
    plain = io.BytesIO(b"".join(parts))
    with desk.vault.open(file.sealed.object, intent=desk.intent(file.sealed)) as got:
        for place, size in reads:
            assert got.seek(place) == plain.seek(place)
            assert got.read(size * 9_999) == plain.read(size * 9_999)
        assert got.seek(0, os.SEEK_END) == plain.seek(0, os.SEEK_END)


def test_parquet_is_written_and_read_through_the_vault_in_parts(desk: VaultAndLog) -> None:
    table = pa.table({"a": list(range(200_000)), "b": [f"t{k % 999}" for k in range(200_000)]})
    with desk.vault.seal("p") as file:
        pq.write_table(table, file, row_group_size=50_000)
    with desk.vault.open(file.sealed.object, intent=desk.intent(file.sealed)) as got:
        assert pq.read_table(got, columns=["b"]).equals(table.select(["b"]))


def test_memory_does_not_grow_with_the_object(desk: VaultAndLog) -> None:
    block = os.urandom(1 << 20)
    tracemalloc.start()
    try:
        with desk.vault.seal("d") as file:
            for _ in range(48):
                file.write(block)
        with desk.vault.open(file.sealed.object, intent=desk.intent(file.sealed)) as got:
            while piece := got.read(1 << 20):
                assert piece == block
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 6 << 20  # bytes, for an object of 48 MiB


# -- only against a logged opening


def test_without_a_logged_opening_nothing_is_unwrapped(desk: VaultAndLog) -> None:
    sealed, other = desk.sealed(b"a"), desk.sealed(b"b", "others")
    desk.log.append({"kind": "STARTED", "object": sealed.object})
    theirs = desk.intent(other)
    for intent in (0, theirs, 99, -1):
        with pytest.raises(OutOfOrder):
            desk.vault.open(sealed.object, intent=intent)
    assert desk.vault.unwraps == len(desk.vault.keys.openings()) == 0


def test_an_opening_serves_once_even_after_a_restart(desk: VaultAndLog) -> None:
    sealed = desk.sealed(b"a")
    intent = desk.intent(sealed)
    desk.vault.open(sealed.object, intent=intent).close()
    for vault in (desk.vault, vault_in(desk.folder, desk.log).vault):
        with pytest.raises(OutOfOrder, match="already used"):
            vault.open(sealed.object, intent=intent)
    assert desk.vault.unwraps == len(desk.vault.keys.openings()) == 1


def test_unwraps_equal_used_openings_over_ten_thousand_random_acts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for call in ("fsync", "fdatasync"):
        monkeypatch.setattr(os, call, lambda file: None)  # this proves the count, not the durability
    chance = random.Random(20260302)  # a seed, so that a failure comes back
    desk = vault_in(tmp_path)
    objects, opened, unwraps = [desk.sealed(b"first")], list[int](), 0
    acts = ["seal"] * 2 + ["log"] * 30 + ["open"] * 64 + ["destroy", "rotate", "restart", "restart"]
    for act in chance.choices(acts, k=10_000):
        which = chance.randrange(
            max(0, len(desk.log) - 9), len(desk.log) + 2
        )  # recent openings, and some not there yet
        if act == "open":
            opened += _opened(desk, which, objects[-9:], chance)
        elif act == "log":
            desk.intent(chance.choice(objects[-9:]))
        elif act == "seal":
            objects.append(desk.sealed(b"more"))
        elif act == "destroy":
            desk.vault.destroy(chance.choice(objects).object)
        elif act == "rotate":
            desk.vault.rotate_keys()
        else:
            unwraps += desk.vault.unwraps
            desk = vault_in(tmp_path, desk.log)
    assert unwraps + desk.vault.unwraps == len(opened) == len(set(opened)) == len(desk.vault.keys.openings())
    assert 500 < len(opened) < 6000


def _opened(desk: VaultAndLog, which: int, objects: list[Sealed], chance: random.Random) -> list[int]:
    """Try to open the logged object, or now and then another one; the index that was let through, if it was."""
    named = desk.log[which]["object"] if which < len(desk.log) and chance.random() < 0.8 else None
    object = str(named or chance.choice(objects).object)
    try:
        desk.vault.open(object, intent=which).close()
    except OutOfOrder:
        return []
    assert desk.log[which]["object"] == object
    return [which]


# -- never altered


@given(st.data())
@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_no_byte_of_a_damaged_chunk_is_released(desk: VaultAndLog, data: st.DataObject) -> None:
    plain = bytes(range(256)) * 800  # 3 chunks and a part
    sealed = desk.sealed(plain)
    whole = desk.file(sealed).read_bytes()
    start = len(whole) - (len(plain) + 4 * 16)
    kind = data.draw(st.sampled_from(["flip", "cut", "swap", "extend"]))
    bad = bytearray(whole)
    if kind == "flip":
        at = data.draw(st.integers(0, 8 * len(whole) - 1))
        bad[at // 8] ^= 1 << at % 8
    elif kind == "cut":
        del bad[data.draw(st.integers(0, len(whole) - 1)) :]
    elif kind == "swap":
        a, b = data.draw(st.permutations(range(3)))[:2]
        one, two = (slice(start + k * (CHUNK + 16), start + (k + 1) * (CHUNK + 16)) for k in (a, b))
        bad[one], bad[two] = whole[two], whole[one]
    else:
        bad += data.draw(st.binary(min_size=1, max_size=40))
    desk.file(sealed).write_bytes(bad)
    got = b""
    refused = pytest.raises((IntegrityError, OutOfOrder))  # OutOfOrder: the dataset's name in front was altered
    with refused, desk.vault.open(sealed.object, intent=desk.intent(sealed)) as file:
        while piece := file.read(5_000):
            got += piece
    assert plain.startswith(got)  # what left before was whole and in its place
    if kind in {"cut", "extend"}:
        assert not got  # a wrong length is seen before the first byte


def test_swapped_objects_and_swapped_keys_are_refused(desk: VaultAndLog) -> None:
    one, two = desk.sealed(b"one"), desk.sealed(b"two")
    a, b = desk.file(one), desk.file(two)
    first, second = a.read_bytes(), b.read_bytes()
    a.write_bytes(second)
    with pytest.raises(IntegrityError):
        desk.read(one)
    a.write_bytes(first)
    with _store(desk).database.writing() as connection:
        wrapped = {row.object: row.wrapped for row in connection.execute(KEYS.select())}
        for this, other in ((one, two), (two, one)):  # the wrapped keys change places
            change = KEYS.update().where(KEYS.c.object == this.object)
            connection.execute(change.values(wrapped=wrapped[other.object]))
    with pytest.raises(IntegrityError):
        desk.read(one)


def test_a_missing_object_is_damage_and_an_unknown_one_bad_input(desk: VaultAndLog) -> None:
    sealed = desk.sealed(b"a")
    desk.file(sealed).unlink()
    with pytest.raises(IntegrityError, match="missing"):
        desk.read(sealed)
    with pytest.raises(InputError):
        desk.vault.open("ab" * 16, intent=0)
    with pytest.raises(InputError):
        desk.vault.open("../table", intent=0)
    assert desk.vault.states()[sealed.object] == "missing"


# -- destroyed is destroyed


def test_a_destroyed_object_cannot_be_had_from_data_and_backup(desk: VaultAndLog) -> None:
    sealed, kept = desk.sealed(MARKER * 9), desk.sealed(b"kept")
    with _store(desk).database.reading() as connection:
        wrapped = connection.scalar(select(KEYS.c.wrapped).where(KEYS.c.object == sealed.object))
    backup = desk.file(sealed).read_bytes()
    desk.vault.destroy(sealed.object)
    desk.vault.destroy(sealed.object)  # doing it again does nothing
    desk.file(sealed).write_bytes(backup)  # the data's backup brings the ciphertext back
    assert desk.vault.states() == {sealed.object: "returned", kept.object: "whole"}
    for again in (desk, vault_in(desk.folder, desk.log)):
        with pytest.raises(OutOfOrder, match="destroyed"):
            again.read(sealed)
        assert again.read(kept) == b"kept"
    assert wrapped not in desk.bytes_of("keys")  # nothing to unwrap is left
    assert desk.vault.unwraps == 1


def _store(desk: VaultAndLog) -> KeyStore:
    keys: Any = desk.vault.keys
    store: KeyStore = keys.store
    return store


def test_rotation_touches_no_object_and_ends_the_old_key(desk: VaultAndLog) -> None:
    objects = [desk.sealed(bytes([k])) for k in range(20)]
    before = desk.bytes_of("objects")
    old = next((desk.folder / "keys" / "ring").iterdir()).read_bytes()
    assert desk.vault.rotate_keys() == 20
    assert desk.bytes_of("objects") == before
    assert old.split()[-1] not in desk.bytes_of("keys")
    assert [desk.read(sealed) for sealed in objects] == [bytes([k]) for k in range(20)]
    assert vault_in(desk.folder, desk.log).read(objects[3]) == bytes([3])


# -- nothing half-written


class _BoomError(Exception):
    pass


def test_a_failure_of_the_writer_leaves_nothing(desk: VaultAndLog) -> None:
    for error in (_BoomError, KeyboardInterrupt):
        with pytest.raises(error), desk.vault.seal("d") as file:
            file.write(bytes(100_000))
            raise error
        with pytest.raises(ValueError, match="finished"):
            file.write(b"more")
        with pytest.raises(OutOfOrder):
            _ = file.sealed
    assert _left(desk) == []
    assert desk.vault.states() == {}


def _left(desk: VaultAndLog) -> list[str]:
    return sorted(path.name for path in (desk.folder / "objects").iterdir() if path.name != "lock")


def test_a_disk_that_takes_no_more_leaves_nothing(desk: VaultAndLog) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, hard))  # a real refusal by the system, EFBIG
    try:
        with pytest.raises(PeelianError, match="nothing of it remains"), desk.vault.seal("d") as file:
            for _ in range(50):
                file.write(bytes(10_000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert _left(desk) == []
    assert desk.read(desk.sealed(b"afterwards")) == b"afterwards"


@pytest.mark.parametrize("after", range(4))
def test_a_full_disk_at_any_write_leaves_nothing(
    desk: VaultAndLog, after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, written = os.write, [0]

    def full(file: int, data: bytes) -> int:
        written[0] += 1
        if written[0] > after:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(file, data)

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(PeelianError, match="the disk is full"), desk.vault.seal("d") as file:
        for _ in range(7):  # seven chunks and a rest
            file.write(bytes(CHUNK + 1))
    monkeypatch.undo()
    assert _left(desk) == []
    assert "whole" not in desk.vault.states().values()
    assert desk.read(desk.sealed(b"afterwards")) == b"afterwards"


def test_a_swallowed_write_error_does_not_seal_half_an_object(
    desk: VaultAndLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(PeelianError, match="could not be written"), desk.vault.seal("d") as file:
        with monkeypatch.context() as m:
            m.setattr(os, "write", lambda file, data: (_ for _ in ()).throw(OSError(errno.EIO, "")))
            with pytest.raises(PeelianError):
                for _ in range(10):
                    file.write(bytes(CHUNK))
        file.write(bytes(CHUNK))
    assert _left(desk) == []


KILLED = """
import os, signal, sys
from pathlib import Path
from peelian.storage.key_store import open_key_store
from peelian.storage.key_store import KeyStore, open_key_store
from peelian.storage.schema import KEYS
from peelian.storage.vault_files import open_vault
from peelian.storage.vault_keys import StoredKeys
folder, where = Path(sys.argv[1]), sys.argv[2]
keys = StoredKeys(open_key_store(folder / "keys"), lambda intent, *, object, dataset: None)
vault = open_vault(folder / "objects", keys)
die = lambda *a, **k: os.kill(os.getpid(), signal.SIGKILL)
with vault.seal("incidents") as file:
    for _ in range(9):
        file.write(sys.argv[3].encode() * 3000)
        if where == "writing": die()
    if where != "writing":
        setattr(os, where, die)
"""


@pytest.mark.parametrize("where", ["writing", "fsync", "rename"])
def test_a_kill_in_the_middle_of_a_seal_leaves_nothing(desk: VaultAndLog, where: str) -> None:
    kept = desk.sealed(b"kept")
    done = subprocess.run(  # our own interpreter
        [sys.executable, "-c", KILLED, str(desk.folder), where, MARKER.decode()], check=False
    )
    assert done.returncode == -signal.SIGKILL
    assert len(_left(desk)) == 2  # the kept object and what the killed one left
    again = vault_in(desk.folder, desk.log)
    assert _left(again) == [kept.object]
    assert [state for name, state in again.vault.states().items() if name != kept.object] in ([], ["destroyed"])
    assert again.read(kept) == b"kept"
    assert MARKER not in again.bytes_of()


OTHER = """
import sys
from pathlib import Path
from peelian.storage.key_store import open_key_store
from peelian.storage.key_store import KeyStore, open_key_store
from peelian.storage.schema import KEYS
from peelian.storage.vault_files import open_vault
from peelian.storage.vault_keys import StoredKeys
folder = Path(sys.argv[1])
keys = StoredKeys(open_key_store(folder / "keys"), lambda intent, *, object, dataset: None)
vault = open_vault(folder / "objects", keys)
for line in sys.stdin:
    with vault.seal("theirs") as file:
        file.write(line.encode())
    print(file.sealed.object, flush=True)
"""


def test_two_processes_share_a_vault_through_rotations(desk: VaultAndLog) -> None:
    mine = desk.sealed(b"mine")
    with subprocess.Popen(  # our own interpreter
        [sys.executable, "-c", OTHER, str(desk.folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdin is not None and other.stdout is not None
        theirs = []
        for k in range(4):
            other.stdin.write(f"{k}\n")
            other.stdin.flush()
            theirs.append(other.stdout.readline().strip())
            desk.vault.rotate_keys()
            desk.sealed(b"meanwhile")
        other.stdin.close()
    for k, name in enumerate(theirs):
        desk.log.append({"kind": "OPENED", "object": name, "dataset": "theirs"})
        with desk.vault.open(name, intent=len(desk.log) - 1) as file:
            assert file.read() == f"{k}\n".encode()
    assert desk.read(mine) == b"mine"
    assert len(list((desk.folder / "keys" / "ring").iterdir())) == 1


def test_nobody_sweeps_what_is_being_sealed(desk: VaultAndLog) -> None:
    with desk.vault.seal("d") as file:
        file.write(b"still writing")
        vault_in(desk.folder)
    assert desk.read(file.sealed) == b"still writing"


# -- keys


def test_no_plaintext_and_no_key_lies_in_the_data(desk: VaultAndLog) -> None:
    objects = [desk.sealed(MARKER * 5000), desk.sealed(MARKER)]
    with pytest.raises(_BoomError), desk.vault.seal("d") as file:
        file.write(MARKER * 5000)
        raise _BoomError
    assert all(MARKER in desk.read(sealed) for sealed in objects)
    assert MARKER[:16] not in desk.bytes_of()
    wrapping = next((desk.folder / "keys" / "ring").iterdir()).read_bytes().split()[-1]
    assert wrapping not in desk.bytes_of("objects") and bytes.fromhex(wrapping.decode()) not in desk.bytes_of("objects")


def test_files_are_for_their_owner_only(desk: VaultAndLog) -> None:
    desk.read(desk.sealed(b"a"))
    for name in ("objects", "keys"):
        assert all(not path.stat().st_mode & 0o077 for path in [desk.folder / name, *(desk.folder / name).rglob("*")])


@pytest.mark.parametrize("path", ["keys", "keys/ring", "keys/keys.db", "keys/leases", "objects", "key"])
def test_keys_that_others_may_read_are_refused(desk: VaultAndLog, path: str) -> None:
    sealed = desk.sealed(b"a")
    desk.read(sealed)
    wide = next((desk.folder / "keys" / "ring").iterdir()) if path == "key" else desk.folder / path
    wide.chmod(wide.stat().st_mode | 0o040)
    with pytest.raises(InputError, match="chmod"):
        vault_in(desk.folder, desk.log).read(sealed)


def test_objects_without_their_keys_or_with_other_keys_are_refused(desk: VaultAndLog, tmp_path: Path) -> None:
    sealed = desk.sealed(b"a")
    keys = desk.folder / "keys"
    aside = keys.rename(desk.folder / "aside")
    with pytest.raises(IntegrityError, match="no keys"):
        vault_in(desk.folder)
    shutil.rmtree(keys)
    shutil.copytree(aside, keys)
    shutil.rmtree(keys / "ring")
    with pytest.raises(IntegrityError, match="key encryption keys are missing"):
        vault_in(desk.folder)
    stranger = vault_in(tmp_path / "stranger")
    stranger.sealed(b"b")
    shutil.rmtree(keys)
    shutil.copytree(aside, keys)
    shutil.rmtree(keys / "ring", ignore_errors=True)
    shutil.copytree(stranger.folder / "keys" / "ring", keys / "ring")
    with pytest.raises(IntegrityError, match="not in this ring"):
        vault_in(desk.folder, desk.log).read(sealed)
    shutil.rmtree(keys)
    shutil.copytree(stranger.folder / "keys", keys)
    other = vault_in(desk.folder, desk.log)
    assert other.vault.states()[sealed.object] == "keyless"
    with pytest.raises(IntegrityError, match="has no key"):
        other.read(sealed)


def test_an_empty_folder_becomes_a_vault(tmp_path: Path) -> None:
    log: list[Entry] = []
    keys = StoredKeys(open_key_store(tmp_path / "b" / "keys"), openings_in(log.__getitem__))
    vault = open_vault(tmp_path / "a" / "objects", keys)
    assert vault.states() == {} and vault.rotate_keys() == 0


def test_objects_are_found_by_the_dataset_they_name(tmp_path: Path) -> None:
    kept = vault_in(tmp_path)
    one, two = kept.sealed(b"one", "a"), kept.sealed(b"two", "b")
    assert kept.vault.found("a") == (one.object,) and kept.vault.found("c") == ()
    kept.vault.destroy(two.object)
    assert kept.vault.found("b") == ()
