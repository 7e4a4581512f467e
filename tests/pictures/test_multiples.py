"""Small multiples: a named pane per group on the same axes, within the picture, and the table that says the same."""

from __future__ import annotations

import re

import numpy as np
import pytest

from peelian.errors import InputError
from peelian.pictures.charts import Pane, Series, multiples

TOLD = {"caption": "Caption", "alternative": "What it shows.", "x_title": "expected", "y_title": "observed"}


def pane(name: str, top: float = 0.8) -> Pane:
    x = [0.1, 0.3, 0.6]
    y = np.array([0.1, 0.2, 0.5]) * top
    return Pane(title=name, series=[Series(name="curve", x=x, y=y, low=y / 2, high=y * 1.2)])


def numbers(svg: str, pattern: str) -> list[float]:
    return [float(found) for found in re.findall(pattern, svg)]


def test_every_pane_is_named_and_the_table_says_its_points() -> None:
    picture = multiples([pane("north"), pane("south")], percent=True, **TOLD)
    assert ">north<" in picture.svg and ">south<" in picture.svg
    assert picture.twin is not None and picture.twin.folded
    assert picture.twin.rows[0] == ("north", "10.0%", "8.00%", "4.00% to 9.60%")
    assert len(picture.twin.rows) == 6


def test_all_panes_share_their_axes() -> None:
    """The same values lie at the same place of two panes, however far another reaches."""
    svg = multiples([pane("a", 1.0), pane("b", 1.0), pane("c", 0.1)], percent=True, **TOLD).svg
    strokes = re.findall(r'<path d="(M[^"z]+)" class="mark-0 stroke"', svg)
    ys = [[float(y) for _, y in re.findall(r"[ML]([\d.]+) ([\d.]+)", d)] for d in strokes]
    assert len(ys) == 3 and ys[0] == ys[1] and min(ys[2]) > max(ys[0][1:])


@pytest.mark.parametrize("count", [1, 2, 3, 4, 18, 25])
def test_everything_stays_within_the_picture(count: int) -> None:
    svg = multiples([pane(f"a group with a long name {i}") for i in range(count)], percent=True, at=0.3, **TOLD).svg
    width, height = numbers(svg, r'viewBox="0 0 ([\d.]+)')[0], numbers(svg, r'viewBox="0 0 [\d.]+ ([\d.]+)')[0]
    points = re.findall(r"[ML]([\d.]+) ([\d.]+)", svg)
    assert max(float(x) for x, _ in points) <= width == 400
    assert max(float(y) for _, y in points) <= height
    assert max(numbers(svg, r'<text x="([\d.]+)"')) <= width


def test_a_long_name_is_cut_after_two_lines() -> None:
    svg = multiples([pane("one two three four five six seven eight nine ten " * 3)] * 3, **TOLD).svg
    assert svg.count("…") == 3


def test_curves_of_one_place_have_one_key_and_the_lines_their_names() -> None:
    two = [Series(name=name, x=[1, 2], y=[0.1, 0.2]) for name in ("false alarms", "misses")]
    picture = multiples(
        [Pane(title="a", series=two), Pane(title="b", series=two)],
        at=1.5, at_name="cut", reference="diagonal", reference_name="equal", **TOLD,
    )  # fmt: skip
    assert [picture.svg.count(f">{word}<") for word in ("false alarms", "misses", "cut", "equal")] == [1, 1, 1, 1]
    assert picture.twin is not None and picture.twin.rows[0][0] == "a, false alarms"


def test_no_panes_are_no_picture() -> None:
    with pytest.raises(InputError, match="pane"):
        multiples([], **TOLD)
