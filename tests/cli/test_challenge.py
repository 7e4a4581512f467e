"""`peelian challenge`: a challenge of 600 ft cells and five windows scored in one command, entries beside it."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import pytest
from invented import areas_geojson, incidents_csv
from shapely.geometry import LineString, box
from terminal import peelian

WINDOW = ("--window", "2023-10-02..2023-10-08", "--area", "5 %", "--model", "long_run")


@pytest.fixture
def town(tmp_path: Path) -> Path:
    incidents_csv(tmp_path / "i.csv")
    areas_geojson(tmp_path / "areas.geojson")
    return tmp_path


def test_five_windows_and_two_area_limits_in_one_command(town: Path) -> None:
    words = ["challenge", "i.csv", "--areas", "areas.geojson", "--cell", "600 ft", "--rotation", "15", "--out", "nij"]
    done = peelian(*words, "--train-until", "2023-09-30", "--model", "moving", "--json", cwd=town)
    assert done.returncode == 0, done.stderr
    record = json.loads(done.stdout)
    assert record["use"] == "research use: no accuracy report"
    assert [one["window"] for one in record["scores"]] == [w for w in ("1WK", "2WK", "1MO", "2MO") for _ in range(2)]
    assert any("3MO: forecast only" in note for note in record["notes"]), "the file ends before that window does"
    assert {"hotspots-3MO-0.75mi2.gpkg", "hotspots-1WK-0.25mi2.shp", "scores.csv", "challenge.json"} <= {
        p.name for p in (town / "nij").iterdir()
    }
    cells = gpd.read_file(town / "nij" / "hotspots-1WK-0.25mi2.shp")
    assert set(cells["hotspot"]) == {0, 1} and cells.crs is not None


def test_the_table_says_that_it_is_one_window_and_research(town: Path) -> None:
    done = peelian("challenge", "i.csv", "--areas", "areas.geojson", *WINDOW, "--out", "one", cwd=town)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("window") and "PEI*" in done.stdout
    assert "One window gives no interval" in done.stdout and "Research use: no accuracy report" in done.stdout
    french = peelian("--lang", "fr", "challenge", "i.csv", *WINDOW, "--out", "fr", cwd=town)
    assert "Usage de recherche" in french.stdout and "Une seule fenêtre" in french.stdout, french.stderr
    peelian("--lang", "en", "people", cwd=town)


def test_an_entry_stands_beside_ours_and_its_name_is_plain(town: Path) -> None:
    words = ["challenge", "i.csv", "--areas", "areas.geojson", *WINDOW, "--json"]
    assert peelian(*words, "--out", "ours", cwd=town).returncode == 0
    entry = gpd.read_file(town / "ours" / "hotspots-2023-10-02-to-2023-10-08-5percent.gpkg")
    entry.to_file(town / "=javascript:alert(1).gpkg", layer="entry")
    done = peelian(*words, "--out", "both", "--entry", "=javascript:alert(1).gpkg", cwd=town)
    assert done.returncode == 0, done.stderr
    ours, theirs = json.loads(done.stdout)["scores"]
    assert theirs["entry"] == "_javascript_alert(1)" and theirs["n"] == ours["n"]
    assert theirs["pei_star"] == pytest.approx(ours["pei_star"], rel=1e-3) and theirs["n_least"] is None


def test_street_segments_are_cells_and_hot_spots_are_lines(town: Path) -> None:
    at = [round(-80.03 + 0.002 * k, 4) for k in range(31)], [round(43.98 + 0.0015 * k, 4) for k in range(31)]
    across = [LineString([(x, y) for x in at[0]]) for y in at[1]]
    up = [LineString([(x, y) for y in at[1]]) for x in at[0]]
    gpd.GeoDataFrame(geometry=[*across, *up], crs=4326).to_parquet(town / "streets.parquet")
    words = ["challenge", "i.csv", "--areas", "areas.geojson", "--streets", "streets.parquet", "--reach", "300 ft"]
    days = ("--window", "2023-10-02..2023-10-08", "--model", "long_run", "--out", "lines")
    done = peelian(*words, *days, "--area", "2 km", "--area", "5 %", cwd=town)
    assert done.returncode == 0, done.stderr
    assert "window                  area  entry     km" in done.stdout and "km²" not in done.stdout, done.stdout
    assert "A segment is measured by its length" in done.stdout
    lines = gpd.read_file(town / "lines" / "hotspots-2023-10-02-to-2023-10-08-2km.shp")
    assert set(lines["hotspot"]) == {0, 1} and set(lines.geom_type) == {"LineString"}
    assert lines[lines["hotspot"] == 1]["street_km"].sum() <= 2
    entry = ("--entry", "lines/hotspots-2023-10-02-to-2023-10-08-2km.gpkg", "--json")
    record = json.loads(peelian(*words, *days[:-1], "both", "--area", "2 km", *entry, cwd=town).stdout)
    ours, theirs = record["scores"]
    assert theirs["n"] == ours["n"] and theirs["street_km"] == ours["street_km"] and theirs["area_km2"] is None
    (town / "cut.osm").write_text('<osm version="0.6"><node id="1" lat="44"')
    for wrong, says in (
        ([*words, "--area", "0.25 mi2", *days], "length"),
        ([*words, "--shape", "hexagon", *days], "--shape"),
        ([*words, "--rotation", "15", *days], "--rotation"),
        ([*words[:-1], "9 km", *days], "reach"),
        ([*words, "--cell", "5 m", *days], "longest"),
        ([*words[:4], "--streets", "cut.osm", *days], "damaged"),
        ([*words[:4], "--streets", "i.csv", *days], "map data"),
        ([*words, *days[:2], "--model", "density", *days[4:]], "street segments"),
    ):
        done = peelian(*wrong, cwd=town)
        assert done.returncode == 2 and says in done.stderr, (wrong, done.stderr)
    french = peelian("--lang", "fr", *words, *days, "--area", "0.25 mi2", cwd=town)
    assert "les rues se mesurent par leur longueur" in french.stderr
    peelian("--lang", "en", "people", cwd=town)


def test_what_is_wrong_is_told_and_nothing_is_written(town: Path) -> None:
    cell = box(-80.01, 43.99, -80.0, 44.0)
    twice = gpd.GeoDataFrame({"hotspot": [1, 1]}, geometry=[cell, cell], crs=4326)
    twice.to_file(town / "twice.gpkg")
    large = gpd.GeoDataFrame({"hotspot": [1]}, geometry=[box(-80.02, 43.98, -80.0, 44.01)], crs=4326)
    large.to_file(town / "large.gpkg")
    twice.iloc[:1].drop(columns="hotspot").to_file(town / "none.gpkg")
    twice.iloc[:1].set_crs(None, allow_override=True).to_file(town / "nowhere.shp")
    (town / "text.gpkg").write_text("no map")
    (town / "far.vrt").write_text("<OGRVRTDataSource/>")
    plain = ["challenge", "i.csv", "--areas", "areas.geojson", *WINDOW, "--out", "out"]
    for words, says in (
        ([*plain, "--cell", "600 feets"], "length"),
        ([*plain, "--cell", "30 m"], "50 m to 100 km"),
        ([*plain, "--rotation", "900"], "rotation"),
        ([*plain, "--shape", "circle"], "shape"),
        ([*plain, "--area", "900 mi2"], "larger than the ground"),
        ([*plain, "--area", "javascript:alert(1)"], "number with a unit"),
        ([*plain, "--entry", "twice.gpkg"], "overlap"),
        ([*plain, "--entry", "large.gpkg"], "cover"),
        ([*plain, "--entry", "none.gpkg"], "hotspot"),
        ([*plain, "--entry", "nowhere.shp"], "CRS"),
        ([*plain, "--entry", "text.gpkg"], "map data"),
        ([*plain, "--areas", "far.vrt"], "map data"),
        ([*plain, "--areas", "gone.gpkg"], "cannot be read"),
        (["challenge", "i.csv", *WINDOW, "--out", "i.csv"], "folder cannot be written"),
        (["challenge", "gone.csv", *WINDOW, "--out", "out"], "gone.csv"),
    ):
        done = peelian(*words, cwd=town)
        assert done.returncode == 2 and says in done.stderr, (words, done.stderr)
    assert not (town / "out").exists()
