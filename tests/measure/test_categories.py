"""The list of general categories: plain words, one origin each, nothing that names a person."""

from __future__ import annotations

import re

from peelian.measure.categories import CATEGORIES, DISCOVERED, OTHER_REPORTED, Origin


def test_every_word_is_a_plain_identifier_and_titles_differ() -> None:
    assert all(re.fullmatch(r"[a-z_]{4,30}", word) and CATEGORIES[word].word == word for word in CATEGORIES)
    assert len({category.title for category in CATEGORIES.values()}) == len(CATEGORIES)


def test_police_initiated_categories_are_marked() -> None:
    assert {"drugs", "public_order", "weapons", "traffic_offence"} <= DISCOVERED
    assert {word for word, c in CATEGORIES.items() if c.origin is Origin.DISCOVERED} == DISCOVERED


def test_unknown_codes_stay_with_reported_incidents() -> None:
    assert CATEGORIES[OTHER_REPORTED].origin is Origin.REPORTED
