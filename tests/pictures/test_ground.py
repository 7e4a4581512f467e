"""The ground: metres to units, north up, a scale bar of a round length."""

from __future__ import annotations

import pytest

from peelian.errors import InputError
from peelian.pictures.ground import Ground, furniture, label
from peelian.pictures.words import english

TOWN = Ground(west=0, south=0, east=10_000, north=5_000, width=400)


def test_north_is_up_and_east_is_right() -> None:
    x, y = TOWN.at([0, 10_000], [0, 5_000])
    assert x.tolist() == [0, 400] and y.tolist() == [200, 0]


def test_the_scale_bar_is_round_and_as_long_as_it_says() -> None:
    drawn, _ = furniture(TOWN, 0, english)
    assert "2 km" in "".join(drawn) and "h80.0" in drawn[0]


def test_ground_without_extent_is_refused() -> None:
    with pytest.raises(InputError):
        Ground(west=0, south=0, east=0, north=1)


def test_a_name_is_escaped_and_kept_within_the_map() -> None:
    text = label(TOWN, 10_000, 0, "<b> & a name at the edge")
    assert "<b>" not in text and float(text.split('x="')[1].split('"')[0]) < 400
