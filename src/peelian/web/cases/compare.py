"""Two cases of one use beside each other: what was asked, what was found, and where they differ."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any

from fastapi import FastAPI, Query, Request, Response
from fastapi.responses import HTMLResponse
from starlette.exceptions import HTTPException

from peelian.operations.office import Office
from peelian.oversight.transparency.register import CaseRecord, CaseSummary, page
from peelian.pictures.moments import moment
from peelian.pictures.panels import Grid, Heading, Panel, Panels, Say
from peelian.web.cases.case import asked_of, case_parts
from peelian.web.cases.pages import published_record, seen_record, why_hidden
from peelian.web.frame.titles import case_title
from peelian.web.framing import frame
from peelian.web.pages import LANGUAGES, capital
from peelian.wording.labels import CHOICES, STATES, worded

Show = Callable[..., HTMLResponse]
Row = tuple[str, ...]
With = Annotated[str, Query(alias="with", max_length=80)]
MOST_OFFERED = 40  # of the newest cases
MOST_ROWS = 100  # of one table


def add_compare_pages(app: FastAPI, office: Office, show: Show, *, staff: bool) -> None:
    """The comparison of two published cases and, for an office one can log on to, of any two that a reader may see."""
    for scope in ("register", "cases") if staff else ("register",):
        _add(app, office, show, scope)


def _add(app: FastAPI, office: Office, show: Show, scope: str) -> None:
    public = scope == "register"

    @app.get(f"/{{language}}/{scope}/{{case}}/compare", include_in_schema=False)
    def compared(request: Request, language: str, case: str, other: With = "") -> Response:
        if language not in LANGUAGES:
            raise HTTPException(404)
        say, first = office.say(language), _seen(office, request, case, public=public)
        offered = [one for one in _others(office, first, public=public) if public or not _hidden(office, request, one)]
        names = [case_title(office, first.summary, language, public=public)]
        told: dict[str, Any] = {
            "title": say("Compare two cases"),
            "section": f"/{scope}",
            "case": case,
            "second": other,
            "names": names,
            "answers": (),
            "others": [(one.case, case_title(office, one, language, public=public)) for one in offered],
        }
        if not other:
            return show(request, "compare.html", **told)
        second = _seen(office, request, other, public=public)
        if second.capability.id != first.capability.id or other == case:
            raise HTTPException(404)
        names.append(case_title(office, second.summary, language, public=public))
        return show(request, "compare.html", **told | _compared(office, (first, second), language, public=public))


def _seen(office: Office, request: Request, case: str, *, public: bool) -> CaseRecord:
    """A case that the reader may see; 404 where there is none, Refused where its findings are hidden from them."""
    if public:
        return published_record(office, case)
    return seen_record(office, request, case)


def _hidden(office: Office, request: Request, one: CaseSummary) -> bool:
    return bool(why_hidden(office, request, one.case))


def _others(office: Office, first: CaseRecord, *, public: bool) -> list[CaseSummary]:
    """The newest other cases of the same use. O(MOST_OFFERED)."""
    found = page(office.kernel, most=MOST_OFFERED, published=public).cases
    return [one for one in found if one.capability == first.capability.id and one.case != first.summary.case]


def _compared(office: Office, both: tuple[CaseRecord, CaseRecord], language: str, *, public: bool) -> dict[str, Any]:
    """What the page shows of two cases: their answers, what was asked, and every table that both have."""
    say, own = office.say(language), office.say(language, both[0].capability.technology)
    parts = [case_parts(record, say, language, own=own, public=public) for record in both]
    asked = [[*_head(one, say, language), *asked_of(one, own, public=public)] for one in both]
    return {
        "asked": frame([_told(asked[0], asked[1], say)], say, anchors="q").html,
        "answers": [frame(_flat(one.answer), say, anchors=f"a{k}-").html for k, one in enumerate(parts, start=1)],
        "tables": frame(side_by_side(parts[0].answer + parts[0].rest, parts[1].answer + parts[1].rest, say), say).html,
    }


def _head(record: CaseRecord, say: Say, language: str) -> list[tuple[str, str]]:
    state, decision = worded(STATES, record.summary.state, say), record.decision
    return [
        (say("Requested on"), moment(record.request.at, language)),
        (say("State"), state),
        (say("Decision"), capital(worded(CHOICES, decision.choice, say)) if decision else "–"),
    ]


def _told(first: Sequence[tuple[str, str]], second: Sequence[tuple[str, str]], say: Say) -> Grid:
    """What was asked of both, what differs first."""
    told = [dict(first), dict(second)]
    names = list(dict.fromkeys([*told[0], *told[1]]))
    rows = [(name, *(one.get(name, "–") for one in told)) for name in names]
    rows.sort(key=lambda row: row[1] == row[2])
    marked = tuple((*row, say("same") if row[1] == row[2] else say("differs")) for row in rows)
    titles = (say("Item"), say("Case 1"), say("Case 2"), say("Comparison"))
    return Grid(caption=say("Requests and decisions"), titles=titles, rows=marked)


def _flat(panels: Panels) -> list[Panel]:
    """An answer as it stands in a narrow column: its sections are titles of the third level."""
    return [Heading(text=one.text, level=3) if isinstance(one, Heading) else one for one in panels]


def side_by_side(first: Panels, second: Panels, say: Say) -> list[Grid]:
    """Every table that both cases have, with a row of each case for what stands in both. O(rows).

    A table is known by the name of its data. Rows belong together by their first column of text. Left out are tables
    whose columns differ and those whose rows cannot be told apart.
    """
    mine, theirs = (
        {one.source.name: one for one in panels if isinstance(one, Grid) and one.source} for panels in (first, second)
    )
    pairs = [(grid, theirs[name]) for name, grid in mine.items() if name in theirs]
    made = [_joined(a, b, say) for a, b in pairs if a.titles == b.titles]
    return [grid for grid in made if grid is not None]


def _joined(first: Grid, second: Grid, say: Say) -> Grid | None:
    texts = [k for k in range(len(first.titles)) if k not in first.numeric] or [0]
    key = next((k for k in texts if all(_apart(grid, k) for grid in (first, second))), None)
    if key is None or not first.rows or not second.rows:
        return None
    told = [{row[key]: row for row in grid.rows} for grid in (first, second)]
    rows: list[Row] = []
    for name in list(dict.fromkeys([*told[0], *told[1]])):
        a, b = (_but(one[name], key) if name in one else None for one in told)
        if a == b and a is not None:
            rows.append((name, say("both"), *a))
        else:
            rows += [(name, number, *one) for number, one in (("1", a), ("2", b)) if one is not None]
    shown = tuple(rows[:MOST_ROWS])
    caption = first.caption if len(shown) == len(rows) else say("%(caption)s: first rows", caption=first.caption)
    titles = (first.titles[key], say("Case"), *_but(first.titles, key))
    numeric = frozenset(k + (2 if k < key else 1) for k in first.numeric if k != key)
    return Grid(caption=caption, titles=titles, rows=shown, numeric=numeric, folded=len(shown) > 2 * len(titles))


def _apart(grid: Grid, key: int) -> bool:
    return len({row[key] for row in grid.rows}) == len(grid.rows)


def _but(row: Row, key: int) -> Row:
    return (*row[:key], *row[key + 1 :])
