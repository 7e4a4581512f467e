"""Coordinate systems are EPSG codes; points outside the area a system is made for belong to another one."""

from __future__ import annotations

import numpy as np
import pytest

from peelian.errors import InputError
from peelian.technologies.mapping.formats.coordinates import crs_named, system


def test_metres_of_a_zone_become_degrees() -> None:
    utm = system("EPSG:26910")
    lon, lat = utm.to_degrees(np.array([493906.5, np.nan]), np.array([5457452.47, 1.0]))
    assert (round(float(lon[0]), 3), round(float(lat[0]), 3)) == (-123.084, 49.27)
    assert utm.outside(lon, lat).tolist() == [False, True]


def test_degrees_taken_for_metres_lie_outside() -> None:
    utm = system("EPSG:26917")
    assert utm.outside(*utm.to_degrees(np.array([-79.4]), np.array([43.7]))).all()


@pytest.mark.parametrize(
    "text",
    ["WGS 84", "+proj=merc", "urn:ogc:def:crs:EPSG::26917", "EPSG:12", "EPSG:999999", "/etc/passwd", "EPSG:１２３４"],
)
def test_a_coordinate_system_is_an_epsg_code_and_nothing_else(text: str) -> None:
    with pytest.raises(InputError):
        crs_named(text)


def test_plain_degrees_have_no_code() -> None:
    assert crs_named("") == crs_named("EPSG:4326") == ""
