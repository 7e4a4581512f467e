"""Streets: lines without names, classes left out as asked, and bad lines named by row."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely

from peelian.errors import InputError
from peelian.intake.read import admitted
from peelian.kernel.disclosure.intake_and_release_checks import check_at_intake
from peelian.kernel.model.formats import Admitted
from peelian.technologies.mapping.formats import FORMATS

QUEEN = [[-79.4, 43.65], [-79.39, 43.651], [-79.38, 43.652]]
SPADINA = [[-79.4, 43.65], [-79.401, 43.66]]


def line(at: Any, kind: str = "residential", shape: str = "LineString") -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": {"name": "Ann Smith Street", "highway": kind},
        "geometry": at if at is None else {"type": shape, "coordinates": at},
    }


def take(folder: Path, *features: dict[str, Any], format: str = "auto", crs: str = "", **options: str) -> Admitted:
    path = folder / "streets.geojson"
    system = {"crs": {"type": "name", "properties": {"name": crs}}} if crs else {}
    path.write_text(json.dumps({"type": "FeatureCollection", **system, "features": features}), encoding="utf-8")
    return admitted(path, format, FORMATS, options)[1]


def test_lines_come_in_without_names(tmp_path: Path) -> None:
    taken = take(tmp_path, line(QUEEN), line([QUEEN, SPADINA], shape="MultiLineString"))
    assert taken.table.names == ("line",) and taken.facts["n"] == 3
    assert shapely.from_wkt(taken.table["line"][0]).equals_exact(shapely.LineString(QUEEN), 1e-7)
    assert "Smith" not in repr(taken.table["line"].tolist())
    check_at_intake(taken)


def test_classes_may_be_left_out(tmp_path: Path) -> None:
    taken = take(tmp_path, line(QUEEN), line(SPADINA, "motorway"), leave_out="motorway")
    assert taken.facts["n"] == 1 and taken.dropped[0].n == 1
    with pytest.raises(InputError, match="no street of class cycleway") as refused:
        take(tmp_path, line(QUEEN), leave_out="cycleway")
    assert "residential" in str(refused.value)


def test_lines_may_stand_as_text_in_a_table(tmp_path: Path) -> None:
    made = shapely.LineString(QUEEN)
    path = tmp_path / "streets.csv"
    path.write_text(f'highway,wkt\nresidential,"{made.wkt}"\npath,"{made.wkt}"\n', encoding="utf-8")
    assert admitted(path, "streets", FORMATS, {"leave_out": "path"})[1].facts["n"] == 1
    columns = {"highway": ["residential"] * 2, "geometry": [shapely.to_geojson(made), "LINESTRING (1 2"]}
    pq.write_table(pa.table(columns), tmp_path / "streets.parquet")
    with pytest.raises(InputError, match="not a line") as refused:
        admitted(tmp_path / "streets.parquet", "auto", FORMATS, {})
    assert refused.value.row == 3


def test_geoparquet_is_read_as_it_is_in_degrees_or_a_projection(tmp_path: Path) -> None:
    gpd = pytest.importorskip("geopandas", reason="the extra geo is not installed")
    made = [shapely.LineString(QUEEN), shapely.MultiLineString([QUEEN, SPADINA]), None]
    frame = gpd.GeoDataFrame({"highway": ["residential"] * 3}, geometry=made, crs=4326)
    for name, here in (("a", frame), ("b", frame.to_crs(26917))):
        here.to_parquet(tmp_path / f"{name}.parquet")
        id, taken = admitted(tmp_path / f"{name}.parquet", "auto", FORMATS, {})
        assert id == "streets" and taken.facts["n"] == 3 and taken.dropped[0].why == "Street without a length"
        assert shapely.from_wkt(taken.table["line"][0]).equals_exact(made[0], 1e-6)
        check_at_intake(taken)
    frame.set_crs(None, allow_override=True).to_parquet(tmp_path / "c.parquet")
    with pytest.raises(InputError, match="no EPSG code"):
        admitted(tmp_path / "c.parquet", "auto", FORMATS, {})
    assert admitted(tmp_path / "c.parquet", "auto", FORMATS, {"crs": "EPSG:4326"})[1].facts["n"] == 3
    frame.set_geometry(frame.geometry.buffer(1)).to_parquet(tmp_path / "d.parquet")
    with pytest.raises(InputError, match="not a line"):
        admitted(tmp_path / "d.parquet", "auto", FORMATS, {})


def test_incidents_with_the_name_of_a_highway_are_no_streets(tmp_path: Path) -> None:
    path = tmp_path / "collisions.csv"
    rows = "".join(f"2024-01-{k:02d} 10:00,-79.{k:02d},43.7,assault,QEW\n" for k in range(10, 29))
    path.write_text("date,longitude,latitude,category,highway\n" + rows, encoding="utf-8")
    assert admitted(path, "auto", FORMATS, {})[0] == "incidents"


def test_rivers_and_railways_of_openstreetmap_are_left_out(tmp_path: Path) -> None:
    taken = take(tmp_path, line(QUEEN), line(SPADINA, ""))
    assert taken.facts["n"] == 1 and taken.dropped[0].why == "No street: it has no class"


def test_a_file_without_classes_is_read_when_the_format_is_named(tmp_path: Path) -> None:
    plain = line(QUEEN) | {"properties": {"street": "Queen"}}
    assert take(tmp_path, plain, format="streets").facts["n"] == 1
    with pytest.raises(InputError, match="no kind column found"):
        take(tmp_path, plain, format="streets", leave_out="motorway")


def test_a_line_without_a_length_is_counted_and_left_out(tmp_path: Path) -> None:
    taken = take(tmp_path, line(QUEEN), line([QUEEN[0], QUEEN[0]]), line(None))
    assert taken.facts["n"] == 1 and taken.dropped[0].n == 2 and taken.dropped[0].why == "Street without a length"


def test_lines_of_a_projection_are_carried_to_degrees(tmp_path: Path) -> None:
    metres = [[630_000.0, 4_834_000.0], [630_100.0, 4_834_000.0]]
    taken = take(tmp_path, line(metres), crs="urn:ogc:def:crs:EPSG::26917")
    at = shapely.get_coordinates(shapely.from_wkt(taken.table["line"][0]))
    assert np.abs(at - [-79.386, 43.646]).max() < 0.01


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        (line([[[-79.4, 43.65], [-79.3, 43.65], [-79.3, 43.7], [-79.4, 43.65]]], shape="Polygon"), "not a line"),
        (line([["a", "b"], ["c", "d"]]), "not a line"),
        (line([[-79.4, 43.65]]), "not a line"),
        (line([[630_000.0, 4_834_000.0], [630_100.0, 4_834_000.0]]), "look like metres or feet"),
        (line([[43.65, -79.4], [43.66, -79.41]]), "swapped"),
        (line([[-79.4 + k * 1e-5, 43.65] for k in range(4_001)]), "more than 4,000 vertices"),
    ],
)
def test_what_cannot_be_is_said(tmp_path: Path, bad: dict[str, Any], says: str) -> None:
    with pytest.raises(InputError, match=says):
        take(tmp_path, bad)


def test_a_bad_row_is_named_or_dropped(tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        take(tmp_path, line(QUEEN), line([[0]]))
    assert refused.value.row == 2
    assert take(tmp_path, line(QUEEN), line([[0]]), on_bad_row="drop").dropped[0].first_row == 2


def test_a_file_without_lines_or_cut_off_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no streets left"):
        take(tmp_path, line([QUEEN[0], QUEEN[0]]))
    path = tmp_path / "cut.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [line(QUEEN)]})[:-40], encoding="utf-8")
    with pytest.raises(InputError, match="damaged or cut off"):
        admitted(path, "streets", FORMATS, {})
