"""The order of levels: numbers and bands are put in order, words are left as they are."""

from __future__ import annotations

import doctest

import numpy as np
import pytest

from peelian.technologies.risk.measure import rivals as ordering
from peelian.technologies.risk.measure.rivals import in_order


def test_the_examples_in_the_docstrings_run() -> None:
    assert doctest.testmod(ordering).failed == 0


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["10", "2", "1"], ["1", "2", "10"]),
        (["4+", "1-3", "0"], ["0", "1-3", "4+"]),
        (["25 - 45", "Greater than 45", "Less than 25"], ["Less than 25", "25 - 45", "Greater than 45"]),
        (["≥ 3", "< 1", "1 to 2"], ["< 1", "1 to 2", "≥ 3"]),
        (["2,5", "1,5"], ["1,5", "2,5"]),
    ],
)
def test_numbers_and_bands_ascend(words: list[str], expected: list[str]) -> None:
    codes = np.arange(len(words))
    found, again, ordered = in_order(words, codes)
    assert found == expected and ordered
    assert [found[code] for code in again.tolist()] == words, "every row keeps its level"


@pytest.mark.parametrize("words", [["Male", "Female"], ["1", "2", "unknown"], ["3"]])
def test_levels_without_an_order_have_none(words: list[str]) -> None:
    assert in_order(words, np.arange(len(words)))[2] is False
