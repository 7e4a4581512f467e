"""Proves that every word a log may write becomes one of the kept words, and none of them names anybody."""

from __future__ import annotations

from peelian.measure.categories import CATEGORIES
from peelian.technologies.faces.search_log.declared import BANDS, KEPT, OFFENCES, OUTCOMES, PURPOSES, VERDICTS


def test_words_are_kept_in_one_form():
    for known in (PURPOSES, VERDICTS, OUTCOMES):
        assert set(known.values()) <= KEPT
        assert all(word == word.lower() for word in known)
        assert "" in known, "an empty cell says that nothing was recorded"
    assert set(BANDS) <= KEPT


def test_offences_are_general_categories():
    assert set(OFFENCES.values()) <= set(CATEGORIES)
