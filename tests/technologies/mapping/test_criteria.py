"""Bars are measured as they say, and criteria that cannot be measured or were made for something else are refused."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from peelian.errors import InputError
from peelian.technologies.mapping.calibration import Calibration
from peelian.technologies.mapping.comparison import Interval
from peelian.technologies.mapping.criteria import CRITERIA, check_criteria, outcomes

ASKED = {"category": "robbery", "cell_metres": 250, "window_days": 7, "model": "decayed"}
HALF = Calibration(cells=np.ones(2), expected=np.array([1.0, 3.0]), observed=np.array([2.0, 2.0]), pit=np.zeros(1))
SCORE = cast(
    Any,
    SimpleNamespace(
        bits=Interval(value=0.02, low=-0.001, high=0.04),
        hit_rate=[Interval(value=v, low=0.0, high=1.0) for v in (0.1, 0.3, 0.5)],
        calibration=HALF,
    ),
)
TRIAL = cast(Any, SimpleNamespace(origins=52, n=800.0))


CASES = [
    ("min_bits_against_long_run", 0.0, False),  # the middle is above 0, the low end is not
    ("min_bits_against_long_run", -0.005, True),
    ("min_hit_rate_1", 0.1, True),
    ("min_hit_rate_5", 0.31, False),
    ("min_hit_rate_10", 0.4, True),
    ("min_origins", 53, False),
    ("min_incidents", 800, True),
    ("max_calibration_error", 0.4, False),
    ("max_calibration_error", 0.5, True),
]


@pytest.mark.parametrize(("bar", "needed", "met"), CASES)
def test_each_bar(bar: str, needed: float, met: bool) -> None:
    (found,) = outcomes({bar: needed, "category": "robbery"}, TRIAL, SCORE)
    assert (found.bar, found.needed, found.met) == (bar, needed, met)


def test_every_bar_is_tested_above() -> None:
    assert {bar for bar, _, _ in CASES} == set(CRITERIA)


def test_criteria_in_order_pass() -> None:
    check_criteria({"min_origins": 26, "category": "robbery", "model": "decayed"}, ASKED)


@pytest.mark.parametrize(
    ("criteria", "says"),
    [
        ({}, "set no criterion"),
        ({"category": "robbery"}, "set no criterion"),
        ({"min_origins": 26, "category": "theft"}, "another category"),
        ({"min_origins": 26, "window_days": 14}, "another window days"),
        ({"min_luck": 1}, "cannot measure"),
        ({"min_origins": "many"}, "not a number"),
    ],
)
def test_criteria_out_of_order_are_refused(criteria: dict[str, Any], says: str) -> None:
    with pytest.raises(InputError, match=says):
        check_criteria(criteria, ASKED)
