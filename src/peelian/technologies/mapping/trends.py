"""Trends as a case: the last period by area against what was to be expected, with many areas allowed for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from peelian.errors import NotEnoughData, sentence
from peelian.kernel.model.capability import (
    Arithmetic,
    AuthorizationKind,
    Context,
    Dataset,
    Example,
    Findings,
    Note,
    Scalar,
    Shows,
)
from peelian.measure.multiplicity import false_discovery
from peelian.measure.projection import Projection
from peelian.measure.suppression import LOW
from peelian.measure.table import Table
from peelian.technologies.mapping import example, incidents
from peelian.technologies.mapping.areas import Areas, areas_of
from peelian.technologies.mapping.days import day_of, hour_of
from peelian.technologies.mapping.declarations.places import ALL_REPORTED
from peelian.technologies.mapping.declarations.trends import BY_AREA, COURSE, TrendParams
from peelian.technologies.mapping.diagnostics.trend import Trend, trend_of
from peelian.technologies.mapping.evaluated_ground import daily_totals
from peelian.technologies.mapping.ground import NOT_IN_TABLES
from peelian.technologies.mapping.incidents import Incidents, incidents_at_points, since
from peelian.technologies.mapping.map_views import TRENDS_MAP
from peelian.technologies.mapping.town_map import map_of_areas
from peelian.technologies.mapping.trends_view import trends_view

SURE = 0.05
LEAST_PERIODS = 26
YEAR_DAYS = 365.25

TOWN = (
    "In the town %(count).0f incidents were recorded in the last %(days)d days; %(low).0f to %(high).0f were to be "
    "expected (95%%)."
)
TOWN_MORE = "That is unusually many (p = %(p).3f)."
TOWN_FEWER = "That is unusually few (p = %(p).3f)."
TOWN_USUAL = "That is nothing unusual (p = %(p).2f)."
AREAS_UNUSUAL = "%(n)d of %(areas)d areas are unusual: %(more)d with more incidents, %(fewer)d with fewer."
NO_AREA = "None of the %(areas)d areas is unusual once all are looked at together (false discovery rate 5%%)."
DRIFT = "Counts in the town change by %(change).0f%% a year (95%% interval %(low).0f%% to %(high).0f%%)."
LOOKED_AT = "%(n)d incidents in %(periods)d periods of %(days)d days up to %(last)s."
LATE_RECORDS = "Records of the last days may still come in. A count that is low for this reason is not unusual."
NOT_WHY = "An unusual count says that something changed, not what. Reporting and recording change, too."
MESSAGES = frozenset(
    {
        TOWN, TOWN_MORE, TOWN_FEWER, TOWN_USUAL, AREAS_UNUSUAL, NO_AREA, DRIFT, LOOKED_AT, LATE_RECORDS, NOT_WHY,
        *incidents.SENTENCES,
    }
)  # fmt: skip


def run(params: TrendParams, datasets: Mapping[str, Dataset], context: Context) -> Findings:
    """Judge the last period of each area and of the town. O(incidents log areas + areas × periods)."""
    admitted = AuthorizationKind.DISCOVERED_OFFENCES in context.authorizations
    found = incidents_at_points(datasets["incidents"], params.category, discovered_admitted=admitted)
    found = since(found, hour_of(params.train_from, "train_from")) if params.train_from else found
    facts = datasets["incidents"].facts
    centre = {name: float(facts[name]) for name in ("centre_lon", "centre_lat")}
    areas = areas_of(datasets["areas"], Projection(**centre))
    counts, last = _counts(params, found, areas)
    per_year = YEAR_DAYS / params.period_days
    town = trend_of(counts.sum(axis=0), per_year)
    each = [trend_of(row, per_year) for row in counts]
    adjusted = false_discovery([one.p for one in each])
    unusual = adjusted <= SURE
    ratio = np.array([one.count / one.expected if one.expected >= 1 else np.nan for one in each])
    return Findings(
        tables=(_by_area(areas, each, adjusted), _course(town, counts), map_of_areas(areas, _shown(ratio, each))),
        notes=(*_notes(params, town, each, unusual), _looked_at(params, counts, last), *_on_data(found), *_caveats()),
        facts={
            "category": params.category,
            "period_days": params.period_days,
            "areas": len(areas),
            "unusual": int(unusual.sum()),
            "until_day": day_of(last * 24.0 - 1),
            "n": round(float(counts.sum())),
            "data_digest": datasets["incidents"].digest,
        },
    )


def _counts(params: TrendParams, found: Incidents, areas: Areas) -> tuple[np.ndarray[Any, Any], int]:
    """Incidents by area and whole period up to the last complete day, the oldest first; and the day after it."""
    first, last = int(found.from_hour // 24), int(found.until_hour // 24)
    periods = (last - first) // params.period_days
    if periods < LEAST_PERIODS:
        says = sentence(
            "Not enough data: %(n)d periods of %(days)d days, %(needed)d needed",
            n=periods,
            days=params.period_days,
            needed=LEAST_PERIODS,
        )
        raise NotEnoughData(says, accepted="shorter periods or a longer recording")
    total = daily_totals(found, areas, first, max(last, first + 1))
    edges = last - first - params.period_days * np.arange(periods, -1, -1)
    return np.diff(total[:, edges], axis=1), last


def _shown(ratio: Any, each: list[Trend]) -> Any:
    """The ratios of areas where at least 11 incidents were to be expected."""
    enough = np.array([one.expected >= LOW for one in each])
    return np.where(enough, ratio, np.nan)


def _by_area(areas: Areas, each: list[Trend], adjusted: Any) -> Table:
    """The least usual first."""
    order = np.argsort(np.array([one.p for one in each]), kind="stable")
    names = np.array(areas.names, dtype=object)[order]
    rows = [each[k] for k in order.tolist()]
    own: dict[str, Any] = {"area": names, "p_adjusted": np.asarray(adjusted)[order]}
    return BY_AREA.of({name: [getattr(row, name) for row in rows] for name in BY_AREA.columns if name not in own} | own)


def _course(town: Trend, counts: Any) -> Table:
    periods = counts.shape[1]
    return COURSE.of({"period": np.arange(periods) - periods + 1, "count": counts.sum(axis=0), "expected": town.fitted})


def _notes(params: TrendParams, town: Trend, each: list[Trend], unusual: Any) -> list[Note]:
    counted: dict[str, Scalar] = {"count": town.count, "low": town.low, "high": town.high, "days": params.period_days}
    told = TOWN_USUAL if town.p > SURE else TOWN_MORE if town.count > town.expected else TOWN_FEWER
    more = sum(1 for one, odd in zip(each, unusual, strict=True) if odd and one.count > one.expected)
    n = int(unusual.sum())
    about: dict[str, Scalar] = {"n": n, "areas": len(each), "more": more, "fewer": n - more}
    drift = {name: 100 * (value - 1) for name, value in _ends(town).items()}
    return [
        Note(text=TOWN, values=counted),
        Note(text=told, values={"p": town.p}),
        Note(text=AREAS_UNUSUAL, values=about) if n else Note(text=NO_AREA, values={"areas": len(each)}),
        *([Note(text=DRIFT, values=drift)] if np.isfinite(town.change) else []),
    ]


def _ends(town: Trend) -> dict[str, float]:
    return {"change": town.change, "low": town.change_low, "high": town.change_high}


def _looked_at(params: TrendParams, counts: Any, last: int) -> Note:
    values: dict[str, Scalar] = {
        "n": round(float(counts.sum())),
        "periods": counts.shape[1],
        "days": params.period_days,
        "last": day_of(last * 24.0 - 1),
    }
    return Note(text=LOOKED_AT, values=values)


def _on_data(found: Incidents) -> list[Note]:
    return [note for note in found.notes if note.text not in (incidents.LATE, incidents.UNKNOWN_LAG)]


def _caveats() -> list[Note]:
    return [Note(text=text, kind="caveat") for text in (LATE_RECORDS, NOT_WHY)]


def what_may_be_public(findings: Findings) -> Findings:
    """Sentences without the town's count of a period below 11, and no count of an area."""
    small = any(note.text == TOWN and float(note.values["count"]) < LOW for note in findings.notes)
    return Findings(
        tables=(),
        notes=tuple(note for note in findings.notes if not (small and note.text == TOWN)),
        facts=findings.facts,
    )


def _example() -> Example:
    params = TrendParams(category=example.CATEGORY, period_days=14)
    return Example(params=params, datasets={"incidents": example.incidents(), "areas": example.areas()})


ARITHMETIC = Arithmetic(
    run=run,
    example=_example,
    messages=MESSAGES,
    vocabulary=frozenset({ALL_REPORTED}),
    public=what_may_be_public,
    shows=Shows(view=trends_view, map=TRENDS_MAP),
    counts={**NOT_IN_TABLES, LOOKED_AT: ("n",), TOWN: ("count",)},
)
