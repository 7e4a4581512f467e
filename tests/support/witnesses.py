"""Witnesses that run: our own, and sigsum-witness of the Debian package sigsum-go."""

from __future__ import annotations

import hashlib
import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from broker import free_port
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from peelian.integrations.witness_server import BoardWitness, witness_server
from peelian.kernel.log.signed_note import COSIGNATURE, NoteKey
from peelian.kernel.log.witness_protocol import Witness


def needed(command: str, package: str) -> str:
    found = shutil.which(command)
    if not found:
        pytest.skip(f"{command} is missing: Debian package {package}")
    return found


@contextmanager
def board_witness(folder: Path, log: NoteKey) -> Iterator[Witness]:
    """The product's own, which watches the log with this key."""
    signer, now = Ed25519PrivateKey.generate(), lambda: datetime.now(UTC)
    board = BoardWitness(folder, name="board.example/w", signer=signer, logs=[log], clock=now)
    server = witness_server(board, host="127.0.0.1", port=0)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield Witness(key=board.key, url=f"http://127.0.0.1:{server.server_address[1]}/")
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
        board.close()


@contextmanager
def sigsum_witness(folder: Path, log: NoteKey) -> Iterator[Witness]:
    """sigsum-witness; skips where it is not installed. It knows logs by the name that `sigsum_origin` gives."""
    program, key_program = needed("sigsum-witness", "sigsum-go"), needed("sigsum-key", "sigsum-go")
    folder.mkdir(exist_ok=True)
    subprocess.run([key_program, "generate", "-o", str(folder / "w")], check=True)
    public = Ed25519PublicKey.from_public_bytes(log.public)
    (folder / "log.pub").write_bytes(public.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH) + b" log\n")
    port = free_port()
    command = [program, "-k", "w", "--log-key", "log.pub", "--state-file", "state", f"127.0.0.1:{port}"]
    with _running(command, folder):
        _until_it_answers(port)
        asked = [key_program, "to-hex", "-k", "w.pub"]
        line = subprocess.run(asked, cwd=folder, capture_output=True, text=True, check=True)
        own = bytes.fromhex(line.stdout.strip())
        name = "sigsum.org/v1/witness/" + hashlib.sha256(own).hexdigest()
        yield Witness(key=NoteKey(name=name, public=own, kind=COSIGNATURE), url=f"http://127.0.0.1:{port}")


def sigsum_origin(public: bytes) -> str:
    """What sigsum calls the log with this public key."""
    return "sigsum.org/v1/tree/" + hashlib.sha256(public).hexdigest()


@contextmanager
def _running(command: list[str], folder: Path) -> Iterator[None]:
    """Another program, for as long as it is needed. Its HTTP routes are written for the newer patterns of Go's server,
    which Debian's build turns off: without the setting it answers 404 to everything."""
    environment = {**os.environ, "GODEBUG": "httpmuxgo121=0"}
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, cwd=folder, env=environment, stdout=quiet, stderr=quiet)
    try:
        yield
    finally:
        process.terminate()
        process.wait(10)


def _until_it_answers(port: int, *, seconds: float = 30) -> None:
    late = time.monotonic() + seconds
    while time.monotonic() < late:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.02)
    pytest.fail(f"sigsum-witness was started but does not answer within {seconds} seconds")
