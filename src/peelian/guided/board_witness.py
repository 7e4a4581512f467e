"""A witness put together for the oversight board: its key, made once and kept in its folder, and its server."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import ThreadingHTTPServer
from pathlib import Path

from peelian.adapters.operator_keys import load_key, new_key
from peelian.adapters.witness_server import BoardWitness, witness_server
from peelian.governance.note import read_key


@contextmanager
def served(
    folder: Path, *, name: str, logs: Sequence[str], host: str, port: int
) -> Iterator[tuple[str, ThreadingHTTPServer]]:
    """The witness's key line and its server, not yet running; all is closed afterwards. InputError for a bad key."""
    watched = [read_key(line.strip()) for line in logs]
    file = folder / "keys" / "witness.pem"
    signer = load_key(file) if file.exists() else new_key(file)
    with BoardWitness(folder, name=name, signer=signer, logs=watched, clock=lambda: datetime.now(UTC)) as made:
        server = witness_server(made, host=host, port=port)
        try:
            yield made.key.text, server
        finally:
            server.server_close()
