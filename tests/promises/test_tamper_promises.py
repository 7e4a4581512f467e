"""Whoever can write into the database, but has no keys, brings about nothing: no answer becomes another one, and a
rebuild finds what they did. On PostgreSQL and in a divided office, too, where the tests run on it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import nullcontext
from random import Random

import pytest
from row_tamper import APART, HIDES, Hands, town
from sizes import size
from toy import TOY

import peelian.operations.office
from peelian.operations.dividing import divide
from peelian.operations.maintenance import Maintenance
from peelian.storage.schema import METADATA

EDITS = size(12, 60)  # of 1,000 in `benchmarks/rows_tamper.py`


@pytest.fixture(scope="module")
def hands(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hands]:
    """Hands in the database of an office that was lived in; what they do is undone each time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(peelian.operations.office, "technologies", lambda: (TOY,))
        folder, client = tmp_path_factory.mktemp("tampered") / "town", None
        older = town(folder)
        if os.environ.get("PEELIAN_TESTS_DIVIDED"):
            folder, client = folder.with_name("registrar"), folder
            divide(client, folder, folder.with_name("socket"))
            patch.setattr(Maintenance, "attended", lambda self: nullcontext())  # else it logs a heartbeat meanwhile
        made = Hands(folder, older, Random(20261128), client)
        yield made
        made.close()


def test_whatever_is_done_to_rows_changes_no_answer_and_is_found(hands: Hands) -> None:
    """By chance: rows of every table but those of which the log says nothing; three in ten hide something."""
    assert {name for name, rows in hands.now.items() if not rows} <= APART, "every table has rows to be changed"
    for number in range(EDITS):
        done = hands.hiding() if number % 10 < 3 else hands.by_chance()
        changed, found = hands.judged(done)
        assert not changed and found, (done.says, changed, found)


@pytest.mark.parametrize("what", HIDES)
def test_what_is_hidden_with_all_that_tells_of_it_is_noticed(hands: Hands, what: str) -> None:
    """The entry is deleted, and every row that rests on it is deleted or stands as an older copy has it."""
    for back in (True, False):
        done = hands.hiding(what, back=back)
        changed, found = hands.judged(done)
        assert not changed and found, (done.says, changed, found)


@pytest.mark.parametrize("table", sorted(METADATA.tables.keys() - APART))
def test_a_rebuild_names_the_table_of_a_row_that_is_gone(hands: Hands, table: str) -> None:
    done = hands.deleting(table)
    changed, found = hands.judged(done)
    assert not changed and found, (done.says, changed, found)
    assert table in ("entries", "alembic_version") or table in {one.split()[0] for one in found}, found


def test_nothing_is_found_where_nothing_was_done(hands: Hands) -> None:
    assert hands.unharmed()
