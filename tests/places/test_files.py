"""Files of a study: the library reads a town's table and map files alike, and refuses what is neither."""

from __future__ import annotations

import numpy as np
import osm
import pytest
from invented import incidents_csv
from study import streets, study

from peelian.errors import InputError
from peelian.places import Grid, read_entries, read_incidents, read_map, read_streets


def test_a_table_and_a_map_file_give_incidents(tmp_path):
    made = read_incidents(incidents_csv(tmp_path / "i.csv"))
    assert len(made) == 4_000 and made.first_day == "2022-01-03"
    assert np.median(made.lat) == pytest.approx(44, abs=0.02) and "break_and_enter" in set(made.label)
    study(300).to_file(tmp_path / "s.gpkg")
    points = read_incidents(tmp_path / "s.gpkg", time="when", category="kind")
    assert len(points) == 300 and set(points.label) == {"burglary", "theft"}
    study(300).drop(columns="seen").astype({"when": str}).to_file(tmp_path / "t.geojson")
    assert len(read_incidents(tmp_path / "t.geojson", time="when")) == 300


def test_times_are_named_where_a_file_has_several(tmp_path):
    study(50).to_file(tmp_path / "s.gpkg")
    with pytest.raises(InputError, match="column"):
        read_incidents(tmp_path / "s.gpkg")
    with pytest.raises(InputError, match="not dates"):
        read_incidents(tmp_path / "s.gpkg", time="kind")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.vrt", b"<OGRVRTDataSource/>"),
        ("a.gpkg", b"<OGRVRTDataSource/>"),
        ("a.geojson", b"{broken"),
        ("a.gpkg", b"SQLite format 3\0" + b"\0" * 90),
        ("a.csv", b""),
    ],
)
def test_what_is_no_such_file_is_told(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=r"a\."):
        read_incidents(tmp_path / name)
    with pytest.raises(InputError):
        read_map(tmp_path / name)


def test_entries_have_plain_names_that_differ(tmp_path):
    frame = study(5)
    (tmp_path / "x").mkdir()
    for name in ("=cmd('x').gpkg", "decayed.gpkg", "x/decayed.gpkg", "<b>.gpkg"):
        frame.to_file(tmp_path / name, layer="one")
    paths = [tmp_path / name for name in ("=cmd('x').gpkg", "decayed.gpkg", "x/decayed.gpkg", "<b>.gpkg")]
    assert list(read_entries(paths)) == ["_cmd(_x_)", "decayed (2)", "decayed (3)", "_b_"]


@pytest.mark.parametrize(("name", "write"), [("a.osm", osm.xml), ("a.osm.pbf", osm.pbf)])
def test_streets_of_an_openstreetmap_extract_are_its_highways(tmp_path, name, write):
    path = tmp_path / name
    path.write_bytes(write(*osm.block()))
    made = read_streets(path)
    assert len(made) == 12 and set(made["highway"]) == {"residential"}, "no river, no street being built"
    assert made.crs.to_epsg() == 4326 and set(made.geom_type) == {"LineString"}
    ground = made.to_crs(32617).dissolve().envelope.buffer(50).to_frame("geometry")
    assert len(Grid.along(made, ground, longest=500)) == 2 * 6 * 5, "crossings are vertices that streets share"


@pytest.mark.parametrize(("name", "write"), [("a.osm", osm.xml), ("a.osm.pbf", osm.pbf)])
@pytest.mark.parametrize("kept", [0.1, 0.5, 0.9, 0.99])
def test_a_cut_off_extract_is_refused_whatever_is_left_of_it(tmp_path, name, write, kept):
    whole = write(*osm.block())
    (tmp_path / name).write_bytes(whole[: int(len(whole) * kept)])
    with pytest.raises(InputError, match=r"a\.osm.*(damaged|no streets left)"):
        read_streets(tmp_path / name)


def test_streets_of_other_files_are_lines_with_a_class(tmp_path):
    made = streets(step=2_000)
    made.loc[[0, 3], "highway"] = [None, "Proposed"]
    made.to_parquet(tmp_path / "s.parquet")
    made.to_file(tmp_path / "s.gpkg")
    made.to_file(tmp_path / "s.shp")
    for name in ("s.parquet", "s.gpkg", "s.shp"):
        assert len(read_streets(tmp_path / name)) == 14 - 2, name
    made.drop(columns="highway").to_parquet(tmp_path / "plain.parquet")
    assert len(read_streets(tmp_path / "plain.parquet")) == 14


def test_what_is_no_street_file_is_told(tmp_path):
    made = streets(step=2_000)
    made.set_crs(None, allow_override=True).to_parquet(tmp_path / "nowhere.parquet")
    made.to_parquet(tmp_path / "whole.parquet")
    made.assign(highway="").to_parquet(tmp_path / "rivers.parquet")
    made.drop(columns="geometry").to_parquet(tmp_path / "table.parquet")
    whole = (tmp_path / "whole.parquet").read_bytes()
    for name, content, says in (
        ("cut.parquet", whole[:-200], "damaged"),
        ("middle.parquet", whole[:300] + whole[-300:], "damaged"),
        ("table.parquet", None, "damaged"),
        ("nowhere.parquet", None, "no CRS"),
        ("rivers.parquet", None, "no streets left"),
        ("text.parquet", b"no map", "not a file of map data"),
        ("gone.osm", None, "cannot be read"),
        ("a.osm", b"<OGRVRTDataSource/>", "not a file of map data"),
        ("b.osm", b"<osm><!-- <OGRVRTDataSource> --></osm>", "not a file of map data"),
        ("c.osm", b'<!DOCTYPE o [<!ENTITY x SYSTEM "file:///etc/passwd">]><osm>&x;</osm>', "not a file of map data"),
        ("d.osm", b'<osm version="0.6"></osm>', "no streets left"),
        ("e.osm.pbf", b"\x00\x00\x00\r\n\tOSMHeader\xff\xff", "damaged"),
        ("f.pbf", b"\x00\x00\x00\r\n\tOSMHeader\xff\xff", "not a file of map data"),
        ("g.csv", b"wkt\n", "not a file of map data"),
    ):
        if content is not None:
            (tmp_path / name).write_bytes(content)
        with pytest.raises(InputError, match=says) as told:
            read_streets(tmp_path / name)
        assert "passwd" not in str(told.value) and name in str(told.value)
