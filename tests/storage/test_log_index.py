"""The search by digest, case and digest before."""

from __future__ import annotations

import pytest
from log_parts import digest, entry

from peelian.errors import InputError
from peelian.storage.log_index import LogIndex


def test_entries_are_found_by_what_they_carry() -> None:
    index = LogIndex()
    for number in range(12):
        index.add(number, entry(number))
    assert index.find("case", "case-1") == [4, 5, 6, 7]
    assert index.find("document", digest(3)) == index.find("before", digest(2)) == [3]
    assert index.find("document", "") == index.find("document", "nothing") == []


def test_what_is_found_is_a_copy() -> None:
    index = LogIndex()
    index.add(0, entry(0))
    index.find("document", digest(0)).append(5)
    assert index.find("document", digest(0)) == [0]


def test_empty_and_numeric_values_are_not_searched_and_other_keys_are_refused() -> None:
    index = LogIndex()
    index.add(0, {"v": 1, "document": 5, "case": ""})
    assert index.find("case", "") == []
    with pytest.raises(InputError, match="document, case, before"):
        index.find("kind", "ASKED")
