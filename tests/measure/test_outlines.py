"""Proves areas are right to one per cent of the geodesic ones, and that crossing and overlapping outlines are found."""

from __future__ import annotations

import math

import pyproj
import pytest

from peelian.measure.outlines import area_m2, crosses_itself, shared_m2

L_SHAPED = [(0.0, 0.0), (0.002, 0.0), (0.002, 0.001), (0.001, 0.001), (0.001, 0.002), (0.0, 0.002)]


@pytest.mark.parametrize("lat", [0.0, 45.5, -33.0, 64.0])
def test_an_area_is_the_geodesic_one(lat: float) -> None:
    outline = [(-73.5 + lon, lat + north) for lon, north in L_SHAPED]
    geodesic, _ = pyproj.Geod(ellps="WGS84").polygon_area_perimeter(*zip(*outline, strict=True))
    assert math.isclose(area_m2(outline), geodesic, rel_tol=0.01)


def test_what_crosses_itself() -> None:
    assert not crosses_itself(L_SHAPED)
    assert crosses_itself([(0, 0), (1, 1), (1, 0), (0, 1)])
    assert crosses_itself([(0, 0), (1, 0), (2, 0)])


def test_what_two_outlines_share() -> None:
    one = [(0.0, 0.0), (0.001, 0.0), (0.001, 0.001), (0.0, 0.001)]
    beside = [(lon + 0.001, lat) for lon, lat in one]
    half = [(lon + 0.0005, lat) for lon, lat in one]
    assert shared_m2(one, beside) == pytest.approx(0, abs=1e-6)
    assert shared_m2(one, half) == pytest.approx(area_m2(one) / 2)
