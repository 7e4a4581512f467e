"""A challenge run again: windows and areas scored in one call, whole cells within the limits, entries side by side."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
from shapely.geometry import box
from study import streets, study

from peelian.errors import InputError, NotEnoughData
from peelian.places import Grid, Incidents, Rules, challenge, read_map

INCIDENTS = Incidents.from_frame(study(8_000), time="when", category="kind")
TOWN = gpd.GeoDataFrame(geometry=[box(500_000, 5_500_000, 512_000, 5_512_000)], crs=32632)
GRID = Grid.within(TOWN, cell="600 ft", rotation=15)
MI2 = 2.589988110336
SMALL = Grid.within(TOWN, cell=500)
WEEK = {"windows": ["2023-10-02..2023-10-08"], "areas": ["5 %"]}


def run(grid=SMALL, incidents=INCIDENTS, model="long_run", entries=None, **rules):
    return challenge(incidents, grid, Rules(**rules), model=model, entries=entries)


@pytest.fixture(scope="module")
def made():
    return run(GRID, train_until="2023-09-30", category="burglary")


def test_all_windows_and_both_area_limits_are_scored_in_one_call(made):
    assert made.frame["window"].unique().tolist() == ["1WK", "2WK", "1MO", "2MO", "3MO"]
    assert made.frame["last"].unique().tolist() == [
        "2023-10-07",
        "2023-10-14",
        "2023-10-31",
        "2023-11-30",
        "2023-12-31",
    ]
    low, high = (made.frame[made.frame["area"] == area]["area_km2"] for area in ("0.25 mi2", "0.75 mi2"))
    cell = 0.18288**2
    assert (low >= 0.25 * MI2 - 1e-9).all() and (low < 0.25 * MI2 + cell).all()
    assert (high <= 0.75 * MI2 + 1e-9).all() and (high > 0.75 * MI2 - cell).all()
    assert (made.frame["pei_star"] <= 1).all() and (made.frame["pai"] > 1).all()
    assert (made.frame["use"] == "research use: no accuracy report").all()
    assert "One window gives no interval" in made.notes[0]


def test_the_files_hold_what_was_scored(made, tmp_path):
    written = made.write(tmp_path, crs=32632)
    names = {path.name for path in written}
    assert {"hotspots-1WK-0.25mi2.gpkg", "hotspots-3MO-0.75mi2.shp", "scores.csv", "challenge.json"} <= names
    for name in ("hotspots-1WK-0.25mi2.gpkg", "hotspots-1WK-0.25mi2.shp"):
        cells = read_map(tmp_path / name)
        assert cells.crs.to_epsg() == 32632 and set(cells["hotspot"]) == {0, 1}
        assert set(cells["use"]) == {"research use: no accuracy report"}
        score = made.frame.iloc[0]
        assert cells[cells["hotspot"] == 1].area.sum() / 1e6 == pytest.approx(score["area_km2"], rel=1e-3)
        assert cells.area.sum() / 1e6 == pytest.approx(144, rel=1e-3), "cut at the boundary"


def test_our_own_file_as_an_entry_has_our_score(made, tmp_path):
    made.write(tmp_path, crs=32632)
    theirs = {
        "whole": read_map(tmp_path / "hotspots-1MO-0.75mi2.shp"),
        "spots": (cells := read_map(tmp_path / "hotspots-1MO-0.75mi2.gpkg"))[cells["hotspot"] == 1],
    }
    days = ["2023-10-01..2023-10-31"]
    again = run(GRID, windows=days, train_until="2023-09-30", category="burglary", entries=theirs)
    rows = again.frame.set_index("entry")
    ours = again.frame[again.frame["area"] == "0.75 mi2"].iloc[0]
    for name in theirs:
        assert rows.loc[name, "n"] == pytest.approx(ours["n"], abs=1)
        assert rows.loc[name, "pei_star"] == pytest.approx(ours["pei_star"], rel=0.03)
        assert np.isnan(rows.loc[name, "n_least"])


def test_equal_cells_are_drawn_by_lot_and_the_ends_are_said():
    even = run(model="uniform", **WEEK)
    row = even.frame.iloc[0]
    assert row["n_least"] <= row["n"] <= row["n_most"] and row["n_least"] == 0 < row["n_most"]
    assert row["n_by_lot"] == pytest.approx(row["incidents"] * row["area_share"])
    assert any("drawn by lot" in str(note) for note in even.notes)
    other = run(model="uniform", seed=1, **WEEK)
    flags = [next(iter(each.hotspots.values()))["hotspot"].tolist() for each in (even, other)]
    assert flags[0] != flags[1]


def test_a_window_that_the_data_do_not_cover_is_forecast_and_not_scored():
    ahead = run(windows=["2023-12-25..2024-01-14"], areas=["5 %"])
    assert not len(ahead.frame) and len(ahead.hotspots) == 1
    assert any("forecast only" in str(note) for note in ahead.notes)
    last = INCIDENTS.last_day
    assert len(run(windows=[f"2023-12-25..{last}"], areas=["5 %"]).frame) == 1
    one_more = np.datetime64(last) + np.timedelta64(1, "D")
    assert not len(run(windows=[f"2023-12-25..{one_more}"], areas=["5 %"]).frame)


def test_nothing_of_the_window_reaches_the_forecast():
    cut = Incidents.from_frame(study(8_000).query("when < '2023-10-02'"), time="when", category="kind")
    whole, part = (run(incidents=some, **WEEK).hotspots for some in (INCIDENTS, cut))
    key = ("2023-10-02..2023-10-08", "5 %")
    assert whole[key]["hotspot"].tolist() == part[key]["hotspot"].tolist()


def test_hexagons_and_numbers_of_cells():
    hexes = Grid.within(TOWN, cell="1200 ft", shape="hexagon", rotation=10)
    made = run(hexes, windows=WEEK["windows"], areas=["40 cells"])
    assert made.frame.iloc[0]["cells"] == 40
    assert made.frame.iloc[0]["area_km2"] <= 40 * 0.36576**2 * np.sqrt(3) / 2 + 1e-6
    assert made.settings["shape"] == "hexagon"


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"areas": ["0.25 miles"]}, "not an area"),
        ({"areas": ["javascript:alert(1)"]}, "not a number with a unit"),
        ({"areas": ["200 mi2"]}, "larger than the ground"),
        ({"areas": ["0.001 km2"]}, "smaller than a cell"),
        ({"areas": ["1 mi2..0.5 mi2"]}, "no range"),
        ({"areas": []}, "no area"),
        ({"windows": ["yesterday"]}, "not a window"),
        ({"windows": ["2023-10-08..2023-10-02"]}, "ends before it begins"),
        ({"train_until": "2023-10-02"}, "trained on"),
        ({"train_until": "31/12/2022"}, "not a day"),
        ({"category": "arson"}, "no incident of this category"),
        ({"model": "oracle"}, "unknown model"),
    ],
)
def test_what_cannot_be_is_told(wrong, says):
    with pytest.raises(InputError, match=says) as told:
        run(**{**WEEK, **wrong})
    assert "javascript" not in str(told.value)


def test_a_window_before_the_data_has_nothing_to_train_on():
    with pytest.raises(NotEnoughData):
        run(windows=["2021-01-04..2021-01-10"], areas=["5 %"])


ALONG = Grid.along(streets(), TOWN, longest=250, reach=220)


def test_street_segments_are_scored_by_their_length(tmp_path):
    made = run(ALONG, train_until="2023-09-30", windows=["1WK", "1MO"], areas=None, category="burglary")
    assert made.frame["area"].unique().tolist() == ["1 %", "5 %"], "shares of length by default"
    row = made.frame.iloc[1]
    assert np.isnan(row["area_km2"]) and row["street_km"] <= 0.05 * ALONG.street_km.sum() < row["street_km"] + 0.22
    assert row["area_share"] == pytest.approx(row["street_km"] / ALONG.street_km.sum())
    assert row["pai"] == pytest.approx(row["n"] / row["incidents"] / row["area_share"]) and row["pai"] > 1
    names = {path.name for path in made.write(tmp_path, crs=32632)}
    assert {"hotspots-1WK-1percent.gpkg", "hotspots-1MO-5percent.shp"} <= names
    for name in ("hotspots-1MO-5percent.gpkg", "hotspots-1MO-5percent.shp"):
        lines = read_map(tmp_path / name)
        assert set(lines.geom_type) == {"LineString"} and set(lines["hotspot"]) == {0, 1}
        hot = lines[lines["hotspot"] == 1]
        score = made.frame[(made.frame["window"] == "1MO") & (made.frame["area"] == "5 %")].iloc[0]
        assert hot.length.sum() / 1e3 == pytest.approx(score["street_km"], rel=2e-3) and len(hot) == score["cells"]
        days = ["2023-10-01..2023-10-31"]
        rules = {"windows": days, "train_until": "2023-09-30", "category": "burglary", "areas": ["1 %", "5 %"]}
        again = run(ALONG, entries={"theirs": hot}, **rules).frame
        theirs = again[again["entry"] == "theirs"].iloc[0]
        assert (theirs["n"], theirs["cells"]) == (score["n"], score["cells"]) and theirs["area"] == "own"
    assert made.settings["shape"] == "street" and made.settings["reach_metres"] == 220


@pytest.mark.parametrize("area", ["30 km", "18.64 mi", "150 cells", "10 km..30 km"])
def test_streets_take_lengths_and_squares_take_none(area):
    made = run(ALONG, windows=WEEK["windows"], areas=[area])
    assert made.frame["street_km"].max() == pytest.approx(30, abs=0.21)
    for other, grid, says in (("0.5 mi2", ALONG, "measured by their length"), ("30 km", SMALL, "not an area")):
        with pytest.raises(InputError, match=says):
            run(grid, windows=WEEK["windows"], areas=[other])


def test_an_entry_on_other_streets_or_of_cells_is_refused():
    hot = ALONG.frame(hotspot=np.r_[np.ones(40, int), np.zeros(len(ALONG) - 40, int)]).to_crs(32632)
    moved = hot.set_geometry(hot.translate(50, 50))
    rules = {"windows": WEEK["windows"], "areas": ["2 %"]}
    assert len(run(ALONG, entries={"theirs": hot}, **rules).frame) == 2
    for wrong, says in (
        (moved, "do not follow these streets"),
        (hot.set_geometry(hot.buffer(5)), "not a line"),
        (hot.drop(columns="hotspot"), "no such column"),
        (hot.assign(hotspot=1), "km of street"),
        (hot.set_crs(None, allow_override=True), "no CRS"),
    ):
        with pytest.raises(InputError, match=says):
            run(ALONG, entries={"theirs": wrong}, **rules)
