"""A data key goes to the one worker that a logged set names, once, and is lost to nobody else."""

from __future__ import annotations

import dataclasses

import pytest
from used_openings import alone, of_sets
from worker_runs import Run
from worker_runs import run as run

from peelian.errors import IntegrityError, OutOfOrder, PeelianError
from peelian.kernel.vault.worker_keys import KeyRequest
from peelian.oversight.verification.verifier import verify_log
from peelian.storage.worker_handover import handed_over


def test_workers_open_every_partition_and_each_unwrap_is_a_used_leaf(run: Run) -> None:
    with run.town.kernel.stores.lease(run.of[0], True):
        given = run.logged(*run.listed)
        assert len(given) == 12 and of_sets(run.keys) == 0
        for ticket in given:
            with run.workers[0].opens(ticket, run.objects) as file:
                assert file.read(4) == b"PAR1"
        assert of_sets(run.keys) == 12 and alone(run.keys) == 0
        kinds = run.town.kinds()
        assert kinds.count("OPENED_SET") == 1 and "OPENED" not in kinds and "OPENING_REFUSED" not in kinds
        assert run.town.kernel.state.histories[run.of[0]].state == "STARTED"
        run.town.office.checkpoint()
        assert run.town.office.path is not None
        verdict = verify_log(run.town.office.path / "log")
        assert verdict.ok and verdict.openings == 12


def test_an_opening_serves_once_and_a_lost_reply_costs_a_new_entry(run: Run) -> None:
    (ticket,) = run.logged(run.listed[0])
    key = run.workers[0].data_key(ticket)  # as if the reply to it had been lost
    for _ in range(2):
        with pytest.raises(OutOfOrder, match="already used"):
            run.workers[0].data_key(ticket)
    assert run.refusals() == ["the_opening_is_unused"] and of_sets(run.keys) == 1
    (again,) = run.logged(run.listed[0], worker=1)
    assert run.workers[1].data_key(again) == key and of_sets(run.keys) == 2
    assert run.town.kinds().count("OPENED_SET") == 2


def test_an_answer_that_was_changed_on_its_way_or_is_anothers_gives_no_key(run: Run) -> None:
    one, other = run.logged(*run.listed[:2])
    sent: list[bytes] = []

    def changed(wish: KeyRequest) -> bytes:
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
        run.workers[0].opened(away, run.objects, bytes(32))
    run.keys.store.destroy(gone.leaf.object)
    with pytest.raises(PeelianError, match="destroyed"):
        run.workers[0].data_key(gone)
    assert of_sets(run.keys) == 0
