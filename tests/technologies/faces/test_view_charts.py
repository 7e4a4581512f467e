"""Proves that pictures have their words and numbers, and leave out what is not determinable."""

from __future__ import annotations

import math

import numpy as np

from peelian.measure.table import Kind, table
from peelian.pictures.panels import Paragraph, Picture
from peelian.pictures.words import english
from peelian.technologies.faces.audit.page import by_threshold, curves, intervals_within, matrix_of


def row(group, other, rate, adequacy="measured", *, measure="FMR", bound="exact", high=math.nan):
    return {
        "policy": "operational 1",
        "measure": measure,
        "group": group,
        "other_group": other,
        "rate": rate,
        "low": rate / 2,
        "high": rate * 2 if math.isnan(high) else high,
        "n": 5000,
        "bound": bound,
        "adequacy": adequacy,
    }


ROWS = [
    row("all", "all", 0.002),
    row("a", "a", 0.004),
    row("a", "b", 0.001, "indicative"),
    row("b", "b", 0.0, "undetermined", bound="at most", high=0.0006),
    row("c", "c", 0.0002, "undetermined"),
]


def test_curves_are_dashed_and_named_where_errors_are_few():
    points = table(
        "curves",
        {
            "group": (Kind.GROUP, ["all", "all", "all", "all"]),
            "threshold": (Kind.AMOUNT, [1.0, 2.0, 3.0, 4.0]),
            "fmr": (Kind.AMOUNT, [0.1, 0.01, 0.001, 0.0]),
            "fnmr": (Kind.AMOUNT, [0.01, 0.02, 0.1, 0.5]),
            "adequacy": (Kind.LEVEL, ["indicative", "measured", "indicative", "undetermined"]),
        },
    )
    (picture,) = curves(points, english)
    assert isinstance(picture, Picture)
    assert "all (indicative)" in picture.svg
    assert picture.alternative and picture.twin is not None
    none = points.take(np.array([False, False, False, True]))
    (said,) = curves(none, english)
    assert isinstance(said, Paragraph) and said.tone == "limit"


def test_many_groups_stand_side_by_side_on_shared_axes_under_their_names():
    groups = ["all", *(f"group {g}" for g in "abcdefghijklmnopqr")]
    each = 4
    points = table(
        "curves",
        {
            "group": (Kind.GROUP, np.repeat(np.array(groups, dtype=object), each)),
            "threshold": (Kind.AMOUNT, np.tile([1.0, 2.0, 3.0, 4.0], len(groups))),
            "fmr": (Kind.AMOUNT, np.tile([0.1, 0.01, 0.001, 0.0], len(groups))),
            "fmr_n": (Kind.COUNT, np.full(each * len(groups), 50_000)),
            "fnmr": (Kind.AMOUNT, np.tile([0.01, 0.02, 0.1, 0.5], len(groups))),
            "fnmr_n": (Kind.COUNT, np.full(each * len(groups), 2_000)),
            "adequacy": (
                Kind.LEVEL,
                np.tile(np.array(["measured", "measured", "indicative", "undetermined"]), len(groups)),
            ),
        },
    )
    (picture,) = curves(points, english)
    assert all(f">group {g}<" in picture.svg for g in "abcdefghijklmnopqr")
    assert picture.twin is not None and picture.twin.folded
    (trade,) = by_threshold(points, 2.0, english)
    assert "threshold of the first page" in trade.svg
    assert trade.twin is not None
    rates = [row for row in trade.twin.rows if row[0] == "group a, False match rate"]
    assert [row[1:] for row in rates] == [("1", "0.100"), ("2", "0.0100"), ("3", "0.00100"), ("4", "–")]
    few = points.take(np.asarray(points["threshold"] == 4.0))
    assert not list(by_threshold(few, 2.0, english)), "no error, no curve"


def test_intervals_show_bounds_as_bounds_and_leave_out_six_errors():
    (picture,) = intervals_within(ROWS, "FMR", 0.001, english)
    assert picture.twin is not None
    by = {r[0]: r for r in picture.twin.rows}
    assert set(by) == {"a", "b", "c"}
    assert by["c"][1] == "–"
    assert "upper bound" in by["b"][-1]
    assert not list(intervals_within(ROWS, "FNMR", 0.05, english))


def test_the_matrix_is_symmetric_and_marks_what_it_cannot_say():
    (picture,) = matrix_of(ROWS, english)
    assert picture.twin is not None
    cells = {r[0]: r[1:] for r in picture.twin.rows}
    assert cells["a"][1] == cells["b"][0] == "0.00100*"
    assert cells["b"][1].startswith("≤ ")
    assert cells["c"][2] == "?"
    assert cells["a"][2] == "–"
    assert not list(matrix_of(ROWS[:2], english)), "one group has no matrix"
