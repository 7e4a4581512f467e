"""Maps for tests: a few cells with words, and an office in memory whose cases have maps."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from deciding import read_and_decide
from desk import Desk, desk

from peelian.kernel import verbs
from peelian.kernel.model.documents import Evidence
from peelian.measure.projection import Projection
from peelian.pictures.map_view import Layer, MapView

REASONS = {"reasons": "It fits the area.", "other_evidence": "document: Residents were heard."}


def a_view(**more: Any) -> MapView:
    """Two rows of three cells of 250 m, one of them missing, with two layers."""
    row, col = np.array([0, 0, 0, 1, 1]), np.array([-1, 0, 1, -1, 0])
    layers = (
        Layer(id="expected", title="Model", values=np.array([0.5, 1.0, 2.0, 0.0, np.nan])),
        Layer(id="long_run", title="Average", values=np.array([0.5, 0.5, 0.5, 0.5, 0.5])),
    )
    words = {"heading": "Thefts", "caption": "Thefts by cell", "alternative": "A map.", "statement": "Not people."}
    given = {"frame": Projection(centre_lon=-79.4, centre_lat=43.7), "cell_metres": 250.0, "value_title": "Expected"}
    return MapView(**{**given, "row": row, "col": col, "layers": layers, **words, **more})


@dataclasses.dataclass(frozen=True)
class MapTown:
    """An office with a forecast and its limits that were decided and published, and the next week's that waits."""

    desk: Desk
    forecast: str
    limits: str
    waiting: str


def map_town() -> MapTown:
    """The office, with the examples of mapping."""
    town = desk()
    forecast, limits = (ran(town, f"mapping.{name}", advised_cells=12) for name in ("forecast", "limits"))
    waiting = ran(town, "mapping.forecast", start_day="2020-01-06", advised_cells=12)
    for evidence in (forecast, limits):
        by = town.decider(_capability(town, evidence.case), town.people["analyst"].person.unit)
        decision = read_and_decide(town.kernel, by, evidence, choice="accept", **REASONS)
        verbs.publish(town.kernel, town.people["clerk"], decision, statement="Decided.")
    return MapTown(desk=town, forecast=forecast.case, limits=limits.case, waiting=waiting.case)


def ran(town: Desk, id: str, **changes: Any) -> Evidence:
    capability = town.kernel.capability(id)
    town.authorizations(capability)
    params = dataclasses.replace(capability.arithmetic().example().params, **changes)
    permit = town.ask(capability, who="analyst", params=params)
    return verbs.run(town.kernel, town.people["analyst"], permit)[0]


def _capability(town: Desk, case: str) -> Any:
    return town.kernel.capability(town.kernel.state.histories[case].capability)
