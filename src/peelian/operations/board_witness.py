"""The board's witness: run one with its key in its folder; ask the one an office chose."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import ThreadingHTTPServer
from pathlib import Path

from peelian.errors import Objection, OutOfOrder
from peelian.integrations.witness_client import Witnessing, ask_witness
from peelian.integrations.witness_objection import keep_objection, lift_objection, objection
from peelian.integrations.witness_server import BoardWitness, witness_server
from peelian.kernel.log.signed_note import read_key
from peelian.kernel.log.witness_protocol import Witness
from peelian.operations.office import open_office
from peelian.storage.log_publisher import PublishedLog
from peelian.storage.office_settings import read_settings, witness_of
from peelian.storage.operator_keys import load_key, new_key


@contextmanager
def served(
    folder: Path, *, name: str, logs: Sequence[str], host: str, port: int
) -> Iterator[tuple[str, ThreadingHTTPServer]]:
    """The witness's key line and its server, not yet running; all is closed afterwards. InputError for a bad key."""
    watched = [read_key(line.strip()) for line in logs]
    file = folder / "keys" / "witness.pem"
    signer = load_key(file) if file.exists() else new_key(file)
    with BoardWitness(folder, name=name, signer=signer, logs=watched, clock=_now) as made:
        server = witness_server(made, host=host, port=port)
        try:
            yield made.key.text, server
        finally:
            server.server_close()


def cosign_now(office: Path) -> Witnessing:
    """Ask the chosen witness of the office at `office` to cosign the log as it is now.

    Where it had objected and cosigns again, the office goes on. Objection, with what to do, where it objects.
    """
    settings = read_settings(office)
    witness = witness_of(settings)
    if "registrar" in settings:
        raise OutOfOrder("A registrar holds this office's log. Ask its witness from the registrar's folder.")
    if witness is None:
        raise OutOfOrder("This office has no witness. See `peelian oversight choose-witness`.")
    if objection(office):
        return _asked_again(office, witness)
    with open_office(office) as opened:
        answer = opened.maintenance.ask() if opened.maintenance else None
    if answer is None:
        raise OutOfOrder("This office has no log that a witness can cosign.")
    return answer


def _asked_again(office: Path, witness: Witness) -> Witnessing:
    """Asked though it objected: nothing is logged or signed meanwhile, what was signed last is shown to it again."""
    with open_office(office) as opened:
        log = opened.kernel.stores.log
        if not isinstance(log, PublishedLog):
            raise OutOfOrder("This office has no log that a witness can cosign.")
        try:
            answer = ask_witness(log, witness)
        except Objection as again:
            raise Objection(keep_objection(office, str(again), _now())) from again
    if answer.cosigned:
        lift_objection(office)
    return answer


def _now() -> datetime:
    return datetime.now(UTC)
