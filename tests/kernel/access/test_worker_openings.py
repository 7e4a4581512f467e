"""What no logged set names for a worker is refused, and logged by its rule."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from suspending import lift, suspend
from used_openings import of_sets
from worker_runs import Run, asking
from worker_runs import run as run

from peelian.errors import InputError, OutOfOrder, Refused
from peelian.kernel.model.capability import Role
from peelian.kernel.model.policy_port import ISSUERS
from peelian.kernel.vault.worker_keys import KeyRequest
from peelian.kernel.verbs import authorizations, evidence
from peelian.kernel.verbs.worker_sets import Ticket
from peelian.storage.worker_handover import handed_over

Wrong = Callable[[Run, Ticket, Ticket], KeyRequest]
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
    assert run.refusals() == [rule] and of_sets(run.keys) == 0
    assert len(run.workers[0].data_key(one)) == 32  # it stays for whom it was logged


def test_after_its_time_a_suspension_or_the_runs_end_nothing_opens(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    kernel = run.town.kernel
    late, stopped, ended = (run.logged(one)[0] for one in run.listed[:3])
    suspend(kernel, run.town.people["board"], "toy")
    with pytest.raises(OutOfOrder, match="suspended"):
        run.workers[0].data_key(stopped)
    lift(kernel, run.town.people["privacy-officer"], run.town.people["board"], "toy")
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
    assert of_sets(run.keys) == 0
    assert run.refusals() == ["the_opening_is_permitted"] * 2 + ["the_opening_is_of_the_run", "the_set_is_in_time"]
    assert late.leaf.until < mine.leaf.until


def test_refused_is_what_the_policy_refuses(run: Run) -> None:
    (ticket,) = run.logged(run.listed[0])
    for one in list(run.town.kernel.state.authorizations.values()):
        if Role.BOARD in ISSUERS[one.kind]:
            authorizations.revoke(run.town.kernel, run.town.people["board"], one)
    with pytest.raises(Refused):
        run.workers[0].data_key(ticket)
    assert run.refusals() == ["the_opening_is_permitted"]


def test_at_an_index_without_a_set_nothing_opens(run: Run) -> None:
    (ticket,) = run.logged(run.listed[0])
    size = run.town.kernel.stores.log.size()
    for index in (ticket.intent - 1, size, -1, 10**12):
        with pytest.raises(OutOfOrder, match="no set of openings"):
            handed_over(run.town.kernel, run.keys, asking(ticket, run.workers[0], intent=index))
    for to in ("", "zz" * 32, "00" * 31):
        with pytest.raises(InputError, match="worker's key"):
            handed_over(run.town.kernel, run.keys, asking(ticket, run.workers[0], to=to))
    assert run.town.kernel.stores.log.size() == size and of_sets(run.keys) == 0
