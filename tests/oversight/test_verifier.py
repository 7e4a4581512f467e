"""The second verifier: it passes the true log, and names what is wrong with every other."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from log_parts import ORIGIN, SIGNER, START, entry, filled, opened
from tamper import Hands

from peelian.errors import InputError
from peelian.kernel.log.entry_schema import time_text
from peelian.kernel.log.merkle import Tree, leaf_hash
from peelian.kernel.log.signed_note import COSIGNATURE, Note, NoteKey, Signature, key_of, read_note
from peelian.oversight.verification import signed_heads, verifier
from peelian.oversight.verification.verifier import Cosigned, verify_log

KEY = key_of(ORIGIN, SIGNER).text
OWN_KEY = "Checked by its own key only: whoever has it can have rewritten the log"


@pytest.fixture
def memory() -> Iterator[Path]:
    """A folder in memory where there is one: thousands of edits need not wait for the disk."""
    shared = Path("/dev/shm")  # noqa: S108 - a private folder is made in it
    with TemporaryDirectory(dir=shared if os.access(shared, os.W_OK) else None) as folder:
        yield Path(folder)


def test_it_shares_no_code_with_the_writer() -> None:
    for own in (verifier, signed_heads):
        tree = ast.parse(Path(own.__file__).read_text(encoding="utf-8"))
        modules = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        modules |= {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
        shared = {module for module in modules if module and module.startswith("peelian")}
        assert shared - {"peelian.oversight.verification.signed_heads"} == {"peelian.errors"}


@pytest.mark.parametrize("size", [0, 1, 2, 200, 255, 256, 257, 512, 700])
def test_a_true_log_of_any_size_passes(memory: Path, size: int) -> None:
    filled(memory / "log", size)
    with opened(memory / "log") as log:
        log.checkpoint()  # without entries it is signed when somebody asks for it
    verdict = verify_log(memory / "log", key=KEY)
    assert verdict.ok, verdict.says
    assert (verdict.size, verdict.first_bad_index) == (size, None)
    assert verdict.says == f"{size} entries match the signed checkpoint. {OWN_KEY}" and not verdict.cosigned
    assert "compare it with the published one" in verify_log(memory / "log").says


def test_a_log_beyond_a_third_level_passes(memory: Path) -> None:
    log = opened(memory / "log")
    many = [{"v": 1, "t": time_text(START), "kind": "BEAT", "n": number} for number in range(66_000)]
    for start in range(0, len(many), 10_000):
        log.append_all(many[start : start + 10_000])
    log.close()
    assert (memory / "log" / "tile" / "2" / "000.p" / "1").exists()
    assert verify_log(memory / "log", key=KEY).ok
    assert verify_log(memory / "log", key=KEY, first=65_000, last=65_001).ok
    hands = Hands(memory / "log", 66_000, Random(3))
    for _ in range(50):
        done = hands.tamper()
        verdict = verify_log(memory / "log", key=KEY, first=done.first, last=done.last)
        done.undo()
        assert not verdict.ok, done.kind
        assert done.index is None or verdict.first_bad_index == done.index, done.kind


def test_edited_bytes_of_a_small_log_are_noticed_wherever_they_are(memory: Path) -> None:
    """One byte in every 17 of every file; benchmarks/log_tamper.py changes every byte."""
    with opened(memory / "log") as log:
        log.append_all([{"v": 1, "t": time_text(START), "kind": "BEAT", "n": number} for number in range(200)])
    for path in sorted((memory / "log").rglob("*")):
        if path.is_file():
            data = path.read_bytes()
            for at in range(0, len(data), 17 if len(data) > 500 else 1):
                path.write_bytes(data[:at] + bytes([data[at] ^ 1 << at % 8]) + data[at + 1 :])
                assert not verify_log(memory / "log", key=KEY).ok, (path.name, at)
            path.write_bytes(data)
    assert verify_log(memory / "log", key=KEY).ok


def test_edits_deletions_swaps_and_truncations_are_noticed_and_the_first_bad_entry_named(memory: Path) -> None:
    filled(memory / "log", 1_100)
    hands = Hands(memory / "log", 1_100, Random(7))
    kinds = set()
    for _ in range(300):
        done = hands.tamper()
        kinds.add(done.kind)
        for verdict in (
            verify_log(memory / "log", key=KEY),
            verify_log(memory / "log", key=KEY, first=done.first, last=done.last),
        ):
            assert not verdict.ok, done.kind
            if done.index is not None and done.kind != "bundle swap":
                assert verdict.first_bad_index == done.index, done.kind
        done.undo()
    assert len(kinds) == 14
    assert verify_log(memory / "log", key=KEY).ok


def set_back_checkpoint(log: Path) -> None:
    """The witnessed checkpoint says more than the checkpoint: the latter was set back to an earlier, true one."""
    early = (log / "checkpoint").read_bytes()
    witness = Ed25519PrivateKey.from_private_bytes(b"w" * 32)
    with opened(log) as open_log:
        open_log.append_all([entry(number) for number in range(300, 310)])
        note = read_note(open_log.checkpoint())
        key = NoteKey(name="w.example", public=witness.public_key().public_bytes_raw(), kind=COSIGNATURE)
        value = (7).to_bytes(8, "big") + witness.sign(b"cosignature/v1\ntime 7\n" + note.text.encode())
        line = Signature(name=key.name, key_id=key.id, value=value)
        open_log.keep_witnessed(Note(text=note.text, signatures=(*note.signatures, line)).data, [key])
    for asked in ({"witnesses": [key.text]}, {"known": [key.text]}, {"witnesses": [key.text], "known": [key.text]}):
        verdict = verify_log(log, key=KEY, **asked)  # type: ignore[arg-type]  # given by name
        assert verdict.ok
        assert verdict.cosigned == (Cosigned(name="w.example", size=310, at=datetime.fromtimestamp(7, UTC)),)
        assert verdict.says.endswith("Witness w.example cosigned 310 of them on 1970-01-01 00:00 UTC")
    stranger = NoteKey(name="other.example", public=key.public, kind=COSIGNATURE)
    assert "did not cosign" in verify_log(log, key=KEY, witnesses=[stranger.text]).says
    optional = verify_log(log, key=KEY, known=[stranger.text])
    assert optional.ok and not optional.cosigned and optional.says.endswith(OWN_KEY)
    (log / "checkpoint").write_bytes(early)


def forge_with_another_key(log: Path) -> None:
    other = Ed25519PrivateKey.from_private_bytes(b"o" * 32)
    with opened(log.with_name("forged"), other) as forged:
        forged.append_all([entry(number) for number in range(300)])
    (log / "checkpoint").write_bytes((log.with_name("forged") / "checkpoint").read_bytes())


def add(name: str, data: bytes) -> Any:
    def act(log: Path) -> None:
        (log / name).parent.mkdir(parents=True, exist_ok=True)
        (log / name).write_bytes(data)

    return act


@pytest.mark.parametrize(
    ("act", "says"),
    [
        (set_back_checkpoint, "the log was rolled back"),
        (forge_with_another_key, "not signed by this log's key"),
        (lambda log: (log / "checkpoint").unlink(), "missing or not signed"),
        (add("log.vkey", b"other\n"), "differs from the given key"),
        (add("tile/stray", b"x"), "does not belong in the tile folder"),
        (add("tile/0/0", b"x"), "does not belong in the tile folder"),
        (add("tile/entries/001.p/9", b"x"), "partial tile entries/1 of 9 was changed"),
        (add("tile/0/001.p/9", b"x" * 288), "partial tile 0/1 of 9"),
    ],
)
def test_what_else_may_be_wrong_is_said(memory: Path, act: Any, says: str) -> None:
    log = filled(memory / "log", 300)
    act(log)
    verdict = verify_log(log, key=KEY)
    assert not verdict.ok and says in verdict.says


def test_a_log_without_any_cosigned_checkpoint_fails_where_a_witness_is_required(memory: Path) -> None:
    log = filled(memory / "log", 3)
    witness = NoteKey(name="w.example", public=bytes(32), kind=COSIGNATURE)
    assert "no cosigned checkpoint is here" in verify_log(log, key=KEY, witnesses=[witness.text]).says
    assert verify_log(log, key=KEY, known=[witness.text]).says.endswith(OWN_KEY)


def test_earlier_partial_tiles_and_tiles_of_what_is_not_signed_yet_may_lie_there(memory: Path) -> None:
    with opened(memory / "log") as log:
        for number in range(300):
            log.append(entry(number))
            if number in (20, 270, 280):
                log.checkpoint()
        live = verify_log(memory / "log", key=KEY)
        assert live.ok and live.says.startswith("281 entries match the signed checkpoint.")
        early = (memory / "log" / "checkpoint").read_bytes()
    assert verify_log(memory / "log", key=KEY).size == 300
    (memory / "log" / "checkpoint").write_bytes(early)  # a crash came before the newer one was shown
    assert verify_log(memory / "log", key=KEY).size == 281
    add("tile/0/002.p/3", b"x" * 96)(memory / "log")
    assert verify_log(memory / "log", key=KEY).ok


def test_a_part_of_a_log_is_checked_alone(memory: Path) -> None:
    log = filled(memory / "log", 1_000)
    path = log / "tile" / "entries" / "002"
    path.write_bytes(path.read_bytes().replace(b"ASKED", b"ASKEE", 1))
    assert verify_log(log, key=KEY, first=0, last=512).ok
    assert verify_log(log, key=KEY, first=768).ok
    verdict = verify_log(log, key=KEY, first=700, last=701)
    assert (verdict.ok, verdict.first_bad_index) == (False, 512)
    assert "entry 512 was changed after signing" in verdict.says


def test_its_root_is_the_writer_s_root() -> None:
    tree = Tree()
    for number in range(700):
        assert verifier._root_of(_edges(tree)) == tree.root()
        tree.append(leaf_hash(str(number).encode()))


def _edges(tree: Tree) -> list[bytes]:
    edges, size, level = [], tree.size, 0
    while size:
        edges.append(tree.hashes(8 * level, size // 256 * 256, size))
        size, level = size // 256, level + 1
    return edges


def test_bad_input_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such folder"):
        verify_log(tmp_path / "nothing")
    with pytest.raises(InputError, match="public key"):
        verify_log(tmp_path, key="no key")
    for asked in ({"witnesses": [KEY]}, {"known": [KEY]}):
        with pytest.raises(InputError, match="not the key of a witness"):
            verify_log(tmp_path, key=KEY, **asked)  # type: ignore[arg-type]  # given by name
    empty = verify_log(tmp_path, key=KEY)
    assert (empty.ok, empty.size, empty.first_bad_index) == (False, 0, None)
    assert "log.vkey" in verify_log(tmp_path).says


@pytest.mark.parametrize(
    "said", [{}, {"n": 0, "root": "a" * 64}, {"n": 1_001, "root": "a" * 64}, {"n": "2", "root": "a" * 64},
             {"n": 2, "root": "a" * 63}, {"n": 2}],
)  # fmt: skip
def test_openings_are_counted_and_a_set_that_does_not_say_how_many_is_no_set(
    memory: Path, said: dict[str, str | int]
) -> None:
    plain = {"v": 1, "t": time_text(START)}
    good = {**plain, "kind": "OPENED_SET", "n": 7, "root": "a" * 64}
    with opened(memory / "log") as log:
        log.append_all([{**plain, "kind": "BEAT"}, {**plain, "kind": "OPENED"}, good])
    verdict = verify_log(memory / "log", key=KEY)
    assert verdict.ok and verdict.openings == 8
    with opened(memory / "log") as log:
        log.append_all([{**plain, "kind": "OPENED_SET", **said}])
    verdict = verify_log(memory / "log", key=KEY)
    assert not verdict.ok and verdict.first_bad_index == 3 and "not a valid set of openings" in verdict.says
