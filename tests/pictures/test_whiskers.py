"""Dot and whisker: figures beside every row, a dash where there is none."""

from __future__ import annotations

import re
from dataclasses import replace

from peelian.pictures.charts import Interval, intervals

TOLD = {"caption": "Caption", "alternative": "What it shows."}


def test_an_interval_says_its_value_and_bounds_beside_it() -> None:
    picture = intervals([Interval(label="a", value=0.2, low=0.1, high=0.4, note="a")], value_title="a", **TOLD)
    assert "0.20 (0.10 to 0.40)" in picture.svg
    assert picture.twin is not None and picture.twin.rows == (("a", "0.200", "0.100 to 0.400", "a"),)


def test_a_row_without_a_value_is_a_dash_and_no_mark() -> None:
    rows = [Interval(label="none", value=float("nan")), Interval(label="some", value=1.0)]
    picture = intervals(rows, value_title="v", **TOLD)
    assert picture.svg.count("<circle") == 1
    assert picture.twin is not None and picture.twin.rows[0][1:3] == ("–", "")


def test_groups_of_intervals_have_their_own_marks_and_a_legend() -> None:
    rows = [Interval(label=g, value=0.5, group=g) for g in ("first", "second")]
    picture = intervals(rows, value_title="v", reference=0.5, reference_name="the bar", **TOLD)
    assert "the bar" in picture.svg and picture.twin is not None and picture.twin.titles[1] == "Axis"


def test_a_value_beyond_the_axis_is_an_arrow_and_does_not_squash_the_others() -> None:
    rows = [Interval(label=f"m{i}", value=i / 100, low=i / 100 - 0.01, high=i / 100 + 0.01) for i in range(3)]
    far = Interval(label="even", value=-1.2, low=-1.3, high=-1.1, beyond=True)
    plain, arrow = (intervals([*rows, one], value_title="v", **TOLD) for one in (replace(far, beyond=False), far))
    assert "Beyond the axis" in arrow.svg and "Beyond the axis" not in plain.svg
    spread = [[float(x) for x in re.findall(r'<circle cx="([\d.]+)"', picture.svg)] for picture in (plain, arrow)]
    assert len(spread[0]) == 4 and len(spread[1]) == 3
    squashed, told_apart = (one[2] - one[0] for one in spread)
    assert squashed < 20 and told_apart > 100
    assert arrow.twin is not None and arrow.twin.rows[-1][1].startswith("−1.2"), "its figures stay in the table"
