"""The published log: what outsiders read is what is committed, whoever publishes, and whatever a crash interrupts."""

from __future__ import annotations

import errno
import itertools
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from time import sleep
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from log_parts import beside, entry, filled, opened

from peelian.errors import DiskError, InputError, IntegrityError
from peelian.kernel.log.checkpoints import check_receipt, read_checkpoint
from peelian.kernel.log.entry_schema import encode_entry
from peelian.kernel.log.merkle import Tree, extends, leaf_hash
from peelian.kernel.log.signed_note import COSIGNATURE, Note, NoteKey, Signature, read_note
from peelian.oversight.verification.verifier import verify_log
from peelian.storage.log_publisher import PublishedLog
from peelian.storage.schema import ENTRIES, NOTES

NAMES = ("signed", "witnessed")


def test_every_checkpoint_extends_the_one_before_and_outsiders_find_all_of_it(tmp_path: Path) -> None:
    with opened(tmp_path / "log") as log:
        heads = []
        for n in (1, 2, 200, 256, 257, 600):
            log.append_all([entry(number) for number in range(log.size(), n)])
            heads.append(read_checkpoint(log.checkpoint(), log.key)[1])
            assert verify_log(tmp_path / "log").ok
        for old, new in pairwise(heads):
            assert extends(old, new, log.consistency(old.size, new.size))
        assert not (tmp_path / "log" / "tile" / "0" / "000.p").exists(), "a full tile takes its partial ones' place"
        for index in (0, 255, 256, 599):
            assert check_receipt(log.receipt(index), encode_entry(entry(index)), log.key).size == 600


def test_a_process_that_ends_signs_what_it_appended_and_a_server_signs_for_others(tmp_path: Path) -> None:
    server = opened(tmp_path / "log")
    with opened(tmp_path / "log") as command:
        command.append(entry(0))
    assert read_checkpoint((tmp_path / "log" / "checkpoint").read_bytes(), server.key)[1].size == 1
    other = opened(tmp_path / "log")
    other.append(entry(1))  # and is killed
    assert read_checkpoint(server.checkpoint(), server.key)[1].size == 2
    with opened(tmp_path / "log") as idle:
        before = idle.checkpoint()
    assert idle.checkpoint() == before, "nothing new is nothing to sign"


def test_an_act_that_asks_for_a_receipt_while_another_thread_signs_does_not_wait_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one has the turn to write and wants to sign, the other signs and wants the turn."""
    with opened(tmp_path / "log") as log:
        log.append(entry(0))
        signs, acts, put = threading.Event(), threading.Event(), log._heads.put

        def waits(note: Note) -> None:
            signs.set()
            acts.wait(0.5)  # for an act to begin, where one can
            put(note)

        def act() -> None:
            signs.wait(30)
            with log._database:
                acts.set()
                log.append(entry(1))
                log.receipt(1)

        monkeypatch.setattr(log._heads, "put", waits)
        threads = [threading.Thread(target=of, daemon=True) for of in (log.checkpoint, act)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert not any(thread.is_alive() for thread in threads)
        assert read_checkpoint(log.checkpoint(), log.key)[1].size == 2


def test_while_a_backup_keeps_others_from_publishing_acts_go_on(tmp_path: Path) -> None:
    with opened(tmp_path / "log") as log, opened(tmp_path / "log") as backup:
        log.append(entry(0))
        with backup._database.alone("publisher"):
            signs = threading.Thread(target=log.checkpoint, daemon=True)
            signs.start()
            for number in range(1, 20):
                log.append(entry(number))
                sleep(0.01)
            assert signs.is_alive() and log.size() == 20
        signs.join(30)
        assert not signs.is_alive()
        assert read_checkpoint((tmp_path / "log" / "checkpoint").read_bytes(), log.key)[1].size == 20


@contextmanager
def failing(call: str, after: int) -> Iterator[None]:
    """`os.<call>` fails from the `after`-th time on, as a disk does that has gone."""
    real, left = getattr(os, call), [after]

    def broken(*args: Any, **more: Any) -> Any:
        left[0] -= 1
        if left[0] < 0:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return real(*args, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, call, broken)
        yield


@pytest.mark.parametrize("after", range(7))
def test_whatever_fails_while_publishing_the_next_one_makes_good(tmp_path: Path, after: int) -> None:
    filled(tmp_path / "log", 300)
    log = opened(tmp_path / "log")
    log.append_all([entry(number) for number in range(300, 520)])
    with failing("replace", after), pytest.raises(DiskError, match="cannot be published"):
        log.checkpoint()
    shown = read_checkpoint((tmp_path / "log" / "checkpoint").read_bytes(), log.key)[1].size
    assert all(head.size >= shown for head in log.heads().values()), "nobody outside reads a head that no place kept"
    log._database.close()
    with opened(tmp_path / "log") as again:
        assert again.size() == 520, "what was acknowledged is there"
        again.append(entry(520))
    verdict = verify_log(tmp_path / "log")
    assert verdict.ok and read_checkpoint((tmp_path / "log" / "checkpoint").read_bytes(), log.key)[1].size == 521


def test_rows_that_differ_from_what_was_signed_are_not_signed(tmp_path: Path) -> None:
    filled(tmp_path / "log", 5)
    log = opened(tmp_path / "log")
    other = encode_entry({**entry(2), "case": "case-9"})
    was = put_in_place_of(log, 2, other)
    log.append(entry(5))
    bundle = tmp_path / "log" / "tile" / "entries" / "000.p" / "5"
    bundle.write_bytes(bundle.read_bytes().replace(was, other))
    with pytest.raises(IntegrityError, match="Entry 2 of the log was altered"):
        log.checkpoint()
    log._database.close()
    with pytest.raises(IntegrityError, match="Entry 2 of the log was altered"):
        opened(tmp_path / "log")


@pytest.mark.parametrize("n", [5, 300])
def test_an_altered_row_is_read_as_it_was_published_and_remembered(tmp_path: Path, n: int) -> None:
    """Outsiders read the same entry under a head that the office signed: it goes on from that, and says so."""
    filled(tmp_path / "log", n)
    log = opened(tmp_path / "log")
    spelling = put_in_place_of(log, 2, encode_entry({**entry(2), "case": "case-9"}))
    assert log.entry(2)["case"] == entry(2)["case"] and list(log.mended) == [2]
    assert [one["case"] for _, one in log.page(5, before=5)] == [entry(at)["case"] for at in (4, 3, 2, 1, 0)]
    log.append(entry(n))
    log.checkpoint()
    with pytest.raises(IntegrityError, match="Entry 2 of the log was altered"):
        list(log.as_it_stands())
    put_in_place_of(log, 2, spelling)
    assert log.entry(2) == entry(2) and not log.mended
    log.close()
    assert verify_log(tmp_path / "log").ok


def test_an_altered_row_that_was_not_published_is_not_read(tmp_path: Path) -> None:
    filled(tmp_path / "log", 5)
    log = opened(tmp_path / "log")
    log.append(entry(5))
    put_in_place_of(log, 5, encode_entry({**entry(5), "case": "case-9"}))
    with pytest.raises(IntegrityError, match="Entry 5 of the log was altered"):
        log.entry(5)


def put_in_place_of(log: PublishedLog, index: int, spelling: bytes) -> bytes:
    """Somebody writes another entry into a row, without its MAC; what was there."""
    with log._database.writing() as connection:
        was = connection.execute(ENTRIES.select().where(ENTRIES.c.idx == index)).one()
        connection.execute(ENTRIES.update().where(ENTRIES.c.idx == index).values(spelling=spelling))
    return bytes(was.spelling)


def test_a_head_that_the_key_signed_of_another_log_stops_the_publisher(tmp_path: Path) -> None:
    filled(tmp_path / "log", 5)
    with opened(tmp_path / "other") as other:
        other.append_all([entry(number, unit="u-01") for number in range(5)])
        foreign = other.checkpoint()
    log = opened(tmp_path / "log")
    log.append(entry(5))
    with log._database.writing() as connection:
        connection.execute(NOTES.update().where(NOTES.c.name == "signed").values(note=foreign))
    with pytest.raises(IntegrityError, match="differs from the one that was signed at 5 entries"):
        log.checkpoint()


def test_a_record_of_what_was_signed_that_somebody_changed_stops_the_publisher(tmp_path: Path) -> None:
    filled(tmp_path / "log", 5)
    log = opened(tmp_path / "log")
    old = log._note("signed")
    log.append(entry(5))
    with log._database.writing() as connection:
        connection.execute(NOTES.delete())
    assert old is not None
    with pytest.raises(IntegrityError, match="notes signed"):
        log._swap("signed", old[0], old[0])


def test_another_key_or_name_cannot_open_the_log(tmp_path: Path) -> None:
    filled(tmp_path / "log", 3)
    with pytest.raises(IntegrityError, match=r"another office's|not signed by the key"):
        opened(tmp_path / "log", Ed25519PrivateKey.from_private_bytes(b"x" * 32))
    with pytest.raises(IntegrityError):
        opened(tmp_path / "log", origin="other.example")
    with pytest.raises(InputError, match="cannot name a signer"):
        opened(tmp_path / "new", origin="two words")
    assert beside(tmp_path / "log").is_dir()


# ---- witnessed checkpoints


def cosigned(checkpoint: bytes, signer: Any, name: str = "witness.example") -> tuple[NoteKey, bytes]:
    note = read_note(checkpoint)
    key = NoteKey(name=name, public=signer.public_key().public_bytes_raw(), kind=COSIGNATURE)
    value = (7).to_bytes(8, "big") + signer.sign(b"cosignature/v1\ntime 7\n" + note.text.encode())
    line = Signature(name=name, key_id=key.id, value=value)
    return key, Note(text=note.text, signatures=(*note.signatures, line)).data


def test_cosignatures_are_kept_and_stand_under_receipts(tmp_path: Path) -> None:
    witness = Ed25519PrivateKey.from_private_bytes(b"w" * 32)
    with opened(tmp_path / "log") as log:
        log.append_all([entry(number) for number in range(5)])
        key, with_line = cosigned(log.checkpoint(), witness)
        log.keep_witnessed(with_line, [key])
        assert log.checkpoint() == with_line == (tmp_path / "log" / "checkpoint").read_bytes()
        log.append(entry(5))
        assert key.name not in log.checkpoint().decode(), "the newer checkpoint is not witnessed yet"
        assert log.witnessed(key) is not None
    with opened(tmp_path / "log") as log:
        assert check_receipt(log.receipt(4), encode_entry(entry(4)), log.key, [key]).size == 5
        assert check_receipt(log.receipt(5), encode_entry(entry(5)), log.key).size == 6


def test_lines_that_are_not_a_known_witness_s_are_not_kept(tmp_path: Path) -> None:
    witness = Ed25519PrivateKey.from_private_bytes(b"w" * 32)
    with opened(tmp_path / "log") as log, opened(tmp_path / "other") as other:
        log.append(entry(0))
        other.append(entry(1))
        key, with_line = cosigned(log.checkpoint(), witness)
        stranger = NoteKey(name="stranger.example", public=key.public, kind=COSIGNATURE)
        with pytest.raises(IntegrityError):
            log.keep_witnessed(with_line, [stranger])
        with pytest.raises(IntegrityError):
            log.keep_witnessed(cosigned(other.checkpoint(), witness)[1], [key])
        assert log.append(entry(1)) == 1, "it was refused, and the log goes on"


def differences(log: PublishedLog, *, repair: bool = False) -> list[str]:
    """What differs from a tree that is made anew."""
    derived = Tree()
    for _, one in log.as_it_stands():
        derived.append(leaf_hash(encode_entry(one)))
    return list(log.note_differences(derived, repair=repair))


def test_a_signed_head_that_was_set_back_is_named_and_put_right_from_what_outsiders_read(tmp_path: Path) -> None:
    witness = Ed25519PrivateKey.from_private_bytes(b"w" * 32)
    with opened(tmp_path / "log") as log:
        old = {}
        for n in range(2):
            log.append_all([entry(3 * n + k) for k in range(3)])
            key, with_line = cosigned(log.checkpoint(), witness)
            log.keep_witnessed(with_line, [key])
            old[n] = with_line
        assert differences(log) == []
        for note, name in itertools.product((None, old[0], old[1][:-1], old[1][:200]), NAMES):
            with log._database.writing() as connection:
                this = NOTES.c.name == name
                connection.execute(
                    NOTES.delete().where(this) if note is None else NOTES.update().where(this).values(note=note)
                )
            assert differences(log) == [f"notes {name}"]
            if note in (None, old[0]):
                assert log.witnessed(key) == (6, datetime.fromtimestamp(7, UTC)), "outsiders read the newer one"
            assert differences(log, repair=True) == [f"notes {name}"] and differences(log) == []
