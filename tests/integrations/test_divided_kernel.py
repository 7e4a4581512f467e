"""A divided office's own folder holds ciphertext and nothing that opens it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from desk import Desk, Hands, in_use_meanwhile
from divided import answering, at_work, divided_town, lived
from toy import COUNT
from years import at_desks, cleared, disposed, office_of_years, raised, stands, swept

import peelian.operations.office
from peelian.errors import InputError, OutOfOrder, Refused
from peelian.kernel.alarms import operator_desk
from peelian.kernel.model.alarms import REOPENS
from peelian.kernel.model.archive_partitions import DAYS
from peelian.kernel.model.capability import Role
from peelian.kernel.model.ports import Named
from peelian.kernel.retention import retention
from peelian.kernel.retention.expiry_job import sweep
from peelian.kernel.state.kernel import Kernel
from peelian.kernel.verbs.custody import looked_into
from peelian.operations.dividing import divide
from peelian.operations.office import Office, open_office


def test_no_key_and_no_log_lie_in_the_office_that_people_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with divided_town(tmp_path, monkeypatch) as (town, _, _):
        lived(town)
        office = tmp_path / "office"
        found = {path.relative_to(office).parts[0] for path in office.rglob("*")}
        assert found == {"own", "keys", "objects", "office.toml"} and not list((office / "keys").glob("*.pem"))
        assert {path.name for path in (office / "keys").iterdir()} == {"operators"}
        assert town.office.verdict().ok and town.kernel.office.public_key


def test_the_registrar_does_the_daily_job_and_what_it_destroys_lies_in_no_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with divided_town(tmp_path, monkeypatch) as (town, _, _):
        kept = [town.admit(COUNT.arithmetic().example().datasets["wells"], COUNT.asks.purposes) for _ in range(5)]
    late, passed = timedelta(0), 0.0
    in_use_meanwhile(monkeypatch)
    monkeypatch.setattr(Kernel, "now", lambda self: datetime.now(UTC) + late)  # the registrar's kernel, too
    with (
        at_work(tmp_path / "registrar", tmp_path / "socket") as (registrar, _),
        open_office(tmp_path / "office") as office,
    ):
        kernel, job, own = office.kernel, registrar.maintenance, office.maintenance
        assert job is not None and own is not None and own.log is None
        job.stopwatch = lambda: passed
        job.tick()
        assert not kinds(office, "SWEPT"), "a day has not passed"
        late = timedelta(days=401)
        job.tick()
        assert not kernel.state.queued, "The clock jumped"
        late += timedelta(days=1.01)
        job.tick()
        assert not kernel.state.queued, "a day has not really passed"
        passed += 21 * 3600
        job.tick()
        with kernel.lock:
            assert set(kernel.state.queued) == {one.dataset for one in kept}
        late, passed = late + timedelta(days=8), passed + 8 * 86_400
        job.tick()
        with kernel.lock:
            assert set(kernel.state.destroyed) == {one.dataset for one in kept}
        assert kinds(office, "SWEPT") == 3 and kinds(office, "SHREDDED") == 5
        assert all(kernel.stores.vault.keys.states()[one.object] is False for one in kept)  # type: ignore[attr-defined]
        own.tick()
        assert not any(kernel.stores.vault.found(one.dataset) for one in kept)
        returned = tmp_path / "office" / "objects" / kept[0].object
        returned.write_bytes(b"ciphertext of a backup")
        late += timedelta(minutes=2)
        own.tick()
        assert not returned.exists(), "what an old backup brought back is removed within a minute"
        with pytest.raises(OutOfOrder, match="was destroyed"):
            looked_into(kernel, office.operator("custodian"), kept[0].object, kept[0].dataset)


def kinds(office: Office, kind: str) -> int:
    """How many entries of a kind the office sees."""
    with office.kernel.lock:
        return sum(entry["kind"] == kind for _, entry in office.kernel.stores.log.read())


def test_nothing_is_appended_signed_or_destroyed_but_by_the_registrar(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with divided_town(tmp_path, monkeypatch) as (town, _, _):
        kernel, archive = town.kernel, town.kernel.stores.archive
        decision = lived(town)
        n, people = kernel.stores.log.size(), kernel.partition("people")
        for wish in (
            lambda: kernel.append("PARTITION_DESTROYED", partition=people, by="office"),
            lambda: kernel.signed(decision),
            lambda: kernel.record(decision),
            lambda: archive.destroy_partition(people),
            lambda: kernel.stores.vault.rotate_keys(),  # type: ignore[attr-defined]
            lambda: kernel.stores.vault.destroy(next(iter(kernel.state.datasets.values())).object),
            lambda: kernel.stores.directory.keep("m" * 64, Named(person="p", name="Ana", salt="1")),
        ):
            with pytest.raises(OutOfOrder):
                wish()
        assert kernel.stores.log.size() == n and town.office.verdict().ok


def test_alarms_expire_through_a_registrar_and_a_hold_keeps_one_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, folder, socket = Hands(), tmp_path / "registrar", tmp_path / "socket"
    in_use_meanwhile(monkeypatch)
    office = office_of_years(tmp_path / "office", clock, monkeypatch)
    monkeypatch.setattr(
        peelian.operations.office, "_utc_now", lambda: clock.now
    )  # the registrar's, which only looks at it
    divide(office, folder, socket)
    with at_work(folder, socket) as (registrar, _), open_office(office, clock=clock) as opened:
        town, kernel = at_desks(opened, clock), opened.kernel
        case, by, words = stands(town), town.people["privacy-officer"], "a court asks for it"
        over, held = _over(town, case), _over(town, case)
        waits, steps = raised(town, case, "well-2"), tuple(kernel.state.alarms.steps[over])
        hold = retention.hold(kernel, by, held, words=words)
        with pytest.raises(Refused, match="Your role cannot"):
            retention.hold(kernel, town.people["dispatcher"], over, words=words)
        with pytest.raises(Refused, match="Your role cannot"):
            retention.release(kernel, town.people["dispatcher"], held, hold, words=words)
        clock.days(DAYS["alarms"] + 95)
        swept(registrar.kernel, clock)  # unless the registrar itself was faster
        destroyed = registrar.kernel.state.partitions.destroyed
        assert [partition for partition in destroyed if partition.startswith("alarms")] == ["alarms.2026q1"]
        assert not (folder / "archive" / "alarms.2026q1" / "partition").exists()
        with kernel.lock:
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
        retention.release(kernel, town.people["board"], held, hold, words="the court is done with it")
        clock.days(1)
        sweep(registrar.kernel)
        assert carried in registrar.kernel.state.partitions.destroyed
        with kernel.lock:
            watching = kernel.state.alarms
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
