"""Other people's tools accept our log and refuse a changed one: Go's sumdb/note and tlog, a spicy verifier, a witness.

They come from the Debian packages golang-go, golang-golang-x-mod-dev, litetlog and sigsum-go.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from handed_over import grown, in_key_folder, replaced
from log_parts import ORIGIN, SIGNER, START, OpenLog, entry, filled, opened
from witnesses import needed, sigsum_origin, sigsum_witness

from peelian.errors import IntegrityError
from peelian.integrations.witness_client import ask_witness, submit
from peelian.kernel.log.checkpoints import check_receipt
from peelian.kernel.log.entry_schema import encode_entry, time_text
from peelian.kernel.log.signed_note import Note, Signature, key_of, read_note
from peelian.kernel.log.witness_protocol import Witness
from peelian.oversight.verification.verifier import verify_log

GO_SOURCES = Path("/usr/share/gocode")
PROGRAM = Path(__file__).parent / "outsider"
VKEY = key_of(ORIGIN, SIGNER).text
SIZE = 66_000  # three levels of tiles


# ---- Go: sumdb/note and sumdb/tlog


@pytest.fixture(scope="module")
def outsider(tmp_path_factory: pytest.TempPathFactory) -> Path:
    go = needed("go", "golang-go")
    if not (GO_SOURCES / "src" / "golang.org" / "x" / "mod" / "sumdb").is_dir():
        pytest.skip("golang.org/x/mod is missing: Debian package golang-golang-x-mod-dev")
    built = tmp_path_factory.mktemp("go") / "outsider"
    build = {**os.environ, "GO111MODULE": "off", "GOPATH": str(GO_SOURCES), "GOFLAGS": ""}
    subprocess.run([go, "build", "-o", str(built), str(PROGRAM / "main.go")], env=build, check=True)
    return built


@pytest.fixture(scope="module")
def long_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("long") / "log"
    moment = time_text(START)
    with opened(folder) as log:
        for start in range(0, SIZE, 10_000):
            numbers = range(start, min(SIZE, start + 10_000))
            log.append_all([{"v": 1, "t": moment, "kind": "BEAT", "n": number} for number in numbers])
    return folder


def asked(outsider: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(outsider), str(folder), VKEY], capture_output=True, text=True, check=False)


def test_go_s_note_and_tlog_accept_the_log(outsider: Path, long_log: Path) -> None:
    answer = asked(outsider, long_log)
    assert (answer.returncode, answer.stdout) == (0, f"{SIZE}\n"), answer.stderr


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 700])
def test_go_accepts_logs_of_every_kind_of_end(outsider: Path, tmp_path: Path, size: int) -> None:
    answer = asked(outsider, filled(tmp_path / "log", size))
    assert (answer.returncode, answer.stdout) == (0, f"{size}\n"), answer.stderr


@pytest.mark.parametrize(
    "name", ["checkpoint", "tile/0/000", "tile/1/000.p/2", "tile/entries/001", "tile/entries/002.p/188"]
)
def test_go_and_our_verifier_refuse_the_same_edit(outsider: Path, tmp_path: Path, name: str) -> None:
    path = filled(tmp_path / "log", 700) / name
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    assert asked(outsider, tmp_path / "log").returncode == 1
    assert not verify_log(tmp_path / "log", key=VKEY).ok


def test_go_accepts_the_log_across_a_key_handover(outsider: Path, tmp_path: Path) -> None:
    """The handover itself under either key, what follows it under the new one alone."""
    old = grown(tmp_path / "log")
    with in_key_folder(tmp_path / "log") as log:
        replaced(log)
        new = log.key
        for key in (old, new):
            command = [str(outsider), str(tmp_path / "log"), key.text]
            assert subprocess.run(command, capture_output=True, text=True, check=False).stdout == "301\n"
        log.append(entry(301))
        log.checkpoint()
    answers = [subprocess.run([str(outsider), str(tmp_path / "log"), key.text], check=False) for key in (old, new)]
    assert [answer.returncode for answer in answers] == [1, 0]


# ---- spicy-litetlog: receipts


def spicy(tmp_path: Path, entry_bytes: bytes, receipt: bytes) -> int:
    """Its format is a tlog-proof without the first line."""
    (tmp_path / "entry").write_bytes(entry_bytes)
    (tmp_path / "entry.spicy").write_bytes(receipt.partition(b"\n")[2])
    command = [needed("spicy-litetlog", "litetlog"), "-verify", VKEY, str(tmp_path / "entry")]
    return subprocess.run(command, capture_output=True, check=False).returncode


def test_spicy_accepts_receipts_and_refuses_changed_ones(tmp_path: Path) -> None:
    with opened(tmp_path / "log") as log:
        log.append_all([entry(number) for number in range(300)])
        for number in (0, 150, 255, 256, 299):
            receipt = log.receipt(number)
            assert spicy(tmp_path, encode_entry(entry(number)), receipt) == 0
            assert spicy(tmp_path, encode_entry(entry(number + 1)), receipt) != 0
            assert spicy(tmp_path, encode_entry(entry(number)), receipt.replace(b"\n300\n", b"\n301\n")) != 0


# ---- sigsum-witness


@dataclass
class Running:
    """A sigsum-witness that watches the log of `SIGNER`."""

    witness: Witness
    origin: str

    def log(self, folder: Path, signer: Ed25519PrivateKey = SIGNER) -> OpenLog:
        return opened(folder, signer, origin=self.origin)


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    origin = sigsum_origin(SIGNER.public_key().public_bytes_raw())
    with sigsum_witness(tmp_path / "witness", key_of(origin, SIGNER)) as witness:
        yield Running(witness, origin)


def _signed_by_a_stranger_in_the_log_s_name(origin: str, log: OpenLog) -> Note:
    stranger = Ed25519PrivateKey.from_private_bytes(b"s" * 32)
    text = read_note(log.checkpoint()).text
    line = Signature(name=origin, key_id=log.key.id, value=stranger.sign(text.encode()))
    return Note(text=text, signatures=(line,))


def test_the_witness_cosigns_a_log_that_grows(tmp_path: Path, running: Running) -> None:
    with running.log(tmp_path / "log") as log:
        seen = 0
        for size in (1, 5, 256, 700):
            log.append_all([entry(number) for number in range(seen, size)])
            went = ask_witness(log, running.witness, seen=seen)
            assert went.cosigned, went.says
            seen = size
        receipt = log.receipt(3)
        assert check_receipt(receipt, encode_entry(entry(3)), log.key, [running.witness.key]).size == 700
        log.append(entry(700))
        assert ask_witness(log, running.witness, seen=0).cosigned, "a client that forgot is told where it stands"
    key = key_of(running.origin, SIGNER).text
    assert verify_log(tmp_path / "log", key=key, witnesses=[running.witness.key.text]).ok


def test_the_witness_answers_what_the_page_says(tmp_path: Path, running: Running) -> None:
    """422 to a rewritten and a forked log, 409 to one cut short and one set back, 403 to another key."""
    with running.log(tmp_path / "log") as log:
        log.append_all([entry(number) for number in range(9)])
        early, early_size = log.checkpoint(), 9
        log.append_all([entry(number) for number in range(9, 20)])
        assert ask_witness(log, running.witness).cosigned
    answers = {}
    with running.log(tmp_path / "log") as log:
        log.append(entry(20))
        forged = _signed_by_a_stranger_in_the_log_s_name(running.origin, log)
        answers["wrong key"] = submit(running.witness, 20, log.consistency(20, 21), forged.data)
    with running.log(tmp_path / "rewritten") as other:
        other.append_all([entry(number, actor="else") for number in range(30)])
        answers["rewrite"] = submit(running.witness, 20, other.consistency(20, 30), other.checkpoint())
    with running.log(tmp_path / "forked") as fork:
        fork.append_all([entry(number) for number in range(19)] + [entry(50), entry(51)])
        answers["fork"] = submit(running.witness, 20, fork.consistency(20, 21), fork.checkpoint())
        with pytest.raises(IntegrityError, match="rewritten"):
            ask_witness(fork, running.witness, seen=20)
    answers["truncation"] = submit(running.witness, early_size, (), early)
    with running.log(tmp_path / "old") as old:
        old.append_all([entry(number) for number in range(12)])
        answers["rollback"] = submit(running.witness, early_size, old.consistency(9, 12), old.checkpoint())
        with pytest.raises(IntegrityError, match="rollback"):
            ask_witness(old, running.witness)
    codes = {what: status for what, (status, _) in answers.items()}
    assert codes == {"rewrite": 422, "fork": 422, "truncation": 409, "rollback": 409, "wrong key": 403}
