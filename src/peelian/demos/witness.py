"""The witness of a demonstration: the product's own, with a key and a folder of its own. Two people choose it."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from peelian.errors import OutOfOrder, PeelianError
from peelian.integrations.witness_client import Witnessing
from peelian.kernel.identity import dual_control, step_up
from peelian.kernel.log.signed_note import read_key
from peelian.kernel.log.witness_protocol import Witness
from peelian.kernel.model.people import Operator
from peelian.operations.board_witness import served
from peelian.operations.office import Office
from peelian.operations.witness_choice import choose_now

NAME, HOST, PORT = "board.invalid/demonstration", "127.0.0.1", 8282
REASON = "The board checks the log."


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """A witness that runs: its key and address, its folder, its port, and the key line of the log that it watches."""

    witness: Witness
    folder: Path
    port: int
    log: str


@contextmanager
def witness_of(office: Office, folder: Path) -> Iterator[Board]:
    """A witness of the office's log while the block lasts; where its usual port is taken, on any other."""
    if office.path is None:
        raise OutOfOrder("An office in memory has no log to witness.")
    log = (office.path / "log" / "log.vkey").read_text(encoding="ascii").strip()
    with ExitStack() as closing:
        try:
            made = served(folder, name=NAME, logs=[log], host=HOST, port=PORT)
            key, server = closing.enter_context(made)
        except OSError:
            made = served(folder, name=NAME, logs=[log], host=HOST, port=0)
            key, server = closing.enter_context(made)
        port = int(server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True, name="witness")
        thread.start()
        closing.callback(thread.join)
        closing.callback(server.shutdown)
        witness = Witness(key=read_key(key), url=f"http://{HOST}:{port}/")
        yield Board(witness=witness, folder=folder, port=port, log=log)


def choose(office: Office, people: Mapping[str, Operator], board: Board) -> Witnessing:
    """A custodian proposes the witness, a board member approves it, and it is asked for the first time."""
    kernel, by, witness = office.kernel, people["custodian"], board.witness
    body = {"witness": witness.key.text, "url": witness.url}
    proposal = dual_control.propose(kernel, by, "log", words=REASON, body=body)
    step_up.prove(kernel, people["board"])
    dual_control.approve(kernel, people["board"], proposal)
    choose_now(office, by, witness.key.text, witness.url, proposal=proposal)
    return cosigned(office)


def cosigned(office: Office) -> Witnessing:
    """Have the witness cosign the log as it is now; PeelianError where it does not."""
    answer = office.maintenance.ask() if office.maintenance else None
    if answer is None or not answer.cosigned:
        raise PeelianError(
            answer.says if answer else "This office has no witness. See `peelian oversight choose-witness`."
        )
    return answer
