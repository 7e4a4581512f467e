"""The live page of sensors, for staff, and the address that monitoring programs read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import FastAPI, Query, Request, Response
from fastapi.responses import HTMLResponse
from starlette.exceptions import HTTPException

from peelian.operations.office import Office
from peelian.oversight.sensors.board import Board, board
from peelian.oversight.sensors.metrics import MEDIA, is_metrics_key, metrics
from peelian.pictures.panels import Say
from peelian.web.cases.map_pages import POINTS, map_page, unplaced
from peelian.web.framing import frame
from peelian.web.pages import LANGUAGES

Show = Callable[..., HTMLResponse]
Of = Annotated[str, Query(max_length=200)]
Period = Annotated[str, Query(max_length=10)]


def add_live_pages(app: FastAPI, office: Office, show: Show) -> None:
    """Metrics for anybody; where one can log on also the page, before that of one sensor, which could have any name."""
    _add_metrics(app, office)
    if app.state.lobby is None:
        return

    @app.get("/{language}/sensors/live", include_in_schema=False)
    def live(request: Request, language: str, of: Of = "", period: Period = "day") -> Response:
        if language not in LANGUAGES:
            raise HTTPException(404)
        say = office.say(language, "sensors")
        made = board(office.kernel, say, of=of, period=period)
        values = {
            "section": "/sensors",
            "back": say("Sensors"),
            "points": POINTS,
            "heading": "",
            "unplaced": unplaced(office, say),
        }
        return map_page(office, request, show, language, template="sensors_live.html", **values, **live_page(made, say))


def _add_metrics(app: FastAPI, office: Office) -> None:
    @app.get("/metrics", include_in_schema=False)
    def read(request: Request) -> Response:
        """Released counts; health, too, for who shows the office's key as a bearer token."""
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        asked = scheme.lower() == "bearer"
        if asked and not is_metrics_key(office.kernel, key):
            return Response("not this office's key for metrics\n", status_code=401, media_type="text/plain")
        return Response(metrics(office.kernel, health=asked), media_type=MEDIA, headers={"vary": "authorization"})


def live_page(made: Board, say: Say) -> dict[str, Any]:
    """What `sensors_live.html` shows beside the map."""
    return {
        "title": say("Live sensors"),
        "listening": made.listening,
        "told_of": made.told,
        "choices": made.choices,
        "chosen": made.chosen,
        "periods": (("day", say("Last day")), ("week", say("Last week")), ("month", say("Last month"))),
        "period": made.period,
        "sensors": frame(made.sensors, say).html,
        "chart": frame(made.chart, say).html,
        "gaps": frame(made.gaps, say).html,
    }
