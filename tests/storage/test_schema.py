"""What the tables may hold: tokens, digests, words of a list and whole numbers in the clear; all else is sealed."""

from __future__ import annotations

from sqlalchemy import LargeBinary

from peelian.storage.schema import DOCUMENTS, ENTRIES, FOUND_BY, METADATA, NAMES, ROWS, SUBJECT


def test_words_are_in_sealed_columns_only() -> None:
    sealed = {(t.name, c.name) for t in METADATA.sorted_tables for c in t.columns if isinstance(c.type, LargeBinary)}
    assert {(DOCUMENTS.name, "sealed"), (NAMES.name, "sealed"), (ENTRIES.name, "spelling")} <= sealed
    clear = {c.name for t in (*ROWS.values(), ENTRIES) for c in t.columns} - {"spelling", "mac", "hash"}
    assert clear.isdisjoint({"name", "title", "words", "text", "reason", "params", "area"})


def test_every_subject_is_found_in_constant_time() -> None:
    indexed = {index.columns[0].name for index in ENTRIES.indexes}
    assert {*FOUND_BY.values(), *SUBJECT.values(), "topic", "kind"} <= indexed


def test_every_derived_row_carries_a_mac_and_the_entry_it_follows_from() -> None:
    for name, table in ROWS.items():
        assert "mac" in table.columns and ("last" in table.columns or name == "head"), name
