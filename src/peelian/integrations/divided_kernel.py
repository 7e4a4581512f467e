"""The kernel of a divided office: a registrar answers its ports; the office's folder holds ciphertext only."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import peelian
from peelian.errors import OutOfOrder
from peelian.intake.child import inspected_by_child
from peelian.integrations.office_counter import counter_with
from peelian.integrations.registrar_client import (
    Carrier,
    Registrar,
    RemoteArchive,
    RemoteDirectory,
    RemoteKeys,
    RemoteLog,
    Turn,
)
from peelian.kernel.model.contexts import OfficeIdentity, Readers, ReleasePorts, Stores
from peelian.kernel.model.policy_port import Policy
from peelian.kernel.model.ports import Clock
from peelian.kernel.model.technology import Technology
from peelian.kernel.state.kernel import Kernel
from peelian.storage.database import memory_database, open_database
from peelian.storage.office_settings import database_place
from peelian.storage.provenance_keys import provenance_in, replaced_provenance
from peelian.storage.rows import StoredRows
from peelian.storage.schema import METADATA
from peelian.storage.scratch_files import scratch_in
from peelian.storage.tickets import TicketRows
from peelian.storage.vault_files import vault_with


def divided_kernel(
    path: Path, settings: Mapping[str, str], clock: Clock, *, policy: Policy, technologies: Sequence[Technology]
) -> tuple[Kernel, RemoteLog]:
    """The kernel of the office at `path`, its state derived from the registrar's log, and that log. O(entries).

    InputError or OutOfOrder where this user may not ask the registrar; PeelianError where none answers.
    """
    registrar, secret = Registrar(Path(settings["registrar"])), secrets.token_bytes(32)
    database, identity = memory_database(METADATA), registrar.hello()
    log, own = RemoteLog(registrar, database, secret), open_database(database_place(path, settings), METADATA)
    log.follow_registrar()
    turn, keys = Turn(log), RemoteKeys(registrar)
    counter = counter_with(path, keys.hand_over)
    kernel = Kernel(
        office=OfficeIdentity(
            name=settings["name"],
            version=peelian.__version__,
            public_key=str(identity["public_key"]),
            sign=_signs_nothing,
            generations=lambda: tuple(identity.get("generations", (0,))),
            token=lambda text, *, of: str(registrar.ask("token", text.encode(), of=of)[0]),
        ),
        stores=Stores(
            log=log,
            rows=StoredRows(database, secret),
            vault=vault_with(path / "objects", keys),
            archive=RemoteArchive(registrar),
            directory=RemoteDirectory(registrar),
            tickets=TicketRows(own),
            readers=Readers(looked_at=partial(inspected_by_child, technologies), counter=counter),
            scratch=lambda: scratch_in(path / "objects"),
            lease=lambda what, wait, shared=False: own.alone(what, wait=wait, shared=shared),
            follow=turn.follow,
        ),
        clock=clock,
        policy=policy,
        technologies=technologies,
        release=ReleasePorts(
            provenance=lambda: provenance_in(
                path / "keys", office=settings["name"], now=clock(), replaced=replaced_provenance(log)
            ),
        ),
        retention_days={name: int(days) for name, days in identity["keeps"].items()},
        lock=turn,
        registrar=Carrier(registrar, turn),
    )
    return kernel, log


def _signs_nothing(message: bytes) -> bytes:
    raise OutOfOrder("Only the registrar signs for a divided office.")
