"""Searches of case rows: what they find, and that no row is read to find it."""

from __future__ import annotations

import pytest
from log_parts import entry
from sqlalchemy import select
from sqlalchemy.dialects import sqlite

from peelian.kernel.model.case_search import CaseSearch, SearchWord
from peelian.storage.case_rows import CASES, terms_of
from peelian.storage.database import Database
from peelian.storage.log_rows import LogRows
from peelian.storage.rows import StoredRows

KEY = bytes(32)
SEARCHES = {
    "capability": (CaseSearch(capabilities=["toy.count"]), ["c-2", "c-0"]),
    "no capability": (CaseSearch(capabilities=[]), []),
    "state": (CaseSearch(states=["ASKED"]), ["c-3", "c-2"]),
    "choice": (CaseSearch(choice="adopt"), ["c-1"]),
    "published": (CaseSearch(published=True), ["c-0"]),
    "not published": (CaseSearch(published=False, states=["DECIDED"]), ["c-1"]),
    "year": (CaseSearch(year="2026"), ["c-3", "c-2", "c-1", "c-0"]),
    "another year": (CaseSearch(year="2025"), []),
    "unit or number": (CaseSearch(words=(SearchWord(units=frozenset({"u3"}), case="c-1"),)), ["c-3", "c-1"]),
    "both words": (CaseSearch(words=(SearchWord(case="c-"), SearchWord(units=frozenset({"u2"})))), ["c-2"]),
    "a word for nothing": (CaseSearch(words=(SearchWord(),)), []),
}


@pytest.fixture
def rows(database: Database) -> StoredRows:
    log = LogRows(database, KEY)
    when = {key: value for key, value in entry(0).items() if key in ("v", "t")} | {"t": "2026-05-01T00:00:00.00Z"}
    for n in range(4):
        own = {"capability": f"toy.{'prove' if n % 2 else 'count'}", "purpose": "advice", "by": "t", "unit": f"u{n}"}
        log.append({**when, "kind": "ASKED", "case": f"c-{n}", "document": f"{n:064x}", **own})
    for n, choice in enumerate(("decline", "adopt")):
        log.append({**when, "kind": "DECIDED", "case": f"c-{n}", "document": f"{n + 9:064x}", "choice": choice})
    log.append({**when, "kind": "PUBLISHED", "case": "c-0", "document": "f" * 64})
    return StoredRows(database, KEY)


@pytest.mark.parametrize("named", SEARCHES)
def test_a_search_finds_what_it_says_either_way_round(rows: StoredRows, named: str) -> None:
    search, cases = SEARCHES[named]
    assert [case for case, _ in rows.page("cases", order="first", search=search)] == cases
    assert [case for case, _ in rows.page("cases", order="first", search=search, after=-1)] == cases[::-1]


@pytest.mark.parametrize("order", ["first", "published"])
def test_no_row_is_read_to_find_a_page(database: Database, rows: StoredRows, order: str) -> None:
    if database.is_postgresql:
        pytest.skip("PostgreSQL scans small tables whatever indexes there are")
    whole = CaseSearch(words=(SearchWord(case="c-1"),), year="2026", states=["ASKED"], choice="adopt")
    query = select(CASES.key).where(CASES[order] >= 0, *terms_of(whole)).order_by(CASES[order].desc()).limit(9)
    said = str(query.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}))
    with database.reading() as connection:
        plan = str(connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {said}").all())
    assert "COVERING INDEX" in plan
