"""The runs of a process: one for a case, remembered while they go on, and what they failed with afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest
from broker import until
from desk import Desk, desk
from slow_toy import HERE, SLOW

from peelian.errors import IntegrityError, OutOfOrder
from peelian.kernel.verbs.evidence import failed
from peelian.operations.runs import Runs, ended_unseen, seen

COUNT = SLOW.capabilities[0]


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setenv(HERE, str(tmp_path))
    town = desk((SLOW,))
    town.authorizations(COUNT)
    return town


def test_it_is_one_run_until_it_ends_and_none_after(town: Desk, tmp_path: Path) -> None:
    runs, permit, by = Runs(town.office), town.ask(COUNT), town.people["analyst"]
    assert runs.going(permit.case) is None
    job = runs.begin(by, permit)
    assert job is not None and runs.begin(by, permit) is job
    assert until((tmp_path / "began").exists)
    going, elsewhere = runs.going(permit.case), Runs(town.office).going(permit.case)
    assert going is not None and (going.says, going.share) == ("Waiting", 0.5)
    assert elsewhere is not None and elsewhere.share is None
    assert ended_unseen(town.kernel, by.person.token) == []
    (tmp_path / "go on").touch()
    assert job.wait(30) and job.result is None
    assert runs.going(permit.case) is None and runs.error(permit.case) is None
    assert runs.begin(by, permit) is None and Runs(town.office).begin(by, permit) is None
    assert ended_unseen(town.kernel, by.person.token) == [permit.case]
    seen(town.kernel, town.people["board"].person.token, permit.case)
    assert ended_unseen(town.kernel, by.person.token) == [permit.case]
    seen(town.kernel, by.person.token, permit.case)
    assert ended_unseen(town.kernel, by.person.token) == []


def test_what_it_failed_with_is_kept_and_damage_stops_whoever_looks(town: Desk) -> None:
    runs, permit = Runs(town.office), town.ask(COUNT)
    job = runs.begin(town.people["clerk"], permit)
    assert job is not None and job.wait(30)
    assert isinstance(runs.error(permit.case), OutOfOrder), "only the requester runs it"
    assert ended_unseen(town.kernel, town.people["clerk"].person.token) == [], "it never began"
    job.error = IntegrityError("an entry was altered")
    with pytest.raises(IntegrityError):
        runs.error(permit.case)


def test_one_that_a_crash_cut_short_is_told_too(town: Desk, tmp_path: Path) -> None:
    runs, permit, by = Runs(town.office), town.ask(COUNT), town.people["analyst"]
    assert runs.begin(by, permit) is not None and until((tmp_path / "began").exists)
    before = town.kernel.state.histories[permit.case].digests("PERMITTED")[0]
    failed(town.kernel, permit.case, before, error="Interrupted")  # as the next opening says of it
    assert ended_unseen(town.kernel, by.person.token) == [permit.case]
    (tmp_path / "go on").touch()
