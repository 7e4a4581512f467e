"""A rotation of the wrapping keys beside other processes: whatever they open meanwhile opens, and no key is lost."""

from __future__ import annotations

import secrets
import subprocess
import sys
from pathlib import Path

from peelian.storage.key_ring import add_key, destroy_older, read_ring
from peelian.storage.key_store import RING, open_key_store

ROTATIONS = 40  # of each of two processes
ROTATES = """
import sys
from pathlib import Path
from peelian.storage.key_store import open_key_store
store = open_key_store(Path(sys.argv[1]))
for _ in range(int(sys.argv[2])):
    store.rotate()
"""


def test_what_is_opened_while_two_others_rotate_opens(tmp_path: Path) -> None:
    """Variants: the ring is read anew each time, as by a command that starts; or by a process that goes on."""
    folder, keys = tmp_path / "keys", {f"object-{n}": secrets.token_bytes(32) for n in range(20)}
    lasting = open_key_store(folder)
    for name, key in keys.items():
        lasting.add(name, key)
    command = [sys.executable, "-c", ROTATES, str(folder), str(ROTATIONS)]
    rotating = [subprocess.Popen(command) for _ in range(2)]  # our own interpreter
    n = 0
    while any(one.poll() is None for one in rotating):
        name = f"object-{n % len(keys)}"
        assert read_ring(folder / RING) is not None
        assert lasting.unwrapped(name) == keys[name], n
        lasting.add(f"more-{n}", keys[name])
        assert lasting.unwrapped(f"more-{n}") == keys[name], n
        n += 1
    assert [one.wait() for one in rotating] == [0, 0] and n > 10
    assert {name: open_key_store(folder).unwrapped(name) for name in keys} == keys
    assert len(list((folder / RING).glob("*.key"))) == 1


def test_a_rotation_leaves_the_key_that_a_later_one_wraps_with(tmp_path: Path) -> None:
    first, kept, later = (add_key(tmp_path / "ring").newest for _ in range(3))
    assert destroy_older(tmp_path / "ring", keep=kept.id) == 1
    left = read_ring(tmp_path / "ring")
    assert left is not None and set(left.keys) == {kept.id, later.id} and first.id not in left.keys
