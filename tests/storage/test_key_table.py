"""The key table: keys come back, destruction and rotation survive any crash, damage and torn tails are told apart."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from peelian.errors import InputError, IntegrityError, OutOfOrder
from peelian.storage import key_table
from peelian.storage.key_table import KeyTable, open_key_table

NAMES = [bytes([k]) * 16 for k in range(1, 9)]
KEYS = [bytes([k]) * 32 for k in range(101, 109)]


@pytest.fixture
def table(tmp_path: Path) -> KeyTable:
    made = open_key_table(tmp_path / "keys")
    for name, key in zip(NAMES, KEYS, strict=True):
        made.add(name, key)
    return made


def _all(table: KeyTable) -> list[bytes]:
    return [table.unwrapped(name) for name in NAMES]


def test_keys_come_back_also_after_a_restart(table: KeyTable) -> None:
    assert _all(table) == _all(open_key_table(table.folder)) == KEYS
    assert not any(key in (table.folder / "table").read_bytes() for key in KEYS)


def test_an_object_has_one_key(table: KeyTable) -> None:
    with pytest.raises(OutOfOrder):
        table.add(NAMES[0], KEYS[1])
    assert _all(table) == KEYS


def test_an_unknown_object_is_bad_input(table: KeyTable) -> None:
    for verb in (table.record, table.unwrapped, table.destroy):
        with pytest.raises(InputError):
            verb(bytes(16))


def test_destruction_overwrites_in_place_and_is_seen_by_others(table: KeyTable) -> None:
    other = open_key_table(table.folder)
    wrapped = table.record(NAMES[2]).wrapped
    inode = (table.folder / "table").stat().st_ino
    assert table.destroy(NAMES[2]) and not table.destroy(NAMES[2])
    assert (table.folder / "table").stat().st_ino == inode
    assert wrapped not in (table.folder / "table").read_bytes()
    for each in (table, other):
        with pytest.raises(OutOfOrder, match="destroyed"):
            each.unwrapped(NAMES[2])
        with pytest.raises(OutOfOrder):
            each.add(NAMES[2], KEYS[2])  # a destroyed name never comes back to life
    assert list(table.states().values()) == [True, True, False, True, True, True, True, True]


def test_rotation_rewraps_all_that_lives_and_others_follow(table: KeyTable) -> None:
    other = open_key_table(table.folder)
    table.destroy(NAMES[0])
    before = (table.folder / "table").read_bytes()
    for _ in range(3):  # more than once: the file system may give the same inode again
        assert table.rotate() == 7
    assert not any(before[k : k + 40] in (table.folder / "table").read_bytes() for k in range(284, len(before), 128))
    assert [other.unwrapped(name) for name in NAMES[1:]] == KEYS[1:]
    other.add(bytes(16), b"n" * 32)
    assert table.unwrapped(bytes(16)) == b"n" * 32
    with pytest.raises(OutOfOrder):
        other.unwrapped(NAMES[0])


DIE = """
import os, signal, sys
from pathlib import Path
from peelian.storage import key_table
from peelian.storage import private_files
from peelian.storage.key_table import open_key_table
table, left = open_key_table(Path(sys.argv[1])), int(sys.argv[2])
def counted(real):
    def call(*a, **k):
        global left
        left -= 1
        if left < 0: os.kill(os.getpid(), signal.SIGKILL)
        return real(*a, **k)
    return call
for name in ("write", "fsync", "fdatasync", "replace", "rename", "unlink"):
    setattr(os, name, counted(getattr(os, name)))
Path.unlink = counted(Path.unlink)
getattr(table, sys.argv[3])(*map(bytes.fromhex, sys.argv[4:]))
print(left)
"""


@pytest.mark.parametrize("verb", ["rotate", "destroy", "add"])
def test_a_kill_at_any_step_leaves_a_table_that_opens(table: KeyTable, verb: str) -> None:
    for steps in range(40):
        arguments = {"rotate": [], "destroy": [NAMES[7].hex()], "add": [f"{steps:032x}", "cd" * 32]}[verb]
        done = subprocess.run(  # our own interpreter
            [sys.executable, "-c", DIE, str(table.folder), str(steps), verb, *arguments], check=False
        )
        again = open_key_table(table.folder)
        assert [again.unwrapped(name) for name in NAMES[:7]] == KEYS[:7]
        if done.returncode == 0:
            break
        assert done.returncode == -signal.SIGKILL
    else:
        pytest.fail("it never came to its end")
    assert steps > 1
    assert len(list((table.folder / "ring").iterdir())) == 1


@pytest.mark.parametrize("tail", [b"KEY1", bytes(1), bytes(127), bytes(128), b"KEY1" + bytes(60)])
def test_what_a_power_cut_left_at_the_end_is_passed_over(table: KeyTable, tail: bytes) -> None:
    with (table.folder / "table").open("ab") as file:
        file.write(tail)
    again = open_key_table(table.folder)
    assert _all(again) == KEYS
    again.add(bytes(16), b"n" * 32)
    assert open_key_table(table.folder).unwrapped(bytes(16)) == b"n" * 32
    assert _all(table) == KEYS


@pytest.mark.parametrize("place", [0, 30, 128, 128 + 20, 128 + 60, 128 * 4 + 70])
def test_damage_inside_is_refused(table: KeyTable, place: int) -> None:
    file = table.folder / "table"
    data = bytearray(file.read_bytes())
    data[place] ^= 4
    file.write_bytes(data)
    if place == 30:  # the generation: a table put in this one's place is taken in anew
        assert _all(open_key_table(table.folder)) == _all(table) == KEYS
    else:
        with pytest.raises(IntegrityError):
            open_key_table(table.folder)


def test_a_full_disk_keeps_the_table_as_it_was(table: KeyTable, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as m:
        real = os.write
        m.setattr(os, "write", lambda file, data: real(file, data[:50]) if len(data) > 50 else _full())
        with pytest.raises(OSError, match="full"):
            table.add(bytes(16), b"n" * 32)
    assert (table.folder / "table").stat().st_size == 128 * 9
    with monkeypatch.context() as m:
        m.setattr(os, "replace", lambda *a: _full())
        with pytest.raises(OSError, match="full"):
            table.rotate()
    assert _all(table) == _all(open_key_table(table.folder)) == KEYS
    assert table.rotate() == 8


def _full() -> int:
    raise OSError(errno.ENOSPC, "full")


def test_threads_share_a_table(table: KeyTable) -> None:
    wrong: list[BaseException] = []

    def work(k: int) -> None:
        try:
            for j in range(10):
                name = bytes([200 + k]) * 15 + bytes([j])
                table.add(name, KEYS[k])
                assert table.unwrapped(name) == KEYS[k]
                if j == 5:
                    table.rotate()
        except BaseException as error:
            wrong.append(error)

    threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert len(open_key_table(table.folder).states()) == 48


def test_a_table_put_back_as_it_was_is_read_without_the_lock_again(
    table: KeyTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    there, copy = table.folder / "table", table.folder / "copy"
    copy.write_bytes(there.read_bytes())
    copy.chmod(0o600)
    os.replace(copy, there)
    assert _all(table) == KEYS
    monkeypatch.setattr(key_table, "locked", lambda *_, **__: pytest.fail("it waits for the lock"))
    assert _all(table) == KEYS


def test_after_a_rotation_nothing_keeps_the_old_table_on_the_disk(table: KeyTable) -> None:
    assert _all(table) == KEYS
    table.rotate()
    files = Path("/proc/self/fd")
    open_now = [os.readlink(one) for one in files.iterdir() if one.is_symlink()]
    assert f"{table.folder / 'table'} (deleted)" not in open_now
    assert _all(table) == KEYS
