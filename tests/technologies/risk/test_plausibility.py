"""Plausibility: failure codes, repeated rows, and labels in several spellings, with what must not be taken for them."""

from __future__ import annotations

import doctest

import numpy as np
import pytest

from peelian.errors import InputError
from peelian.technologies.risk.formats import cells as plausibility
from peelian.technologies.risk.formats.cells import Extremes, refuse_codes, repeated_rows, same_label


def test_the_examples_in_the_docstrings_run() -> None:
    assert doctest.testmod(plausibility).failed == 0


def _checked(scores: list[float]) -> None:
    values = np.array(sorted(scores))
    extremes = Extremes()
    extremes.meet(np.array(scores), np.ones(len(scores), dtype=bool), np.arange(2, len(scores) + 2))
    refuse_codes(values, extremes, "score")


@pytest.mark.parametrize(
    ("scores", "row"),
    [
        ([*range(1, 11), -1], 12),
        ([-999, *range(11)], 2),
        ([0.1, 0.2, 0.35, 0.5, 99], 6),
        ([1, 2, 3, 4, 9], 6),
        ([*np.linspace(0, 1, 50), -1], 52),
        ([-9, *np.linspace(0, 70, 50)], 2),
    ],
)
def test_a_code_that_stands_apart_is_refused_with_its_row(scores: list[float], row: int) -> None:
    with pytest.raises(InputError, match="looks like a failure code") as error:
        _checked(scores)
    assert (error.value.row, error.value.column) == (row, "score")


@pytest.mark.parametrize(
    "scores",
    [
        [*range(-3, 13)],  # Static-99R
        [-1, 0, 1, 2, 3, 4],  # joined to the others
        [*range(1, 10)],  # 9 is the highest score
        [*range(100)],  # so is 99
        [1, 9],  # too few others to stand apart from
        [0.1, 0.2, 0.3, 5.0],  # far off, but no code
    ],
)
def test_scores_of_real_scales_pass(scores: list[float]) -> None:
    _checked(scores)


def test_rows_repeated_are_refused_in_a_cohort_and_told_of_a_tally() -> None:
    once = np.array([3.0, 5, 7, 11, 4, 9, 1, 2, 6, 8, 10, 13, 3, 5, 7, 12])
    assert repeated_rows(once, cohort=True, persons=False) == 1
    with pytest.raises(InputError, match="every row is there 3 times"):
        repeated_rows(3 * once, cohort=True, persons=False)
    assert repeated_rows(5 * once, cohort=False, persons=False) == 5, "counts rounded to 5"
    assert repeated_rows(2 * once, cohort=True, persons=True) == 2
    assert repeated_rows(2 * once[:15], cohort=True, persons=False) == 1, "too few counts to tell"


def test_the_commonest_spelling_stands_for_the_others_and_no_label_is_unknown() -> None:
    words = ["black", "Black", "", "Unknown", "White", "ﬁrst", "First"]
    assert same_label(words, np.array([1.0, 5, 3, 2, 9, 1, 2])).tolist() == [1, 1, 2, 2, 4, 6, 6]
