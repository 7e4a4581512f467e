"""Search terms of case rows as SQL. Indexes of the table hold every column they name, so that no row is read for them.

A page costs O(cases) index entries at worst: some 10 ms for 100,000 cases.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import and_, or_

from peelian.kernel.model.case_search import CaseSearch, SearchWord
from peelian.storage.schema import ROWS

CASES = ROWS["cases"].c
_AFTER_ANY = "~"  # of the letters that times and numbers of cases are spelled in


def terms_of(search: CaseSearch) -> Iterator[Any]:
    """What a row must meet."""
    yield from map(_meets, search.words)
    if search.year:
        yield _begins(CASES.began, search.year)
    if search.capabilities is not None:
        yield whole(CASES.capability).in_(search.capabilities)
    if search.states:
        yield whole(CASES.state).in_(search.states)
    if search.choice:
        yield CASES.choice == search.choice
    if search.published is not None:
        yield CASES.published >= 0 if search.published else CASES.published < 0


def _meets(word: SearchWord) -> Any:
    number = [_begins(CASES.key, word.case)] if word.case else []
    named = [CASES.key.in_(word.cases)] if word.cases else []
    return or_(whole(CASES.capability).in_(word.capabilities), CASES.unit.in_(word.units), *named, *number)


def _begins(column: Any, text: str) -> Any:
    return and_(column >= text, column < text + _AFTER_ANY)


def whole(column: Any) -> Any:
    """A column that SQLite does not look up by itself: the index in the order of the page is gone through instead."""
    return column.concat("")
