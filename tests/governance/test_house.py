"""The book is what the log says: folded again it is the same, and an altered archive is found."""

from __future__ import annotations

import dataclasses

import pytest
from desk import desk
from toy import COUNT, TOY

from peelian.errors import IntegrityError, OutOfOrder
from peelian.governance import flow
from peelian.governance.documents import Permit, from_bytes, mark_of, to_bytes
from peelian.governance.house import Book, archived, opened


def test_a_book_folded_again_from_the_log_is_the_same() -> None:
    town = desk((TOY,))
    town.papers(COUNT)
    flow.run(town.house, town.people["analyst"], town.ask(COUNT))
    again = opened(dataclasses.replace(town.house, book=Book()))
    assert again.book == town.house.book


def test_an_altered_archive_is_found() -> None:
    town = desk((TOY,))
    town.papers(COUNT)
    permit = town.ask(COUNT)
    mark = mark_of(permit)

    class Altered:
        def put(self, mark: str, document: bytes) -> None:
            raise AssertionError

        def get(self, wanted: str) -> bytes:
            kept = from_bytes(town.house.archive.get(wanted), Permit)
            return to_bytes(dataclasses.replace(kept, runs=50))

    with pytest.raises(IntegrityError):
        archived(dataclasses.replace(town.house, archive=Altered()), mark, Permit)


def test_an_unknown_capability_names_the_known_ones() -> None:
    with pytest.raises(OutOfOrder, match=r"toy\.count, toy\.prove"):
        desk((TOY,)).house.capability("toy.dig")


def test_a_book_follows_its_own_log_others_who_write_to_it_and_one_that_lies_beside() -> None:
    town = desk((TOY,))
    other = opened(dataclasses.replace(town.house, book=Book()))
    other.append("SUSPENDED", technology="toy", by="x")
    town.house.append("HEARTBEAT", entries=1)
    assert "toy" in town.house.book.suspended, "what another program wrote meanwhile is folded, too"
    assert town.house.book.orders.entries == len(list(town.house.log.read()))
    beside = opened(dataclasses.replace(town.house, book=Book()))
    beside = dataclasses.replace(beside, log=type(town.house.log)())  # type: ignore[call-arg]
    beside.append("RESUMED", technology="toy", by="x")
    assert "toy" not in beside.book.suspended and "toy" in town.house.book.suspended
