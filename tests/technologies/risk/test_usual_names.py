"""Usual column names: one candidate is taken, none or several are named in the error."""

from __future__ import annotations

import doctest

import pytest

from peelian.errors import InputError
from peelian.technologies.risk.formats import layout as usual_names
from peelian.technologies.risk.formats.layout import OUTCOME_NAMES, SCORE_NAMES, default_groups, the_column


def test_the_examples_in_the_docstrings_run() -> None:
    assert doctest.testmod(usual_names).failed == 0


@pytest.mark.parametrize("name", ["risk_score", "Risk Score", "decile_score", "PROBABILITY", "y-score"])
def test_a_score_is_known_however_its_name_is_written(name: str) -> None:
    assert the_column(["race", name, "y"], "score", SCORE_NAMES) == name


@pytest.mark.parametrize("name", ["y", "label", "two_year_recid"])
def test_an_outcome_is_known_by_usual_names(name: str) -> None:
    assert the_column(["race", name, "score"], "outcome", OUTCOME_NAMES) == name


def test_an_outcome_that_cannot_be_told_is_asked_for_by_its_option() -> None:
    with pytest.raises(InputError, match="no column for outcome") as error:
        the_column(["race", "came_back", "score"], "outcome", OUTCOME_NAMES)
    assert error.value.accepted == "option outcome=COLUMN, COLUMN one of: race, came_back, score"


def test_no_score_and_no_outcome_share_a_name() -> None:
    assert not SCORE_NAMES & OUTCOME_NAMES


def test_groups_are_all_that_is_left_or_the_usual_ones_of_many() -> None:
    assert default_groups(["shoe_size", "race"], most=4) == ("shoe_size", "race")
    assert default_groups(["a", "b", "c", "d", "Sex"], most=4) == ("Sex",)
    assert default_groups(["a", "b", "c", "d", "e"], most=4) == ("a", "b", "c", "d", "e"), "the layout refuses five"
    assert default_groups(["race", "screening_date", "decile_score", "is_recid"], most=4) == ("race",)
