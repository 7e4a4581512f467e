"""A divided office's own folder holds ciphertext and nothing that opens it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from desk import Desk, Hands
from divided import answering, divided_town, lived
from toy import COUNT
from years import at_desks, cleared, disposed, office_of_years, raised, stands, swept

import peelian.operations.office
from peelian.errors import InputError, OutOfOrder, Refused
from peelian.kernel.alarms import operator_desk
from peelian.kernel.model.alarms import REOPENS
from peelian.kernel.model.archive_partitions import DAYS
from peelian.kernel.model.capability import Role
from peelian.kernel.retention import retention
from peelian.kernel.retention.expiry_job import expire, sweep
from peelian.kernel.state.kernel import Kernel
from peelian.operations.office import open_office
from peelian.operations.registrar_process import divide
from peelian.storage.restored_remnants import destroy_here


def test_no_key_and_no_log_lie_in_the_office_that_people_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with divided_town(tmp_path, monkeypatch) as (town, _, _):
        lived(town)
        office = tmp_path / "office"
        found = {path.relative_to(office).parts[0] for path in office.rglob("*")}
        assert found == {"own", "keys", "objects", "office.toml"} and not list((office / "keys").glob("*.pem"))
        assert {path.name for path in (office / "keys").iterdir()} == {"operators"}
        assert town.office.verdict().ok and town.kernel.office.public_key


def test_an_open_divided_office_does_the_daily_job_by_itself_and_the_keys_go_with_the_registrar(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with divided_town(tmp_path, monkeypatch) as (town, _, _):
        kept = [town.admit(COUNT.arithmetic().example().datasets["wells"], COUNT.asks.purposes) for _ in range(5)]
        kernel, maintenance = town.kernel, town.office.maintenance
        assert maintenance is not None and maintenance.sweeps and maintenance.log is None
        late, passed = timedelta(0), 0.0
        maintenance.stopwatch = lambda: passed
        monkeypatch.setattr(Kernel, "now", lambda self: datetime.now(UTC) + late)  # the registrar's kernel, too
        maintenance.tick()
        assert town.kinds().count("SWEPT") == 0, "a day has not passed"
        late = timedelta(days=401)
        maintenance.tick()
        assert not kernel.state.queued, "The clock jumped"
        for said in ({"why": "due"}, {"why": "retention", "object": kept[0].object}):
            with pytest.raises(OutOfOrder, match="The clock jumped"):  # whatever an office says, its registrar waits
                kernel.append("QUEUED" if said["why"] == "due" else "DESTROYED", dataset=kept[0].dataset, **said)
        late += timedelta(days=1.01)
        maintenance.tick()
        assert not kernel.state.queued, "a day has not really passed"
        passed += 21 * 3600
        maintenance.tick()
        assert set(kernel.state.queued) == {one.dataset for one in kept}
        late, passed = late + timedelta(days=8), passed + 8 * 86_400
        maintenance.tick()
        assert set(kernel.state.destroyed) == {one.dataset for one in kept}
        assert town.kinds().count("SWEPT") == 3 and town.kinds().count("SHREDDED") == 5
        assert not any(kernel.stores.vault.found(one.dataset) for one in kept)
        returned = tmp_path / "office" / "objects" / kept[0].object
        returned.write_bytes(b"ciphertext of a backup")
        destroy_here(kernel, kernel.stores.vault, tmp_path / "office" / "keys" / "operators")
        assert not returned.exists(), "what an old backup brought back is removed when the office opens"
        with pytest.raises(OutOfOrder, match="was destroyed"):
            kernel.append("OPENED", object=kept[0].object, dataset=kept[0].dataset)


def test_the_daily_job_of_a_divided_office_asks_the_registrar(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with divided_town(tmp_path, monkeypatch) as (town, _, _):
        assert town.kernel.stores.archive.partitions().keys() >= {
            f"people.{town.kernel.partition('people').partition('.')[2]}"
        }
        assert expire(town.kernel).partitions == ()
        assert town.kinds().count("KEPT_FOR") == len(DAYS)
        with pytest.raises(OutOfOrder, match="has not ended"):
            town.kernel.append("PARTITION_DESTROYED", partition=town.kernel.partition("people"), by="office")
        with pytest.raises(OutOfOrder):
            town.kernel.stores.archive.destroy_partition(town.kernel.partition("people"))


def test_alarms_expire_through_a_registrar_and_a_hold_keeps_one_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, folder, socket = Hands(), tmp_path / "registrar", tmp_path / "socket"
    office = office_of_years(tmp_path / "office", clock, monkeypatch)
    monkeypatch.setattr(
        peelian.operations.office, "_utc_now", lambda: clock.now
    )  # the registrar's, which only looks at it
    divide(office, folder, socket)
    with answering(folder, socket), open_office(office, clock=clock) as opened:
        town, kernel = at_desks(opened, clock), opened.kernel
        case, by, words = stands(town), town.people["privacy-officer"], "a court asks for it"
        over, held = _over(town, case), _over(town, case)
        waits, steps = raised(town, case, "well-2"), tuple(kernel.state.alarms.steps[over])
        hold = retention.hold(kernel, by, held, words=words)
        with monkeypatch.context() as careless:  # a program that asks nobody whether they may
            careless.setattr(retention, "must_hold_role", lambda *asked: None)
            with pytest.raises(Refused, match="Your role cannot"):
                retention.hold(kernel, town.people["dispatcher"], over, words=words)
            with pytest.raises(Refused, match="Your role cannot"):
                retention.release(kernel, town.people["dispatcher"], held, hold, words=words)
        clock.days(DAYS["alarms"] + 95)
        partitions = swept(kernel, clock)[1].partitions
        assert [partition for partition in partitions if partition.startswith("alarms")] == ["alarms.2026q1"]
        assert not (folder / "archive" / "alarms.2026q1" / "partition").exists()
        watching = kernel.state.alarms
        assert set(watching.floor.alarms) == {held, waits} and watching.gone == {over: steps[-1]}
        with pytest.raises(OutOfOrder, match="at the end of its retention"):
            operator_desk.acknowledge(kernel, town.people["dispatcher"], over)
        for digest in steps:
            with pytest.raises((InputError, OutOfOrder)):
                kernel.stores.archive.get(digest)
        (carried,) = [
            partition for partition in kernel.stores.archive.partitions() if partition.startswith("alarms.carried")
        ]
        with pytest.raises(OutOfOrder, match="still needs"):
            kernel.append("PARTITION_DESTROYED", partition=carried, n=0, by="office")
        retention.release(kernel, by, held, hold, words="the court is done with it")
        clock.days(1)
        assert sweep(kernel)[1].partitions == (carried,)
        assert set(watching.floor.alarms) == {waits} and watching.gone.keys() == {over, held}
        assert town.office.verdict().ok
    with answering(folder, socket), open_office(office, clock=clock) as again:
        assert set(again.kernel.state.alarms.floor.alarms) == {waits}
        assert again.kernel.state.alarms.gone.keys() == {over, held}


def _over(town: Desk, case: str) -> str:
    """An alarm of the first well that is closed, and so long that the next one is another."""
    alarm = raised(town, case, "well-1")
    disposed(town, alarm)
    cleared(town, case, "well-1")
    town.clock.now += 2 * REOPENS
    return alarm


def test_in_a_divided_office_two_people_entrust_somebody_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with divided_town(tmp_path, monkeypatch) as (town, _, _):
        custodian, board, told = town.people["custodian"], town.people["board"], {"name": "Zoe", "unit": "hall"}
        with pytest.raises(Refused, match="One person alone"):
            town.office.enrol("zoe", **told, roles={Role.AUDITOR}, by=custodian)
        zoe = town.office.enrol("zoe", **told, roles={Role.AUDITOR}, by=custodian, second=board)
        assert town.kinds()[-4:] == ["PROPOSED", "PROVED", "APPROVED", "ENROLLED"]
        assert zoe.person.name == "Zoe" and town.kernel.state.founding.entrusted[zoe.person.token].second
        trained = town.office.enrol("zoe", **told, roles={Role.AUDITOR}, trained_until="2027-01-01", by=custodian)
        assert trained.person.trained_until == "2027-01-01"
