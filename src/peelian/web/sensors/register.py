"""The public sensor register: every sensor of the town, its page and its sign, the two reports, and the open data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException

from peelian.errors import OutOfOrder
from peelian.integrations.table_exports import csv_of
from peelian.kernel.model.sensors import KINDS
from peelian.kernel.records.sensor_register import id_of
from peelian.measure.table import Table
from peelian.operations.office import Office
from peelian.oversight.sensors import register as sensors
from peelian.oversight.sensors.release import released
from peelian.pictures.panels import Panels, Say
from peelian.web.frame.lists import Line, ShortAsked, ShortQuery, due_facet, due_of, some
from peelian.web.framing import Link, frame
from peelian.web.pages import LANGUAGES, capital

Show = Callable[..., Response]
FIRMWARE: Mapping[str, str] = {
    "overdue": "Update overdue",
    "stated": "Update not yet due",
    "none": "No update duty stated",
}
FIRST_YEAR, LAST_YEAR = 2000, 2199


def add_sensor_pages(app: FastAPI, office: Office, show: Show) -> None:
    """The register's pages in both languages, its files, and every sensor's sign; all of them public."""
    _add_files(app, office)

    @app.get("/{language}/sensors", include_in_schema=False)
    def register(request: Request, language: str, asked: ShortAsked) -> Response:
        say = _say(office, language)
        return show(request, "sensors.html", **register_page(office, say, language, asked))

    @app.get("/{language}/sensors/{id}", include_in_schema=False)
    def one(request: Request, language: str, id: str) -> Response:
        say = _say(office, language)
        return show(request, "sensor.html", section="/sensors", **sensor_page(office, id, say))

    @app.get("/{language}/sensors/{id}/sign.svg", include_in_schema=False)
    def sign(request: Request, language: str, id: str) -> Response:
        say = _say(office, language)
        address = str(request.url).removesuffix("/sign.svg")
        picture = _found(lambda: sensors.sign_of(office.kernel, id, say, address))
        headers = {"content-disposition": f'attachment; filename="{id}-{language}.svg"'}
        return Response(picture, media_type="image/svg+xml", headers=headers)

    @app.get("/{language}/sensor-reports/impact", include_in_schema=False)
    def impact(request: Request, language: str) -> Response:
        say = _say(office, language)
        panels = sensors.impact_report(office.kernel, {}, say)
        return show(
            request, "sensor.html", section="/sensors", **_report(say("Surveillance impact report"), panels, say)
        )

    @app.get("/{language}/sensor-reports/{year}", include_in_schema=False)
    def annual(request: Request, language: str, year: int) -> Response:
        say = _say(office, language)
        if not FIRST_YEAR <= year <= LAST_YEAR:
            raise HTTPException(404)
        panels = sensors.annual_report(office.kernel, year, {}, say)
        return show(
            request, "sensor.html", section="/sensors", **_report(say("Annual surveillance report"), panels, say)
        )


def register_page(office: Office, say: Say, language: str, asked: ShortQuery) -> dict[str, Any]:
    """What `sensors.html` shows."""
    every = sensors.entries(office.kernel)
    kinds = {kind: capital(say(text)) for kind, text in KINDS.items()}
    states = {state: capital(say(text)) for state, text in sensors.STATES.items()}
    firmware = {value: say(text) for value, text in FIRMWARE.items()}
    facets = [
        ("kind", say("Type"), kinds),
        ("state", say("State"), states),
        due_facet(say("End date"), say),
        ("level", say("Firmware"), firmware),
    ]
    now = office.kernel.now()
    lines = (
        Line(
            of=one,
            title=one.sensor.title,
            more=f"{one.sensor.area} {kinds[one.sensor.kind]}",
            at=one.since,
            until=one.sensor.ends,
            facets={
                "kind": one.sensor.kind,
                "state": one.state,
                "due": due_of(one.sensor.ends, now),
                "level": "overdue" if one.overdue else "stated" if one.sensor.update_due else "none",
            },
        )
        for one in every
    )
    shown = some(lines, asked, facets)
    framed = frame(sensors.page(office.kernel, say, shown.rows), say, links=_links)
    return {
        "title": say("Register of sensors"),
        "body": framed.html,
        "sensors": [(each.sensor.id, each.sensor.title) for each in shown.rows],
        "found": shown,
        "any": bool(every),
        "files": tuple(sensors.KINDS),
        "year": office.kernel.now().year,
        "base": f"/{language}/sensors",
    }


def sensor_page(office: Office, id: str, say: Say) -> dict[str, Any]:
    """What `sensor.html` shows of one sensor."""
    shown, facts, panels = _found(lambda: sensors.sensor_page(office.kernel, id, say))
    return {
        "title": shown.sensor.title,
        "back": say("Register of sensors"),
        "facts_": facts,
        "body": frame(panels, say).html,
        "sign": id,
        "files": tuple(sensors.DAY_KINDS) if released(office.kernel, id_of(office.kernel, id)) else (),
    }


def _report(title: str, panels: Panels, say: Say) -> dict[str, Any]:
    body = frame(panels, say).html
    return {"title": title, "back": say("Register of sensors"), "facts_": [], "body": body, "sign": "", "files": ()}


def _add_files(app: FastAPI, office: Office) -> None:
    @app.get("/data/sensors.csv")
    def table() -> Response:
        """The register of sensors as CSV."""
        return _download(csv_of(sensors.listed_sensors(office.kernel)), "text/csv; charset=utf-8", "csv")

    @app.get("/data/sensors.{kind}")
    def file(kind: str) -> Response:
        """The register of sensors as GeoJSON, NGSI-LD, JSON with DTPR chains, or Parquet."""
        if kind not in sensors.KINDS:
            raise HTTPException(404)
        return _download(sensors.export(office.kernel, kind), sensors.KINDS[kind], kind)

    @app.get("/data/sensors/{id}/released.{kind}")
    def days(id: str, kind: str) -> Response:
        """A sensor's released days: counts with noise, those under 15 left out."""
        if kind not in sensors.DAY_KINDS:
            raise HTTPException(404)
        content = _found(lambda: sensors.released_days(office.kernel, id, kind))
        return _download(content, sensors.DAY_KINDS[kind], kind, name=f"{id}-released")


def _download(content: bytes, media: str, kind: str, *, name: str = "sensors") -> Response:
    headers = {"content-disposition": f'attachment; filename="{name}.{kind}"'}
    return Response(content, media_type=media, headers=headers)


def _links(table: Table) -> tuple[Link, ...]:
    return tuple(Link(href=f"/data/sensors.{kind}", text=f"sensors.{kind}") for kind in ("csv", *sensors.KINDS))


def _say(office: Office, language: str) -> Say:
    if language not in LANGUAGES:
        raise HTTPException(404)
    return office.say(language, "sensors")


def _found(make: Callable[[], Any]) -> Any:
    try:
        return make()
    except OutOfOrder:
        raise HTTPException(404) from None
