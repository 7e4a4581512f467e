"""The centre is rounded and may be given; stray points never make a map of millions of cells; metres are snapped."""

from __future__ import annotations

import numpy as np
import pytest

from peelian.errors import InputError
from peelian.measure.projection import Projection
from peelian.technologies.mapping.formats.drops import FAR_AWAY, drops_for
from peelian.technologies.mapping.formats.reach import centre_of, metres, within_reach

LON, LAT = np.array([-79.4, -79.39, -79.38, 2.35]), np.array([43.7, 43.71, 43.72, 48.85])
ROWS = np.array([2, 3, 4, 9])
HERE = Projection(centre_lon=-79.39, centre_lat=43.71)


def test_the_centre_is_the_median_point_or_the_one_given() -> None:
    assert centre_of(LON, LAT, {}).centre_lon == pytest.approx(-79.38)
    assert centre_of(LON, LAT, {"centre": "-79.387, 43.651"}) == Projection(centre_lon=-79.39, centre_lat=43.65)
    for wrong in ("here", "1", "1,2,3", "200,95"):
        with pytest.raises(InputError):
            centre_of(LON, LAT, {"centre": wrong})


def test_a_stray_point_is_named_counted_or_expected() -> None:
    with pytest.raises(InputError, match=r"row 9: location \d,\d{3} km from the town centre"):
        within_reach((LON, LAT), HERE, {}, (ROWS, drops_for("stop"), False))
    for drops, quirk in ((drops_for("drop"), False), (drops_for("stop"), True)):
        assert within_reach((LON, LAT), HERE, {}, (ROWS, drops, quirk)).tolist() == [True, True, True, False]
        assert [(d.why, d.n, d.first_row) for d in drops.listed()] == [(FAR_AWAY, 1, 9)]


def test_a_wrong_centre_is_told_as_such() -> None:
    with pytest.raises(InputError, match="more than half"):
        within_reach((LON, LAT), Projection(centre_lon=0, centre_lat=0), {}, (ROWS, drops_for("drop"), True))


def test_the_date_line_does_not_part_a_town() -> None:
    lon, lat = np.array([179.99, -179.99]), np.array([-17.0, -17.0])
    assert within_reach(
        (lon, lat), Projection(centre_lon=180, centre_lat=-17), {}, (ROWS[:2], drops_for("stop"), False)
    ).all()


def test_metres_are_snapped_to_ten_and_the_same_in_two_threads() -> None:
    east, north = metres(LON[:3], LAT[:3], HERE)
    assert (east % 10 == 0).all() and (north % 10 == 0).all()
    assert abs(east[2] - 810) <= 10 and abs(north[0] + 1110) <= 10
    many = metres(np.tile(LON[:3], 40_000), np.tile(LAT[:3], 40_000), HERE)
    assert (many[0][:3] == east).all() and (many[1][-3:] == north).all() and len(many[0]) == 120_000
