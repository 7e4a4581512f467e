"""Timelines: spans where they lie in time, moments as marks, kinds that differ in more than colour, a table of all."""

from __future__ import annotations

import re

import numpy as np
import pytest

from peelian.errors import InputError
from peelian.pictures.charts import Span, timeline

TOLD = {"time_title": "Time (UTC)", "caption": "Use", "alternative": "Two recordings."}
DAY = np.datetime64("2026-03-02T08:00")


def test_a_span_is_as_long_as_it_lasted() -> None:
    picture = timeline([Span(lane="a", start=0, end=10), Span(lane="a", start=10, end=30)], **TOLD)
    widths = [float(w) for w in re.findall(r'<rect x="[\d.]+" y="[\d.]+" width="([\d.]+)"', picture.svg)]
    assert widths[1] == pytest.approx(2 * widths[0], rel=0.01)


def test_lanes_kinds_and_moments_are_told_apart() -> None:
    spans = [
        Span(lane="Camera 1", start=DAY, end=DAY + 60, kind="on"),
        Span(lane="Camera 1", start=DAY + 60, end=DAY + 90, kind="off"),
        Span(lane="Camera 2", start=DAY + 30, kind="alarm"),
    ]
    picture = timeline(spans, lane_title="Camera", **TOLD)
    assert picture.svg.count("paper stroke") == 2 and "h6.0" not in picture.svg
    assert picture.twin is not None
    assert picture.twin.titles == ("Camera", "Kind", "From", "Until")
    assert picture.twin.rows[0] == ("Camera 1", "on", "2026-03-02\xa008:00", "2026-03-02\xa009:00")
    assert picture.twin.rows[2][3] == ""


def test_days_are_written_without_a_clock_time() -> None:
    twin = timeline([Span(lane="a", start=np.datetime64("2026-03-02"), end=np.datetime64("2026-03-05"))], **TOLD).twin
    assert twin is not None and twin.rows[0][1:] == ("2026-03-02", "2026-03-05")


def test_labels_are_escaped() -> None:
    assert "<script" not in timeline([Span(lane="<script>", start=0, end=1, kind="<script>")], **TOLD).svg


@pytest.mark.parametrize(
    "spans",
    [
        [],
        [Span(lane="a", start=2, end=1)],
        [Span(lane="a", start=float("nan"), end=1)],
        [Span(lane="a", start=0, end=1), Span(lane="a", start=DAY)],
        [Span(lane="a", start=np.datetime64("NaT"), end=DAY)],
    ],
)
def test_spans_that_cannot_be_drawn_are_refused(spans: list[Span]) -> None:
    with pytest.raises(InputError):
        timeline(spans, **TOLD)
