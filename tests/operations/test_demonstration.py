"""A demonstration office takes shipped files only, stays on its machine, and hears no real sensor."""

from __future__ import annotations

import sqlite3
from importlib import resources
from pathlib import Path

import pytest
from invented import incidents_csv

from peelian.errors import InputError, OutOfOrder
from peelian.integrations.mqtt import Broker
from peelian.kernel.alarms import watch
from peelian.kernel.model.capability import Role
from peelian.kernel.model.documents import Declaration
from peelian.kernel.model.people import Operator
from peelian.kernel.state.demonstration import is_demonstration, mark
from peelian.operations.demonstration import must_be_local, shipped
from peelian.operations.ground import bring_ground
from peelian.operations.office import Office, new_office, open_office
from peelian.operations.sensor_listener import listening
from peelian.oversight.verification.verifier import verify_log
from peelian.web.app import make_app

EXAMPLES = resources.files("peelian.technologies")
DECLARED = Declaration(
    title="A file", purposes=("proof",), legal_basis="law", minimisation="none", retention_days=9, source="here",
    people="not_known",
)  # fmt: skip


def played(path: Path) -> tuple[Office, Operator]:
    """A marked office with its custodian."""
    office = new_office(path, name="Town")
    mark(office.kernel)
    return office, office.enrol("kim", name="Kim", unit="it", roles={Role.CUSTODIAN, Role.CLERK})


def test_what_came_with_the_program_is_taken_and_nothing_else(tmp_path: Path) -> None:
    office, kim = played(tmp_path / "town")
    with office:
        tally = Path(str(EXAMPLES / "risk" / "examples" / "compas_two_year_tally.csv"))
        assert office.admit(kim, tally, DECLARED).rows > 0
        changed = tmp_path / tally.name
        changed.write_bytes(tally.read_bytes() + b"\n")
        video = Path(str(EXAMPLES / "footage" / "examples" / "square.mp4"))
        longer = tmp_path / "square.mp4"
        longer.write_bytes(video.read_bytes() + b"\0")
        for file in (changed, incidents_csv(tmp_path / "i.csv")):
            with pytest.raises(InputError, match="no data of its own"):
                office.admit(kim, file, DECLARED)
        with pytest.raises(InputError, match="no data of its own"):
            office.keep_object(kim, longer, DECLARED, format="video")
        assert [one.rows for one in office.kernel.state.datasets.values()] == [len(tally.read_text().splitlines()) - 1]
    with new_office(tmp_path / "real", name="Town") as real:
        by = real.enrol("kim", name="Kim", unit="it", roles={Role.CUSTODIAN})
        assert real.admit(by, changed, DECLARED).rows > 0, "any other office takes its own data"


def test_a_file_that_an_option_names_is_looked_at_too(tmp_path: Path) -> None:
    office, kim = played(tmp_path / "town")
    own = tmp_path / "census.csv"
    own.write_text("neighbourhood,population\nA,10\n", encoding="utf-8")
    areas = Path(str(EXAMPLES / "mapping" / "examples" / "toronto" / "neighbourhoods_140.geojson"))
    with office, pytest.raises(InputError, match=r"census\.csv"):
        office.admit(kim, areas, DECLARED, options={"demographics": str(own)})


def test_streets_of_another_town_are_not_put_under_its_maps(tmp_path: Path) -> None:
    office, kim = played(tmp_path / "town")
    own = tmp_path / "streets.geojson"
    own.write_text('{"type": "FeatureCollection", "features": []}', encoding="utf-8")
    origin = dict.fromkeys(("source", "licence", "attribution"), "here")
    with office, pytest.raises(InputError, match="no data of its own"):
        bring_ground(office, kim, [("", own)], origin, lambda says, share: None)


def test_it_is_reached_on_its_own_machine_only(tmp_path: Path) -> None:
    office, _ = played(tmp_path / "town")
    with office:
        make_app(office).state.lobby.close()
        for how in ({"hosts": ("town.example",)}, {"hosts": ("localhost", "town.example"), "public": True}):
            with pytest.raises(OutOfOrder, match="this machine only"):
                make_app(office, **how)
        with pytest.raises(OutOfOrder, match="this machine only"):
            must_be_local(office.kernel, (), ("10.0.0.1",))


def test_real_sensors_are_not_heard_and_every_watch_is_an_exercise(tmp_path: Path) -> None:
    office, kim = played(tmp_path / "town")
    with office:
        broker = Broker(host="localhost", port=1, authority=None, certificate=None, key=None)
        with pytest.raises(OutOfOrder, match="real sensors"), listening(office, kim, broker):
            pass
        params = watch.watch_named(office.kernel, "crowd.noise").asks.params()
        with pytest.raises(OutOfOrder, match="exercise"):
            watch.stand(
                office.kernel, kim, "crowd.noise", purpose="safety", params=params, sensors={"meter-1": "square"}
            )


def test_the_verifier_says_what_it_is_and_the_mark_cannot_be_taken_away(tmp_path: Path) -> None:
    office, _ = played(tmp_path / "town")
    with office:
        assert office.verdict().played
    log = tmp_path / "town" / "log"
    bundle = next((log / "tile" / "entries").rglob("*.p/*"))
    whole = bundle.read_bytes()
    bundle.write_bytes(whole.replace(b"DEMONSTRATION", b"CONFIGURATION"))
    assert not verify_log(log).ok, "the log is signed"
    bundle.write_bytes(whole)
    assert verify_log(log).ok
    with sqlite3.connect(tmp_path / "town" / "state" / "state.db") as database:
        said = "cast(replace(cast(spelling as text), 'DEMONSTRATION', 'CONFIGURATION') as blob)"
        assert database.execute(f"update entries set spelling = {said} where idx = 0").rowcount == 1  # noqa: S608
    with open_office(tmp_path / "town") as again:  # an altered row is read from what was published under the head
        assert is_demonstration(again.kernel)


def test_a_real_office_does_not_pass_for_a_demonstration(tmp_path: Path) -> None:
    with new_office(tmp_path / "town", name="Town") as office:
        office.enrol("kim", name="Kim", unit="it", roles={Role.CUSTODIAN})
        assert not office.verdict().played
        must_be_local(office.kernel, ("town.example",), ("10.0.0.1",))
    assert len(shipped()) > 20
