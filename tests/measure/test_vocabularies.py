"""Words of public classifications, and no others."""

from __future__ import annotations

import pytest

from peelian.measure.persons import GIVEN
from peelian.measure.vocabularies import FUNCTIONS, LANDMARKS, PEOPLE, is_public_group, is_public_landmark, plain


def test_no_given_name_is_a_word_of_a_public_classification() -> None:
    assert not PEOPLE & GIVEN


@pytest.mark.parametrize("label", ["African-American", "Caucasian", "Minorité visible", "Noirs", "65+", "<18", "18–24"])
def test_labels_of_censuses_and_bands(label: str) -> None:
    assert is_public_group(label)


@pytest.mark.parametrize("label", ["123", "4711", "A1", "officer", "Tremblay", "white van", "Q"])
def test_what_may_be_somebody(label: str) -> None:
    assert not is_public_group(label)


def test_kinds_of_places_are_one_word_each_and_spelled_as_they_are_compared() -> None:
    assert all(is_public_landmark(word) and plain(word).replace(" ", "_") == word for word in LANDMARKS)
    assert all(word == word.lower() and " " not in word for word in FUNCTIONS)
