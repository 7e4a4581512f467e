"""Witness server: an oversight board's own witness, which cosigns a log that grows and refuses one that does not."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from peelian.errors import IntegrityError
from peelian.kernel.log.checkpoints import read_checkpoint
from peelian.kernel.log.key_handover import read_handover
from peelian.kernel.log.signed_note import Note, NoteKey
from peelian.kernel.log.witness_protocol import Ruling, Watched, cosign, rule, witness_key
from peelian.kernel.model.ports import Clock
from peelian.storage.durable_files import lock_exclusively, make_folder, put_durably, sync_folder

_LONGEST_REQUEST = 65_536


class BoardWitness:
    """Remembers the newest checkpoint it cosigned of every log, in a folder that nobody of the office can write."""

    def __init__(
        self, folder: Path, *, name: str, signer: Ed25519PrivateKey, logs: Sequence[NoteKey], clock: Clock
    ) -> None:
        """`logs` are the key lines of the logs to watch. OutOfOrder where another process uses the folder;
        IntegrityError where what is remembered is damaged: then nothing is cosigned, rather than anything."""
        make_folder(folder)
        self.key = witness_key(name, signer)
        self._folder, self._signer, self._clock = folder, signer, clock
        self._lock = lock_exclusively(folder / "lock", what="this witness")
        self._turn = Lock()  # checking and remembering are one step
        self._watched = {key.name: self._remembered(key) for key in logs}

    def answer(self, request: bytes) -> Ruling:
        """Rule on an add-checkpoint request; what is cosigned is remembered before it is answered."""
        with self._turn:
            ruling = rule(request, self._watched)
            if ruling.note is None or ruling.head is None:
                return ruling
            origin = ruling.note.text.split("\n", 1)[0]
            log = self._watched[origin]
            if ruling.key is not None:  # before the checkpoint: it is signed by both keys, whichever is watched
                self._keep(self._handover(log.key), ruling.note)
            self._keep(self._place(log.key), ruling.note)
            self._watched[origin] = Watched(key=ruling.key or log.key, head=ruling.head)
            line = cosign(ruling.note, self.key.name, self._signer, int(self._clock().timestamp()))
            return Ruling(status=200, body=line.line.encode())

    def close(self) -> None:
        """Let the folder go; closing again does nothing."""
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def __enter__(self) -> BoardWitness:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _remembered(self, key: NoteKey) -> Watched:
        """The newest head of a log, and the key that signs it since: `key`, or one that it handed over to."""
        while (kept := self._handover(key)).exists():
            found = read_handover(kept.read_bytes(), key.name)
            if found.old != key:
                raise IntegrityError("A key handover that this witness remembers is damaged.")
            key = found.new
        place = self._place(key)
        head = read_checkpoint(place.read_bytes(), key)[1] if place.exists() else None
        return Watched(key=key, head=head)

    def _keep(self, place: Path, note: Note) -> None:
        put_durably(place, note.data, unfinished=self._folder / "unfinished")
        sync_folder(self._folder)

    def _handover(self, key: NoteKey) -> Path:
        """Where the handover from this key is remembered."""
        return self._folder / f"{hashlib.sha256(key.text.encode()).hexdigest()}.handover"

    def _place(self, key: NoteKey) -> Path:
        return self._folder / f"{hashlib.sha256(key.name.encode()).hexdigest()}.checkpoint"


def witness_server(witness: BoardWitness, *, host: str, port: int) -> ThreadingHTTPServer:
    """An HTTP server, not yet running, that answers POST …/add-checkpoint; TLS is for a server in front of it."""

    class Door(BaseHTTPRequestHandler):
        timeout = 10  # seconds that somebody may take to send a request

        def do_POST(self) -> None:
            length = self.headers.get("Content-Length", "")
            if not self.path.endswith("/add-checkpoint"):
                self._say(Ruling(status=404))
            elif not length.isdecimal() or len(length) > 12 or int(length) > _LONGEST_REQUEST:
                self._say(Ruling(status=413))
            else:
                self._say(witness.answer(self.rfile.read(int(length))))

        def _say(self, ruling: Ruling) -> None:
            kind = "text/x.tlog.size" if ruling.status == 409 else "text/plain; charset=utf-8"
            self.send_response(ruling.status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(ruling.body)))
            self.end_headers()
            self.wfile.write(ruling.body)

        def log_message(self, format: str, *args: object) -> None:
            """Keep no list of who asked."""

    return ThreadingHTTPServer((host, port), Door)
