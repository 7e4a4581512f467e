"""Lists that can be searched, filtered, sorted and paged; the address says it all, so that it can be kept and sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, Generic, Literal, TypeVar
from urllib.parse import urlencode

from fastapi import Query
from pydantic import BaseModel

from peelian.kernel.model.case_search import CaseSearch
from peelian.measure.table import Kind, Table, table
from peelian.measure.vocabularies import plain
from peelian.operations.office import Office
from peelian.oversight.register import CaseSummary, Page, Tally, found, log_states, page, search_words, tallies
from peelian.pictures.panels import Grid, Say
from peelian.web.pages import capital, moment
from peelian.web.titles import case_title, public_title, public_titles
from peelian.web.words import CHOICES, PURPOSES, STATES, rules_broken, worded

T = TypeVar("T")
PAGE = 20  # cases: of each the request is opened, for its title
MOST_TEXT = 100  # characters of a search
Cursor = Annotated[int | None, Query(ge=-1, le=1 << 60)]
Word = Annotated[str, Query(max_length=40)]


class CaseQuery(BaseModel, frozen=True):
    """What the address of a list of cases asks for; unknown words find nothing."""

    q: Annotated[str, Query(max_length=MOST_TEXT)] = ""
    technology: Word = ""
    state: Word = ""
    decision: Word = ""
    year: Annotated[str, Query(pattern="^([0-9]{4})?$")] = ""
    sort: Literal["newest", "oldest"] = "newest"
    before: Cursor = None
    after: Cursor = None

    @property
    def filters(self) -> dict[str, str]:
        """What is asked for besides the page, without what is not."""
        named = {name: str(getattr(self, name)) for name in ("q", "technology", "state", "decision", "year")}
        return {name: value for name, value in named.items() if value}

    def address(self, **cursor: int) -> str:
        """The query of this list's address, from its first page or from `before` or `after` on."""
        sort = {"sort": self.sort} if self.sort != "newest" else {}
        return urlencode(self.filters | sort | cursor)


class LogQuery(BaseModel, frozen=True):
    """What the address of the log asks for: one kind of event, the entries of one case, and from where."""

    event: Word = ""
    case: Word = ""
    before: Cursor = None
    after: Cursor = None

    def address(self, **cursor: int) -> str:
        """The query of the log's address, from the newest entry or from `before` or `after` on."""
        named = {"event": self.event, "case": self.case}
        return urlencode({name: value for name, value in named.items() if value} | cursor)


class TextQuery(BaseModel, frozen=True):
    """What the address of a short list asks for: words, and which page."""

    q: Annotated[str, Query(max_length=MOST_TEXT)] = ""
    page: Annotated[int, Query(ge=1, le=100_000)] = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Some(Generic[T]):
    """The rows of one page of a short list, and the addresses of the pages before and after it ("": none)."""

    rows: list[T]
    query: TextQuery
    newer: str
    older: str


Asked = Annotated[CaseQuery, Query()]
TextAsked = Annotated[TextQuery, Query()]
LogAsked = Annotated[LogQuery, Query()]


def case_list(office: Office, language: str, query: CaseQuery, *, published: bool) -> dict[str, Any]:
    """A page of cases and the form that narrows it, for the templates."""
    say, every = office.say(language), tallies(office.kernel)
    search = _search(office, say, query, every, published=published)
    counted = (
        None if any(word.case or word.cases for word in search.words) else [t for t in every if _counts(t, search)]
    )
    n = sum(t.n for t in counted if _fits(t, query)) if counted is not None else None
    begins = query.sort == "oldest" and query.before is None and query.after is None
    shown = Page(cases=(), older=None)
    if n != 0:
        after = -1 if begins else query.after
        only = search if query.filters else None
        where = {"before": query.before, "after": after}
        shown = page(office.kernel, most=PAGE, **where, published=published, search=only)
    lines = [case_line(office, summary, language, public=published) for summary in shown.cases]
    links = {"newer": query.address(after=shown.newer)} if shown.newer is not None else {}
    links |= {"older": query.address(before=shown.older)} if shown.older is not None else {}
    return {
        "cases": lines if query.sort == "newest" else lines[::-1],
        "pages": dict(sorted(links.items(), reverse=query.sort == "oldest")),
        "query": query,
        "n": n,
        "facets": _facets(office, say, query, counted, {t.year for t in every}, published=published),
    }


def case_line(office: Office, summary: CaseSummary, language: str, *, public: bool) -> dict[str, Any]:
    """What the templates show of a case in a list; `public`: its title without what staff call their data."""
    say = office.say(language)
    return {
        "case": summary.case,
        "title": (public_title if public else case_title)(office, summary, language),
        "use": say(summary.title),
        "state": summary.state,
        "state_text": worded(STATES, summary.state, say),
        "choice": worded(CHOICES, summary.choice, say) if summary.choice else "",
        "purpose": worded(PURPOSES, summary.purpose, say),
        "unit": summary.unit,
        "asked": moment(summary.asked_at, language),
        "rules": rules_broken(summary.rules, say),
    }


def cases_table(office: Office, query: CaseQuery, *, published: bool) -> Table:
    """Every case that is asked for as a table, for CSV and JSON; titles in English. O(those)."""
    search = _search(office, office.say("en"), query, tallies(office.kernel), published=published)
    cases = found(office.kernel, search, published=published)
    columns = ["case", "capability", "title", "purpose", "unit", "choice", "asked_at", "last_at"]
    columns += [] if published else ["state"]
    name = "register" if published else "cases"
    return table(name, {column: (Kind.CATEGORY, [getattr(case, column) for case in cases]) for column in columns})


def some(rows: Iterable[T], query: TextQuery, said: Callable[[T], str], most: int = 100) -> Some[T]:
    """The rows that hold every word of a search, a page of them. O(rows)."""
    words = plain(query.q).split()
    found = [row for row in rows if all(word in plain(said(row)) for word in words)] if words else list(rows)
    start = (query.page - 1) * most
    before, after = ({"q": query.q, "page": query.page + step} for step in (-1, 1))
    return Some(
        rows=found[start : start + most],
        query=query,
        newer=urlencode(before) if query.page > 1 else "",
        older=urlencode(after) if start + most < len(found) else "",
    )


def narrowed(grid: Grid, text: str) -> Grid:
    """The rows of a table in which every word of a search stands. O(cells)."""
    words = plain(text[:MOST_TEXT]).split()
    rows = tuple(row for row in grid.rows if all(word in plain(" ".join(row)) for word in words))
    return Grid(caption=grid.caption, titles=grid.titles, rows=rows, numeric=grid.numeric)


def _search(office: Office, say: Say, query: CaseQuery, every: list[Tally], *, published: bool) -> CaseSearch:
    """What the database is asked for."""
    names = {t.id: say(t.title) for t in office.kernel.technologies}
    known = [c for t in office.kernel.technologies for c in t.capabilities]
    titles = {c.id: f"{say(c.title)} {names[c.technology]}" for c in known}
    is_public = True if published or query.state == "published" else False if query.state else None
    of = query.technology
    return CaseSearch(
        words=search_words(query.q, titles, {t.unit for t in every}, partial(public_titles, office)),
        year=query.year,
        capabilities=[c.id for c in known if c.technology == of] if of else None,
        states=log_states(query.state) if query.state and query.state != "published" else (),
        choice=query.decision,
        published=is_public,
    )


def _counts(tally: Tally, search: CaseSearch) -> bool:
    """Whether cases of a kind meet the words and the year: what the numbers beside the other choices are of."""
    words = all(tally.capability in word.capabilities or tally.unit in word.units for word in search.words)
    return words and search.year in ("", tally.year) and (not search.published or tally.state == "published")


def _facets(
    office: Office, say: Say, query: CaseQuery, counted: list[Tally] | None, years: set[str], *, published: bool
) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """What each filter offers, with how many cases each choice would leave where that is known."""
    words = {
        "technology": {technology.id: say(technology.title) for technology in office.kernel.technologies},
        "state": {state: worded(STATES, state, say) for state in STATES},
        "decision": {choice: capital(worded(CHOICES, choice, say)) for choice in CHOICES},
    }
    titles = {"technology": say("Technology"), "state": say("State"), "decision": say("Decision")}
    named = [name for name in words if name != "state" or not published]
    facets = [(name, titles[name], _options(counted, query, name, words[name])) for name in named]
    return [*facets, ("year", say("Year of request"), [(year, year) for year in sorted(years, reverse=True)])]


def _options(
    counted: list[Tally] | None, query: CaseQuery, name: str, words: Mapping[str, str]
) -> list[tuple[str, str]]:
    if counted is None:
        return list(words.items())
    found: Counter[str] = Counter()
    for tally in counted:
        if _fits(tally, query, but=name):
            found[_of(tally)[name]] += tally.n
    shown = {value for value in words if found[value] or value == getattr(query, name)}
    return [(value, f"{text} ({found[value]})") for value, text in words.items() if value in shown]


def _fits(tally: Tally, query: CaseQuery, but: str = "") -> bool:
    return all(getattr(query, name) in ("", value) for name, value in _of(tally).items() if name != but)


def _of(tally: Tally) -> dict[str, str]:
    return {"technology": tally.technology, "state": tally.state, "decision": tally.choice}
