"""Incidents from frames: read as they are, and each thing that cannot be read told with its row and column."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import LineString
from study import study

from peelian.errors import InputError, NotEnoughData
from peelian.places import Incidents

FRAME = study()


def read(frame: object = FRAME, **columns: str) -> Incidents:
    return Incidents.from_frame(frame, **{"time": "when", **columns})


def test_points_of_any_crs_and_times_are_read():
    found = read(category="kind", known="seen")
    assert len(found) == len(FRAME)
    assert found.lon == pytest.approx(FRAME.to_crs(4326).geometry.x.to_numpy())
    assert (found.known - found.start == np.timedelta64(24, "h")).all()
    assert (found.first_day, found.last_day) == ("2022-01-03", "2023-12-31")
    assert "research use" in repr(found)


def test_one_category_is_taken_by_its_label():
    assert len(read(category="kind").only("theft")) == (FRAME["kind"] == "theft").sum()
    with pytest.raises(InputError, match="no incident of this category"):
        read(category="kind").only("Jane Roe's theft")


def test_a_duplicated_index_changes_nothing():
    twice = FRAME.set_index(np.zeros(len(FRAME), dtype=int))
    assert read(twice).lon.tolist() == read().lon.tolist()


def test_the_wall_clock_of_a_zone_is_kept():
    aware = FRAME.assign(
        when=FRAME["when"].dt.tz_localize("Europe/Berlin", ambiguous=True, nonexistent="shift_forward")
    )
    found = read(aware)
    assert found.zone == "Europe/Berlin"
    assert (found.start == read().start).mean() > 0.99


def test_dates_as_text_are_read_and_words_are_not():
    assert read(FRAME.assign(when=FRAME["when"].dt.strftime("%Y-%m-%d %H:%M"))).first_day == "2022-01-03"
    with pytest.raises(InputError, match="not dates or times"):
        read(FRAME.assign(when="yesterday evening"))


def mixed() -> pd.Series:
    values = FRAME["when"].astype(object).copy()
    values.iloc[7] = values.iloc[7].tz_localize("UTC")
    return values


@pytest.mark.parametrize(
    ("frame", "says"),
    [
        (FRAME.set_geometry(gpd.points_from_xy(43.7 + 0 * FRAME.index, -79.4 + 0 * FRAME.index, crs=4326)), "no town"),
        (FRAME.set_crs(None, allow_override=True), "states no CRS"),
        (pd.DataFrame(FRAME.drop(columns="geometry")), "not a GeoDataFrame"),
        (FRAME.assign(when=mixed()), "naive and aware times mixed"),
        (FRAME.assign(when=FRAME["when"].where(FRAME.index != 4)), "a time is missing"),
        (FRAME.assign(geometry=[None, *FRAME.geometry[1:]]).set_crs(32632), "a geometry is missing"),
        (FRAME.assign(geometry=[LineString([(0, 0), (1, 1)]), *FRAME.geometry[1:]]).set_crs(32632), "not a point"),
        (FRAME.rename(columns={"when": "time"}), "no such column"),
        (FRAME.assign(when=3), "not dates or times"),
    ],
    ids=["swapped", "no-crs", "no-geometry", "mixed", "no-time", "no-point", "a-line", "no-column", "numbers"],
)
def test_what_cannot_be_read_is_told(frame, says):
    with pytest.raises(InputError, match=says):
        read(frame)


def test_an_error_names_the_row_and_no_value():
    with pytest.raises(InputError) as raised:
        read(FRAME.assign(when=mixed()))
    assert raised.value.row == 8


def test_an_end_before_its_start_is_told():
    with pytest.raises(InputError, match="ends before it starts"):
        read(FRAME.assign(end=FRAME["when"] - pd.Timedelta("3h")), until="end")


def test_an_empty_frame_is_not_enough():
    with pytest.raises(NotEnoughData):
        read(FRAME.iloc[:0])


def test_the_positions_of_one_vehicle_are_refused():
    steps = np.cumsum(np.random.default_rng(1).normal(0, 60, (900, 2)), axis=0) + np.array([500_000, 5_500_000])
    when = pd.Timestamp("2023-05-01 08:00") + pd.to_timedelta(np.arange(900) * 10, unit="min")
    trace = gpd.GeoDataFrame({"when": when}, geometry=gpd.points_from_xy(*steps.T), crs=32632)
    with pytest.raises(InputError, match="look"):
        read(trace)
