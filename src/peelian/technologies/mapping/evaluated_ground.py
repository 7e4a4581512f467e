"""What an evaluation rests on: daily counts by area, which areas are treated or nearby, and whether data suffice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from peelian.errors import InputError, NotEnoughData, OutOfOrder, sentence
from peelian.kernel.model.capability import AuthorizationKind, Context, Dataset
from peelian.measure.projection import Projection
from peelian.technologies.mapping.areas import Areas, areas_of
from peelian.technologies.mapping.days import day_of, hour_of
from peelian.technologies.mapping.declarations.evaluation import EvaluationParams
from peelian.technologies.mapping.incidents import Incidents, incidents_at_points
from peelian.technologies.mapping.placebos import Windows

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

LATEST_PLAN = 0.25  # the share of the period after that a plan's data may show
EARLIEST_PLAN_DAYS = 92
MOST_OVERLAP = 0.05


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ground:
    """The areas with their incidents before each day (float64[areas, days + 1]), and which are treated or nearby."""

    areas: Areas
    total: Floats
    treated: NDArray[np.int64]
    nearby: Flags
    since: int
    found: Incidents

    @property
    def apart(self) -> Flags:
        """Areas that are treated or nearby."""
        flags = self.nearby.copy()
        flags[self.treated] = True
        return flags

    def counts(self, areas: Any, windows: Windows) -> tuple[float, float]:
        """Incidents in some areas long before and after."""
        first, middle = self.since - windows.chosen - windows.before, self.since - windows.chosen
        before = self.total[areas, middle] - self.total[areas, first]
        after = self.total[areas, self.since + windows.after] - self.total[areas, self.since]
        return float(before.sum()), float(after.sum())


def windows_of(params: EvaluationParams) -> Windows:
    return Windows(before=params.before_days, chosen=params.chosen_days, after=params.after_days)


def ground_of(params: EvaluationParams, datasets: Mapping[str, Dataset], context: Context, *, planned: bool) -> Ground:
    """The areas, their daily counts and the treated ones among them; each thing that does not fit is told.

    O(incidents log areas).
    """
    admitted = AuthorizationKind.DISCOVERED_OFFENCES in context.authorizations
    found = incidents_at_points(datasets["incidents"], params.category, discovered_admitted=admitted)
    facts = datasets["incidents"].facts
    areas = areas_of(
        datasets["areas"], Projection(**{name: float(facts[name]) for name in ("centre_lon", "centre_lat")})
    )
    treated = _numbers(params, areas)
    nearby = _nearby(areas, treated, params.nearby_metres)
    first, last = int(found.from_hour // 24), int(-(-found.until_hour // 24))
    since = _since(params, first, last, planned=planned)
    total = daily_totals(found, areas, first, last)
    return Ground(areas=areas, total=total, treated=treated, nearby=nearby, since=since - first, found=found)


def daily_totals(found: Incidents, areas: Areas, first: int, last: int) -> Floats:
    """Incidents of each area before each day from `first` to `last`: float64[areas, days + 1]. O(n log areas)."""
    point, area = shapely.STRtree(areas.outlines).query(shapely.points(found.east, found.north), predicate="intersects")
    _, once = np.unique(point, return_index=True)  # on a shared edge the first area takes it
    day = np.clip((found.hour[point[once]] // 24).astype(np.int64) - first, 0, last - first - 1)
    counts = np.zeros((len(areas), last - first))
    np.add.at(counts, (area[once], day), found.weight[point[once]])
    return np.concatenate([np.zeros((len(areas), 1)), counts.cumsum(axis=1)], axis=1)


def _numbers(params: EvaluationParams, areas: Areas) -> NDArray[np.int64]:
    known = {name: k for k, name in enumerate(areas.names)}
    unknown = sum(name not in known for name in params.treated)
    if unknown:
        says = sentence("%(n)d of %(all)d treated areas are unknown", n=unknown, all=len(params.treated))
        raise InputError(says, column="treated", accepted="area names in the areas dataset")
    if len(params.treated) == len(areas):
        raise NotEnoughData(
            "Not enough data: every area is treated", accepted="areas without treatment to compare with"
        )
    return np.array([known[name] for name in sorted(params.treated)])


def _nearby(areas: Areas, treated: NDArray[np.int64], metres: float) -> Flags:
    ground = shapely.union_all(areas.outlines[treated])
    others = np.ones(len(areas), dtype=bool)
    others[treated] = False
    shared = shapely.area(shapely.intersection(areas.outlines, ground))
    smaller = np.minimum(shapely.area(areas.outlines), ground.area)
    if bool((others & (shared > MOST_OVERLAP * smaller)).any()):
        raise InputError("treated areas overlap others", file="areas", accepted="areas that do not overlap")
    return np.asarray(others & (shapely.distance(areas.outlines, ground) <= metres) & (metres > 0), dtype=bool)


def _since(params: EvaluationParams, first: int, last: int, *, planned: bool) -> int:
    """The day since 1970 on which the periods join."""
    since = int(hour_of(params.since, "since") // 24)
    if since - params.chosen_days - params.before_days < first:
        says = sentence("Not enough data: they begin on %(day)s", day=day_of(first * 24))
        raise NotEnoughData(says, accepted="a later first day, or shorter periods before")
    if planned:
        if last > since + LATEST_PLAN * params.after_days:
            says = "The data show the outcome already. A plan is made from data that end when the action begins."
            raise OutOfOrder(says)
        if since > last + EARLIEST_PLAN_DAYS:
            accepted = sentence("a day until %(day)s", day=day_of((last + EARLIEST_PLAN_DAYS) * 24))
            raise InputError("out of range", column="since", accepted=accepted)
        return min(since, last)
    if since + params.after_days > last:
        says = sentence(
            "Not enough data: they end on %(day)s, before the period after is over", day=day_of(last * 24 - 1)
        )
        raise NotEnoughData(says, accepted="newer data")
    return since
