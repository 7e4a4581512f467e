"""For residents: what is used near a place they choose, what is in use in the whole town, and what was refused.

A place is an adopted area. No address is asked for, sent or kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Annotated, Any

import numpy as np
from fastapi import FastAPI, Query, Request, Response
from starlette.exceptions import HTTPException

from peelian.kernel.model.capability import Findings
from peelian.kernel.model.labels import LabelKind
from peelian.kernel.model.sensors import KINDS, PURPOSES
from peelian.kernel.records.label_register import adopted
from peelian.measure.table import Kind, Table
from peelian.measure.vocabularies import plain
from peelian.operations.ground import CELL
from peelian.operations.office import Office
from peelian.oversight.sensors import register as sensors
from peelian.oversight.transparency.inventory import uses_of
from peelian.oversight.transparency.register import CaseSummary, page, published_findings
from peelian.pictures.moments import moment
from peelian.web.cases.content import refusal_grid
from peelian.web.frame.titles import case_title
from peelian.web.pages import LANGUAGES
from peelian.web.public.home import in_use

Area = Annotated[str, Query(max_length=120)]
MOST_OFFERED = 400  # areas in one list; of more, those are offered that a word is found in
MOST_CASES = 10  # the newest published ones, whose tables are looked through
ByArea = dict[str, list[tuple[Table, list[int]]]]
"""By the plain spelling of an area: the tables that name it, and in which rows."""


def add_resident_pages(app: FastAPI, office: Office, show: Callable[..., Response]) -> None:
    """The page in both languages."""

    @app.get("/{language}/residents", include_in_schema=False)
    def residents(request: Request, language: str, area: Area = "") -> Response:
        if language not in LANGUAGES:
            raise HTTPException(404)
        return show(request, "residents.html", **residents_page(office, language, area))


def residents_page(office: Office, language: str, area: str) -> dict[str, Any]:
    """What `residents.html` shows of one area; an area nobody adopted offers those whose names hold its words."""
    say = office.say(language)
    every = {plain(name): name for name in areas(office)}
    words = plain(area).split()
    chosen = every.get(plain(area), "")
    lived = lived_in(office) or set(every.values())
    near = [name for key, name in every.items() if words and all(word in key for word in words)]
    return {
        "title": say("What is used near you"),
        "areas": sorted(lived, key=plain) if len(every) <= MOST_OFFERED else [],
        "places": sorted({*every.values()} - lived, key=plain),
        "any": bool(every),
        "asked": area,
        "chosen": chosen,
        "near": [] if chosen else sorted(near, key=plain)[:50],
        "sensors": list(_sensors(office, chosen, language)) if chosen else [],
        "figures": list(_figures(office, chosen, language)) if chosen else [],
        "technologies": in_use(office, say, uses_of(office.kernel)),
        "refused": refusal_grid(office, say),
    }


def areas(office: Office) -> set[str]:
    """The areas in force, and those that sensors stand in, each in one spelling. O(areas + sensors)."""
    found = {plain(one.sensor.area): one.sensor.area for one in sensors.entries(office.kernel)}
    labels = adopted(office.kernel).labels[LabelKind.AREA]
    return {*(found | {name: label.label for name, label in labels.items()}).values()}


def lived_in(office: Office) -> set[str]:
    """The areas in force where people live, as two people adopted them; the others are public places, such as a stretch
    of road. O(areas)."""
    return {one.label for one in adopted(office.kernel).labels[LabelKind.AREA].values() if one.people}


def _sensors(office: Office, area: str, language: str) -> Iterator[dict[str, str]]:
    """The registered sensors of an area, as the public register has them."""
    own = office.say(language, "sensors")
    for one in sensors.entries(office.kernel):
        if one.state == "registered" and plain(one.sensor.area) == plain(area):
            sensor = one.sensor
            kind, purpose = own(KINDS[sensor.kind]), own(PURPOSES[sensor.purpose])
            yield {
                "id": sensor.id,
                "title": sensor.title,
                "kind": kind,
                "purpose": purpose,
                "until": moment(sensor.ends, language),
            }


def _figures(office: Office, area: str, language: str) -> Iterator[dict[str, str]]:
    """What published cases say of an area, each in one sentence, from the rows of their public tables that name it."""
    for case, named in cases_by_area(office):
        if found := named.get(plain(area)):
            cut = Findings(tables=tuple(table.take(np.array(rows)) for table, rows in found))
            of_area = office.kernel.past_capability(case.capability).arithmetic().shows.of_area
            own = office.say(language, case.capability.partition(".")[0])
            text = of_area(cut, own) if of_area else office.say(language)("Its tables name this area.")
            yield {"case": case.case, "title": case_title(office, case, language, public=True), "text": text}


def cases_by_area(office: Office, most: int = MOST_CASES) -> Iterator[tuple[CaseSummary, ByArea]]:
    """The newest published cases, each with the rows of its public tables that name an area. O(rows of those)."""
    for case in page(office.kernel, most=most, published=True).cases:
        found, named = published_findings(office.kernel, case.case), ByArea()
        for table in found.tables if found else ():
            for area, rows in _rows_by_area(table).items():
                named.setdefault(area, []).append((table, rows))
        yield case, named


def _rows_by_area(table: Table) -> dict[str, list[int]]:
    """The rows in which each place that is no cell stands, by its plain spelling. O(rows)."""
    made: dict[str, list[int]] = {}
    for column in table.columns:
        if column.kind is Kind.PLACE:
            words, codes = column.coded()
            names = ["" if CELL.fullmatch(str(word)) else plain(str(word)) for word in words]
            for row, code in enumerate(codes.tolist()):
                if names[code]:
                    made.setdefault(names[code], []).append(row)
    return made
