"""The map pages: a case's cells on a map, for staff and, as far as published, for everybody; and this week's map."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.exceptions import HTTPException

from peelian.errors import InputError
from peelian.kernel.identity.sessions import why_not_here
from peelian.kernel.state.kernel import CaseHistory
from peelian.operations.ground import ground_of
from peelian.operations.office import Office
from peelian.oversight.sensors import register as sensors
from peelian.oversight.transparency.register import CaseSummary, case_summary, page, request_of
from peelian.pictures.panels import Say
from peelian.web.auth_middleware import seat_of, seated
from peelian.web.cases.drawn_maps import MOST_LISTED, Drawing, Drawn, drawing, has_map, marks
from peelian.web.cases.pages import seen_record, why_hidden
from peelian.web.cases.requests import asking_again
from peelian.web.frame.titles import case_title
from peelian.web.framing import frame
from peelian.web.identity.guards import MAP_POLICY
from peelian.web.maps.scripts import locked_scripts, packed
from peelian.web.maps.words import words_of
from peelian.web.pages import LANGUAGES, asset
from peelian.wording.errors import error_said

Show = Callable[..., HTMLResponse]
POINTS = "/data/sensors.geojson"
DAY = "start_day"  # the parameter that tells one week's request from the next's


def add_map_pages(app: FastAPI, office: Office, show: Show, *, staff: bool) -> None:
    """The public maps and, for an office one can log on to, those of its cases."""
    drawn = drawing(office)
    app.state.maps = drawn
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
            "points": POINTS,
            "beside": body,
            "back": say("Register of sensors"),
        }
        values["unplaced"] = unplaced(office, say)
        return map_page(office, request, show, language, title=say("Map of sensors"), section="/sensors", **values)

    _add_case(app, office, show, drawn, scope="register")
    if staff:
        _add_case(app, office, show, drawn, scope="cases")


def _add_case(app: FastAPI, office: Office, show: Show, drawn: Drawing, *, scope: str) -> None:
    public = scope == "register"

    def of(request: Request, case: str, language: str) -> Drawn:
        history = _history(office, case)
        if public and not marks(history, "PUBLISHED"):
            raise HTTPException(404)
        if not public:
            seen_record(office, request, case)
        return drawn(case, public, known(language))

    # the data first: "data" would be a language to the page
    @app.get(f"/data/{scope}/{{case}}/map", include_in_schema=False)
    def planes(request: Request, case: str, language: str = "en") -> Response:
        return packed(request, of(request, case, language).planes, "application/octet-stream", {})

    @app.get(f"/data/{scope}/{{case}}/map/{{language}}", include_in_schema=False)
    def told(request: Request, case: str, language: str) -> Response:
        return packed(request, of(request, case, language).told, "application/json", {})

    @app.get(f"/{{language}}/{scope}/{{case}}/map", include_in_schema=False)
    def one(request: Request, language: str, case: str) -> Response:
        made, say, base = of(request, case, language), office.say(language), f"/data/{scope}/{case}/map"
        summary = case_summary(office.kernel, case)
        asked = request_of(office.kernel, summary)
        return map_page(
            office,
            request,
            show,
            language,
            title=case_title(office, summary, language, public=public),
            section=f"/{scope}",
            made=made,
            heading=made.heading,
            planes=f"{base}?language={language}&{made.digest}",
            told=f"{base}/{language}?{made.digest}",
            case=case,
            day=asked.params.get(DAY, "") if asked else "",
            ask=asking_again(office, request, asked, language) if asked and not public else "",
            others=_others(office, request, language, summary, asked.params if asked else {}, public=public),
            back=say("Case"),
        )


def unplaced(office: Office, say: Say) -> str:
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
        "points": POINTS,
        "back": say("Register"),
        "nothing": True,
    }
    values["unplaced"] = unplaced(office, say)
    return map_page(office, request, show, language, title=say("Map"), section="/map", **values)


def _others(
    office: Office, request: Request, language: str, case: CaseSummary, params: Mapping[str, Any], *, public: bool
) -> list[dict[str, Any]]:
    """The other maps of the same capability, newest first: weeks to switch to and to compare with.

    Those that asked for the same on another day tell that day. O(MOST_LISTED cases).
    """
    own = {**params, DAY: ""}
    return [
        {**one, "day": one["params"].get(DAY, "") if {**one["params"], DAY: ""} == own else ""}
        for one in _maps(office, request, language, public=public)
        if one["case"] != case.case and one["capability"] == case.capability
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
            "planes": f"/data/{scope}/{one.case}/map?language={language}",
        }
        for one in found
        if has_map(office, one, public=public) and (public or not why_hidden(office, request, one.case))
    ]


def _history(office: Office, case: str) -> CaseHistory:
    if case not in office.kernel.state.histories:
        raise HTTPException(404)
    return office.kernel.state.histories[case]


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
