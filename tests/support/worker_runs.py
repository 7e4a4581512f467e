"""A run that goes on over a dataset in partitions, and two workers that may open what it logs for them."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from desk import Desk, declared
from divided import desk_of, peopled
from parted import COUNT_POINTS, PARTED, POINTS, some, write

import peelian.operations.office
from peelian.integrations.partition_worker import PartitionWorker
from peelian.kernel.model.documents import Admission
from peelian.kernel.state.object_state import manifest_of_object
from peelian.kernel.vault.worker_keys import KeyRequest
from peelian.kernel.verbs import evidence
from peelian.kernel.verbs.worker_sets import Ticket, Wanted, opens_set, tickets
from peelian.operations.office import open_office
from peelian.storage.vault_files import FileVault
from peelian.storage.vault_keys import StoredKeys
from peelian.storage.worker_handover import handed_over


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Worker(PartitionWorker):
    """A worker that asks whoever holds the keys by itself."""

    handover: Callable[[KeyRequest], bytes]

    def data_key(self, ticket: Ticket) -> bytes:
        asks, read = self.asking(ticket)
        return read(self.handover(asks))

    def opens(self, ticket: Ticket, objects: Path) -> io.BufferedReader:
        return self.opened(ticket, objects, self.data_key(ticket))


@dataclasses.dataclass(slots=True, kw_only=True)
class Run:
    """A run that goes on over a dataset in twelve partitions, and two workers."""

    town: Desk
    data: Admission
    of: tuple[str, str]
    keys: StoredKeys
    objects: Path
    workers: tuple[Worker, Worker]

    @property
    def listed(self) -> list[str]:
        return [one.object for one in manifest_of_object(self.town.kernel, self.data.object).partitions]

    def logged(self, *objects: str, worker: int = 0) -> tuple[Ticket, ...]:
        key = self.workers[worker].public_key
        wanted = tuple(Wanted(object=one, worker=key) for one in objects)
        return tickets(self.town.kernel, opens_set(self.town.kernel, *self.of, self.data.dataset, wanted=wanted))

    def refusals(self) -> list[str]:
        log = self.town.kernel.stores.log
        return [str(entry["rules"]) for _, entry in log.read() if entry["kind"] == "OPENING_REFUSED"]

    def begun_again(self) -> None:
        permit = self.town.ask(COUNT_POINTS, datasets={"wells": self.data.dataset})
        self.of = permit.case, evidence.began_by(self.town.kernel, self.town.people["analyst"], permit).before


@contextmanager
def running_over(folder: Path, rows: list[tuple[str, int, int, str]]) -> Iterator[Run]:
    """An office on disk, and a run that has begun over these rows in partitions."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(peelian.operations.office, "technologies", lambda: (PARTED,))
        peopled(folder / "office")
        with open_office(folder / "office") as office:
            town = desk_of(office)
            town.authorizations(COUNT_POINTS)
            path, by = write(folder / "a.csv", rows), town.people["custodian"]
            data = office.admit(by, path, declared("advice"), format=POINTS.id, partitions=True)
            vault = town.kernel.stores.vault
            assert isinstance(vault, FileVault) and isinstance(vault.keys, StoredKeys)
            keys = vault.keys

            def asks(wish: KeyRequest) -> bytes:
                return handed_over(town.kernel, keys, wish)

            workers = (Worker(handover=asks), Worker(handover=asks))
            made = Run(town=town, data=data, of=("", ""), keys=keys, objects=vault.objects, workers=workers)
            made.begun_again()
            yield made


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    with running_over(tmp_path, some()) as made:
        yield made


def asking(ticket: Ticket, worker: PartitionWorker, **changes: Any) -> KeyRequest:
    """A wish as a worker signs it, with other words than the ticket's where a test says so."""
    to = X25519PrivateKey.generate().public_key().public_bytes_raw().hex()
    plain = {"intent": ticket.intent, "position": ticket.position, "leaf": ticket.leaf, "proof": ticket.proof, "to": to}
    made = KeyRequest(**(plain | changes))
    return dataclasses.replace(made, signature=worker._key.sign(made.words).hex())
