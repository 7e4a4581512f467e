"""A data key goes to the one worker that a logged set names, once; every other wish is refused, and logged."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from desk import Desk, declared
from divided import desk_of, peopled
from parted import COUNT_POINTS, PARTED, POINTS, some, write

import peelian.operations.office
from peelian.errors import InputError, IntegrityError, OutOfOrder, PeelianError, Refused
from peelian.integrations.partition_worker import PartitionWorker
from peelian.kernel.model.capability import Role
from peelian.kernel.model.documents import Admission
from peelian.kernel.model.policy_port import ISSUERS
from peelian.kernel.state.object_state import manifest_of_object
from peelian.kernel.vault.worker_keys import Asks
from peelian.kernel.verbs import authorizations, evidence
from peelian.kernel.verbs.worker_sets import Ticket, Wanted, opens_set, tickets
from peelian.operations.office import open_office
from peelian.oversight.verifier import verify_log
from peelian.storage.vault_files import FileVault
from peelian.storage.vault_keys import StoredKeys
from peelian.storage.worker_handover import handed_over


@dataclasses.dataclass(slots=True, kw_only=True)
class Run:
    """A run that goes on over a dataset in twelve partitions, and two workers."""

    town: Desk
    data: Admission
    of: tuple[str, str]
    keys: StoredKeys
    objects: Path
    workers: tuple[PartitionWorker, PartitionWorker]

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


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    monkeypatch.setattr(peelian.operations.office, "technologies", lambda: (PARTED,))
    peopled(tmp_path / "office")
    with open_office(tmp_path / "office") as office:
        town = desk_of(office)
        town.authorizations(COUNT_POINTS)
        path = write(tmp_path / "a.csv", some())
        data = office.admit(town.people["custodian"], path, declared("advice"), format=POINTS.id, partitions=True)
        vault = town.kernel.stores.vault
        assert isinstance(vault, FileVault) and isinstance(vault.keys, StoredKeys)
        keys = vault.keys

        def asks(wish: Asks) -> bytes:
            return handed_over(town.kernel, keys, wish)

        workers = (PartitionWorker(asks), PartitionWorker(asks))
        made = Run(town=town, data=data, of=("", ""), keys=keys, objects=vault.objects, workers=workers)
        made.begun_again()
        yield made


def test_workers_open_every_partition_and_each_unwrap_is_a_used_leaf(run: Run) -> None:
    with run.town.kernel.stores.lease(run.of[0], True):
        given = run.logged(*run.listed)
        assert len(given) == 12 and run.keys.leaves_used() == 0
        for ticket in given:
            with run.workers[0].opened(ticket, run.objects) as file:
                assert file.read(4) == b"PAR1"
        assert run.keys.leaves_used() == 12 and run.keys.openings_used() == 0
        kinds = run.town.kinds()
        assert kinds.count("OPENED_SET") == 1 and "OPENED" not in kinds and "OPENING_REFUSED" not in kinds
        assert run.town.kernel.state.histories[run.of[0]].state == "STARTED"
        run.town.office.checkpoint()
        assert run.town.office.path is not None
        verdict = verify_log(run.town.office.path / "log")
        assert verdict.ok and verdict.openings == 12


def asking(ticket: Ticket, worker: PartitionWorker, **changes: Any) -> Asks:
    """A wish as a worker signs it, with other words than the ticket's where a test says so."""
    to = X25519PrivateKey.generate().public_key().public_bytes_raw().hex()
    plain = {"intent": ticket.intent, "position": ticket.position, "leaf": ticket.leaf, "proof": ticket.proof, "to": to}
    made = Asks(**(plain | changes))
    return dataclasses.replace(made, signature=worker._key.sign(made.words).hex())


Wrong = Callable[[Run, Ticket, Ticket], Asks]
WRONG: dict[str, tuple[Wrong, str]] = {
    "another's object": (
        lambda run, one, other: asking(
            one, run.workers[0], leaf=dataclasses.replace(one.leaf, object=other.leaf.object)
        ),
        "the_opening_is_in_the_set",
    ),
    "another's place": (
        lambda run, one, other: asking(one, run.workers[0], position=other.position),
        "the_opening_is_in_the_set",
    ),
    "a key of its own": (
        lambda run, one, other: asking(
            one, run.workers[1], leaf=dataclasses.replace(one.leaf, worker=run.workers[1].public_key)
        ),
        "the_opening_is_in_the_set",
    ),
    "another's ticket": (lambda run, one, other: asking(one, run.workers[1]), "the_worker_asks"),
    "no signature": (
        lambda run, one, other: dataclasses.replace(asking(one, run.workers[0]), signature=""),
        "the_worker_asks",
    ),
    "an answer to somebody else": (
        lambda run, one, other: dataclasses.replace(
            asking(one, run.workers[0]), to=X25519PrivateKey.generate().public_key().public_bytes_raw().hex()
        ),
        "the_worker_asks",
    ),
    "a longer time": (
        lambda run, one, other: asking(
            one, run.workers[0], leaf=dataclasses.replace(one.leaf, until="2099-01-01T00:00:00.00Z")
        ),
        "the_opening_is_in_the_set",
    ),
    "no proof": (lambda run, one, other: asking(one, run.workers[0], proof=()), "the_opening_is_in_the_set"),
    "a spoilt proof": (lambda run, one, other: asking(one, run.workers[0], proof=("zz",)), "the_opening_is_in_the_set"),
    "another run": (
        lambda run, one, other: asking(one, run.workers[0], leaf=dataclasses.replace(one.leaf, run="0" * 64)),
        "the_opening_is_of_the_run",
    ),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_was_not_logged_for_this_worker_is_refused_and_logged_once(run: Run, wrong: str) -> None:
    one, other = run.logged(*run.listed[:2])
    wish, rule = WRONG[wrong][0](run, one, other), WRONG[wrong][1]
    for _ in range(2):
        with pytest.raises(OutOfOrder):
            handed_over(run.town.kernel, run.keys, wish)
    assert run.refusals() == [rule] and run.keys.leaves_used() == 0
    assert len(run.workers[0].data_key(one)) == 32  # it stays for whom it was logged


def test_an_opening_serves_once_and_a_lost_reply_costs_a_new_entry(run: Run) -> None:
    (ticket,) = run.logged(run.listed[0])
    key = run.workers[0].data_key(ticket)  # as if the reply to it had been lost
    for _ in range(2):
        with pytest.raises(OutOfOrder, match="already used"):
            run.workers[0].data_key(ticket)
    assert run.refusals() == ["the_opening_is_unused"] and run.keys.leaves_used() == 1
    (again,) = run.logged(run.listed[0], worker=1)
    assert run.workers[1].data_key(again) == key and run.keys.leaves_used() == 2
    assert run.town.kinds().count("OPENED_SET") == 2


def test_after_its_time_a_suspension_or_the_runs_end_nothing_opens(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    kernel = run.town.kernel
    late, stopped, ended = (run.logged(one)[0] for one in run.listed[:3])
    authorizations.suspend(kernel, run.town.people["board"], "toy")
    with pytest.raises(OutOfOrder, match="suspended"):
        run.workers[0].data_key(stopped)
    authorizations.resume(kernel, run.town.people["board"], "toy")
    evidence.failed(kernel, *run.of, error="Interrupted")
    with pytest.raises(OutOfOrder, match="no run in progress"):
        run.workers[0].data_key(ended)
    with pytest.raises(OutOfOrder, match="no run in progress"):
        run.logged(run.listed[3])
    before = run.of
    run.begun_again()
    (mine,) = run.logged(run.listed[0])
    with pytest.raises(OutOfOrder, match="another run"):
        handed_over(kernel, run.keys, asking(mine, run.workers[0], leaf=dataclasses.replace(mine.leaf, run=before[1])))
    then = kernel.now() + timedelta(minutes=11)
    monkeypatch.setattr(type(kernel), "now", lambda self: then)
    with pytest.raises(OutOfOrder, match="is over"):
        run.workers[0].data_key(mine)
    assert run.keys.leaves_used() == 0
    assert run.refusals() == ["the_opening_is_permitted"] * 2 + ["the_opening_is_of_the_run", "the_set_is_in_time"]
    assert late.leaf.until < mine.leaf.until


@pytest.mark.parametrize("objects", [(), ("0" * 32,), ("",), ("..",)])
def test_a_set_of_what_is_no_partition_is_not_logged(run: Run, objects: tuple[str, ...]) -> None:
    n = run.town.kernel.stores.log.size()
    with pytest.raises((OutOfOrder, InputError)):
        run.logged(*objects)
    with pytest.raises((OutOfOrder, InputError)):
        run.logged(run.listed[0], run.listed[0])
    with pytest.raises(OutOfOrder):
        run.logged(run.data.object)  # the manifest
    for worker in ("", "0" * 63, "zz" * 32, "AB" * 32):
        with pytest.raises(InputError, match="worker's key"):
            wanted = (Wanted(object=run.listed[0], worker=worker),)
            opens_set(run.town.kernel, *run.of, run.data.dataset, wanted=wanted)
    assert run.town.kernel.stores.log.size() == n


def test_at_an_index_without_a_set_nothing_opens(run: Run) -> None:
    (ticket,) = run.logged(run.listed[0])
    size = run.town.kernel.stores.log.size()
    for index in (ticket.intent - 1, size, -1, 10**12):
        with pytest.raises(OutOfOrder, match="no set of openings"):
            handed_over(run.town.kernel, run.keys, asking(ticket, run.workers[0], intent=index))
    for to in ("", "zz" * 32, "00" * 31):
        with pytest.raises(InputError, match="worker's key"):
            handed_over(run.town.kernel, run.keys, asking(ticket, run.workers[0], to=to))
    assert run.town.kernel.stores.log.size() == size and run.keys.leaves_used() == 0


def test_an_answer_that_was_changed_on_its_way_or_is_anothers_gives_no_key(run: Run) -> None:
    one, other = run.logged(*run.listed[:2])
    sent: list[bytes] = []

    def changed(wish: Asks) -> bytes:
        sent.append(handed_over(run.town.kernel, run.keys, wish))
        return sent[0][:-1] + bytes([sent[0][-1] ^ 1]) if len(sent) == 1 else sent[0]

    worker = dataclasses.replace(run.workers[0], handover=changed)
    for ticket in (one, other):
        with pytest.raises(IntegrityError, match="not for this worker"):
            worker.data_key(ticket)


def test_a_destroyed_or_removed_partition_opens_for_nobody(run: Run) -> None:
    gone, away = run.logged(*run.listed[:2])
    (run.objects / away.leaf.object).unlink()
    with pytest.raises(IntegrityError, match="missing from its folder"):
        run.workers[0].opened(away, run.objects)
    run.keys.store.destroy(gone.leaf.object)
    with pytest.raises(PeelianError, match="destroyed"):
        run.workers[0].data_key(gone)
    assert run.keys.leaves_used() == 0


def test_refused_is_what_the_policy_refuses(run: Run) -> None:
    (ticket,) = run.logged(run.listed[0])
    for one in list(run.town.kernel.state.authorizations.values()):
        if Role.BOARD in ISSUERS[one.kind]:
            authorizations.revoke(run.town.kernel, run.town.people["board"], one)
    with pytest.raises(Refused):
        run.workers[0].data_key(ticket)
    assert run.refusals() == ["the_opening_is_permitted"]
