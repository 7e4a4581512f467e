"""Balance: mean scores per outcome with their errors."""

from __future__ import annotations

import doctest

import numpy as np
import pytest

from peelian.technologies.risk.measure import bootstrap as balance
from peelian.technologies.risk.measure.bootstrap import mean_scores


def test_the_examples_in_the_docstrings_run() -> None:
    assert doctest.testmod(balance).failed == 0


def test_means_and_errors_are_those_of_the_people_behind_the_counts() -> None:
    cells, scores = np.array([[3.0, 1.0], [2.0, 4.0], [5.0, 2.0]]), np.array([1.0, 2.0, 3.0])
    others, events = mean_scores(cells, scores)
    people = np.repeat(scores, [1, 4, 2])
    assert float(events.value) == pytest.approx(people.mean())
    assert float(events.error) == pytest.approx(people.std(ddof=1) / np.sqrt(7))
    assert float(others.n) == 10


def test_one_person_has_a_mean_and_no_error() -> None:
    _, events = mean_scores(np.array([[3.0, 1.0], [2.0, 0.0]]), np.array([1.0, 2.0]))
    assert float(events.value) == 1
    assert np.isnan(events.error)
