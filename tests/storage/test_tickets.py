"""Tickets serve one who takes them, for a while, whichever process asks."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from peelian.storage.database import Database
from peelian.storage.tickets import TicketRows

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def test_of_many_who_take_a_ticket_one_has_it(database: Database, another: Callable[..., Database]) -> None:
    ways = [TicketRows(database), TicketRows(another())]
    ways[0].put("code", "k", "body", NOW)
    assert ways[1].get("code", "k") == "body" and ways[1].get("seat", "k") is None
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda n: ways[n % 2].take("code", "k"), range(16)))
    assert [one for one in taken if one] == ["body"]


def test_old_ones_are_let_go_and_of_too_many_the_oldest(database: Database) -> None:
    tickets = TicketRows(database)
    for n in range(6):
        tickets.put("challenge", f"k{n}", str(n), NOW + timedelta(minutes=n), most=4)
    tickets.put("other", "k", "x", NOW)
    assert [body for _, body in tickets.all("challenge")] == ["2", "3", "4", "5"]
    tickets.forget("challenge", NOW + timedelta(minutes=4))
    assert [body for _, body in tickets.all("challenge")] == ["4", "5"] and tickets.all("other")
    tickets.put("challenge", "k4", "again", NOW + timedelta(minutes=9))
    assert dict(tickets.all("challenge"))["k4"] == "again"


def test_several_are_put_at_once_each_in_the_place_of_its_own(
    database: Database, another: Callable[..., Database]
) -> None:
    tickets = TicketRows(database)
    tickets.put_all("level", {}, NOW)
    tickets.put_all("level", {"a": "1", "b": "2"}, NOW)
    tickets.put_all("level", {"b": "3", "c": "4"}, NOW + timedelta(seconds=1))
    assert dict(TicketRows(another()).all("level")) == {"a": "1", "b": "3", "c": "4"}
    tickets.forget("level", NOW + timedelta(seconds=1))
    assert dict(tickets.all("level")) == {"b": "3", "c": "4"}
