"""Every chart: an image with its text alternative and a table twin; hostile input is refused or shown as a gap."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser

import numpy as np
import pytest

from peelian.pictures.charts import Bars, Interval, Series, bars, intervals, lines, matrix
from peelian.pictures.panels import Picture

HOSTILE = "</text><script>alert(1)</script>\"' & 100%"
TOLD = {"caption": "Caption", "alternative": "What it shows."}


def line_chart(name: str = "a") -> Picture:
    return lines([Series(name=name, x=[1, 2, 3], y=[0.1, np.nan, 0.3])], x_title=name, y_title=name, **TOLD)


def whiskers(name: str = "a") -> Picture:
    return intervals([Interval(label=name, value=0.2, low=0.1, high=0.4, note=name)], value_title=name, **TOLD)


def bar_chart(name: str = "a") -> Picture:
    return bars([name], [Bars(name=name, values=[np.nan]), Bars(name="b", values=[3])], value_title=name, **TOLD)


def shaded(name: str = "a") -> Picture:
    return matrix([name], [name, "b"], [[1.0, np.nan]], row_title=name, column_title=name, **TOLD)


CHARTS = [line_chart, whiskers, bar_chart, shaded]


class Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)
        self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("chart", CHARTS)
@pytest.mark.parametrize("name", ["a", HOSTILE, "x" * 300, "word " * 60, "", "été Ω 中"])
def test_every_chart_survives_any_label(chart: Callable[[str], Picture], name: str) -> None:
    picture = chart(name)
    parser = Parser()
    parser.feed(picture.svg)
    assert not parser.open
    assert set(parser.tags) <= {"svg", "title", "desc", "g", "path", "rect", "circle", "line", "text"}
    assert not re.search(r"\s(?:style|id|on\w+)=", picture.svg)
    assert "nan" not in picture.svg and "inf" not in picture.svg.replace("info", "")


@pytest.mark.parametrize("chart", CHARTS)
def test_every_chart_has_its_alternative_and_its_table(chart: Callable[[], Picture]) -> None:
    picture = chart()
    assert picture.alternative == "What it shows." and "<desc>What it shows.</desc>" in picture.svg
    assert picture.twin is not None
    assert all(len(row) == len(picture.twin.titles) for row in picture.twin.rows)


@pytest.mark.parametrize("chart", CHARTS)
def test_text_is_large_enough_for_a_phone(chart: Callable[[], Picture]) -> None:
    """328 pixels is what a 360-pixel phone leaves for a picture 400 units wide."""
    picture = chart()
    units = float(re.search(r'viewBox="0 0 (\d+)', picture.svg)[1])  # type: ignore[index]
    sizes = [float(size) for size in re.findall(r'font-size="([\d.]+)"', picture.svg)]
    assert max(sizes) * min(328 / units, 1) >= 12
