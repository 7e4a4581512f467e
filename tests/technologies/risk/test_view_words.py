"""Figures in words: intervals, hidden ones, and ratios without an upper end."""

from __future__ import annotations

import math

from peelian.pictures.words import english
from peelian.technologies.risk.audit.page import with_interval
from peelian.technologies.risk.audit.rows import Row
from peelian.technologies.risk.shared import FEW, PARTNER, SHOWN


def _row(value: float, low: float, high: float, suppressed: str = SHOWN) -> Row:
    return Row(
        axis="a", group="g", metric="m", at=1.0, value=value, low=low, high=high, suppressed=suppressed, den=1234
    )


def test_a_figure_stands_with_its_interval_and_n() -> None:
    assert with_interval(english, _row(0.25, 0.2, 0.3), percent=True, n=True) == "25.0% (20.0% to 30.0%); n = 1,234"
    assert with_interval(english, _row(2.5, math.nan, math.nan)) == "2.50"


def test_an_unbounded_ratio_says_so() -> None:
    assert with_interval(english, _row(3.0, 1.5, math.inf)) == "3 (at least 1.50)"


def test_hidden_and_missing_figures_are_words() -> None:
    assert with_interval(english, _row(math.nan, math.nan, math.nan, FEW)) == "hidden (under 10 people)"
    assert with_interval(english, _row(math.nan, math.nan, math.nan, PARTNER)) == "hidden (would reveal a small group)"
    assert with_interval(english, None) == "–"
