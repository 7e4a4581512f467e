"""The map pages: a case's cells on a map, for staff and, as far as published, for everybody; and this week's map."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain, islice
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from markupsafe import Markup
from starlette.exceptions import HTTPException

from peelian.errors import InputError, Refused
from peelian.kernel.identity.sessions import why_not_here
from peelian.kernel.model.capability import Scalar
from peelian.kernel.state.kernel import CaseHistory
from peelian.operations.ground import ground_of
from peelian.operations.office import Office
from peelian.oversight import sensors
from peelian.oversight.register import CaseRecord, CaseSummary, page, request_of
from peelian.pictures.map_view import MapView, options_grid, still
from peelian.pictures.panels import Grid, Panels, Say
from peelian.web.auth_middleware import seat_of, seated
from peelian.web.case_pages import any_record, holds_places, published_record, why_hidden
from peelian.web.error_words import error_said
from peelian.web.framing import frame
from peelian.web.ground import named
from peelian.web.guards import MAP_POLICY
from peelian.web.map_data import as_json, described, planes_of
from peelian.web.map_words import words_of
from peelian.web.page_scripts import locked_scripts, packed
from peelian.web.pages import LANGUAGES, asset, digest_of
from peelian.web.requests import asking_again
from peelian.web.titles import case_title

Show = Callable[..., HTMLResponse]
MOST_LISTED = 40
DAY = "start_day"  # the parameter that tells one week's request from the next's


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A case's map in one language: what the page shows without script, and what the script fetches."""

    heading: str
    statement: str
    picture: Markup
    listed: Markup
    options: Markup
    beside: Markup
    planes: bytes
    told: bytes
    digest: str


def add_map_pages(app: FastAPI, office: Office, show: Show, *, staff: bool) -> None:
    """The public maps and, for an office one can log on to, those of its cases."""
    drawn = _drawing(office)
    app.state.public_map = lambda case, language: drawn(case, True, language).picture

    @app.get("/{language}/map", include_in_schema=False)
    def newest(request: Request, language: str) -> Response:
        return _newest(office, request, show, known(language))

    @app.get("/{language}/sensors/map", include_in_schema=False)
    def of_sensors(request: Request, language: str) -> Response:
        say = office.say(known(language))
        body = frame(sensors.page(office.kernel, office.say(language, "sensors")), say).html
        values: dict[str, Any] = {
            "heading": "",
            "points": "/data/sensors.geojson",
            "beside": body,
            "back": say("Register of sensors"),
        }
        values["unplaced"] = _unplaced(office, say)
        return map_page(office, request, show, language, title=say("Map of sensors"), section="/sensors", **values)

    _add_case(app, office, show, drawn, scope="register")
    if staff:
        _add_case(app, office, show, drawn, scope="cases")


Drawing = Callable[[str, bool, str], Drawn]
"""From a case, whether for the public, and a language. 404 where there is no map of it."""


def _add_case(app: FastAPI, office: Office, show: Show, drawn: Drawing, *, scope: str) -> None:
    public = scope == "register"

    def of(request: Request, case: str, language: str) -> Drawn:
        if public:
            published_record(office, case)
        else:
            _check_seen(office, request, case)
        return drawn(case, public, known(language))

    # the data first: "data" would be a language to the page
    @app.get(f"/data/{scope}/{{case}}/map", include_in_schema=False)
    def planes(request: Request, case: str) -> Response:
        return packed(request, of(request, case, "en").planes, "application/octet-stream", {})

    @app.get(f"/data/{scope}/{{case}}/map/{{language}}", include_in_schema=False)
    def told(request: Request, case: str, language: str) -> Response:
        return packed(request, of(request, case, language).told, "application/json", {})

    @app.get(f"/{{language}}/{scope}/{{case}}/map", include_in_schema=False)
    def one(request: Request, language: str, case: str) -> Response:
        made, say, base = of(request, case, language), office.say(language), f"/data/{scope}/{case}/map"
        record = any_record(office, case)
        return map_page(
            office,
            request,
            show,
            language,
            title=case_title(office, record.summary, language, public=public),
            section=f"/{scope}",
            made=made,
            heading=made.heading,
            planes=f"{base}?{made.digest}",
            told=f"{base}/{language}?{made.digest}",
            case=case,
            day=record.request.params.get(DAY, ""),
            ask="" if public else asking_again(office, request, record, language),
            others=_others(office, request, language, record, public=public),
            back=say("Case"),
        )


def _drawing(office: Office) -> Drawing:
    """Draws a case's map, and keeps the last few while what they show is neither redone nor erased."""

    @lru_cache(maxsize=8)
    def drawn(case: str, public: bool, language: str, made_of: tuple[str, ...]) -> Drawn:
        record = any_record(office, case)
        found = record.public if public else record.findings
        say = office.say(language, record.capability.technology)
        draw = record.capability.arithmetic().shows.map
        view = draw(found, _facts(office, record), say) if found and draw else None
        if view is None:
            raise HTTPException(404)
        return _whole(_named(office, record, view, office.say(language)), say, office.say(language))

    def current(case: str, public: bool, language: str) -> Drawn:
        history, ground = _history(office, case), ground_of(office)
        documents = (mark for kind in ("RAN", "PUBLISHED", "ERASED") for mark in _marks(history, kind))
        return drawn(case, public, language, (*documents, ground.digest if ground else ""))

    return current


def _named(office: Office, record: CaseRecord, view: MapView, say: Say) -> MapView:
    """The map with what people call the place beside each selected cell, where the office has streets."""
    grid = view.listed
    every = replace(grid, rows=tuple(chain(grid.rows, *(option.rows for option in view.options)))) if grid else None
    made = named(office, record.request.datasets, every, say) if every else None
    if grid is None or made is None:
        return view
    rows = iter(made.rows)
    listed = replace(made, rows=tuple(islice(rows, len(grid.rows))))
    options = tuple(replace(option, rows=tuple(islice(rows, len(option.rows)))) for option in view.options)
    return replace(view, listed=listed, options=options)


def _whole(view: MapView, own: Say, say: Say) -> Drawn:
    """A map as HTML and as what the script fetches."""
    planes = planes_of(view)
    digest = digest_of(planes)
    told = as_json({**described(view, own), "digest": digest})
    listed = [replace(view.listed, folded=False, source=None)] if view.listed else []
    first = options_grid(view, own("Price of equity: what each limit costs"), own("Option"))
    return Drawn(
        heading=view.heading,
        statement=view.statement,
        picture=frame([still(view, own)], say).html,
        listed=_numbered(listed, say, "cells"),
        options=_numbered([replace(first, folded=True)] if first else [], say, "options"),
        beside=_numbered([p for p in view.beside if not isinstance(p, Grid) or p.rows], say, "beside"),
        planes=planes,
        told=told,
        digest=digest,
    )


def _numbered(panels: Panels, say: Say, name: str) -> Markup:
    return frame(panels, say, anchors=f"{name}-").html


def _unplaced(office: Office, say: Say) -> str:
    """What to say where no registered sensor has a public position: some stand for an area only. O(sensors)."""
    if any(one["geometry"] for one in json.loads(sensors.export(office.kernel, "geojson"))["features"]):
        return ""
    return say("No registered sensor has a public position: each stands for its area. The register lists them.")


def _newest(office: Office, request: Request, show: Show, language: str) -> Response:
    """This week's map: the newest a reader may see, with the others to choose from; without one, why not."""
    say = office.say(language)
    public = seat_of(request) is None or bool(why_not_here(office.kernel, seated(request), "cases"))
    found = _maps(office, request, language, public=public)
    if found:
        return RedirectResponse(found[0]["href"], status_code=303)
    values: dict[str, Any] = {
        "heading": "",
        "points": "/data/sensors.geojson",
        "back": say("Register"),
        "nothing": True,
    }
    values["unplaced"] = _unplaced(office, say)
    return map_page(office, request, show, language, title=say("Map"), section="/map", **values)


def _others(
    office: Office, request: Request, language: str, record: CaseRecord, *, public: bool
) -> list[dict[str, Any]]:
    """The other maps of the same capability, newest first: weeks to switch to and to compare with.

    Those that asked for the same on another day tell that day. O(MOST_LISTED cases).
    """
    own = record.request.params
    return [
        {**one, "day": one["params"].get(DAY, "") if {**one["params"], DAY: ""} == {**own, DAY: ""} else ""}
        for one in _maps(office, request, language, public=public)
        if one["case"] != record.summary.case and one["capability"] == record.summary.capability
    ]


def _maps(office: Office, request: Request, language: str, *, public: bool) -> list[dict[str, Any]]:
    """The cases with a map that a reader may see, newest first. O(MOST_LISTED cases)."""
    scope = "register" if public else "cases"
    found = page(office.kernel, most=MOST_LISTED, published=public).cases
    return [
        {
            "case": one.case,
            "capability": one.capability,
            "params": asked.params if (asked := request_of(office.kernel, one)) else {},
            "title": case_title(office, one, language, public=public),
            "href": f"/{language}/{scope}/{one.case}/map",
            "told": f"/data/{scope}/{one.case}/map/{language}",
            "planes": f"/data/{scope}/{one.case}/map",
        }
        for one in found
        if _has_map(office, request, one, public=public)
    ]


def _has_map(office: Office, request: Request, one: CaseSummary, *, public: bool) -> bool:
    capability, history = office.kernel.capability(one.capability), _history(office, one.case)
    if capability.arithmetic().shows.map is None or not _marks(history, "RAN") or _marks(history, "ERASED"):
        return False
    if public:
        return holds_places(any_record(office, one.case).public)
    return not why_hidden(office, request, one.case)


def _check_seen(office: Office, request: Request, case: str) -> None:
    """404 for no case; Refused where its findings are hidden from whoever asks, as on the case's page."""
    _history(office, case)
    if reasons := why_hidden(office, request, case):
        raise Refused(reasons)


def _history(office: Office, case: str) -> CaseHistory:
    if case not in office.kernel.state.histories:
        raise HTTPException(404)
    return office.kernel.state.histories[case]


def _marks(history: CaseHistory, kind: str) -> tuple[str, ...]:
    """What a case's entries of one kind are known by."""
    return tuple(f"{kind} {entry.get('document', '')}" for _, entry in history.entries if entry["kind"] == kind)


def _facts(office: Office, record: CaseRecord) -> dict[str, Mapping[str, Scalar]]:
    """The facts of the case's datasets by role, of those that were destroyed since, too."""
    state, made = office.kernel.state, {}
    for role, name in record.request.datasets.items():
        one = state.datasets.get(name) or state.destroyed.get(name)
        if one is not None:
            made[role] = one.facts
    return made


def map_page(
    office: Office, request: Request, show: Show, language: str, *, template: str = "map.html", **values: Any
) -> Response:
    """The page. Where a script is missing or was altered, the page says so and is served without."""
    problem, scripts = "", {}
    try:
        scripts = {name: script.address for name, script in locked_scripts().items()}
    except InputError as error:
        problem = error_said(error, office.say(language))
    own = {name: asset(name) for name in ("map.mjs", "map-brush.mjs", "map-cells.mjs", "map-steps.mjs", "map.css")}
    filled: dict[str, Any] = {
        "made": None,
        "others": [],
        "nothing": False,
        "unplaced": "",
        "ground": ground_of(office),
    }
    filled |= dict.fromkeys(("ask", "case", "day", "beside", "points", "outlines", "planes", "told"), "")
    filled |= {"words": words_of(office.say(language)), "scripts": scripts | own, "problem": problem}
    shown = show(request, template, **(filled | values))
    shown.headers["content-security-policy"] = MAP_POLICY
    return shown


def known(language: str) -> str:
    if language not in LANGUAGES:
        raise HTTPException(404)
    return language
