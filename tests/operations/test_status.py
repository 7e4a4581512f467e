"""`peelian status`: one screen says what runs, what guards the office, what is damaged and what waits."""

from __future__ import annotations

import dataclasses
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from authentication import at_pages
from broker import Certificates, free_port
from divided import divided_town
from divided import lived as lived_once
from faulty import KNOWN, SHUTTING, Kind, Lived, founded, row
from suspending import suspend
from terminal import peelian as typed

import peelian
import peelian.operations.office
from peelian.errors import OutOfOrder
from peelian.integrations.mqtt import Broker
from peelian.kernel.alarms import watch
from peelian.kernel.identity import dual_control
from peelian.operations.office import open_office
from peelian.operations.sensor_listener import listening
from peelian.operations.status import TITLES, office_status
from peelian.operations.watch_service import open_room
from peelian.oversight.breach.damage import report_damage
from peelian.oversight.breach.incident import register
from peelian.storage.office_format import FORMAT
from peelian.web.app import make_app


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lived]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(peelian.operations.office, "technologies", lambda: KNOWN)
        yield founded(tmp_path_factory.mktemp("status") / "office")


@pytest.fixture
def folder(lived: Lived, tmp_path: Path) -> Path:
    shutil.copytree(lived.folder, tmp_path / "office")
    return tmp_path / "office"


def told(folder: Path) -> dict[str, str]:
    return {one.of: str(one.says) for one in office_status(folder)}


def test_a_whole_office_on_one_screen(folder: Path) -> None:
    found = told(folder)
    assert found["office"] == "Town" and peelian.__version__ in found["version"] and "free" in found["disk"]
    assert found["pages"] == "Nobody serves them." and found["backup"] == "The log knows of no backup."
    assert "entries" in found["log"] and found["daily job"] == "It was not done yet."
    assert not {"damaged", "shut", "suspended"} & found.keys() and found.keys() <= TITLES.keys()
    done = typed("status", "--office", str(folder), cwd=folder)
    assert done.returncode == 0 and len(done.stdout.splitlines()) < 25


def test_it_says_that_pages_are_served(folder: Path) -> None:
    with open_office(folder) as office:
        app = make_app(office)
        assert told(folder)["pages"] == "They are served."
        app.state.lobby.close()


def test_it_says_what_is_damaged_and_what_restores_it(lived: Lived, folder: Path) -> None:
    with row(folder, "documents", "sealed", digest=lived.named[f"ENROLLED {lived.named['analyst']}"]):
        done = typed("status", "--office", str(folder), "--json", cwd=folder)
        found = {one["of"]: one for one in json.loads(done.stdout)}
        assert done.returncode == 5 and found["damaged"]["wrong"]
        assert (
            "suspended" not in found
            and "restore the database" in found["damaged"]["says"]
            and found["people"]["says"] == "1 waiting"
        )
    assert "damaged" not in told(folder)


@pytest.mark.parametrize("kind", SHUTTING, ids=lambda kind: kind.name)
def test_it_names_each_fault_that_shuts_the_office(lived: Lived, folder: Path, kind: Kind) -> None:
    with kind.damage(dataclasses.replace(lived, folder=folder)):
        assert kind.says in told(folder)["shut"]


def test_a_technology_that_only_counts_as_suspended_is_told_apart(lived: Lived, folder: Path) -> None:
    with row(folder, "documents", "sealed", digest=lived.named["ISSUED"]):
        assert told(folder)["counts as suspended"] == "toy" and "suspended" not in told(folder)
        with open_office(folder) as office:
            made = office.kernel.state.suspended["toy"]
            assert not made.is_thrown and "damaged" in made.says
            with pytest.raises(OutOfOrder, match="counts as suspended"):
                dual_control.propose(
                    office.kernel,
                    office.operator("board"),
                    "resume",
                    words="the cause is found",
                    body={"technology": "toy"},
                )
            suspend(office.kernel, office.operator("board"), "toy")
            assert office.kernel.state.suspended["toy"].is_thrown
    assert told(folder)["suspended"] == "toy"


def test_a_fault_that_a_page_met_opens_one_incident(
    lived: Lived, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with open_office(folder) as office:
        app, kernel = make_app(office), office.kernel
        assert office.maintenance is not None
        with row(folder, "documents", "sealed", digest=lived.named[f"PUBLISHED {lived.published}"]):
            for _ in range(3):
                assert at_pages(app).get(f"/en/register/{lived.published}").status_code == 503
                office.maintenance.tick()
            damaged = [one for one in office_status(folder) if one.of == "damaged"]
            assert len(damaged) == 1 and damaged[0].remedy.startswith("document "), "met by another process"
        (incident,) = register(kernel)
        assert incident.kind == "record_damaged" and not incident.subjects
        assert sum(entry["kind"] == "INCIDENT" for _, entry in kernel.stores.log.read()) == 1
        assert len([one for one in caplog.records if one.name == "peelian.faults"]) == 1
        assert at_pages(app).get("/en/incidents").status_code == 200
        app.state.lobby.close()


def test_it_says_the_format_and_whether_a_process_hears_the_watches(folder: Path) -> None:
    assert told(folder)["format"] == str(FORMAT)
    assert told(folder)["watches"] == "1 in force. No process listens."
    with open_office(folder) as office:
        with open_room(office):
            assert told(folder)["watches"] == "1 in force. A process listens."
        assert told(folder)["watches"] == "1 in force. No process listens."
        (case,) = office.kernel.state.alarms.stands
        watch.end(office.kernel, office.operator("commander"), case)
    assert "watches" not in told(folder) and "registrar" not in told(folder)


def test_it_says_whether_a_process_publishes_the_log_and_whether_one_hears_the_sensors(
    folder: Path, tmp_path: Path
) -> None:
    """No broker answers: the process that listens is there all the same."""
    assert told(folder)["publisher"] == "No process publishes the log."
    assert told(folder)["sensors"] == "1 registered. No process listens."
    nobody = Broker(host="localhost", port=free_port(), authority=Certificates(tmp_path).authority)
    with open_office(folder) as office:
        assert office.maintenance is not None
        with office.maintenance.attended():
            assert told(folder)["publisher"] == "A process publishes the log."
        with listening(office, office.operator("custodian"), nobody):
            assert told(folder)["sensors"] == "1 registered. A process listens."
    assert told(folder)["publisher"] == "No process publishes the log."
    assert told(folder)["sensors"] == "1 registered. No process listens."


def test_a_watch_that_cannot_be_read_is_no_process_less_for_the_others(lived: Lived, folder: Path) -> None:
    with row(folder, "documents", "sealed", digest=lived.named["WATCH_STANDING"]):
        found = told(folder)
        assert "watches" not in found and "altered" in found["damaged"]
        with open_office(folder) as office, pytest.raises(OutOfOrder, match="no watch"), open_room(office):
            pass


def test_damage_that_a_program_of_a_divided_office_meets_opens_an_incident(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Variants: what it reports is whole."""
    with divided_town(tmp_path, monkeypatch) as (town, _, _):
        folder, kernel = town.office.path or Path(), town.kernel
        decision = lived_once(town)
        (digest,) = [str(e["document"]) for _, e in kernel.stores.log.read() if e["kind"] == "PUBLISHED"]
        assert told(folder)["registrar"] == "It answers."
        app = make_app(town.office)
        report_damage(kernel, f"document {digest}")
        assert not register(kernel), "it is whole"
        with row(tmp_path / "registrar", "documents", "sealed", digest=digest):
            for _ in range(2):
                assert at_pages(app).get(f"/en/register/{decision.case}").status_code == 503
                assert town.office.maintenance is not None
                town.office.maintenance.tick()
            (incident,) = register(kernel)
            assert incident.kind == "record_damaged" and incident.exposure == {f"document {digest}": "unknown"}
        app.state.lobby.close()
