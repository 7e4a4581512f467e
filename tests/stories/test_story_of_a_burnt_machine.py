"""A database is lost. A backup made since the last destruction brings the office back, what is gone stays gone; an
older one, whose enrolments nobody can read any more, is refused and changes nothing."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from deciding import read_and_decide
from desk import Desk, Hands
from toy import COUNT
from years import SHORTS, office_of_years, reopened, swept

import peelian.operations.log_restoring as restoring
from peelian.errors import InputError
from peelian.kernel import verbs
from peelian.kernel.model.archive_partitions import DAYS
from peelian.kernel.retention.expiry_job import expire
from peelian.kernel.state.kernel import Kernel
from peelian.operations.backup import back_up
from peelian.operations.office import open_office
from peelian.oversight.verification.verifier import verify_log

WORDS = "the machine burnt down last night"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Hands:
    made = Hands()
    opens: Callable[..., object] = open_office
    for module in ("peelian.operations.backup.open_office", "peelian.operations.log_restoring.open_office"):
        monkeypatch.setattr(module, lambda path, **more: opens(path, clock=made, **more))
    here: Callable[..., object] = restoring.office_of
    monkeypatch.setattr(restoring, "office_of", lambda *words, **more: here(*words, **{"clock": made, **more}))

    class Now:
        @staticmethod
        def now(zone: object) -> object:
            return made()

        fromisoformat = staticmethod(type(made.now).fromisoformat)

    monkeypatch.setattr(restoring, "datetime", Now)
    return made


@pytest.fixture
def office(tmp_path: Path, clock: Hands, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An office that decided a case, was backed up, and then destroyed what was past its time."""
    path = office_of_years(tmp_path / "office", clock, monkeypatch)
    town = reopened(path, clock)
    with town.office:
        _decided(town)
        town.admit(COUNT.arithmetic().example().datasets["wells"], COUNT.asks.purposes)
    back_up(path, "custodian", tmp_path / "backup")
    with reopened(path, clock).office as opened:
        clock.days(DAYS["people"] + 95)
        swept(opened.kernel, clock)
        clock.days(8)
        swept(opened.kernel, clock)
        assert opened.kernel.state.destroyed and opened.kernel.state.partitions.carried
    back_up(path, "custodian", tmp_path / "newer")
    town = reopened(path, clock)
    with town.office:
        made = town.admit(COUNT.arithmetic().example().datasets["wells"], COUNT.asks.purposes)
        _over(town.kernel, made.dataset, clock)
    return path


def _over(kernel: Kernel, dataset: str, clock: Hands) -> None:
    """What came after the newer backup is destroyed, too."""
    clock.days(401)
    swept(kernel, clock)
    clock.days(8)
    swept(kernel, clock)
    assert dataset in kernel.state.destroyed


def _decided(town: Desk) -> None:
    town.authorizations(COUNT)
    evidence, _ = verbs.run(town.kernel, town.people["analyst"], town.ask(COUNT))
    words = {"reasons": "it fits the area", "other_evidence": "document: the records of the works"}
    read_and_decide(town.kernel, town.people["commander"], evidence, choice="accept", **words)


def test_two_people_restore_it_and_everybody_enrolled_is_still_known(
    office: Path, tmp_path: Path, clock: Hands
) -> None:
    with open_office(office, clock=clock) as before:
        state = before.kernel.state
        people, objects = dict(state.people), {one.object for one in state.destroyed.values()}
    for name in ("state", "log"):
        shutil.rmtree(office / name)
    told = restoring.propose_restoration(office, tmp_path / "newer", "custodian", words=WORDS)
    assert any(line.startswith("LOST: ") for line in told.lines()) and told.lost > 0
    restoring.approve_restoration(office, tmp_path / "newer", "board")
    assert verify_log(office / "log").ok
    with open_office(office, clock=clock) as again:
        assert again.kernel.state.people == people and len(people) > len(SHORTS)
        assert objects.isdisjoint(again.kernel.stores.vault.living())  # type: ignore[attr-defined]  # of files
        again.operator("custodian")
        expire(again.kernel)
        assert again.kernel.state.people == people


def test_a_backup_from_before_a_destruction_is_refused_and_changes_nothing(
    office: Path, tmp_path: Path, clock: Hands
) -> None:
    for name in ("state", "log"):
        shutil.rmtree(office / name)
    for _ in range(2):
        with pytest.raises(InputError, match="older than a destruction"):
            restoring.propose_restoration(office, tmp_path / "backup", "custodian", words=WORDS)
    assert not (office / "restore.json").exists()
    restoring.propose_restoration(office, tmp_path / "newer", "custodian", words=WORDS)
