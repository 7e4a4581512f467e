"""A court's paper goes with the last document that rests on it, never before its notice or a hold is over."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from court import a_paper, confirmed, recorded
from desk import Desk, desk
from labels import register_in_area
from sensing import a_sensor
from toy import COUNT, TOY
from years import LATER

from peelian.errors import InputError, OutOfOrder, Refused
from peelian.kernel.identity import enrolment
from peelian.kernel.model.archive_partitions import AUTHORIZATIONS, DAYS
from peelian.kernel.model.capability import Purpose
from peelian.kernel.model.warrants import name_of_paper, root_of
from peelian.kernel.records.owed_notices import notices
from peelian.kernel.retention import retention
from peelian.kernel.retention.expiry_job import expire, sweep
from peelian.kernel.retention.paper_expiry import end_due_papers
from peelian.kernel.verbs.court_papers import read_paper, seal_paper
from peelian.kernel.verbs.warrant_notices import notify
from peelian.operations.office import technologies

METER = a_sensor(id="meter-1", kind="energy_meter", personal_data=True, format="green-button")
BODY: dict[str, Any] = {
    "status": "confirmed", "reference": "2026-CR-17", "cells": "Centre", "sensors": "meter-1", "count": 5,
    "operations": "energy-single-meter",
}  # fmt: skip
CLASS = DAYS[AUTHORIZATIONS] + 92


@pytest.fixture
def town(monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setattr(enrolment, "MOST_TRAINED", timedelta(days=36_500))
    made = desk((TOY, *technologies()))
    made.trained(LATER)
    register_in_area(made.kernel, made.people, METER)
    expire(made.kernel)  # the log says from now on how long what is kept
    return made


def a_warrant(town: Desk, **collected: str | int) -> str:
    """The paper of a confirmed warrant; under it a reading was taken, or a dataset."""
    made = confirmed(town, recorded(town, BODY))
    if collected:
        town.kernel.append("COLLECTED", warrant=root_of(made), **collected)
    return str(made.body["paper"])


def job(town: Desk, days: float = 0) -> None:
    town.clock.days(days)
    expire(town.kernel)
    end_due_papers(town.kernel)


def is_there(town: Desk, paper: str) -> bool:
    objects = town.kernel.state.objects
    (object,) = (one for one, name in objects.datasets.items() if name == name_of_paper(paper))
    lives = object in town.kernel.stores.vault.names()
    assert lives is (object not in objects.gone), "the key goes with the record"
    return bool(lives)


def test_a_paper_goes_with_the_record_that_rests_on_it_and_the_log_says_so(town: Desk) -> None:
    paper = a_warrant(town)  # nothing was collected: nobody is owed a notice
    job(town, CLASS - 92)
    assert is_there(town, paper)
    job(town, 60)
    assert not is_there(town, paper)
    gone = [dict(entry) for _, entry in town.kernel.stores.log.read(kinds=("KEY_DESTROYED",))]
    assert [(e["dataset"], e["why"], e["by"]) for e in gone] == [(name_of_paper(paper), "retention", "office")]
    with pytest.raises(OutOfOrder, match=r"destroyed on .* at the end of its retention"):
        read_paper(town.kernel, town.people["board"], paper)
    job(town, 1)
    assert town.kinds().count("KEY_DESTROYED") == 1, "it goes once"


def test_a_paper_stays_while_its_notice_is_owed_or_deferred(town: Desk) -> None:
    paper, kernel = a_warrant(town, sensor="meter-1", readings=1), town.kernel
    (owed,) = notices(kernel)
    assert owed.state(kernel.now()) == "running"
    job(town, CLASS + 30)
    assert is_there(town, paper) and [one.warrant for one in notices(kernel)] == [owed.warrant], "overdue"
    today = kernel.now().date()
    notify(kernel, town.people["privacy-officer"], owed.warrant, sent=today.isoformat(), how="by registered mail")
    job(town, 1)
    assert not is_there(town, paper)


def test_a_paper_stays_while_what_was_collected_under_it_is_kept(town: Desk) -> None:
    example = COUNT.arithmetic().example().datasets
    kept = town.admit(next(iter(example.values())), (Purpose.AUDIT,), COUNT.reads[0].shape)
    paper = a_warrant(town, dataset=kept.dataset)
    job(town, CLASS + 30)
    assert is_there(town, paper)
    town.kernel.append("DESTROYED", dataset=kept.dataset, object=kept.object, by="office", why="retention")
    job(town, 1)
    assert not is_there(town, paper)


def test_a_hold_keeps_a_paper_until_somebody_of_another_unit_releases_it(town: Desk) -> None:
    paper, kernel = a_warrant(town), town.kernel
    name, words = name_of_paper(paper), "the court asked for it"
    hold = retention.hold(kernel, town.people["privacy-officer"], name, words=words)
    job(town, CLASS + 30)
    assert is_there(town, paper)
    with pytest.raises(Refused, match="placed a hold"):
        retention.release(kernel, town.people["privacy-officer"], name, hold, words=words)
    retention.release(kernel, town.people["board"], name, hold, words=words)
    job(town, 1)
    assert not is_there(town, paper)
    with pytest.raises(OutOfOrder, match="unknown or destroyed"):
        retention.hold(kernel, town.people["privacy-officer"], name, words=words)


def test_a_paper_that_was_never_recorded_goes_after_a_week_and_one_that_waits_does_not(town: Desk) -> None:
    officer = town.people["privacy-officer"]
    never, waits = seal_paper(town.kernel, officer, a_paper()), recorded(town, BODY)
    paper = str(town.kernel.state.dual_control.proposals[waits].body["paper"])
    job(town, 6.9)
    assert is_there(town, never)
    town.clock.days(0.2)
    sweep(town.kernel)
    assert not is_there(town, never) and is_there(town, paper)
    with pytest.raises(OutOfOrder, match="at the end of its retention"):
        read_paper(town.kernel, officer, never)
    with pytest.raises(InputError, match="no court paper"):
        read_paper(town.kernel, officer, "cd" * 32)


def test_where_a_warrant_was_lost_in_a_restoration_no_paper_goes(town: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody knows which one it rested on."""
    never, partitions = seal_paper(town.kernel, town.people["privacy-officer"], a_paper()), town.kernel.state.partitions
    order, archive = recorded(town, BODY), town.kernel.stores.archive
    town.clock.days(8)
    get = archive.get

    def lacks(digest: str) -> bytes:
        if digest == order:
            raise InputError("no such document")
        return get(digest)

    monkeypatch.setattr(archive, "get", lacks)
    partitions.restored.append((0, town.kernel.stores.log.size()))
    end_due_papers(town.kernel)
    assert is_there(town, never)
    partitions.restored.clear()
    monkeypatch.undo()
    end_due_papers(town.kernel)
    assert not is_there(town, never)
