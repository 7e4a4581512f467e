"""Lists that can be searched, filtered, sorted and paged; the address says it all, so that it can be kept and sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Annotated, Any, Generic, Literal, TypeVar
from urllib.parse import urlencode

from fastapi import Query
from pydantic import BaseModel

from peelian.errors import InputError
from peelian.kernel.model.case_search import CaseSearch, SearchWord
from peelian.measure.table import Kind, Table, table
from peelian.measure.vocabularies import plain
from peelian.operations.office import Office
from peelian.oversight.transparency.register import (
    CaseSummary,
    Page,
    Tally,
    corrections,
    found,
    log_states,
    page,
    search_words,
    tallies,
)
from peelian.pictures.moments import moment
from peelian.pictures.panels import Grid, Say
from peelian.web.frame.titles import MOST_TITLED, case_title, public_title, public_titles
from peelian.web.pages import capital
from peelian.wording.labels import CHOICES, PURPOSES, STATES, rules_broken, worded

T = TypeVar("T")
PAGE = 20  # cases: of each the request is opened, for its title
MOST_SELECTED = 200  # cases in one file
MOST_TEXT = 100  # characters of a search
SOON = timedelta(days=30)
DUE: Mapping[str, str] = {"soon": "within 30 days", "later": "later", "past": "passed", "none": "no date"}
Cursor = Annotated[int | None, Query(ge=-1, le=1 << 60)]
Word = Annotated[str, Query(max_length=40)]


class ListQuery(BaseModel, frozen=True):
    """What the address of a list asks for; unknown words find nothing."""

    q: Annotated[str, Query(max_length=MOST_TEXT)] = ""
    technology: Word = ""
    state: Word = ""

    @property
    def filters(self) -> dict[str, str]:
        """What is asked for besides order and page, without what is not."""
        return self.model_dump(exclude_defaults=True, exclude={"sort", "page", "before", "after"})

    def address(self, **place: int) -> str:
        """The query of this list's address, from its first page or from a place in it on."""
        return urlencode(self.model_dump(exclude_defaults=True, exclude={"page", "before", "after"}) | place)


class CaseQuery(ListQuery, frozen=True):
    """What the address of a list of cases asks for."""

    decision: Word = ""
    year: Annotated[str, Query(pattern="^([0-9]{4})?$")] = ""
    sort: Literal["newest", "oldest"] = "newest"
    before: Cursor = None
    after: Cursor = None


class ShortQuery(ListQuery, frozen=True):
    """What the address of a short list asks for, one that is read whole."""

    kind: Word = ""
    level: Word = ""
    due: Word = ""
    sort: Literal["", "title", "state", "newest", "oldest", "due"] = ""
    page: Annotated[int, Query(ge=1, le=100_000)] = 1


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Line(Generic[T]):
    """One row of a short list, and by what it is searched, sorted and filtered."""

    of: T
    title: str
    more: str = ""  # other words that are searched
    at: str = ""  # ISO time of its beginning
    until: str = ""  # ISO day of its end, "" where it has none
    facets: Mapping[str, str]  # filter → its value here


@dataclass(frozen=True, slots=True, kw_only=True)
class Some(Generic[T]):
    """One page of a short list, how many rows there are in all, what filters offer, and the pages beside."""

    rows: list[T]
    query: ShortQuery
    n: int
    facets: Offers
    pages: dict[str, str]


Corrections = Mapping[str, tuple[str, str]]  # case → the one in its place, and since when
Facet = tuple[str, str, Mapping[str, str]]  # a filter: name, title, words of its values
Offers = list[tuple[str, str, list[tuple[str, str]]]]  # the same with the choices that leave something
Asked = Annotated[CaseQuery, Query()]
Only = Annotated[tuple[Word, ...], Query(max_length=MOST_SELECTED)]
ShortAsked = Annotated[ShortQuery, Query()]
LogAsked = Annotated[LogQuery, Query()]


def case_list(office: Office, language: str, query: CaseQuery, *, published: bool) -> dict[str, Any]:
    """A page of cases and the form that narrows it, for the templates."""
    say, every = office.say(language), tallies(office.kernel)
    search = _search(office, say, query, every, published=published)
    counted = (
        None if any(word.case or word.cases for word in search.words) else [t for t in every if _counts(t, search)]
    )
    n = sum(t.n for t in counted if _fits(_of(t), query)) if counted is not None else None
    begins = query.sort == "oldest" and query.before is None and query.after is None
    shown = Page(cases=(), older=None)
    if n != 0:
        after = -1 if begins else query.after
        only = search if query.filters else None
        where = {"before": query.before, "after": after}
        shown = page(office.kernel, most=PAGE, **where, published=published, search=only)
    known = corrections(office.kernel)
    lines = [case_line(office, summary, language, public=published, corrected=known) for summary in shown.cases]
    turn = 1 if query.sort == "newest" else -1
    ends = [("after", shown.newer), ("before", shown.older)][::turn]
    beside = zip(("previous", "next"), ends, strict=True)
    return {
        "cases": lines[::turn],
        "pages": {name: query.address(**{cursor: at}) for name, (cursor, at) in beside if at is not None},
        "query": query,
        "n": n,
        "facets": _facets(office, say, query, counted, {t.year for t in every}, published=published),
    }


def case_line(
    office: Office, summary: CaseSummary, language: str, *, public: bool, corrected: Corrections | None = None
) -> dict[str, Any]:
    """What the templates show of a case in a list; `public`: its title without what staff call their data.

    `corrected`: all corrections, where a list has looked already.
    """
    say = office.say(language)
    if corrected is None:
        corrected = corrections(office.kernel) if summary.state == "published" else {}
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
        "corrected_by": corrected.get(summary.case, ("", ""))[0],
        "corrects": _corrects(corrected, summary.case),
    }


def _corrects(corrected: Corrections, case: str) -> list[str]:
    """The older cases in whose place one stands."""
    return [old for old, (newer, _) in corrected.items() if newer == case]


def cases_table(office: Office, query: CaseQuery, *, published: bool, only: Sequence[str] = ()) -> Table:
    """Every case that is asked for as a table, for CSV and JSON; titles in English, as the list has them. O(those).

    Of more than `MOST_TITLED` cases the older ones are called by their use: a title is in the request, to be opened.
    `only`: the cases that were selected, and no others; InputError where a form sent none.
    """
    search = _search(office, office.say("en"), query, tallies(office.kernel), published=published)
    if only:
        chosen = frozenset(only) - {""}
        if not chosen:
            raise InputError("nothing selected", accepted="at least one line")
        search = CaseSearch(words=(SearchWord(cases=chosen),), published=search.published)
    cases, known = found(office.kernel, search, published=published), corrections(office.kernel)
    columns = ["case", "capability", "title", "purpose", "unit", "choice", "asked_at", "last_at"]
    columns += [] if published else ["state"]
    name, called = ("register", public_title) if published else ("cases", case_title)
    told = {column: (Kind.CATEGORY, [getattr(case, column) for case in cases]) for column in columns}
    titles = [called(office, case, "en") for case in cases[:MOST_TITLED]] + [c.title for c in cases[MOST_TITLED:]]
    told["title"] = (Kind.CATEGORY, titles)
    told["corrected_by"] = (Kind.CATEGORY, [known.get(case.case, ("", ""))[0] for case in cases])
    told["corrects"] = (Kind.CATEGORY, [" ".join(_corrects(known, case.case)) for case in cases])
    return table(name, told)


def some(lines: Iterable[Line[T]], query: ShortQuery, facets: Sequence[Facet], most: int = 100) -> Some[T]:
    """A page of the rows that hold every word and pass every filter, in the order asked for. O(rows · filters)."""
    words = plain(query.q).split()
    worded = [line for line in lines if all(word in plain(f"{line.title} {line.more}") for word in words)]
    found = [line for line in worded if _fits(line.facets, query)]
    if query.sort:
        found.sort(key=_order(query.sort, facets), reverse=query.sort == "newest")
    start = (query.page - 1) * most
    beside = {"previous": query.page - 1, "next": query.page + 1 if start + most < len(found) else 0}
    return Some(
        rows=[line.of for line in found[start : start + most]],
        query=query,
        n=len(found),
        facets=_offers([(line.facets, 1) for line in worded], query, facets),
        pages={name: query.address(page=page) for name, page in beside.items() if page},
    )


def _order(sort: str, facets: Sequence[Facet]) -> Callable[[Line[Any]], Any]:
    """What rows are sorted by; states in the order of their words, and what has no end after what has one."""
    states = next((list(words) for name, _, words in facets if name == "state"), [])
    keys: Mapping[str, Callable[[Line[Any]], Any]] = {
        "title": lambda line: plain(line.title),
        "state": lambda line: states.index(line.facets["state"]) if states else 0,
        "due": lambda line: (not line.until, line.until),
    }
    return keys.get(sort, lambda line: line.at)


def due_of(until: str, now: datetime) -> str:
    """Which word of DUE the end of something has; `until` begins with an ISO day or is empty."""
    if not until:
        return "none"
    day = until[:10]
    return "past" if day < now.date().isoformat() else "soon" if day <= (now + SOON).date().isoformat() else "later"


def due_facet(title: str, say: Say) -> Facet:
    """The filter by when something ends."""
    return "due", title, {value: capital(say(text)) for value, text in DUE.items()}


def narrowed(grid: Grid, text: str) -> Grid:
    """The rows of a table in which every word of a search stands. O(cells)."""
    words = plain(text[:MOST_TEXT]).split()
    rows = tuple(row for row in grid.rows if all(word in plain(" ".join(row)) for word in words))
    return Grid(caption=grid.caption, titles=grid.titles, rows=rows, numeric=grid.numeric)


def _search(office: Office, say: Say, query: CaseQuery, every: list[Tally], *, published: bool) -> CaseSearch:
    """What the database is asked for."""
    known = [(t, {c.id: c.title for c in t.capabilities} | dict(t.former)) for t in office.kernel.technologies]
    titles = {id: f"{say(title)} {say(t.title)}" for t, uses in known for id, title in uses.items()}
    is_public = True if published or query.state == "published" else False if query.state else None
    of = query.technology
    return CaseSearch(
        words=search_words(query.q, titles, {t.unit for t in every}, partial(public_titles, office)),
        year=query.year,
        capabilities=[id for t, uses in known for id in uses if t.id == of] if of else None,
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
) -> Offers:
    """What each filter of cases offers, with how many cases each choice would leave where that is known."""
    technologies = {technology.id: say(technology.title) for technology in office.kernel.technologies}
    states = {state: worded(STATES, state, say) for state in STATES}
    choices = {choice: capital(worded(CHOICES, choice, say)) for choice in CHOICES}
    facets: list[Facet] = [("technology", say("Technology"), technologies)]
    facets += [] if published else [("state", say("State"), states)]
    facets += [("decision", say("Decision"), choices)]
    of = None if counted is None else [(_of(tally), tally.n) for tally in counted]
    years_ = [(year, year) for year in sorted(years, reverse=True)]
    return [*_offers(of, query, facets), ("year", say("Year of request"), years_)]


def _offers(
    counted: Sequence[tuple[Mapping[str, str], int]] | None, query: ListQuery, facets: Sequence[Facet]
) -> Offers:
    """The choices of each filter that leave something, with how many rows; all of them where nothing is counted."""
    if counted is None:
        return [(name, title, list(words.items())) for name, title, words in facets]
    offers: Offers = []
    for name, title, words in facets:
        found: Counter[str] = Counter()
        for values, n in counted:
            if _fits(values, query, but=name):
                found[values[name]] += n
        shown = [value for value in words if found[value] or value == getattr(query, name)]
        offers.append((name, title, [(value, f"{words[value]} ({found[value]})") for value in shown]))
    return offers


def _fits(values: Mapping[str, str], query: ListQuery, but: str = "") -> bool:
    return all(getattr(query, name) in ("", value) for name, value in values.items() if name != but)


def _of(tally: Tally) -> dict[str, str]:
    return {"technology": tally.technology, "state": tally.state, "decision": tally.choice}
