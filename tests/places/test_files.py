"""Files of a study: the library reads a town's table and map files alike, and refuses what is neither."""

from __future__ import annotations

import numpy as np
import pytest
from invented import incidents_csv
from study import study

from peelian.errors import InputError
from peelian.places import read_entries, read_incidents, read_map


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
