"""The ring of wrapping keys: it comes back, the newest wraps, a stranger's or damaged key is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from peelian.errors import InputError, IntegrityError
from peelian.storage.key_ring import add_key, destroy_older, read_ring


def test_keys_join_and_the_newest_wraps(tmp_path: Path) -> None:
    folder = tmp_path / "ring"
    assert read_ring(folder) is None
    first, second = add_key(folder), add_key(folder)
    ring = read_ring(folder)
    assert ring == second and ring is not None
    assert ring.newest != first.newest
    assert ring.key(first.newest.id) == first.newest
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in folder.iterdir())
    assert first.newest.key.hex() not in repr(ring)


def test_older_keys_are_destroyed(tmp_path: Path) -> None:
    for _ in range(3):
        ring = add_key(tmp_path / "ring")
    assert destroy_older(tmp_path / "ring", keep=ring.newest.id) == 2
    left = read_ring(tmp_path / "ring")
    assert left is not None and dict(left.keys) == {ring.newest.id: ring.newest}
    assert add_key(tmp_path / "ring").newest != ring.newest


def test_a_key_that_is_not_in_the_ring_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(IntegrityError, match="not in this ring"):
        add_key(tmp_path / "ring").key(bytes(8))


@pytest.mark.parametrize(
    "text", ["", "nonsense", "peelian wrapping key 1\nzz\n", "peelian wrapping key 1\n" + "00" * 32]
)
def test_a_damaged_key_is_refused_without_showing_it(tmp_path: Path, text: str) -> None:
    add_key(tmp_path / "ring")
    file = next((tmp_path / "ring").iterdir())
    good = file.read_text()
    file.write_text(text)
    with pytest.raises(IntegrityError):
        read_ring(tmp_path / "ring")
    file.write_text(good.replace("key 1", "key 2"))
    with pytest.raises(IntegrityError) as error:
        read_ring(tmp_path / "ring")
    assert good.split()[-1] not in str(error.value)


def test_a_key_open_to_others_is_refused(tmp_path: Path) -> None:
    add_key(tmp_path / "ring")
    next((tmp_path / "ring").iterdir()).chmod(0o604)
    with pytest.raises(InputError, match="chmod 600"):
        read_ring(tmp_path / "ring")
