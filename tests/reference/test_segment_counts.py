"""Incidents by street segment, and their score, are those of geopandas's nearest join on streets of Toronto."""

from __future__ import annotations

from importlib.resources import files

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from peelian.places import Grid, Incidents, Rules, challenge

TORONTO = files("peelian.technologies.mapping") / "examples" / "toronto"
DOWNTOWN = shapely.box(-79.42, 43.64, -79.36, 43.68)


@pytest.fixture(scope="module")
def downtown():
    """Incidents of the middle of Toronto in 2019 and the named streets there; those that end outside go on."""
    rows = pd.read_parquet(str(TORONTO / "toronto_mci_2014_2021.parquet"))
    when = pd.to_datetime(rows["occurrencedate"]) + pd.to_timedelta(rows["occurrencehour"], unit="h")
    points = gpd.GeoDataFrame({"when": when}, geometry=gpd.points_from_xy(rows["Long"], rows["Lat"]), crs=4326)
    points = points[(when.dt.year >= 2018) & (when.dt.year < 2020) & points.within(DOWNTOWN)]
    streets = gpd.read_parquet(str(TORONTO / "streets_osm.parquet"))
    return points, streets[streets.intersects(DOWNTOWN.buffer(0.01))]


def test_counts_by_segment_are_those_of_geopandas_nearest_join(downtown):
    points, streets = downtown
    town = gpd.GeoDataFrame(geometry=[DOWNTOWN.buffer(0.01)], crs=4326)
    grid = Grid.along(streets, town, longest=100, reach=60)
    rules = Rules(windows=["2019-03-01..2019-12-31"], areas=["2 %"])
    row = challenge(Incidents.from_frame(points, time="when"), grid, rules, model="long_run").frame.iloc[0]
    flat = grid.projection
    then = points[points["when"] >= "2019-03-01"]
    places = shapely.points(*flat.to_metres(then.geometry.x.to_numpy(), then.geometry.y.to_numpy()))
    joined = gpd.sjoin_nearest(
        gpd.GeoDataFrame(geometry=places),
        gpd.GeoDataFrame({"cell": np.arange(len(grid))}, geometry=grid.outlines()),
        max_distance=60,
        distance_col="metres",
    )
    ties = joined.index.duplicated(keep=False)
    assert row["incidents"] == joined.index.nunique() > 3_000
    ours = grid.streets.locate(*shapely.get_coordinates(places).T)
    sure = joined[~ties]
    assert len(sure) > 500 and (ours[sure.index] == sure["cell"]).all()
    allowed = joined[ties].groupby(level=0)["cell"].agg(set)
    assert all(ours[k] in some for k, some in allowed.items()), "of equally near segments, one"
    hot = next(
        iter(challenge(Incidents.from_frame(points, time="when"), grid, rules, model="long_run").hotspots.values())
    )
    member = hot["hotspot"].to_numpy() == 1
    assert row["n"] == member[ours[ours >= 0]].sum()
    assert row["pai"] == pytest.approx(
        (row["n"] / row["incidents"]) / (hot["street_km"][member].sum() / hot["street_km"].sum())
    )
