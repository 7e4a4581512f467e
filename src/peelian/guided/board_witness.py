"""A witness put together for the oversight board, its key kept in its folder; how an office asks the one it chose."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import ThreadingHTTPServer
from pathlib import Path

from peelian.adapters.log_files import open_log
from peelian.adapters.log_heads import parts_of
from peelian.adapters.office_settings import read_settings, witness_of
from peelian.adapters.operator_keys import load_key, new_key
from peelian.adapters.witness_client import Witness, Witnessing, ask_witness
from peelian.adapters.witness_objection import keep_objection, lift_objection, objection
from peelian.adapters.witness_server import BoardWitness, witness_server
from peelian.errors import Objection, OutOfOrder
from peelian.governance.note import read_key
from peelian.office import open_office


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


def asked(office: Path) -> Witnessing:
    """Ask the chosen witness of the office at `office` to cosign the log as it is now.

    Where it had objected and cosigns again, the office goes on. Objection, with what to do, where it objects.
    """
    settings = read_settings(office)
    witness = witness_of(settings)
    if "registrar" in settings:
        raise OutOfOrder("a registrar holds this office's log: ask its witness in the registrar's own folder")
    if witness is None:
        raise OutOfOrder("this office has chosen no witness: see `peelian witness choose`")
    if objection(office):
        return _asked_again(office, settings["origin"], witness)
    with open_office(office) as opened:
        answer = opened.attendance.ask() if opened.attendance else None
    if answer is None:
        raise OutOfOrder("this office has no log that a witness could cosign")
    return answer


def _asked_again(office: Path, origin: str, witness: Witness) -> Witnessing:
    signer = load_key(office / "keys" / "log.pem")
    with open_log(office / "log", origin=origin, signer=signer, clock=_now, parts=parts_of(office)) as log:
        try:
            answer = ask_witness(log, witness)
        except Objection as again:
            raise Objection(keep_objection(office, str(again), _now())) from again
    if answer.cosigned:
        lift_objection(office)
    return answer


def _now() -> datetime:
    return datetime.now(UTC)
