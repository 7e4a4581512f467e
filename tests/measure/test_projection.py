"""The flat map keeps areas, comes back to degrees, and refuses a centre off the Earth."""

from __future__ import annotations

import numpy as np
import pytest
from pyproj import Geod

from peelian.errors import InputError
from peelian.measure.projection import Projection

TORONTO = Projection(centre_lon=-79.38, centre_lat=43.7)


def test_there_and_back_is_where_one_was() -> None:
    lon, lat = np.array([-79.6, -79.38, -79.1]), np.array([43.6, 43.7, 43.85])
    back = TORONTO.to_degrees(*TORONTO.to_metres(lon, lat))
    np.testing.assert_allclose(back, (lon, lat), atol=1e-9)


def test_distances_near_the_centre_are_those_on_the_ellipsoid() -> None:
    east, north = TORONTO.to_metres([-79.38, -79.30], [43.70, 43.75])
    _, _, metres = Geod(ellps="WGS84").inv(-79.38, 43.70, -79.30, 43.75)
    assert np.hypot(np.diff(east), np.diff(north))[0] == pytest.approx(metres, rel=1e-5)


def test_areas_are_those_on_the_ellipsoid() -> None:
    lon, lat = [-79.6, -79.2, -79.2, -79.6], [43.6, 43.6, 43.8, 43.8]
    # many points per side: a straight line in degrees is a curve on the flat map
    ring = [np.linspace(a, b, 200) for part in (lon, lat) for a, b in zip(part, part[1:] + part[:1], strict=True)]
    lons, lats = np.concatenate(ring[:4]), np.concatenate(ring[4:])
    x, y = TORONTO.to_metres(lons, lats)
    flat = abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1))) / 2
    area, _ = Geod(ellps="WGS84").polygon_area_perimeter(lons, lats)
    assert flat == pytest.approx(abs(area), rel=1e-6)


@pytest.mark.parametrize(("lon", "lat"), [(181.0, 0.0), (0.0, -90.5), (float("nan"), 0.0)])
def test_a_centre_off_the_earth_is_refused(lon: float, lat: float) -> None:
    with pytest.raises(InputError, match="not on Earth"):
        Projection(centre_lon=lon, centre_lat=lat)
