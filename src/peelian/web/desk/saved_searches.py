"""Saved searches at the pages: a list with its filters is saved under a name, opened from My work, and deleted there.

Only what a list itself publishes is saved: each word must stand in the list, each filter be one that it offers. So no
search for a person is kept. Lists of people have none.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from fastapi import Request
from pydantic import ValidationError

from peelian.errors import InputError
from peelian.measure.vocabularies import plain
from peelian.operations.office import Office
from peelian.oversight.saved_searches import delete_searches, save_search, saved_searches
from peelian.oversight.transparency.register import MOST_WORDS
from peelian.pictures.panels import Say
from peelian.web.assessment.pages import assessment_list
from peelian.web.auth_middleware import person_of, seated
from peelian.web.footage.library import items_found
from peelian.web.frame.lists import CaseQuery, ListQuery, Offers, ShortQuery, case_list
from peelian.web.frame.rooms import may
from peelian.web.oversight import inventory
from peelian.web.sensors import register as sensors

Asks = tuple[Office, Request, str]
Found = tuple[bool, Offers]
"""Whether a list has a row that is asked for, and what its filters offer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SavableList:
    """A list whose searches can be saved: its title, the room it is in ("": open to all), and what a search finds."""

    title: str
    room: str = ""
    query: type[ListQuery] = ShortQuery
    found: Callable[[Asks, Any], Found]


def _cases(asks: Asks, query: CaseQuery, *, published: bool) -> Found:
    shown = case_list(asks[0], asks[2], query, published=published)
    return bool(shown["cases"]), shown["facets"]


def _short(found: Any) -> Found:
    return found.n > 0, found.facets


def _say(asks: Asks, catalogue: str = "") -> Say:
    return asks[0].say(asks[2], catalogue)


def _items(asks: Asks, query: ShortQuery) -> Found:
    person = person_of(asks[0], seated(asks[1]))
    return _short(items_found(asks[0], person, _say(asks), asks[2], query))


def _assessments(asks: Asks, query: ShortQuery) -> Found:
    public = not may(asks[0], asks[1], "cases")
    return _short(assessment_list(asks[0], _say(asks), asks[2], query, public=public)["found"])


LISTS: Mapping[str, SavableList] = {
    "/cases": SavableList(
        title="Cases", room="cases", query=CaseQuery, found=lambda asks, query: _cases(asks, query, published=False)
    ),
    "/register": SavableList(
        title="Public register", query=CaseQuery, found=lambda asks, query: _cases(asks, query, published=True)
    ),
    "/inventory": SavableList(
        title="Inventory of technologies",
        found=lambda asks, query: _short(inventory.page(asks[0], _say(asks), asks[2], query)["found"]),
    ),
    "/assessment": SavableList(title="Impact assessments", found=_assessments),
    "/sensors": SavableList(
        title="Register of sensors",
        found=lambda asks, query: _short(
            sensors.register_page(asks[0], _say(asks, "sensors"), asks[2], query)["found"]
        ),
    ),
    "/items": SavableList(title="Recordings", room="items", found=_items),
}
"""By their address without the language. None of them is a list of people."""


def save(office: Office, request: Request, language: str, told: Mapping[str, str]) -> str:
    """Save the search that a list's page sent, or a program: `list`, `query` and `name`; returns its id."""
    page = told.get("list", "")
    if page not in LISTS or not _open(office, request, LISTS[page]):
        raise InputError("no list whose searches can be saved", accepted=", ".join(LISTS))
    query = _query(LISTS[page], told.get("query", ""))
    _must_be_of_the_list(LISTS[page], (office, request, language), query)
    person = seated(request).person
    return save_search(office.kernel, person, name=told.get("name", ""), page=page, query=query.address())


def delete(office: Office, request: Request, ids: Collection[str]) -> None:
    """Delete some of one's own. InputError where none is named."""
    if not any(ids):
        raise InputError("nothing selected", accepted="at least one line")
    delete_searches(office.kernel, seated(request).person, ids)


def saved_searches_of(office: Office, request: Request, say: Say, language: str) -> list[dict[str, str]]:
    """One's own saved searches, with the address of each list that one may still enter ("" of another)."""
    return [
        {
            "id": one.id,
            "name": one.name,
            "list": say(LISTS[one.page].title),
            "address": f"/{language}{one.page}?{one.query}" if _open(office, request, LISTS[one.page]) else "",
        }
        for one in saved_searches(office.kernel, seated(request).person)
        if one.page in LISTS
    ]


def _open(office: Office, request: Request, of: SavableList) -> bool:
    return not of.room or may(office, request, of.room)


def _query(of: SavableList, text: str) -> ListQuery:
    """What an address asks of a list. InputError where it is none that the list takes, or asks for nothing."""
    try:
        read = of.query(**{name: values[-1] for name, values in parse_qs(text, max_num_fields=20).items()})
    except (ValidationError, ValueError):
        raise InputError("not a search of this list", accepted="the form of the list") from None
    if not read.filters:
        raise InputError("not a search of this list", accepted="at least one word or filter")
    return read


def _must_be_of_the_list(of: SavableList, asks: Asks, query: ListQuery) -> None:
    """InputError where a word stands in no row of the list, or a filter is none that it offers."""
    words = query.q.split()
    if len(words) > MOST_WORDS or not all(plain(word) and of.found(asks, of.query(q=word))[0] for word in words):
        raise InputError(
            "a word that this list does not have",
            accepted="words of its titles, units and numbers. Persons cannot be searched for.",
        )
    offered = {name: {value for value, _ in options} for name, _, options in of.found(asks, query)[1]}
    if any(value not in offered.get(name, ()) for name, value in query.filters.items() if name != "q"):
        raise InputError("not a search of this list", accepted="the form of the list")
