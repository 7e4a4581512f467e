"""The page of a trial has words for every bar and group."""

from __future__ import annotations

from peelian.pictures.words import english
from peelian.technologies.footage.detector_trial import ARITHMETIC
from peelian.technologies.footage.detector_trial_view import words_of


def test_every_word_of_the_tables_has_its_sentence() -> None:
    words = words_of(english)
    assert set(words) >= ARITHMETIC.vocabulary
    assert words["tone_2"] == "tone 2 of 5" and all(words.values())
