"""Workers of a divided office open, over the registrar's socket, what a set names for their key, and nothing else."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from desk import Desk, declared
from divided import answering, desk_of, peopled
from parted import COUNT_POINTS, PARTED, POINTS, some, write
from used_openings import alone, of_sets
from worker_runs import Worker

import peelian.operations.office
from peelian.errors import InputError, OutOfOrder
from peelian.integrations.partition_worker import PartitionWorker
from peelian.integrations.registrar_client import Registrar, RemoteKeys
from peelian.integrations.registrar_server import RegistrarServer
from peelian.kernel.state.object_state import manifest_of_object
from peelian.kernel.verbs import evidence
from peelian.kernel.verbs.worker_sets import Ticket, Wanted, opens_set, tickets
from peelian.operations.dividing import divide


@dataclass(slots=True, kw_only=True)
class Divided:
    """A divided office in which a run goes on."""

    town: Desk
    server: RegistrarServer
    socket: Path
    office: Path
    of: tuple[str, str]
    dataset: str
    listed: list[str]

    def logged(self, worker: PartitionWorker, *objects: str) -> tuple[Ticket, ...]:
        wanted = tuple(Wanted(object=one, worker=worker.public_key) for one in objects)
        return tickets(self.town.kernel, opens_set(self.town.kernel, *self.of, self.dataset, wanted=wanted))


@pytest.fixture
def divided(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Divided]:
    monkeypatch.setattr(peelian.operations.office, "technologies", lambda: (PARTED,))
    office, registrar, socket = tmp_path / "office", tmp_path / "registrar", tmp_path / "socket"
    peopled(office)
    divide(office, registrar, socket)
    with answering(registrar, socket) as server, peelian.operations.office.open_office(office) as opened:
        town = desk_of(opened)
        town.authorizations(COUNT_POINTS)
        path, by = write(tmp_path / "a.csv", some()), town.people["custodian"]
        data = opened.admit(by, path, declared("advice"), format=POINTS.id, partitions=True)
        permit = town.ask(COUNT_POINTS, datasets={"wells": data.dataset})
        before = evidence.began_by(town.kernel, town.people["analyst"], permit).before
        listed = [one.object for one in manifest_of_object(town.kernel, data.object).partitions]
        yield Divided(
            town=town, server=server, socket=socket, office=office, of=(permit.case, before),
            dataset=data.dataset, listed=listed,
        )  # fmt: skip


def test_workers_open_over_the_socket_what_the_log_names_for_them_once(divided: Divided) -> None:
    one, two = (Worker(handover=RemoteKeys(Registrar(divided.socket)).hand_over) for _ in range(2))
    mine, others = divided.logged(one, *divided.listed[:6]), divided.logged(two, *divided.listed[6:])
    for worker, given in ((one, mine), (two, others)):
        for ticket in given:
            with worker.opens(ticket, divided.office / "objects") as file:
                assert file.read(4) == b"PAR1"
    for worker, ticket in ((one, mine[0]), (two, mine[1]), (one, others[0])):
        with pytest.raises(OutOfOrder):
            worker.data_key(ticket)
    registry = divided.server._registry
    assert of_sets(registry.keys) == 12 and alone(registry.keys) == 0
    kinds = [str(entry["kind"]) for _, entry in registry.log.read()]
    assert kinds.count("OPENED_SET") == 2 and kinds.count("OPENING_REFUSED") == 3


def test_a_user_of_workers_may_ask_for_nothing_else(divided: Divided) -> None:
    divided.server._clients, divided.server._workers = frozenset(), frozenset({os.getuid()})
    registrar = Registrar(divided.socket)
    assert registrar.hello()["name"] == "Town"
    for op in ("read", "states", "get", "checkpoint"):
        with pytest.raises(InputError, match="not allowed to ask this"):
            registrar.ask(op)
    with pytest.raises(InputError, match="not allowed to ask this"):
        RemoteKeys(registrar).unwrapped(divided.listed[0], dataset=divided.dataset, intent=0)
    with pytest.raises(InputError, match="not allowed to ask this"):
        registrar.act("peelian.kernel.verbs.worker_sets.opens_set", {
            "case": divided.of[0], "before": divided.of[1], "dataset": divided.dataset, "wanted": (),
        })  # fmt: skip
    registrar.close()
