"""Streets of a study: lines as segments, incidents on the nearest one, and what is refused."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
from shapely.geometry import LineString, Point, box
from study import streets, study

from peelian.errors import InputError, NotEnoughData
from peelian.places import STREET_MODEL_NAMES, Grid, Incidents, Model, Protocol, Rules, backtest, challenge, plot
from peelian.technologies.mapping.models import MODELS

FRAME = study(8_000)
INCIDENTS = Incidents.from_frame(FRAME, time="when", category="kind")
TOWN = gpd.GeoDataFrame(geometry=[box(499_950, 5_499_950, 512_050, 5_512_050)], crs=32632)
GRID = Grid.along(streets(), TOWN, longest="820 ft", reach="220 m")


def test_a_segment_is_a_line_with_a_length_and_no_area():
    assert len(GRID) == 2 * 31 * 30 * 2 and GRID.shape == "street"
    assert GRID.street_km.sum() == pytest.approx(2 * 31 * 12, rel=2e-3) and np.isnan(GRID.area_km2).all()
    frame = GRID.frame(expected=GRID.sizes)
    assert set(frame.geom_type) == {"LineString"} and frame["cell"].is_unique
    assert frame.to_crs(32632).length.sum() / 1e3 == pytest.approx(frame["street_km"].sum(), rel=2e-3)
    assert "street segments of at most 249.936 m" in repr(GRID) and "research use" in repr(GRID)
    assert plot(frame).axes[0].collections[0].get_linewidth()[0] > 0, "lines are drawn, not only their inside"


def test_the_ground_that_incidents_enclose_leaves_streets_outside_out():
    wide = streets(size=24_000)
    assert len(Grid.along(wide, INCIDENTS)) < 0.4 * len(Grid.along(wide, TOWN.buffer(20_000).to_frame("geometry")))


def test_models_on_streets_are_those_that_need_no_lattice():
    assert set(STREET_MODEL_NAMES) < set(MODELS)
    week = Model("decayed").fit(INCIDENTS, GRID, until="2023-12-01").predict("2023-12-01")
    assert week["expected"].sum() == pytest.approx(8_000 / 104, rel=0.25) and (week["low"] <= week["high"]).all()
    for name in ("density", "boosted", "self_exciting"):
        with pytest.raises(InputError, match="does not forecast on street segments"):
            Model(name).fit(INCIDENTS, GRID)
        with pytest.raises(InputError, match="does not forecast on street segments"):
            backtest([name], INCIDENTS, grid=GRID)


def test_a_back_test_compares_models_on_segments_with_the_count_map():
    found = backtest(["decayed"], INCIDENTS, Protocol(origins=8), grid=GRID)
    rows = found.frame.set_index(["model", "measure", "area_share"])["value"]
    assert set(found.frame["model"]) == {"long_run", "decayed"}
    assert rows["decayed", "pai", 0.05] == pytest.approx(rows["decayed", "hit_rate", 0.05] / 0.05)
    assert rows["decayed", "hit_rate", 0.05] > 0.05 and found.concentrated
    assert any("measured by its length" in note for note in found.notes)
    with pytest.raises(InputError, match="cannot be moved"):
        backtest(["decayed"], INCIDENTS, Protocol(offsets=4), grid=GRID)


def test_incidents_far_from_every_street_are_counted_and_said():
    near = Grid.along(streets(), TOWN, longest=250, reach=100)
    made = challenge(INCIDENTS, near, Rules(windows=["2023-10-02..2023-10-29"], areas=["5 %"]), model="long_run")
    lattice = FRAME.geometry
    off = lambda at: np.abs((np.asarray(at) % 400 + 200) % 400 - 200)  # noqa: E731 - metres from the nearest street line
    far = np.minimum(off(lattice.x - 500_000), off(lattice.y - 5_500_000)) > 100
    inside = lattice.within(TOWN.geometry.iloc[0])
    said = next(note for note in made.notes if "more than 100 m" in note)
    words = said.replace(",", "").split()
    assert int(words[0]) == pytest.approx(int((far & inside).sum()), abs=8), "the map's metres differ by a hair"
    then = (FRAME["when"] >= "2023-10-02") & (FRAME["when"] < "2023-10-30") & inside & ~far
    assert made.frame.iloc[0]["incidents"] == pytest.approx(int(then.sum()), abs=2)


def test_what_is_no_street_is_refused():
    lines = streets()
    bad = lines.copy()
    bad.loc[3, "geometry"] = Point(500_000, 5_500_000)
    for wrong, says in (
        (lines.set_crs(None, allow_override=True), "no CRS"),
        ([1, 2], "not a GeoDataFrame"),
        (bad, "row 4.*not a line"),
        (lines.iloc[:0], "no streets left"),
        (gpd.GeoDataFrame(geometry=[LineString()], crs=32632), "no streets left"),
        (gpd.GeoDataFrame(geometry=[LineString([(0, 0), (1e300, 1)])], crs=32632), "outside the CRS"),
        (lines.to_crs(32633).set_crs(32632, allow_override=True), "only 0 street segments"),
        (lines.iloc[:1].clip(box(500_000, 5_499_000, 500_500, 5_501_000)), "only"),
    ):
        with pytest.raises(InputError, match=says):
            Grid.along(wrong, TOWN)
    for wrong in ({"longest": 49}, {"longest": "3 miles"}, {"reach": 0.5}, {"reach": "2 km"}, {"reach": float("nan")}):
        with pytest.raises(InputError):
            Grid.along(lines, TOWN, **wrong)
    with pytest.raises(InputError, match=r"of 8,?[0-9]* incidents lie more than"):
        sparse = Grid.along(streets(step=4_000), TOWN, reach=100)
        challenge(INCIDENTS, sparse, Rules(windows=["2023-10-02..2023-10-29"]), model="long_run")
    with pytest.raises(NotEnoughData, match="enclose no ground"):
        Grid.along(lines, Incidents.from_frame(FRAME.iloc[:2], time="when"))


def test_a_network_in_pieces_is_said():
    pieces = streets()
    pieces["geometry"] = [
        line if k % 2 else line.intersection(box(0, 0, 505_900, 9e6)) for k, line in enumerate(pieces.geometry)
    ]
    apart = gpd.GeoDataFrame(geometry=list(pieces.geometry.iloc[:31]), crs=32632)  # parallel lines that never meet
    grid = Grid.along(apart, TOWN, reach=220)
    made = challenge(INCIDENTS, grid, Rules(windows=["2023-10-02..2023-10-29"]), model="decayed")
    assert any("not all connected: the largest connected part has" in note for note in made.notes)
    whole = challenge(INCIDENTS, GRID, Rules(windows=["2023-10-02..2023-10-29"]), model="long_run")
    assert not any("connected" in note for note in whole.notes)
