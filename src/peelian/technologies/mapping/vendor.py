"""Audit of a vendor's predictions: predictions per resident by group, from the vendor's own file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import shapely

from peelian.errors import InputError, NotEnoughData, sentence
from peelian.kernel.model.capability import (
    Arithmetic,
    Context,
    Dataset,
    Example,
    Findings,
    Note,
    Scalar,
    Shows,
)
from peelian.measure.projection import Projection
from peelian.measure.table import Kind, Table, table
from peelian.technologies.mapping.areas import GROUP_PREFIX, Areas
from peelian.technologies.mapping.declarations.exposure import EVERYBODY
from peelian.technologies.mapping.declarations.vendor import EXPOSURE, VendorParams
from peelian.technologies.mapping.exposure import LEAST_AREAS, exposure_table
from peelian.technologies.mapping.ground import NOT_IN_TABLES
from peelian.technologies.mapping.map_views import PREDICTED_MAP
from peelian.technologies.mapping.town_map import map_of_areas, without_map
from peelian.technologies.mapping.vendor_view import vendor_view

HALVES = (
    "In the half of areas with the highest share of %(group)s, predictions per resident are %(ratio).2f "
    "times those in the other half (95%% interval %(low).2f to %(high).2f)."
)
UNSURE = (
    "In the half of areas with the highest share of %(group)s, predictions per resident are %(ratio).2f "
    "times those in the other half. Too few or too uneven areas for an interval."
)
NEVER = "%(areas)d of %(all)d areas with residents were never selected."
PILED = "Half of all predictions fell on areas with %(share).1f%% of residents."
FROM = "%(predictions)d predictions in %(all)d areas with %(residents)d residents."
NOBODY = "%(predictions)d predictions in areas without residents are left out of the figures per resident."
NO_ACCURACY = "This audit does not test accuracy. That needs the incidents and a comparison with the long-run average."
NO_PATROLS = "The file does not show where police went. A prediction is not a patrol."
RECORDS = (
    "Recorded incidents also depend on where people report and where police already were. They do not "
    "justify uneven predictions."
)
EVENLY = (
    "Residents come from the census and are assumed to be spread evenly within each area. Intervals come "
    "from resampling whole areas."
)
MESSAGES = frozenset({HALVES, UNSURE, NEVER, PILED, FROM, NOBODY, NO_ACCURACY, NO_PATROLS, RECORDS, EVENLY})

_FROM_EXPOSURE = {"per_head": "exposed", "per_head_low": "exposed_low", "per_head_high": "exposed_high"}


def run(params: VendorParams, datasets: Mapping[str, Dataset], context: Context) -> Findings:
    """Predictions per head by group, with intervals. O(draws × areas × groups)."""
    dataset = datasets["predictions"]
    predicted, areas = predicted_areas(dataset, params.group)
    peopled = areas.residents > 0
    per_head = np.divide(predicted, areas.residents, out=np.zeros(len(predicted)), where=peopled)
    made = exposure_table(per_head, areas, context.seed)
    found = _renamed(made)
    drawn = _map(dataset, predicted) or ()
    centre: dict[str, Scalar] = {"centre_lon": drawn[1].centre_lon, "centre_lat": drawn[1].centre_lat} if drawn else {}
    return Findings(
        tables=(found, *drawn[:1]),
        notes=(*_notes(found, predicted, areas), *_caveats(predicted, areas)),
        facts={
            "areas": int(peopled.sum()),
            "residents": round(float(areas.residents.sum())),
            "predictions": round(float(predicted.sum())),
            "data_digest": dataset.digest,
            **centre,
        },
    )


def predicted_areas(dataset: Dataset, group: str = "") -> tuple[np.ndarray[tuple[int], np.dtype[np.float64]], Areas]:
    """Predictions per area and the areas (without outlines) of a dataset of shape "predictions".

    NotEnoughData below eight areas with residents; InputError where a group was not declared, or none was.
    """
    found = dataset.table
    labels = [label for label in str(dataset.facts.get("groups", "")).split(",") if label]
    if not labels or (group and group not in labels):
        raise InputError(
            "unknown group" if labels else "no group of residents declared",
            accepted=", ".join(labels) or "the option groups at import",
        )
    residents = np.asarray(found["population"], dtype=np.float64)
    if int((residents > 0).sum()) < LEAST_AREAS:
        says = sentence(
            "Not enough data: %(n)d areas with residents, %(least)d needed",
            n=int((residents > 0).sum()),
            least=LEAST_AREAS,
        )
        raise NotEnoughData(says, accepted="smaller areas")
    kept = [group] if group else labels
    members = {label: np.asarray(found[GROUP_PREFIX + label], dtype=np.float64) for label in kept}
    nowhere = np.full(len(residents), None, dtype=object)
    areas = Areas(names=("",) * len(residents), outlines=nowhere, residents=residents, members=members)
    return np.asarray(found["predictions"], dtype=np.float64), areas


def _map(dataset: Dataset, predicted: np.ndarray[tuple[int], np.dtype[np.float64]]) -> tuple[Table, Projection] | None:
    """Predictions per km² of the areas whose outline is known, without their names, and the frame of its squares.

    None where no outline is known. O(squares).
    """
    there = dataset.table["outline"] != "" if "outline" in dataset.table else np.zeros(len(predicted), bool)
    if not bool(there.any()):
        return None
    shapes = shapely.from_wkt(dataset.table["outline"][there])
    west, south, east, north = shapely.total_bounds(shapes).tolist()
    here = Projection(centre_lon=(west + east) / 2, centre_lat=(south + north) / 2)

    def flat(points: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> np.ndarray[tuple[int, int], Any]:
        return np.stack(here.to_metres(points[:, 0], points[:, 1]), axis=1)

    outlines = shapely.make_valid(shapely.transform(shapes, flat))
    none = np.zeros(len(outlines))
    areas = Areas(names=tuple(map(str, range(len(none)))), outlines=outlines, residents=none, members={})
    drawn = map_of_areas(areas, predicted[there] / (shapely.area(outlines) / 1e6))
    unnamed = np.full(len(drawn), "", dtype=object)
    columns = tuple(replace(c, values=unnamed) if c.name == "area" else c for c in drawn.columns)
    return replace(drawn, columns=columns), here


def _renamed(made: Table) -> Table:
    return EXPOSURE.of({name: made[_FROM_EXPOSURE.get(name, name)] for name in EXPOSURE.columns})


def _notes(found: Table, predicted: np.ndarray[tuple[int], np.dtype[np.float64]], areas: Areas) -> list[Note]:
    peopled = areas.residents > 0
    told: dict[str, Scalar] = {
        "predictions": round(float(predicted.sum())),
        "all": int(peopled.sum()),
        "residents": round(float(areas.residents.sum())),
    }
    notes = [Note(text=FROM, values=told)]
    for group, ratio, low, high in zip(*(found[c].tolist() for c in _HALVES), strict=True):
        if group == EVERYBODY or not np.isfinite(ratio):
            continue
        sure = bool(np.isfinite(low) and np.isfinite(high))
        values: dict[str, Scalar] = {"group": group, "ratio": ratio, **({"low": low, "high": high} if sure else {})}
        notes.append(Note(text=HALVES if sure else UNSURE, values=values))
    never = int(((predicted == 0) & peopled).sum())
    notes.append(Note(text=NEVER, values={"areas": never, "all": int(peopled.sum())}))
    return [*notes, Note(text=PILED, values={"share": 100 * _share_of_half(predicted, areas.residents)})]


_HALVES = ("group", "halves", "halves_low", "halves_high")


def _share_of_half(
    predicted: np.ndarray[tuple[int], np.dtype[np.float64]], residents: np.ndarray[tuple[int], np.dtype[np.float64]]
) -> float:
    """The share of residents, highest predictions per resident first, on whom half of all predictions fall."""
    peopled = residents > 0
    count, heads = predicted[peopled], residents[peopled]
    order = np.argsort(-count / heads, kind="stable")
    reached = np.concatenate([[0.0], np.cumsum(count[order]) / max(float(count.sum()), 1e-300)])
    people = np.concatenate([[0.0], np.cumsum(heads[order]) / float(heads.sum())])
    return float(np.interp(0.5, reached, people))


def _caveats(predicted: np.ndarray[tuple[int], np.dtype[np.float64]], areas: Areas) -> list[Note]:
    outside = round(float(predicted[areas.residents <= 0].sum()))
    left = [Note(text=NOBODY, values={"predictions": outside}, kind="caveat")] if outside else []
    return [*left, *(Note(text=text, kind="caveat") for text in (NO_ACCURACY, NO_PATROLS, RECORDS, EVENLY))]


def vendor_example() -> Example:
    """Twelve made-up areas: the more newcomers live in one, the more often it is predicted."""
    share = np.linspace(0.05, 0.6, 12)
    residents = np.full(12, 1_500)
    west = np.linspace(10.0, 10.22, 12).round(2).tolist()  # squares of about 2 km in a row
    outlines = [shapely.box(lon, 50.0, lon + 0.02, 50.02).wkt for lon in west]
    columns: dict[str, Any] = {
        "outline": (Kind.OUTLINE, np.array(outlines, dtype=object)),
        "predictions": (Kind.COUNT, np.rint(400 * share).astype(np.int64)),
        "population": (Kind.COUNT, residents),
        "group_newcomers": (Kind.COUNT, np.rint(share * residents).astype(np.int64)),
    }
    units = {"predictions": "predictions", "population": "residents", "group_newcomers": "residents"}
    dataset = Dataset(
        id="example-predictions",
        format="example",
        digest="3" * 64,
        table=table("predictions", columns, **units),
        facts={"groups": "newcomers", "n": 12, "source": "made up"},
    )
    return Example(params=VendorParams(), datasets={"predictions": dataset})


ARITHMETIC = Arithmetic(
    run=run,
    example=vendor_example,
    messages=MESSAGES,
    vocabulary=frozenset({EVERYBODY}),
    public=without_map,
    shows=Shows(view=vendor_view, map=PREDICTED_MAP),
    counts=NOT_IN_TABLES,
)
