"""Every code of every force leads to a published category, and no spelling of case makes a difference."""

from __future__ import annotations

import pytest

from peelian.measure.categories import CATEGORIES, DISCOVERED
from peelian.technologies.mapping.formats import codes

LISTS = {
    name: getattr(codes, name)
    for name in ("TORONTO", "CHICAGO", "CHICAGO_IUCR", "POLICE_UK", "VANCOUVER", "USUAL", "EVERYWHERE")
}


@pytest.mark.parametrize("name", LISTS)
def test_codes_lead_to_published_categories(name: str) -> None:
    assert set(LISTS[name].values()) <= set(CATEGORIES)
    assert all(code == code.casefold() for code in LISTS[name])


def test_what_police_discover_is_marked_in_every_list() -> None:
    assert codes.CHICAGO["narcotics"] in DISCOVERED
    assert codes.POLICE_UK["drugs"] in DISCOVERED and codes.POLICE_UK["public order"] in DISCOVERED
    assert codes.USUAL["weapon law violations"] in DISCOVERED
    assert not DISCOVERED & set(codes.TORONTO.values()) and not DISCOVERED & set(codes.VANCOUVER.values())


def test_lists_agree_where_they_share_a_code() -> None:
    for name in ("TORONTO", "CHICAGO", "POLICE_UK", "VANCOUVER"):
        assert all(codes.EVERYWHERE[code] == word for code, word in LISTS[name].items()), name
