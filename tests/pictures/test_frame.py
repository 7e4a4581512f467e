"""The frame of a chart: axes that leave room for their words, ticks that do not touch."""

from __future__ import annotations

import re
from itertools import pairwise

import numpy as np

from peelian.pictures.frame import Axis, Key, framed, legend
from peelian.pictures.svg import WIDTH, text_width
from peelian.pictures.words import english


def test_ticks_do_not_touch_one_another() -> None:
    values = np.array([0.0, 9_999_999.0])
    frame = framed(Axis(title="x"), Axis(title="y"), (values, values), height=200, say=english)
    texts = [part for part in frame.drawn if 'text-anchor="middle"' in part]
    spans = []
    for part in texts:
        centre = float(re.search(r'x="([\d.]+)"', part)[1])  # type: ignore[index]
        half = text_width(re.sub(r"<[^>]+>", "", part)) / 2
        spans.append((centre - half, centre + half))
    assert all(a[1] <= b[0] for a, b in pairwise(spans))
    assert spans[-1][1] <= WIDTH + 1


def test_a_long_title_moves_the_plot_down() -> None:
    values = np.array([0.0, 1.0])
    short = framed(Axis(title="x"), Axis(title="y"), (values, values), height=200, say=english)
    long = framed(Axis(title="x"), Axis(title="word " * 30), (values, values), height=200, say=english)
    assert long.bottom > short.bottom


def test_the_legend_wraps_long_names_and_says_where_it_ends() -> None:
    one, at = legend([Key(name="a", number=0, shape="circle")], 10)
    more, further = legend([Key(name="a long name " * 10, number=1)], 10)
    assert at < further and "<circle" in "".join(one) and len(more) == 2
