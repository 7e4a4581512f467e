"""The log's key is replaced: both keys sign the last checkpoint of the one before, wherever it is cut short."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from handed_over import grown, in_key_folder, keys_of, replaced
from log_parts import ORIGIN, clock, entry

from peelian.errors import IntegrityError, Objection, OfficeShut
from peelian.integrations.witness_client import ask_witness, submit
from peelian.integrations.witness_server import BoardWitness, witness_server
from peelian.kernel.log.checkpoints import sign_checkpoint
from peelian.kernel.log.key_handover import read_handover, sign_handover
from peelian.kernel.log.merkle import Head
from peelian.kernel.log.signed_note import NoteKey, key_of
from peelian.kernel.log.witness_protocol import Witness
from peelian.oversight.verification.verifier import verify_log
from peelian.storage.operator_keys import load_key

STEPS = ("make_next", "append", "keep", "put", "_swap", "_show", "replace", "_show_keys")


class Cut(BaseException):
    """The process ended here."""


@contextmanager
def witnessed(folder: Path, key: NoteKey) -> Iterator[Witness]:
    signer = Ed25519PrivateKey.from_private_bytes(b"w" * 32)
    with BoardWitness(folder, name="board.example/w", signer=signer, logs=[key], clock=clock) as board:
        server = witness_server(board, host="127.0.0.1", port=0)
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield Witness(key=board.key, url=f"http://127.0.0.1:{server.server_port}", seconds=5.0)
        server.shutdown()
        server.server_close()


def test_both_keys_sign_the_last_checkpoint_and_from_then_on_only_the_new_one(tmp_path: Path) -> None:
    old = grown(tmp_path / "log")
    with in_key_folder(tmp_path / "log") as log:
        replaced(log)
        new = log.key
        assert new != old and log.size() == 301
        handover = read_handover((tmp_path / "log" / "handover.1").read_bytes(), ORIGIN)
        assert (handover.old, handover.new, handover.head.size) == (old, new, 301)
        log.append(entry(301))
        log.checkpoint()
    assert not list(keys_of(tmp_path / "log").glob("log.*.pem*"))
    verdict = verify_log(tmp_path / "log", key=new.text)
    assert verdict.ok and "Its key was replaced at 301 entries" in verdict.says
    with in_key_folder(tmp_path / "log") as log:  # and again
        replaced(log)
        assert verify_log(tmp_path / "log", key=log.key.text).ok and len(log.handovers()) == 2


def test_who_knows_only_the_old_key_follows_where_a_witness_vouches(tmp_path: Path) -> None:
    old = grown(tmp_path / "log")
    with witnessed(tmp_path / "board", old) as witness, in_key_folder(tmp_path / "log") as log:
        assert ask_witness(log, witness).cosigned
        replaced(log)
        log.append(entry(301))
        log.checkpoint()
        away = verify_log(tmp_path / "log", key=old.text, known=[witness.key.text])
        assert not away.ok and "no witness that you named vouches for it" in away.says
        assert not verify_log(tmp_path / "log", key=old.text).ok
        assert verify_log(tmp_path / "log", key=log.key.text, witnesses=[witness.key.text]).ok, "older, cosigned"
        assert ask_witness(log, witness, seen=300).cosigned, "the handover, and what follows it"
        found = verify_log(tmp_path / "log", key=old.text, witnesses=[witness.key.text])
        assert found.ok and found.cosigned[0].size == 302, found.says
        log.append(entry(302))
        assert ask_witness(log, witness, seen=302).cosigned
    with witnessed(tmp_path / "board", old) as witness, in_key_folder(tmp_path / "log") as log:
        log.append(entry(303))
        assert ask_witness(log, witness).cosigned, "it remembers the handover over a restart"


def test_the_old_key_used_afterwards_is_refused(tmp_path: Path) -> None:
    """By the witness, by the verifier, and by the office where its old key folder is put back."""
    old = grown(tmp_path / "log")
    shutil.copytree(keys_of(tmp_path / "log"), tmp_path / "stolen")
    stolen = load_key(tmp_path / "stolen" / "log.pem")
    with witnessed(tmp_path / "board", old) as witness, in_key_folder(tmp_path / "log") as log:
        replaced(log)
        assert ask_witness(log, witness).cosigned
        log.append(entry(301))
        log.checkpoint()
        head = Head(size=302, root=log.tree.root(302))
        forged = sign_checkpoint(ORIGIN, head, stolen)
        assert submit(witness, 301, log.consistency(301, 302), forged.data)[0] == 403
        again = sign_handover(ORIGIN, head, stolen, Ed25519PrivateKey.generate())
        assert submit(witness, 301, log.consistency(301, 302), again.data)[0] == 403, "one handover for each key"
        with pytest.raises(IntegrityError, match="signed by a key that was replaced"):
            log.keep_witnessed(forged.data, [witness.key])
        for name in ("checkpoint", "checkpoint.witnessed"):
            copy = Path(shutil.copytree(tmp_path / "log", tmp_path / f"copy-{name}"))
            (copy / name).write_bytes(forged.data)
            for given in (old, log.key):
                found = verify_log(copy, key=given.text, known=[witness.key.text])
                assert not found.ok, name
    shutil.rmtree(keys_of(tmp_path / "log"))
    shutil.copytree(tmp_path / "stolen", keys_of(tmp_path / "log"))
    with pytest.raises(OfficeShut):
        in_key_folder(tmp_path / "log")


def test_a_thief_s_own_handover_is_not_followed(tmp_path: Path) -> None:
    old = grown(tmp_path / "log")
    shutil.copytree(tmp_path, tmp_path.with_name("thief"))
    with witnessed(tmp_path / "board", old) as witness, in_key_folder(tmp_path / "log") as log:
        replaced(log)
        assert ask_witness(log, witness).cosigned
        true = log.key
        with in_key_folder(tmp_path.with_name("thief") / "log") as other:
            replaced(other)
            theirs = tmp_path.with_name("thief") / "log"
            assert not verify_log(theirs, key=old.text, known=[witness.key.text]).ok
            assert not verify_log(theirs, key=true.text).ok
            with pytest.raises(Objection):
                ask_witness(other, witness)
    shutil.rmtree(tmp_path.with_name("thief"))


def test_a_witness_that_was_shown_a_thief_s_handover_first_stops_the_office(tmp_path: Path) -> None:
    old = grown(tmp_path / "log")
    shutil.copytree(tmp_path, tmp_path.with_name("thief"))
    with witnessed(tmp_path / "board", old) as witness, in_key_folder(tmp_path / "log") as log:
        with in_key_folder(tmp_path.with_name("thief") / "log") as other:
            replaced(other)
            assert ask_witness(other, witness).cosigned
        replaced(log)
        with pytest.raises(Objection):
            ask_witness(log, witness)
    shutil.rmtree(tmp_path.with_name("thief"))


def test_an_entry_that_names_no_such_key_or_a_changed_handover_is_found(tmp_path: Path) -> None:
    grown(tmp_path / "log")
    with in_key_folder(tmp_path / "log") as log:
        before = load_key(keys_of(tmp_path / "log") / "log.pem")
        replaced(log)
        new = log.key
        signer = log.keys.signer
        root = log.tree.root(300)
    file = tmp_path / "log" / "handover.1"
    whole = file.read_bytes()
    for forged in (
        sign_handover(ORIGIN, Head(size=300, root=root), before, signer).data,  # under the wrong entry
        sign_handover(ORIGIN, Head(size=301, root=root), before, signer).data,
        sign_handover(ORIGIN, Head(size=301, root=root), before, Ed25519PrivateKey.generate()).data,
        whole[:-1],
        whole.replace(b"key-handover", b"key-handovex"),
        b"\n".join(whole.split(b"\n")[:-2]) + b"\n",  # without the new key's line
    ):
        file.write_bytes(forged)
        assert not verify_log(tmp_path / "log", key=new.text).ok, forged
    file.unlink()
    assert verify_log(tmp_path / "log", key=new.text).ok, "whoever knows the new key needs no handover"


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("after", [False, True])
def test_cut_short_at_any_step_it_is_taken_up_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, after: bool
) -> None:
    old = grown(tmp_path / "log")
    log = in_key_folder(tmp_path / "log")
    at: Any = {"make_next": log.keys, "keep": log.keys, "replace": log.keys, "put": log._heads}.get(step, log)
    real = getattr(at, step)

    def cut(*args: Any, **more: Any) -> Any:
        if after:
            real(*args, **more)
        raise Cut

    monkeypatch.setattr(at, step, cut)
    with pytest.raises(Cut):
        replaced(log)
    log._database.close()
    monkeypatch.undo()
    with in_key_folder(tmp_path / "log") as log:
        log.append(entry(400))
        log.checkpoint()  # by whoever signs next, who knows nothing of it
        begun = any(log.read(kinds=["LOG_KEY_REPLACED"]))
        assert (log.key != old) == begun
        assert verify_log(tmp_path / "log", key=log.key.text).ok
        replaced(log)
        assert log.key != old and len(log.handovers()) == len(list(log.read(kinds=["LOG_KEY_REPLACED"])))
    with in_key_folder(tmp_path / "log") as log:
        log.append(entry(401))
        log.checkpoint()
        assert verify_log(tmp_path / "log", key=log.key.text).ok
    assert {path.name for path in keys_of(tmp_path / "log").iterdir()} >= {"log.pem", "handover.1"}


def test_a_process_that_was_open_before_signs_with_the_new_key_from_then_on(tmp_path: Path) -> None:
    old = grown(tmp_path / "log")
    with in_key_folder(tmp_path / "log") as server:
        with in_key_folder(tmp_path / "log") as command:
            replaced(command)
        assert server.key != old
        server.append(entry(301))
        assert key_of(ORIGIN, server.keys.signer) == server.key
        server.checkpoint()
        assert verify_log(tmp_path / "log", key=server.key.text).ok


def test_the_old_key_put_back_before_anything_else_was_signed_opens_nothing(tmp_path: Path) -> None:
    grown(tmp_path / "log")
    shutil.copytree(keys_of(tmp_path / "log"), tmp_path / "stolen")
    with in_key_folder(tmp_path / "log") as log:
        replaced(log)
    shutil.rmtree(keys_of(tmp_path / "log"))
    shutil.copytree(tmp_path / "stolen", keys_of(tmp_path / "log"))
    with pytest.raises(IntegrityError):
        in_key_folder(tmp_path / "log")


def test_the_old_key_alone_put_back_signs_nothing(tmp_path: Path) -> None:
    """The handovers are there and lead past it."""
    grown(tmp_path / "log")
    shutil.copy(keys_of(tmp_path / "log") / "log.pem", tmp_path / "stolen.pem")
    with in_key_folder(tmp_path / "log") as log:
        replaced(log)
    (keys_of(tmp_path / "log") / "log.pem").unlink()
    shutil.copy(tmp_path / "stolen.pem", keys_of(tmp_path / "log") / "log.pem")
    log = in_key_folder(tmp_path / "log")
    log.append(entry(301))
    with pytest.raises(OfficeShut, match="is the log's key before"):
        log.checkpoint()


def test_a_key_that_signed_on_after_its_replacement_was_logged_hands_nothing_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where the next key was away for a while: what the old one signed then is not vouched for by the new one."""
    grown(tmp_path / "log")
    following, away = keys_of(tmp_path / "log") / "log.next.pem", tmp_path / "away.pem"
    with in_key_folder(tmp_path / "log") as log:
        monkeypatch.setattr(log, "finish_handover", lambda: None)  # cut short
        replaced(log)
        following.rename(away)
        log.append(entry(301))
        log.checkpoint()
        away.rename(following)
        log.append(entry(302))
        with pytest.raises(OfficeShut, match="signed 302 entries after it was replaced"):
            log.checkpoint()
        assert not log.handovers()
        following.unlink()
