"""Curves: bands, references, gaps, thinning, and the table that says the same."""

from __future__ import annotations

import re

import numpy as np
import pytest

from peelian.errors import InputError
from peelian.pictures.charts import Series, lines
from peelian.pictures.curves import APART

TOLD = {"caption": "Caption", "alternative": "What it shows."}


def test_the_line_charts_table_says_every_point_of_a_short_curve() -> None:
    picture = lines(
        [Series(name="a", x=[1, 2], y=[0.1, 0.2], low=[0.05, 0.1], high=[0.2, 0.3]), Series(name="b", x=[1], y=[0.5])],
        x_title="weeks",
        y_title="share",
        percent=True,
        x_percent=False,
        **TOLD,
    )
    assert picture.twin is not None
    assert picture.twin.titles == ("Curve", "weeks", "share", "Interval")
    assert picture.twin.rows == (
        ("a", "1", "10.0%", "5.0% to 20.0%"),
        ("a", "2", "20.0%", "10.0% to 30.0%"),
        ("b", "1", "50.0%", ""),
    )


def test_a_long_curve_is_thinned_in_picture_and_table_and_the_table_says_so() -> None:
    x = np.arange(200_000.0)
    picture = lines([Series(name="a", x=x, y=np.sin(x))], x_title="x", y_title="y", **TOLD)
    assert len(picture.svg) < 60_000
    assert picture.twin is not None
    assert len(picture.twin.rows) == 24 and "24 evenly spaced points" in picture.twin.caption
    assert picture.twin.rows[-1][1] == "199,999"


def test_curves_differ_in_more_than_colour() -> None:
    many = [Series(name=f"s{i}", x=[1, 2], y=[i, i]) for i in range(6)]
    svg = lines(many, x_title="x", y_title="y", **TOLD).svg
    strokes = {
        re.search(r"stroke-dasharray=\"[^\"]*\"", part) and part for part in svg.split("<path") if "mark-" in part
    }
    assert len(strokes) >= 6
    assert svg.count("<circle") > 1 and "h8.0v8.0" in svg  # circles for one, squares for another


def test_a_zero_on_a_log_axis_is_a_gap_and_stands_in_the_table() -> None:
    picture = lines(
        [Series(name="a", x=[0, 0.001, 0.1], y=[0.5, 0.1, 0.01], low=[0, 0, 0], high=[1, 1, 1])],
        x_title="x",
        y_title="y",
        x_scale="log",
        y_scale="log",
        **TOLD,
    )
    assert picture.twin is not None and picture.twin.rows[0][1] == "0"


def test_dates_are_an_axis() -> None:
    days = np.datetime64("2020-01-06") + np.arange(3) * 7
    picture = lines([Series(name="", x=days, y=[1, 2, 3])], x_title="week", y_title="n", x_scale="time", **TOLD)
    assert picture.twin is not None and picture.twin.rows[0] == ("2020-01-06", "1")


def test_the_diagonal_bends_where_the_scales_differ_and_a_level_is_flat() -> None:
    given = [Series(name="a", x=[0.01, 0.5], y=[0.01, 0.5])]
    bent = lines(given, x_title="x", y_title="y", x_scale="log", reference="diagonal", reference_name="equal", **TOLD)
    level = lines(given, x_title="x", y_title="y", reference=0.2, reference_name="bar", **TOLD)
    assert "equal" in bent.svg and "bar" in level.svg


@pytest.mark.parametrize(
    "series",
    [
        [],
        [Series(name="a", x=[], y=[])],
        [Series(name="a", x=[1, 2], y=[1])],
        [Series(name="a", x=[1], y=[1], low=[1, 2], high=[1])],
        [Series(name="a", x=["x"], y=["y"])],
        [Series(name="a", x=[[1, 2]], y=[[1, 2]])],
        [Series(name="a", x=[np.nan], y=[np.nan])],
    ],
)
def test_curves_that_cannot_be_drawn_are_refused(series: list[Series]) -> None:
    with pytest.raises(InputError):
        lines(series, x_title="x", y_title="y", **TOLD)


def test_fourteen_curves_are_told_apart_and_their_numbers_do_not_touch() -> None:
    many = [Series(name=f"curve {i}", x=[0.01, 0.05, 0.1], y=[0.1, 0.2, 0.3 + i / 1000]) for i in range(14)]
    svg = lines(many, x_title="x", y_title="y", **TOLD).svg
    strokes = re.findall(
        r'<path d="[^"]*" class="mark-(\d) stroke" fill="none"[^>]*?(?:stroke-dasharray="([^"]*)")?/>', svg
    )
    drawn = strokes[:14]
    assert len(set(drawn)) == 14 and all(colour != "4" for colour, _ in drawn), "plain ink is the reference's"
    ends = {int(n): float(y) for y, n in re.findall(r'<text x="378" y="([\d.]+)"[^>]*>(\d+)</text>', svg)}
    assert sorted(ends) == list(range(1, 15))
    assert all(ends[n + 1] - ends[n] >= APART - 0.11 for n in range(1, 14))
    assert svg.index("1  curve 13") < svg.index("14  curve 0"), "the legend has the order of the ends"


def test_a_few_curves_keep_their_bands_and_are_named_at_their_ends_where_there_is_room() -> None:
    few = [Series(name=f"s{i}", x=[1, 2], y=[i, i], low=[0, 0], high=[9, 9]) for i in range(4)]
    picture = lines(few, x_title="x", y_title="y", **TOLD)
    assert picture.svg.count(" band") == 4 and "1  s3" in picture.svg
    assert 'viewBox="0 0 720 ' in picture.broad and "1  s" not in picture.broad
    assert all(picture.broad.count(f">s{i}</text>") == 1 for i in range(4))


def test_no_two_of_eighteen_curves_have_one_colour_and_dash() -> None:
    many = [Series(name=f"s{i}", x=[1, 2], y=[i, i], marker="none") for i in range(18)]
    broad = lines(many, x_title="x", y_title="y", **TOLD).broad
    drawn = re.findall(r'<path d="M[^"]*" (class="mark-\d stroke".*?)/>', broad)
    assert len(drawn) == 18 and len(set(drawn)) == 18


def test_more_than_eighteen_curves_are_drawn_in_several_frames_on_the_same_axes() -> None:
    many = [Series(name=f"s{i}", x=[1, 2], y=[i, i], marker="none") for i in range(40)]
    picture = lines(many, x_title="x", y_title="y", reference=20.0, reference_name="bar", **TOLD)
    for svg, keyed in ((picture.svg, 2), (picture.broad, 1)):  # each curve has a key where the picture is narrow
        first, *others = svg.split("<g transform")
        assert [part.count('stroke-width="2"') - 2 for part in others] == [18 * keyed, 4 * keyed]
        assert all(part.count(">40</text>") == 1 for part in (first, *others)), "one range for all"
        assert all(part.count(">bar</text>") == 1 for part in (first, *others))
    assert all(picture.broad.count(f">s{i}</text>") == 1 for i in range(40))
    assert picture.twin is not None and len({row[0] for row in picture.twin.rows}) == 40


def test_an_axis_of_shares_does_not_go_below_zero() -> None:
    one = [Series(name="even", x=[0.01, 0.1], y=[0.01, 0.1], low=[-0.02, 0.05], high=[0.04, 0.15])]
    assert "\u2212" not in lines(one, x_title="x", y_title="y", percent=True, **TOLD).broad
