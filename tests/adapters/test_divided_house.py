"""A divided office's own folder holds ciphertext and nothing that opens it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from desk import Desk, Hands
from divided import answering, divided_town, lived
from toy import COUNT
from years import at_desks, cleared, disposed, office_of_years, raised, stands, swept

import peelian.office
from peelian.adapters.came_back import destroy_here
from peelian.errors import InputError, OutOfOrder, Refused
from peelian.governance import alarm_desk, retention
from peelian.governance.alarms import REOPENS
from peelian.governance.capability import Role
from peelian.governance.expiry import expire, sweep
from peelian.governance.house import House
from peelian.governance.shelving import DAYS
from peelian.guided.registrar_process import divide
from peelian.office import open_office


def test_no_key_and_no_log_lie_in_the_office_that_people_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with divided_town(tmp_path, monkeypatch) as (town, _, _):
        lived(town)
        office = tmp_path / "office"
        found = {path.relative_to(office).parts[0] for path in office.rglob("*")}
        assert found == {"answers", "keys", "objects", "office.toml"} and not list((office / "keys").glob("*.pem"))
        assert {path.name for path in (office / "keys").iterdir()} == {"operators"}
        assert town.office.verdict().ok and town.house.public_key


def test_an_open_divided_office_does_the_daily_job_by_itself_and_the_keys_go_with_the_registrar(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with divided_town(tmp_path, monkeypatch) as (town, _, _):
        kept = [town.admit(COUNT.example().datasets["wells"], COUNT.purposes) for _ in range(5)]
        house, attendance = town.house, town.office.attendance
        assert attendance is not None and attendance.sweeps and attendance.log is None
        late, passed = timedelta(0), 0.0
        attendance.stopwatch = lambda: passed
        monkeypatch.setattr(House, "now", lambda self: datetime.now(UTC) + late)  # the registrar's house, too
        attendance.tick()
        assert town.kinds().count("SWEPT") == 0, "a day has not passed"
        late = timedelta(days=401)
        attendance.tick()
        assert not house.book.queued, "the clock jumped"
        for said in ({"why": "due"}, {"why": "retention", "object": kept[0].object}):
            with pytest.raises(OutOfOrder, match="the clock jumped"):  # whatever an office says, its registrar waits
                house.append("QUEUED" if said["why"] == "due" else "DESTROYED", dataset=kept[0].dataset, **said)
        late += timedelta(days=1.01)
        attendance.tick()
        assert not house.book.queued, "a day has not really passed"
        passed += 21 * 3600
        attendance.tick()
        assert set(house.book.queued) == {one.dataset for one in kept}
        late, passed = late + timedelta(days=8), passed + 8 * 86_400
        attendance.tick()
        assert set(house.book.destroyed) == {one.dataset for one in kept}
        assert town.kinds().count("SWEPT") == 3 and town.kinds().count("SHREDDED") == 5
        assert not any(house.vault.found(one.dataset) for one in kept)
        returned = tmp_path / "office" / "objects" / kept[0].object
        returned.write_bytes(b"ciphertext of a backup")
        destroy_here(house, house.vault, tmp_path / "office" / "keys" / "operators")
        assert not returned.exists(), "what an old backup brought back is removed when the office opens"
        with pytest.raises(OutOfOrder, match="was destroyed"):
            house.append("OPENED", object=kept[0].object, dataset=kept[0].dataset)


def test_the_daily_job_of_a_divided_office_asks_the_registrar(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with divided_town(tmp_path, monkeypatch) as (town, _, _):
        assert town.house.archive.shelves().keys() >= {f"people.{town.house.shelf('people').partition('.')[2]}"}
        assert expire(town.house).shelves == ()
        assert town.kinds().count("KEPT_FOR") == len(DAYS)
        with pytest.raises(OutOfOrder, match="not over"):
            town.house.append("SHELF_DESTROYED", shelf=town.house.shelf("people"), by="office")
        with pytest.raises(OutOfOrder):
            town.house.archive.destroy_shelf(town.house.shelf("people"))


def test_alarms_expire_through_a_registrar_and_a_hold_keeps_one_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, folder, socket = Hands(), tmp_path / "registrar", tmp_path / "socket"
    office = office_of_years(tmp_path / "office", clock, monkeypatch)
    monkeypatch.setattr(peelian.office, "_utc_now", lambda: clock.now)  # the registrar's, which only looks at it
    divide(office, folder, socket)
    with answering(folder, socket), open_office(office, clock=clock) as opened:
        town, house = at_desks(opened, clock), opened.house
        case, by, words = stands(town), town.people["privacy-officer"], "a court asks for it"
        over, held = _over(town, case), _over(town, case)
        waits, steps = raised(town, case, "well-2"), tuple(house.book.watching.steps[over])
        hold = retention.hold(house, by, held, words=words)
        with monkeypatch.context() as careless:  # a program that asks nobody whether they may
            careless.setattr(retention, "must_hold", lambda *asked: None)
            with pytest.raises(Refused, match="this role may not"):
                retention.hold(house, town.people["dispatcher"], over, words=words)
            with pytest.raises(Refused, match="this role may not"):
                retention.release(house, town.people["dispatcher"], held, hold, words=words)
        clock.days(DAYS["alarms"] + 95)
        shelves = swept(house, clock)[1].shelves
        assert [shelf for shelf in shelves if shelf.startswith("alarms")] == ["alarms.2026q1"]
        assert not (folder / "archive" / "alarms.2026q1" / "shelf").exists()
        watching = house.book.watching
        assert set(watching.floor.alarms) == {held, waits} and watching.gone == {over: steps[-1]}
        with pytest.raises(OutOfOrder, match="as its retention asks"):
            alarm_desk.acknowledge(house, town.people["dispatcher"], over)
        for mark in steps:
            with pytest.raises((InputError, OutOfOrder)):
                house.archive.get(mark)
        (carried,) = [shelf for shelf in house.archive.shelves() if shelf.startswith("alarms.carried")]
        with pytest.raises(OutOfOrder, match="still needs"):
            house.append("SHELF_DESTROYED", shelf=carried, n=0, by="office")
        retention.release(house, by, held, hold, words="the court is done with it")
        clock.days(1)
        assert sweep(house)[1].shelves == (carried,)
        assert set(watching.floor.alarms) == {waits} and watching.gone.keys() == {over, held}
        assert town.office.verdict().ok
    with answering(folder, socket), open_office(office, clock=clock) as again:
        assert set(again.house.book.watching.floor.alarms) == {waits}
        assert again.house.book.watching.gone.keys() == {over, held}


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
        with pytest.raises(Refused, match="one person alone"):
            town.office.enrol("zoe", **told, roles={Role.AUDITOR}, by=custodian)
        zoe = town.office.enrol("zoe", **told, roles={Role.AUDITOR}, by=custodian, second=board)
        assert town.kinds()[-4:] == ["PROPOSED", "PROVED", "APPROVED", "ENROLLED"]
        assert zoe.person.name == "Zoe" and town.house.book.founding.entrusted[zoe.person.token].second
        trained = town.office.enrol("zoe", **told, roles={Role.AUDITOR}, trained_until="2027-01-01", by=custodian)
        assert trained.person.trained_until == "2027-01-01"
