"""The witness client, against a small witness of the test's own that can be told how to answer."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from log_parts import entry, opened

from peelian.errors import InputError, IntegrityError
from peelian.integrations.witness_client import ask_witness, submit
from peelian.kernel.log.checkpoints import check_receipt
from peelian.kernel.log.entry_schema import encode_entry
from peelian.kernel.log.merkle import Head, extends
from peelian.kernel.log.signed_note import COSIGNATURE, NoteKey, Signature
from peelian.kernel.log.witness_protocol import Witness
from peelian.storage.log_publisher import PublishedLog

SIGNER = Ed25519PrivateKey.from_private_bytes(b"w" * 32)
KEY = NoteKey(name="witness.example", public=SIGNER.public_key().public_bytes_raw(), kind=COSIGNATURE)


@dataclass
class Board:
    """A witness as C2SP tlog-witness describes it, but for the log's signature, which `Forbidden` stands for."""

    head: Head = field(default_factory=lambda: Head(size=0, root=b""))
    answers: list[tuple[int, bytes]] = field(default_factory=list)  # told beforehand
    asked: list[bytes] = field(default_factory=list)

    def answer(self, body: bytes) -> tuple[int, bytes]:
        self.asked.append(body)
        if self.answers:
            return self.answers.pop(0)
        top, _, checkpoint = body.partition(b"\n\n")
        first, *proof = top.split(b"\n")
        text = checkpoint.split(b"\n\n")[0] + b"\n"
        new = Head(size=int(text.split(b"\n")[1]), root=b64decode(text.split(b"\n")[2]))
        if int(first.removeprefix(b"old ")) != self.head.size:
            return 409, b"%d\n" % self.head.size
        if self.head.size and not extends(self.head, new, [b64decode(line) for line in proof]):
            return 422, b""
        self.head = new
        signed = SIGNER.sign(b"cosignature/v1\ntime 7\n" + text)
        line = Signature(name=KEY.name, key_id=KEY.id, value=(7).to_bytes(8, "big") + signed)
        return 200, line.line.encode()


@pytest.fixture
def board() -> Board:
    return Board()


@pytest.fixture
def witness(board: Board) -> Iterator[Witness]:
    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.path == "/board/add-checkpoint"
            status, body = board.answer(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Door)
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield Witness(key=KEY, url=f"http://127.0.0.1:{server.server_port}/board/", seconds=5.0)
    server.shutdown()
    server.server_close()


@pytest.fixture
def log(tmp_path: Path) -> Iterator[PublishedLog]:
    with opened(tmp_path / "log") as made:
        made.append_all([entry(number) for number in range(5)])
        yield made


def test_a_growing_log_is_cosigned_again_and_again(log: PublishedLog, witness: Witness, board: Board) -> None:
    seen = 0
    for size in (5, 6, 300):
        log.append_all([entry(number) for number in range(seen or 5, size)])
        went = ask_witness(log, witness, seen=seen)
        assert (went.cosigned, went.size) == (True, size), went.says
        seen = went.size
    assert board.head.size == 300
    assert len(board.asked) == 3
    assert check_receipt(log.receipt(4), encode_entry(entry(4)), log.key, [KEY]).size == 300


def test_a_client_that_forgot_learns_where_the_witness_stands(
    log: PublishedLog, witness: Witness, board: Board
) -> None:
    ask_witness(log, witness)
    log.append(entry(5))
    assert ask_witness(log, witness, seen=0).cosigned
    assert [body.split(b"\n")[0] for body in board.asked] == [b"old 0", b"old 0", b"old 5"]


def test_an_empty_log_has_nothing_to_witness(tmp_path: Path, witness: Witness, board: Board) -> None:
    with opened(tmp_path / "empty") as empty:
        assert not ask_witness(empty, witness).cosigned
    assert not board.asked


def test_a_log_that_was_rolled_back_raises_the_alarm(tmp_path: Path, log: PublishedLog, witness: Witness) -> None:
    log.append_all([entry(number) for number in range(5, 9)])
    ask_witness(log, witness)
    with opened(tmp_path / "old") as old:
        old.append_all([entry(number) for number in range(5)])
        with pytest.raises(IntegrityError, match="a rollback or a fork"):
            ask_witness(old, witness)


def test_a_log_that_was_rewritten_raises_the_alarm(tmp_path: Path, log: PublishedLog, witness: Witness) -> None:
    ask_witness(log, witness)
    with opened(tmp_path / "other") as other:
        other.append_all([entry(number, actor="else") for number in range(9)])
        with pytest.raises(IntegrityError, match="entries were rewritten"):
            ask_witness(other, witness)


@pytest.mark.parametrize(("status", "says"), [(403, "key"), (409, "rollback"), (422, "rewritten")])
def test_each_alarm_has_its_words(log: PublishedLog, witness: Witness, board: Board, status: int, says: str) -> None:
    board.answers = [(status, b"no\n")]
    with pytest.raises(IntegrityError, match=says):
        ask_witness(log, witness)


@pytest.mark.parametrize(("status", "says"), [(404, "does not watch"), (400, "could not read"), (500, "answered 500")])
def test_absence_is_no_alarm(log: PublishedLog, witness: Witness, board: Board, status: int, says: str) -> None:
    board.answers = [(status, b"no\n")]
    went = ask_witness(log, witness)
    assert not went.cosigned
    assert says in went.says


def test_a_witness_that_cannot_be_reached_is_no_alarm(log: PublishedLog) -> None:
    went = ask_witness(log, Witness(key=KEY, url="http://127.0.0.1:1/", seconds=1.0))
    assert not went.cosigned
    assert "cannot be reached" in went.says


@pytest.mark.parametrize("body", [b"", b"not a line\n", "— witness.example AAAAAAA=\n".encode(), b"\xff\n"])
def test_an_answer_that_is_no_good_cosignature_is_not_kept(
    log: PublishedLog, witness: Witness, board: Board, body: bytes
) -> None:
    board.answers = [(200, body)]
    went = ask_witness(log, witness)
    assert not went.cosigned
    assert "no good cosignature" in went.says
    assert KEY.name not in log.checkpoint().decode()


@pytest.mark.parametrize("url", ["", "ftp://host/", "witness.example"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(InputError):
        submit(Witness(key=KEY, url=url), 0, (), b"")
