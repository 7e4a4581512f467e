"""The ground of an office: brought by who may, on record, replaced whole, not used once altered, and what it names."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import shapely
from desk import Desk, declared
from pbf import CENTRE, incidents, town
from shapely.geometry import mapping
from standing_office import office_at

from peelian.errors import InputError, OutOfOrder, Refused
from peelian.kernel.records.office_records import latest
from peelian.measure.table import Kind, table
from peelian.operations.backup import back_up
from peelian.operations.ground import CELL, Ground, bring_ground, ground_of, near_of, outlines_of, with_near
from peelian.operations.office import memory_office

pytestmark = pytest.mark.skipif(find_spec("pyogrio") is None, reason="the extra `geo` is not installed")
ORIGIN = {"source": "the town's own extract", "licence": "ODbL 1.0", "attribution": "© OpenStreetMap contributors"}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("ground")


@pytest.fixture(scope="module")
def desk(place: Path) -> Iterator[Desk]:
    office, desk = office_at(place / "office")
    (place / "town.osm.pbf").write_bytes(town())
    with office:
        yield desk


def brought(desk: Desk, file: Path, who: str = "custodian", **origin: str) -> Ground:
    ground, _ = bring_ground(
        desk.office, desk.people[who], [("", file)], {**ORIGIN, **origin}, lambda says, share: None
    )
    return ground


def standing(desk: Desk, place: Path) -> Ground:
    """The map of the town's extract, brought where another stands."""
    found, counts = ground_of(desk.office), {"streets": 18, "parks": 1, "water": 1, "areas": 1}
    if found is not None and (found.attribution, found.counts) == (ORIGIN["attribution"], counts):
        return found
    return brought(desk, place / "town.osm.pbf")


def admitted(desk: Desk, file: Path) -> dict[str, str]:
    """The data of a case: incidents about the town's centre."""
    file.write_text(incidents(), encoding="utf-8")
    return {"incidents": desk.office.admit(desk.people["custodian"], file, declared("proof")).dataset}


def test_it_is_on_record_and_replaces_what_was_there(desk: Desk, place: Path) -> None:
    assert ground_of(desk.office) is None
    first = brought(desk, place / "town.osm.pbf")
    (place / "larger.osm.pbf").write_bytes(town(10))
    found = brought(desk, place / "larger.osm.pbf", who="analyst", attribution="© Others")
    assert found == ground_of(desk.office) and found.address == f"/data/ground/{found.digest}.pmtiles"
    assert (found.attribution, found.counts["streets"]) == ("© Others", 22) and first.digest != found.digest
    kept = latest(desk.kernel, "ground")
    assert kept is not None and kept.by == desk.people["analyst"].person.token and kept.body["tiles"] == found.digest
    assert sorted(found.tiles.parent.iterdir()) == sorted([found.tiles, found.names])
    assert found.tiles.stat().st_mode & 0o077 == 0


def test_who_may_not_bring_it_and_what_must_be_said_of_it(desk: Desk, place: Path) -> None:
    with pytest.raises(Refused):
        brought(desk, place / "town.osm.pbf", who="commander")
    for origin in ({"attribution": ""}, {"licence": " "}, {"source": "a\u202eb"}):
        with pytest.raises(InputError):
            brought(desk, place / "town.osm.pbf", **origin)
    with memory_office() as office, pytest.raises(OutOfOrder, match="in memory"):
        bring_ground(office, desk.people["custodian"], [], ORIGIN, lambda says, share: None)
    assert ground_of(office) is None


def test_a_refused_file_leaves_what_was_there(desk: Desk, place: Path) -> None:
    before = standing(desk, place)
    (place / "cut.osm.pbf").write_bytes(town()[:-40])
    with pytest.raises(InputError, match="damaged or cut off"):
        brought(desk, place / "cut.osm.pbf")
    assert ground_of(desk.office) == before
    assert sorted(before.tiles.parent.iterdir()) == sorted([before.tiles, before.names])


def test_cells_get_the_names_that_people_know(desk: Desk, place: Path) -> None:
    standing(desk, place)
    data = admitted(desk, place / "incidents.csv")
    assert near_of(desk.office, {}, ["250:0:0"]) == [""]
    middle, far, none = near_of(desk.office, data, ["250:0:0", "250:4000:0", "Riverdale"])
    streets, _, area = middle.partition(", ")
    assert " & Street 4" in streets or " & Street 5" in streets
    assert area == "Riverdale" and (far, none) == ("", "")
    (alone,) = near_of(desk.office, {**data, "areas": "its own"}, ["250:0:0"])
    assert alone == streets  # the case names its areas itself
    made = table("advice", {"rank": (Kind.COUNT, [1, 2]), "place": (Kind.PLACE, ["250:0:0", "250:4000:0"])})
    assert with_near(desk.office, data, made)["near"].tolist() == [middle, ""]
    assert with_near(desk.office, data, made).names == ("rank", "place", "near")
    assert with_near(desk.office, {}, made) is made


def test_outlines_are_of_areas_with_ground_and_neighbours_still_meet(desk: Desk, place: Path) -> None:
    assert outlines_of(standing(desk, place).names) == {}, "Riverdale is a point there"
    (lon, lat), wave = CENTRE, np.sin(np.linspace(0, 9, 400)) / 500
    border = np.column_stack([np.full(400, CENTRE[0]) + wave, np.linspace(-0.01, 0.01, 400) + CENTRE[1]])
    west = shapely.Polygon([(lon - 0.01, lat - 0.01), *border, (lon - 0.01, lat + 0.01)])
    east = shapely.Polygon([(lon + 0.01, lat - 0.01), *border, (lon + 0.01, lat + 0.01)])
    pieces = [
        {"type": "Feature", "properties": {"name": n}, "geometry": mapping(p)} for n, p in (("W", west), ("E", east))
    ]
    (place / "areas.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": pieces}))
    files = [("", place / "town.osm.pbf"), ("areas", place / "areas.geojson")]
    ground, _ = bring_ground(desk.office, desk.people["custodian"], files, ORIGIN, lambda says, share: None)
    found = outlines_of(ground.names)
    assert set(found) == {"W", "E"} and shapely.get_num_coordinates(found["W"]) < 100
    assert found["W"].intersection(found["E"]).area == 0 and found["W"].union(found["E"]).geom_type == "Polygon"


@pytest.mark.parametrize("cell", ["250:0:0", "50:-12:7", "62.5:1:2"])
def test_a_cell_is_told_by_its_name(cell: str) -> None:
    assert CELL.fullmatch(cell) and not CELL.fullmatch(cell + ":") and not CELL.fullmatch(f" {cell}")
    assert not CELL.fullmatch("23:59:59") and not CELL.fullmatch("2024-01-01")


def test_a_backup_has_it(desk: Desk, place: Path) -> None:
    found = standing(desk, place)
    assert desk.office.path is not None
    desk.office.checkpoint()
    back_up(desk.office.path, "custodian", place / "copy", keys=place / "copied-keys")
    assert (place / "copy" / "ground" / found.tiles.name).read_bytes() == found.tiles.read_bytes()


@pytest.mark.parametrize("which", ["tiles", "names"])
def test_a_file_that_is_not_as_the_record_says_is_not_used(desk: Desk, place: Path, which: str) -> None:
    found = standing(desk, place)
    file: Path = getattr(found, which)
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    assert ground_of(desk.office) is None
    file.unlink()
    assert ground_of(desk.office) is None
    assert brought(desk, place / "town.osm.pbf") == ground_of(desk.office)
