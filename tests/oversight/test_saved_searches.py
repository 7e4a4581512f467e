"""Saved searches are their person's own, sealed, at most fifty, and gone with their name."""

from __future__ import annotations

import pytest
from desk import Desk, desk

from peelian.errors import InputError, OutOfOrder
from peelian.kernel.identity.revocation import retire
from peelian.operations.staff_enrolment import forget
from peelian.oversight import saved_searches
from peelian.oversight.saved_searches import MOST, delete_searches, save_search
from peelian.oversight.saved_searches import saved_searches as saved


@pytest.fixture
def town() -> Desk:
    return desk(())


def token(town: Desk, short: str) -> str:
    return town.people[short].person.token


def names(town: Desk, short: str) -> list[str]:
    return [one.name for one in saved(town.kernel, token(town, short))]


def test_a_search_is_its_persons_own_and_nothing_in_the_database_tells_it(town: Desk) -> None:
    before = town.kernel.stores.log.size()
    id = save_search(town.kernel, token(town, "clerk"), name="  Waiting\there ", page="/cases", query="state=ran")
    (one,) = saved(town.kernel, token(town, "clerk"))
    assert (one.id, one.name, one.page, one.query) == (id, "Waiting here", "/cases", "state=ran")
    kept = repr(town.kernel.stores.tickets.all(f"search {token(town, 'clerk')}"))
    assert "Waiting" not in kept and "cases" not in kept and town.kernel.stores.log.size() == before
    assert names(town, "board") == []
    delete_searches(town.kernel, token(town, "board"), [id])
    assert names(town, "clerk") == ["Waiting here"], "nobody deletes another's"
    delete_searches(town.kernel, token(town, "clerk"), [id, "none"])
    assert names(town, "clerk") == []


def test_the_same_search_saved_in_two_tabs_is_one_under_the_newer_name(town: Desk) -> None:
    ids = {
        save_search(town.kernel, token(town, "clerk"), name=n, page="/cases", query="state=ran") for n in ("one", "two")
    }
    assert len(ids) == 1 and names(town, "clerk") == ["two"]
    assert save_search(town.kernel, token(town, "board"), name="one", page="/cases", query="state=ran") not in ids


def test_there_are_at_most_fifty_and_none_goes_by_itself(town: Desk) -> None:
    for n in range(MOST):
        save_search(town.kernel, token(town, "clerk"), name=str(n), page="/cases", query=f"q={n}")
    with pytest.raises(OutOfOrder, match="50 saved searches"):
        save_search(town.kernel, token(town, "clerk"), name="more", page="/cases", query="q=more")
    save_search(town.kernel, token(town, "clerk"), name="renamed", page="/cases", query="q=7")
    assert len(names(town, "clerk")) == MOST and "0" in names(town, "clerk") and "renamed" in names(town, "clerk")
    town.clock.days(400)
    assert len(names(town, "clerk")) == MOST


@pytest.mark.parametrize("name", ["", "   ", "x" * 61, "a\x00b", "a\u202eb"])
def test_what_is_no_name_is_said_and_nothing_kept(town: Desk, name: str) -> None:
    with pytest.raises(InputError):
        save_search(town.kernel, token(town, "clerk"), name=name, page="/cases", query="q=a")
    assert names(town, "clerk") == []


@pytest.mark.parametrize("change", ["altered", "another's", "of another search"])
def test_what_was_put_in_its_place_is_as_if_there_were_none(town: Desk, change: str) -> None:
    clerk, tickets = token(town, "clerk"), town.kernel.stores.tickets
    id = save_search(town.kernel, clerk, name="one", page="/cases", query="q=a")
    other = save_search(town.kernel, token(town, "board"), name="b", page="/cases", query="q=a")
    ((_, kept),) = tickets.all(f"search {clerk}")
    body = {"altered": kept[:-2], "another's": tickets.get(f"search {token(town, 'board')}", other)}.get(change, kept)
    tickets.put(f"search {clerk}", "0" * 20 if change == "of another search" else id, body or "", town.kernel.now())
    assert names(town, "clerk") == (["one"] if change == "of another search" else [])


def test_with_a_name_that_is_erased_its_searches_go(town: Desk) -> None:
    clerk = token(town, "clerk")
    save_search(town.kernel, clerk, name="one", page="/cases", query="q=a")
    save_search(town.kernel, token(town, "board"), name="two", page="/cases", query="q=a")
    retire(town.kernel, town.people["custodian"], clerk)
    forget(town.office, town.people["custodian"], clerk)
    assert not town.kernel.stores.tickets.all(saved_searches._kind(clerk)) and names(town, "board") == ["two"]
