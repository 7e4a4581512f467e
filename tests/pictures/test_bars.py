"""Bars begin at zero, differ by hatching, and carry their figures."""

from __future__ import annotations

import pytest

from peelian.errors import InputError
from peelian.pictures.charts import Bars, bars

TOLD = {"caption": "Caption", "alternative": "What it shows."}


def test_bars_begin_at_zero_also_below_it() -> None:
    picture = bars(["a", "b"], [Bars(name="", values=[-2, 3])], value_title="v", **TOLD)
    assert "−2" in picture.svg and picture.twin is not None and picture.twin.rows == (("a", "−2"), ("b", "3"))


def test_sets_of_bars_differ_by_hatching() -> None:
    picture = bars(["a"], [Bars(name="x", values=[1]), Bars(name="y", values=[2])], value_title="v", **TOLD)
    assert picture.svg.count("paper stroke") == 2  # one bar and its key


@pytest.mark.parametrize(("labels", "values"), [([], []), (["a"], [1, 2]), (["a"], [["x"]])])
def test_bars_without_a_value_for_each_label_are_refused(labels: list[str], values: list[object]) -> None:
    with pytest.raises(InputError):
        bars(labels, [Bars(name="", values=values)], value_title="v", **TOLD)  # type: ignore[arg-type]
