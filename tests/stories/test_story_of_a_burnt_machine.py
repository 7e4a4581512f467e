"""A log restored from before a partition was destroyed says again what is gone; the office opens, nothing comes
back."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from desk import Desk, Hands
from toy import COUNT
from years import SHORTS, office_of_years, reopened, swept

import peelian.operations.log_restoring as restoring
from peelian.errors import IntegrityError
from peelian.kernel import verbs
from peelian.kernel.model.archive_partitions import DAYS
from peelian.kernel.retention.expiry_job import expire
from peelian.operations.backup import back_up
from peelian.operations.office import open_office
from peelian.oversight.verifier import verify_log

WORDS = "the machine burnt down last night"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Hands:
    made = Hands()
    opens: Callable[..., object] = open_office
    for module in ("peelian.operations.backup.open_office", "peelian.operations.log_restoring.open_office"):
        monkeypatch.setattr(module, lambda path: opens(path, clock=made))

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
    return path


def _decided(town: Desk) -> None:
    town.authorizations(COUNT)
    evidence, _ = verbs.run(town.kernel, town.people["analyst"], town.ask(COUNT))
    words = {"reasons": "it fits the area", "other_evidence": "the records of the works"}
    verbs.decide(town.kernel, town.people["commander"], evidence, choice="accept", **words)


def test_two_people_restore_it_and_everybody_enrolled_is_still_known(
    office: Path, tmp_path: Path, clock: Hands
) -> None:
    with open_office(office, clock=clock) as before:
        known = before.kernel.state
    shutil.rmtree(office / "log")
    told = restoring.propose_restoration(office, tmp_path / "backup", "custodian", words=WORDS)
    assert told.again and any(line.startswith("Said again") for line in told.lines())
    assert any(line.startswith("LOST: ") for line in told.lines()) and told.pieced.lost > 0
    restoring.approve_restoration(office, tmp_path / "backup", "board")
    assert verify_log(office / "log").ok
    with open_office(office, clock=clock) as again:
        state = again.kernel.state
        assert state.people == known.people and len(state.people) > len(SHORTS)
        of_a_quarter = {partition for partition in known.partitions.destroyed if "carried" not in partition}
        assert state.partitions.destroyed.keys() == of_a_quarter, (
            "what came and went since, the log before did not know"
        )
        assert state.destroyed.keys() == known.destroyed.keys(), "no dataset is there whose key is gone"
        again.operator("custodian")
        expire(again.kernel)
        assert state.people == known.people
    kinds = [str(entry["kind"]) for _, entry in _log(office, clock)]
    assert kinds.index("CARRIED") < kinds.index("PARTITION_DESTROYED") < kinds.index("RESTORED")


def _log(office: Path, clock: Hands) -> list[tuple[int, object]]:
    with open_office(office, clock=clock) as opened:
        return list(opened.kernel.stores.log.read())  # type: ignore[arg-type]  # entries


def _log_is_put_back(office: Path, backup: Path) -> None:
    """The backup's log, and every head and record of what was signed with it: nothing in the log gives it away."""
    shutil.rmtree(office / "log")
    shutil.copytree(backup / "log", office / "log")
    (office / "log.signed").write_bytes((backup / "log" / "checkpoint").read_bytes())
    for head in office.rglob("log-head"):
        head.write_bytes((backup / "archive" / "log-head").read_bytes())


def test_an_older_log_that_nothing_gives_away_destroys_nothing_and_says_what_to_do(
    office: Path, tmp_path: Path, clock: Hands
) -> None:
    _log_is_put_back(office, tmp_path / "backup")
    with pytest.raises(IntegrityError, match=r"The log is older than the archive.*peelian restore-log"):
        open_office(office, clock=clock)
    assert any("carried" in partition.name for partition in (office / "archive").iterdir()), (
        "what was carried is still there"
    )
    told = restoring.propose_restoration(office, tmp_path / "backup", "custodian", words=WORDS)
    assert told.again and told.pieced.lost == 0
    restoring.approve_restoration(office, tmp_path / "backup", "board")
    with open_office(office, clock=clock) as again:
        assert len(again.kernel.state.people) > len(SHORTS)
