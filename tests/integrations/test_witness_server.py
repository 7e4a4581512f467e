"""The board's witness over the network: it cosigns a true log, remembers over a restart, and raises the alarm."""

from __future__ import annotations

from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from threading import Thread

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from log_parts import ORIGIN, SIGNER, clock, entry, opened

from peelian.errors import IntegrityError, OutOfOrder
from peelian.integrations.witness_client import ask_witness, submit
from peelian.integrations.witness_server import BoardWitness, witness_server
from peelian.kernel.log.checkpoints import check_receipt
from peelian.kernel.log.entry_schema import encode_entry
from peelian.kernel.log.signed_note import key_of
from peelian.kernel.log.witness_protocol import Witness
from peelian.oversight.verification.verifier import verify_log

KEY = key_of(ORIGIN, SIGNER)


def seated(folder: Path) -> BoardWitness:
    signer = Ed25519PrivateKey.from_private_bytes(b"w" * 32)
    return BoardWitness(folder, name="board.example/witness", signer=signer, logs=[KEY], clock=clock)


@pytest.fixture
def board(tmp_path: Path) -> Iterator[BoardWitness]:
    with seated(tmp_path / "board") as made:
        yield made


@pytest.fixture
def witness(board: BoardWitness) -> Iterator[Witness]:
    server = witness_server(board, host="127.0.0.1", port=0)
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield Witness(key=board.key, url=f"http://127.0.0.1:{server.server_port}", seconds=5.0)
    server.shutdown()
    server.server_close()


def test_a_true_log_is_cosigned_as_it_grows(tmp_path: Path, witness: Witness) -> None:
    with opened(tmp_path / "log") as log:
        seen = 0
        for size in (1, 9, 300):
            log.append_all([entry(number) for number in range(seen, size)])
            assert ask_witness(log, witness, seen=seen).cosigned
            seen = size
        assert check_receipt(log.receipt(2), encode_entry(entry(2)), log.key, [witness.key]).size == 300
    assert verify_log(tmp_path / "log", key=KEY.text, witnesses=[witness.key.text]).ok


def test_it_answers_the_codes_of_the_page(tmp_path: Path, witness: Witness) -> None:
    with opened(tmp_path / "log") as log, opened(tmp_path / "other") as other:
        log.append_all([entry(number) for number in range(9)])
        early = log.checkpoint()
        log.append_all([entry(number) for number in range(9, 20)])
        other.append_all([entry(number, actor="else") for number in range(30)])
        assert ask_witness(log, witness).cosigned
        assert submit(witness, 20, other.consistency(20, 30), other.checkpoint())[0] == 422
        assert submit(witness, 9, (), early)[0] == 409
        with pytest.raises(IntegrityError, match="rewritten"):
            ask_witness(other, witness)
    with opened(tmp_path / "old") as old:
        old.append_all([entry(number) for number in range(12)])
        with pytest.raises(IntegrityError, match="rollback"):
            ask_witness(old, witness)


def test_it_remembers_over_a_restart(tmp_path: Path) -> None:
    first = seated(tmp_path / "board")
    with opened(tmp_path / "log") as log:
        log.append_all([entry(number) for number in range(5)])
        assert first.answer(b"old 0\n\n" + log.checkpoint()).status == 200
        with pytest.raises(OutOfOrder, match="this witness is open"):
            seated(tmp_path / "board")
        first.close()
        first.close()
        with seated(tmp_path / "board") as second:
            answer = second.answer(b"old 0\n\n" + log.checkpoint())
            assert (answer.status, answer.body) == (409, b"5\n")


def test_a_damaged_memory_cosigns_nothing(tmp_path: Path) -> None:
    with seated(tmp_path / "board") as board, opened(tmp_path / "log") as log:
        log.append(entry(0))
        board.answer(b"old 0\n\n" + log.checkpoint())
    path = next((tmp_path / "board").glob("*.checkpoint"))
    path.write_bytes(path.read_bytes().replace(b"\n1\n", b"\n0\n"))
    with pytest.raises(IntegrityError):
        seated(tmp_path / "board")


@pytest.mark.parametrize(("path", "length", "status"), [("/else", "0", 404), ("/add-checkpoint", "99999999", 413)])
def test_other_requests_are_refused_before_they_are_read(witness: Witness, path: str, length: str, status: int) -> None:
    connection = HTTPConnection("127.0.0.1", int(witness.url.rpartition(":")[2]), timeout=5)
    connection.request("POST", path, headers={"Content-Length": length})
    assert connection.getresponse().status == status
    connection.close()
