"""All technologies together: what watches or advises in each area, as far as it is public, on a map and as a table.

Whole areas only. Of a case those rows count that its public tables have, rounded and suppressed as they were published.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from fastapi import FastAPI, Request, Response
from markupsafe import Markup

from peelian.measure.projection import Projection
from peelian.measure.vocabularies import plain
from peelian.operations.ground import ground_of, outlines_of
from peelian.operations.office import Office
from peelian.oversight.sensors import register as sensors
from peelian.oversight.transparency.register import CaseSummary
from peelian.oversight.watches.alarm_months import zone_months
from peelian.pictures.area_map import Steps, area_map
from peelian.pictures.panels import Say
from peelian.web.cases.map_pages import Show, known, map_page
from peelian.web.frame.titles import case_title
from peelian.web.framing import frame
from peelian.web.maps.planes import as_json
from peelian.web.maps.scripts import packed
from peelian.web.public.residents import areas, cases_by_area

MOST_CASES = 40  # the newest published ones
MOST_AREAS = 1_000  # in the table, those with most first
IN_USE = frozenset({"adopt", "accept", "change"})
STATEMENT = "Whole areas only. An area's colour does not say how often or how strictly it is watched."
DATA = "/data/areas.geojson"


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaUse:
    """What is used in one area: sensors, published cases that were accepted and name it, and closed alarms."""

    area: str
    sensors: int
    cases: tuple[CaseSummary, ...]
    alarms: int
    outline: shapely.Geometry | None  # degrees

    @property
    def technologies(self) -> set[str]:
        """Which ones, each once."""
        found = {case.capability.partition(".")[0] for case in self.cases}
        return found | ({"sensors"} if self.sensors else set()) | ({"crowd"} if self.alarms else set())


def add_area_map(app: FastAPI, office: Office, show: Show) -> None:
    """The public page in both languages, and its outlines."""

    @app.get(DATA)
    def outlines(request: Request) -> Response:
        """Areas with an outline, and how many technologies are used in each."""
        steps = _steps(office.say("en"))
        return packed(request, as_json(_features(uses(office)[0], steps)), "application/geo+json", {})

    @app.get("/{language}/map/areas", include_in_schema=False)
    def page(request: Request, language: str) -> Response:
        values = area_page(office, known(language))
        return map_page(office, request, show, language, template="area_map.html", section="/map", **values)


def uses(office: Office) -> tuple[list[AreaUse], list[CaseSummary]]:
    """Every area, those with most technologies first; and the cases in use that name none.

    O(areas + sensors + alarms + rows of `MOST_CASES` cases).
    """
    placed = Counter(plain(one.sensor.area) for one in sensors.entries(office.kernel) if one.state == "registered")
    alarms: Counter[str] = Counter()
    for month in zone_months(office.kernel.state.alarms.floor):
        alarms[plain(month.zone)] += month.closed
    every, named, elsewhere = areas(office), defaultdict(list), []
    spelled = {plain(area) for area in every}
    for case, rows in cases_by_area(office, MOST_CASES):
        if case.choice in IN_USE:
            for area in spelled & rows.keys():
                named[area].append(case)
            elsewhere += [] if spelled & rows.keys() else [case]
    ground = ground_of(office)
    outlines = {plain(name): shape for name, shape in outlines_of(ground.names).items()} if ground else {}
    found = [
        AreaUse(
            area=area,
            sensors=placed[plain(area)],
            cases=tuple(named[plain(area)]),
            alarms=alarms[plain(area)],
            outline=outlines.get(plain(area)),
        )
        for area in every
    ]
    order = sorted(found, key=lambda one: (-len(one.technologies), -one.sensors, -len(one.cases), plain(one.area)))
    return order, elsewhere


def area_page(office: Office, language: str) -> dict[str, Any]:
    """What `area_map.html` shows."""
    say = office.say(language)
    found, elsewhere = uses(office)
    steps, n = _steps(say), [len(one.technologies) for one in found]
    named = {case.case: case for one in found for case in one.cases}
    mapped = any(one.outline for one in found)
    some, many = sum(one > 0 for one in n), sum(one > 1 for one in n)
    told = [say("Technology is in use in %(some)d of %(n)d %(n:area|areas).", some=some, n=len(n))] if n else []
    told += [say("%(n)d %(n:area has|areas have) more than one.", n=many)] if many else []
    unplaced = (
        say("No boundary of an area is known, so there is no map. The table says the same.")
        if n
        else say("This town has not adopted areas yet, so nothing can be told by area.")
    )
    return {
        "title": say("All technologies by area"),
        "heading": " ".join(told),
        "back": say("Map"),
        "outlines": DATA if mapped else "",
        "unplaced": "" if mapped else unplaced,
        "steps": list(zip(steps.colours, steps.names, strict=True))[::-1],
        "steps_title": steps.title,
        "statement": say(STATEMENT),
        "picture": _picture(office, found, steps, say) if mapped else "",
        "uses": found[:MOST_AREAS],
        "left_out": len(found[MOST_AREAS:]),
        "titles": {name: case_title(office, case, language, public=True) for name, case in named.items()},
        "technologies": {one.id: say(one.title) for one in office.kernel.technologies},
        "elsewhere": [(case.case, case_title(office, case, language, public=True)) for case in elsewhere],
        "used": any(n),
    }


def _steps(say: Say) -> Steps:
    return Steps(title=say("Technologies in the area"), names=(say("No technology"), "1", "2", say("3 or more")))


def _features(found: Sequence[AreaUse], steps: Steps) -> dict[str, Any]:
    """GeoJSON (RFC 7946), an area's number in the page's table as its id."""
    features = []
    for number, one in enumerate(found):
        if one.outline is not None:
            middle = one.outline.representative_point()
            told = {
                "area": one.area,
                "technologies": sorted(one.technologies),
                "sensors": one.sensors,
                "alarms": one.alarms,
            }
            told |= {"cases": [case.case for case in one.cases], "middle": [round(middle.x, 5), round(middle.y, 5)]}
            told["colour"] = steps.colours[_step(one)]
            rounded = shapely.set_precision(one.outline, 1e-5)
            features.append(
                {"type": "Feature", "id": number, "geometry": rounded.__geo_interface__, "properties": told}
            )
    return {"type": "FeatureCollection", "features": features}


def _step(one: AreaUse) -> int:
    return min(len(one.technologies), 3)


def _picture(office: Office, found: Sequence[AreaUse], steps: Steps, say: Say) -> Markup:
    """The same for browsers without script or WebGL, and for paper."""
    drawn = [one for one in found if one.outline is not None]
    shapes = np.array([one.outline for one in drawn], dtype=object)
    west, south, east, north = shapely.total_bounds(shapes).tolist()
    here = Projection(centre_lon=(west + east) / 2, centre_lat=(south + north) / 2)
    flat = shapely.transform(shapes, lambda at: np.column_stack(here.to_metres(at[:, 0], at[:, 1])))
    entries = [one.sensor for one in sensors.entries(office.kernel) if one.state == "registered" and one.sensor.located]
    degrees = np.array([(one.lon, one.lat) for one in entries], dtype=np.float64).reshape(-1, 2)
    picture = area_map(
        flat.tolist(),
        [_step(one) for one in drawn],
        steps,
        points=np.column_stack(here.to_metres(degrees[:, 0], degrees[:, 1])),
        points_title=say("Sensor with a public position"),
        statement=say(STATEMENT),
        caption=say("Technologies by area"),
        say=say,
    )
    return frame([picture], say).html
