"""Ground files: the same town from every format, nothing private, nothing of a damaged or hostile file."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from pbf import CENTRE, extract, town
from pyproj import CRS, Transformer

from peelian.errors import InputError
from peelian.intake.ground_file import (
    ACCEPTED,
    AREAS,
    LONGEST_NAME,
    PARKS,
    STREETS,
    TAGS,
    WATER,
    Pieces,
    joined,
    read_ground,
)
from peelian.measure.legible import hidden

pyogrio = pytest.importorskip("pyogrio", reason="the extra `geo` is not installed")
LINES = shapely.linestrings([[[-79.4, 43.6], [-79.4, 43.7]], [[-79.5, 43.65], [-79.3, 43.65]]])
NAMES = np.array(["Spadina Ave", "Queen St W"], dtype=object)


@pytest.fixture(autouse=True)
def _settings(tmp_path: Path) -> None:
    (tmp_path / "osm.ini").write_text(TAGS, encoding="utf-8")
    pyogrio.set_gdal_config_options({"OSM_CONFIG_FILE": str(tmp_path / "osm.ini")})


def layer(file: Path, shapes: Any = LINES, crs: str = "EPSG:4326", name: str = "STREET_NAME", **more: Any) -> Path:
    pyogrio.raw.write(
        str(file), shapely.to_wkb(shapes), [NAMES], [name], geometry_type="LineString", crs=crs or None, **more
    )
    return file


def geoparquet(file: Path, crs: Any = None, names: Any = NAMES, **more: Any) -> Path:
    column: dict[str, Any] = {"encoding": "WKB", "geometry_types": []} | ({"crs": crs} if crs else {})
    told = {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": column}}
    made = pa.table({"name": names, "geometry": shapely.to_wkb(LINES), **more})
    pq.write_table(made.replace_schema_metadata({"geo": json.dumps(told)}), file)
    return file


def names_in(pieces: Pieces) -> set[str]:
    return set(pieces.name.tolist())


def test_of_openstreetmap_public_streets_parks_water_and_neighbourhoods_are_read_and_nothing_else(
    tmp_path: Path,
) -> None:
    (tmp_path / "town.osm.pbf").write_bytes(town())
    found = read_ground(tmp_path / "town.osm.pbf")
    assert {kind: len(pieces.shape) for kind, pieces in found.items()} == {STREETS: 18, PARKS: 1, WATER: 1, AREAS: 1}
    assert {"Avenue 0", "Street 8"} <= names_in(found[STREETS]) and names_in(found[AREAS]) == {"Riverdale"}
    everything = " ".join(name for pieces in found.values() for name in pieces.name)
    assert "Doe" not in everything and "12" not in everything and "555" not in everything
    assert set(found[STREETS].kind) == {"residential", "secondary"}


def test_a_hostile_name_is_one_short_line_of_plain_text(tmp_path: Path) -> None:
    (tmp_path / "town.osm.pbf").write_bytes(town())
    names = names_in(read_ground(tmp_path / "town.osm.pbf")[STREETS])
    assert {"<script>alert(1)</script>", "Avenue of Signs"} <= names  # text that pages escape, like any other
    assert all(0 < len(name) <= LONGEST_NAME and not hidden(name) for name in names)


@pytest.mark.parametrize("cut", [1, 100, 400, 0.5, -1])
def test_a_file_that_is_cut_off_is_refused_wherever_it_ends(tmp_path: Path, cut: float) -> None:
    whole = town()
    (tmp_path / "town.osm.pbf").write_bytes(whole[: int(cut * len(whole)) if cut == 0.5 else int(cut)])
    with pytest.raises(InputError) as wrong:
        read_ground(tmp_path / "town.osm.pbf")
    assert wrong.value.file == "town.osm.pbf" and wrong.value.accepted


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    damaged = bytearray(town())
    damaged[len(damaged) // 2] ^= 0xFF
    (tmp_path / "town.osm.pbf").write_bytes(damaged)
    with pytest.raises(InputError, match="damaged or cut off"):
        read_ground(tmp_path / "town.osm.pbf")


def test_openstreetmap_xml_is_read_and_refused_where_it_is_cut_off(tmp_path: Path) -> None:
    nodes = "".join(f'<node id="{i}" lon="{-79.4 + i / 100}" lat="43.6" version="1"/>' for i in (1, 2))
    way = (
        '<way id="1" version="1"><nd ref="1"/><nd ref="2"/><tag k="highway" v="primary"/><tag k="name" v="A &amp; B"/>'
    )
    whole = f'<?xml version="1.0"?><osm version="0.6">{nodes}{way}</way></osm>'
    (tmp_path / "a.osm").write_text(whole, encoding="utf-8")
    assert names_in(read_ground(tmp_path / "a.osm")[STREETS]) == {"A & B"}
    (tmp_path / "a.osm").write_text(whole[:-20], encoding="utf-8")
    with pytest.raises(InputError, match="damaged or cut off"):
        read_ground(tmp_path / "a.osm")


@pytest.mark.parametrize("ending", ["gpkg", "geojson", "shp"])
@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:26917"])
def test_a_towns_own_file_of_streets_is_read_in_its_own_coordinates(tmp_path: Path, ending: str, crs: str) -> None:
    from pyproj import Transformer

    to = Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    moved = shapely.transform(LINES, lambda at: np.column_stack(to.transform(at[:, 0], at[:, 1])))
    if ending == "geojson" and crs != "EPSG:4326":
        pytest.skip("GeoJSON is longitude and latitude")
    found = read_ground(layer(tmp_path / f"roads.{ending}", moved, crs, name="ST_NAME"))[STREETS]
    assert found.name.tolist() == NAMES.tolist()
    assert shapely.equals_exact(found.shape, LINES, tolerance=1e-6).all()


def test_geoparquet_is_read_with_its_kinds(tmp_path: Path) -> None:
    found = read_ground(geoparquet(tmp_path / "s.parquet", highway=["unknown", "primary"]))[STREETS]
    assert found.name.tolist() == ["Queen St W"] and found.left_out == 1
    assert len(joined([found, found]).name) == 2 and joined([found, found]).left_out == 2


def test_points_on_a_map_of_another_system_are_found(tmp_path: Path) -> None:
    far = shapely.transform(LINES, lambda at: at * 10_000)
    with pytest.raises(InputError, match=r"row 1: coordinates not on Earth"):
        read_ground(layer(tmp_path / "roads.gpkg", far))


def test_a_file_without_coordinate_system_is_refused(tmp_path: Path) -> None:
    layer(tmp_path / "roads.shp")
    (tmp_path / "roads.prj").unlink()
    with pytest.raises(InputError, match=r"roads.shp: no coordinate system stated. Expected: .*\.prj"):
        read_ground(tmp_path / "roads.shp")
    with pytest.raises(InputError, match="unknown coordinate system"):
        read_ground(geoparquet(tmp_path / "s.parquet", crs="EPSG:1"))


def test_a_layer_is_named_where_several_fit(tmp_path: Path) -> None:
    for name in ("roads", "pipes"):
        layer(tmp_path / "town.gpkg", layer=name, append=name == "pipes")
    with pytest.raises(InputError, match=r"more than one layer fits\. Expected: FILE::LAYER with one of: roads, pipes"):
        read_ground(tmp_path / "town.gpkg")
    assert len(read_ground(Path(f"{tmp_path / 'town.gpkg'}::roads"))[STREETS].name) == 2
    with pytest.raises(InputError, match="no such layer"):
        read_ground(Path(f"{tmp_path / 'town.gpkg'}::people"))
    with pytest.raises(InputError, match="no such map data in the file"):
        read_ground(tmp_path / "town.gpkg", WATER)


def test_names_of_people_and_addresses_are_no_names_of_streets(tmp_path: Path) -> None:
    people = ["Jane Doe", "John Smith"]
    with pytest.raises(InputError, match="names of people or addresses"):
        read_ground(geoparquet(tmp_path / "a.parquet", names=["12 Main Street", "14 Main Street"]))
    shapes = {"geometry": shapely.to_wkb(np.concatenate([LINES, LINES]))}
    twice = pa.table({"name": [*people, "Ali Khan", "Mary Roe"], **shapes})
    geo = pq.read_schema(geoparquet(tmp_path / "b.parquet")).metadata
    pq.write_table(twice.replace_schema_metadata(geo), tmp_path / "b.parquet")
    with pytest.raises(InputError, match="names of people or addresses"):
        read_ground(tmp_path / "b.parquet")


VRT = b'<OGRVRTDataSource><OGRVRTLayer name="a"><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer>'
HOSTILE: list[tuple[str, bytes]] = [
    ("town.osm.pbf", b""),
    ("town.osm.pbf", b"\x00\x00\x00\x0d\x0a\x09OSMHeader" + b"\xff" * 400),
    ("a.vrt", VRT + b"</OGRVRTDataSource>"),
    ("a.geojson", b'{"type": "gdal_streamed_alg", "command_line": "gdal vector convert /etc/passwd"}'),
    ("a.geojson", b'{"type": "FeatureCollection", "features": [' + b"[" * 100_000),
    ("a.geojson", b'{"type": "FeatureCollection", "features": ['),
    ("a.gpkg", b"SQLite format 3\0" + b"\0" * 4_000),
    ("a.shp", b"\x00\x00\x27\x0a" + b"\xff" * 200),
    ("a.parquet", b"PAR1" + b"\0" * 100 + b"PAR1"),
    ("a.csv", b"name,lon,lat\nA,1,2\n"),
    ("a.zip", b"PK\x03\x04" + b"\0" * 100),
]


@pytest.mark.parametrize(("name", "content"), HOSTILE)
def test_what_is_no_map_data_is_refused_with_what_would_be_accepted(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError) as wrong:
        read_ground(tmp_path / name)
    assert wrong.value.file == name and wrong.value.accepted and "passwd" not in str(wrong.value)


@pytest.mark.parametrize("make", [lambda at: at.symlink_to("/etc/passwd"), lambda at: at.mkdir(), lambda at: None])
def test_a_link_a_folder_and_nothing_are_no_files(tmp_path: Path, make: Callable[[Path], object]) -> None:
    make(tmp_path / "a.gpkg")
    with pytest.raises(InputError) as wrong:
        read_ground(tmp_path / "a.gpkg")
    assert wrong.value.accepted == ACCEPTED and "CSV" not in ACCEPTED


def test_an_extract_without_a_name_holds_no_streets(tmp_path: Path) -> None:
    nodes = [(1, *CENTRE, {}), (2, CENTRE[0] + 0.01, CENTRE[1], {})]
    (tmp_path / "a.osm.pbf").write_bytes(extract(nodes, [({"highway": "primary"}, [1, 2])]))
    assert not len(read_ground(tmp_path / "a.osm.pbf")[STREETS].shape)
    with pytest.raises(InputError, match="no column of names"):
        read_ground(layer(tmp_path / "a.gpkg", name="OWNER"))


TURNED = "+proj=omerc +lat_0=43.65 +lonc=-79.4 +alpha=12 +gamma=0 +k=1 +datum=WGS84 +units=m"


def test_a_turned_grid_is_read_where_its_file_says_how_it_lies(tmp_path: Path) -> None:
    to = Transformer.from_crs("OGC:CRS84", CRS(TURNED), always_xy=True)
    lines = shapely.transform(LINES, lambda at: np.column_stack(to.transform(at[:, 0], at[:, 1])))
    found = read_ground(layer(tmp_path / "turned.gpkg", lines, crs=CRS(TURNED).to_wkt()))[STREETS]
    assert shapely.equals_exact(found.shape, LINES, 1e-6).all()


def test_a_grid_that_is_tied_to_no_place_is_named_as_such_and_not_as_damage(tmp_path: Path) -> None:
    site = 'ENGCRS["site",EDATUM["site"],CS[Cartesian,2],AXIS["x",east],AXIS["y",north],LENGTHUNIT["metre",1]]'
    file = geoparquet(tmp_path / "site.parquet", crs=CRS(site).to_json_dict())
    with pytest.raises(InputError, match=r"site.parquet: unknown coordinate system. Expected: a code"):
        read_ground(file)
    (tmp_path / "turned.tif").write_bytes(b"II*\0" + b"\0" * 40)
    with pytest.raises(InputError, match=r"turned.tif: not a file of map data. Expected: .*\.gpkg"):
        read_ground(tmp_path / "turned.tif")
