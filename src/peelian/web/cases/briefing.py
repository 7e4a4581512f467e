"""A briefing from a decided forecast: the places as a person decided them, what else helps, on a page to print."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException

from peelian.operations.ground import near_of
from peelian.operations.office import Office
from peelian.oversight.transparency.register import CaseRecord
from peelian.pictures.moments import moment
from peelian.pictures.panels import Grid, Say
from peelian.web.cases.pages import seen_record
from peelian.web.cases.place_choices import is_briefed, place_rows
from peelian.web.frame.titles import case_title
from peelian.web.framing import frame
from peelian.web.pages import LANGUAGES

Show = Callable[..., Response]


def add_briefing(app: FastAPI, office: Office, show: Show) -> None:
    """The page, beside the case and its map."""

    @app.get("/{language}/cases/{case}/briefing", include_in_schema=False)
    def briefing(request: Request, language: str, case: str) -> Response:
        if language not in LANGUAGES:
            raise HTTPException(404)
        record = seen_record(office, request, case)
        if not is_briefed(record) or record.decision is None:
            raise HTTPException(404)
        say, made = office.say(language), app.state.maps(case, False, language)
        facts = [
            (say("Decided by"), f"{record.decider}, {record.decision.unit}"),
            (say("Decided on"), moment(record.decision.at, language)),
            (say("Reasons"), record.decision.reasons),
        ]
        more: dict[str, Any] = {"case": case, "heading": made.heading, "statement": made.statement, "head": facts}
        more["changed"] = bool(record.decision.changes)
        places = frame([*decided_places(office, record, say)], say).html
        title = case_title(office, record.summary, language, public=False)
        return show(request, "briefing.html", title=title, section="/cases", places=places, beside=made.beside, **more)


def decided_places(office: Office, record: CaseRecord, say: Say) -> list[Grid]:
    """The places as they were decided, and those that were left out, with the reasons. O(places log streets)."""
    rows = place_rows(office, record, {}, say)
    changes = record.decision.changes if record.decision else ()
    changed = {one["place"]: one for one in changes}
    added = [one["instead"] for one in changes if one["instead"]]
    streets = near_of(office, record.request.datasets, added)
    kept = [(row["place"], row["near"] or "–", row["figure"]) for row in rows if row["place"] not in changed]
    kept += [
        (place, street or "–", say("chosen by the decision")) for place, street in zip(added, streets, strict=True)
    ]
    titles = (say("Cell"), say("Near"), say("Expected"))
    grids = [Grid(caption=say("Places as decided: %(n)d", n=len(kept)), titles=titles, rows=tuple(kept))]
    if changed:
        left = tuple(
            (
                place,
                say("Swapped for %(cell)s", cell=one["instead"]) if one["instead"] else say("Dropped"),
                one["reason"],
            )
            for place, one in changed.items()
        )
        titles = (say("Cell"), say("Change"), say("Reason"))
        grids.append(Grid(caption=say("Places left out"), titles=titles, rows=left))
    return grids
