"""A log is pieced together from a copy and what is left of it, under everything that was ever signed; or not at all."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from log_parts import ORIGIN, SIGNER, entry, filled, opened

from peelian.errors import InputError, IntegrityError, OutOfOrder
from peelian.kernel.log.signed_note import key_of
from peelian.oversight.verifier import verify_log
from peelian.storage.log_restore import pieced_together, put_in_place

KEY = key_of(ORIGIN, SIGNER)


def grown(tmp_path: Path, copied: int = 300, size: int = 700) -> tuple[Path, Path]:
    """A backup of `copied` entries, and the log that went on to `size` of them."""
    filled(tmp_path / "log", copied)
    shutil.copytree(tmp_path / "log", tmp_path / "backup")
    with opened(tmp_path / "log") as log:
        log.append_all([entry(number) for number in range(copied, size)])
    return tmp_path / "backup", tmp_path / "log"


def restored(copy: Path, log: Path) -> list[object]:
    """The entries of the log once it was pieced together, put in place and opened as any other."""
    pieced = pieced_together(copy, log, key=KEY)
    put_in_place(pieced, log, key=KEY, signer=SIGNER)
    with opened(log) as made:
        found = [what for _, what in made.read()]
    assert verify_log(log, key=KEY.text).ok
    return found


@pytest.mark.parametrize("copied", [1, 255, 256, 257, 300, 512])
def test_a_damaged_entry_costs_nothing_where_the_copy_has_it(tmp_path: Path, copied: int) -> None:
    copy, log = grown(tmp_path, copied, 700)
    bundle = log / "tile" / "entries" / "000"
    bundle.write_bytes(bundle.read_bytes().replace(b"ASKED", b"ASKEE", 1))
    with pytest.raises(IntegrityError):
        opened(log)
    pieced = pieced_together(copy, log, key=KEY)
    assert (pieced.size, pieced.copied, pieced.lost) == (700, copied, 0)
    assert restored(copy, log) == [entry(number) for number in range(700)]
    assert list(tmp_path.glob("log.replaced-1/tile/entries/000")), "the damaged one is kept"


def test_a_damaged_end_is_lost_and_counted(tmp_path: Path) -> None:
    copy, log = grown(tmp_path)
    bundle = log / "tile" / "entries" / "001"
    bundle.write_bytes(bundle.read_bytes().replace(b"ASKED", b"ASKEE", 200))
    (log / "journal").write_bytes(b"nothing of ours")
    pieced = pieced_together(copy, log, key=KEY)
    assert (pieced.size, pieced.lost) == (300, 400) and pieced.damage == ("entry 300 is damaged",)
    assert restored(copy, log) == [entry(number) for number in range(300)]
    kept = (tmp_path / "log.signed.replaced-1").read_text(encoding="utf-8")
    assert kept.split("\n")[1] == "700", "what was signed and is gone stays provable"


def test_a_log_that_is_gone_is_the_copy_and_what_was_signed_is_missed(tmp_path: Path) -> None:
    copy, log = grown(tmp_path)
    shutil.rmtree(log)
    pieced = pieced_together(copy, log, key=KEY)
    assert (pieced.size, pieced.lost) == (300, 400)
    assert "not proven" in pieced.damage[0] and pieced.damage[1] == "the log's folder is gone"
    assert len(restored(copy, log)) == 300


def test_entries_after_the_last_signature_are_kept(tmp_path: Path) -> None:
    copy, log = grown(tmp_path)
    whole = opened(log)
    whole.append(entry(700))
    shutil.copytree(log, tmp_path / "killed")
    signed = (tmp_path / "log.signed").read_bytes()
    whole.close()
    shutil.rmtree(log)
    (tmp_path / "killed").rename(log)
    (tmp_path / "log.signed").write_bytes(signed)
    assert pieced_together(copy, log, key=KEY).size == 701


def test_a_fork_another_log_and_an_altered_copy_are_refused_with_nothing_changed(tmp_path: Path) -> None:
    _, log = grown(tmp_path)
    before = sorted(path.name for path in tmp_path.rglob("*"))
    fork = tmp_path / "fork" / "log"
    with opened(fork) as made:
        made.append_all([entry(number + 5_000) for number in range(300)])
    with pytest.raises(IntegrityError, match="is not this log"):
        pieced_together(fork, log, key=KEY)
    bundle = tmp_path / "backup" / "tile" / "entries" / "000"
    bundle.write_bytes(bundle.read_bytes().replace(b"ASKED", b"ASKEE", 1))
    with pytest.raises(IntegrityError, match="copy is incomplete"):
        pieced_together(tmp_path / "backup", log, key=KEY)
    for wrong in (tmp_path / "nothing", tmp_path):
        with pytest.raises(InputError, match="not a copy of a log"):
            pieced_together(wrong, log, key=KEY)
    shutil.rmtree(tmp_path / "fork")
    assert sorted(path.name for path in tmp_path.rglob("*")) == before


def test_a_log_that_is_open_is_left_alone(tmp_path: Path) -> None:
    copy, log = grown(tmp_path)
    pieced = pieced_together(copy, log, key=KEY)
    with opened(log), pytest.raises(OutOfOrder):
        put_in_place(pieced, log, key=KEY, signer=SIGNER)
    assert not list(tmp_path.glob("*replaced*"))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_whatever_is_damaged_what_comes_back_is_what_was_written_or_nothing(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    here = tmp_path_factory.mktemp("damaged")
    copy, log = grown(here, 270, 520)
    files = [path for path in sorted(log.rglob("*")) if path.is_file() and path.name != "lock"]
    for path in data.draw(st.lists(st.sampled_from(files), min_size=1, max_size=3, unique=True)):
        content = bytearray(path.read_bytes())
        at = data.draw(st.integers(0, max(0, len(content) - 1)))
        way = data.draw(st.sampled_from(["flip", "cut", "gone"]))
        if way == "gone" or not content:
            path.unlink(missing_ok=True)
            continue
        if way == "flip":
            content[at] ^= data.draw(st.integers(1, 255))
        path.write_bytes(content[: at if way == "cut" else len(content)])
    pieced = pieced_together(copy, log, key=KEY)
    assert list(restored(copy, log)) == [entry(number) for number in range(pieced.size)]
    assert pieced.size >= 270 and (pieced.size == 520 or pieced.lost == 520 - pieced.size)
