"""The space-time scan as a case: where and when were there more incidents than the long run leaves to chance?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from peelian.kernel.model.capability import Arithmetic, Context, Dataset, Example, Findings, Note, Scalar, Shows
from peelian.measure.table import Table
from peelian.technologies.mapping import example, ground, incidents
from peelian.technologies.mapping.days import day_of
from peelian.technologies.mapping.declarations.places import ALL_REPORTED
from peelian.technologies.mapping.declarations.scanning import CLUSTERS, ScanParams
from peelian.technologies.mapping.diagnostics.scan import Cluster, ScanPlan, scan
from peelian.technologies.mapping.explanation import places_of
from peelian.technologies.mapping.forecast import NOT_ONLY_PATROLS, PLACES_ONLY, RECORDED_ONLY
from peelian.technologies.mapping.ground import NOT_IN_TABLES, Town, town_of
from peelian.technologies.mapping.history import History
from peelian.technologies.mapping.incidents import recorded
from peelian.technologies.mapping.map_views import RECORDED_MAP
from peelian.technologies.mapping.scanning_view import SURE, scanning_view
from peelian.technologies.mapping.town_map import recorded_map

MOST_RADII = 8

STANDS_OUT = (
    "%(n)d significant clusters in place and time (p at most 0.05, corrected for all places and times "
    "searched). The largest had %(ratio).1f times the expected incidents."
)
NOTHING = "No significant cluster in place and time."
LOOKED_AT = (
    "%(n)d incidents in %(periods)d periods of %(days)d days up to %(last)s, compared with %(before)d "
    "earlier incidents."
)
BASELINE = (
    "Expected counts come from earlier years. Growth, works or a new address can change them without any other cause."
)
MESSAGES = frozenset(
    {
        STANDS_OUT,
        NOTHING,
        LOOKED_AT,
        BASELINE,
        PLACES_ONLY,
        NOT_ONLY_PATROLS,
        RECORDED_ONLY,
        *ground.SENTENCES,
        *incidents.SENTENCES,
    }
)


def run(params: ScanParams, datasets: Mapping[str, Dataset], context: Context) -> Findings:
    """Scan the last periods. O(simulations × (incidents + cells × radii × runs))."""
    asked: dict[str, Scalar] = {
        "category": params.category,
        "cell_metres": params.cell_metres,
        "window_days": params.period_days,
        "offsets": 1,
        "train_from": params.train_from,
    }
    town = town_of(datasets, context.authorizations, asked)
    plan = plan_of(params, context.seed)
    history = _known(town)
    context.progress("Simulating chance", 0.3)
    found = scan(history, plan)
    return Findings(
        tables=(_table(found, plan, history, town), _map(town, history, plan)),
        notes=(*_notes(found, plan, history), *town.notes, *_caveats()),
        facts={
            "category": params.category,
            "cell_metres": params.cell_metres,
            "clusters": sum(cluster.p <= SURE for cluster in found),
            "until_day": day_of(history.until_hour - 1),
            "n": round(history.total),
            "data_digest": datasets["incidents"].digest,
        },
    )


def plan_of(params: ScanParams, seed: int) -> ScanPlan:
    """Radii from one cell to the largest, at most eight of them."""
    steps = params.radius_metres // params.cell_metres
    radii = np.unique(np.linspace(0, steps, min(steps + 1, MOST_RADII)).round()) * params.cell_metres
    return ScanPlan(
        period_days=float(params.period_days),
        periods=params.periods,
        radii_metres=tuple(radii.tolist()),
        longest=params.longest,
        prospective=params.still_going,
        simulations=params.simulations,
        seed=seed,
    )


def _known(town: Town) -> History:
    return recorded(town.incidents, town.grid).known_at(town.incidents.until_hour)


def _table(found: tuple[Cluster, ...], plan: ScanPlan, history: History, town: Town) -> Table:
    named = places_of(town.grid, town.areas)
    start = history.until_hour - plan.periods * plan.period_days * 24
    cells = np.array([cluster.cell for cluster in found], dtype=np.intp)
    return CLUSTERS.of(
        {
            "rank": np.arange(1, len(found) + 1),
            "place": named.ids[cells],
            "area": named.areas[cells],
            "radius_metres": np.array([cluster.radius_metres for cluster in found], dtype=np.float64),
            "from_day": _days(start, plan, [cluster.first for cluster in found], 0),
            "to_day": _days(start, plan, [cluster.last + 1 for cluster in found], -1),
            "observed": np.array([cluster.observed for cluster in found], dtype=np.float64),
            "expected": np.array([cluster.expected for cluster in found], dtype=np.float64),
            "ratio": np.array([cluster.observed / cluster.expected for cluster in found], dtype=np.float64),
            "p": np.array([cluster.p for cluster in found], dtype=np.float64),
        }
    )


def _map(town: Town, history: History, plan: ScanPlan) -> Table:
    start = history.until_hour - plan.periods * plan.period_days * 24
    return recorded_map(town.incidents, town.grid, town.areas, (start, history.until_hour))


def _days(start: float, plan: ScanPlan, periods: list[int], shift: int) -> Any:
    hours = np.array([start + period * plan.period_days * 24 for period in periods], dtype=np.float64)
    return (np.floor(hours / 24) + shift).astype(np.int64).astype("datetime64[D]")


def _notes(found: tuple[Cluster, ...], plan: ScanPlan, history: History) -> list[Note]:
    sure = [cluster for cluster in found if cluster.p <= SURE]
    looked = float(history.counts(history.until_hour - plan.periods * plan.period_days * 24).sum())
    values: dict[str, Scalar] = {
        "n": round(looked),
        "periods": plan.periods,
        "days": round(plan.period_days),
        "last": day_of(history.until_hour - 1),
        "before": round(history.total - looked),
    }
    about = Note(text=LOOKED_AT, values=values)
    if not sure:
        return [Note(text=NOTHING), about]
    most: dict[str, Scalar] = {"n": len(sure), "ratio": max(c.observed / c.expected for c in sure)}
    return [Note(text=STANDS_OUT, values=most), about]


def _caveats() -> list[Note]:
    return [Note(text=text, kind="caveat") for text in (BASELINE, PLACES_ONLY, NOT_ONLY_PATROLS, RECORDED_ONLY)]


def what_may_be_public(findings: Findings) -> Findings:
    """Sentences and figures, without the places."""
    return Findings(tables=(), notes=findings.notes, facts=findings.facts)


def scan_example() -> Example:
    """The made-up town, its last eight weeks."""
    params = ScanParams(category=example.CATEGORY, simulations=99, cell_metres=500)
    return Example(params=params, datasets={"incidents": example.incidents(), "areas": example.areas()})


ARITHMETIC = Arithmetic(
    run=run,
    example=scan_example,
    messages=MESSAGES,
    vocabulary=frozenset({ALL_REPORTED}),
    public=what_may_be_public,
    shows=Shows(view=scanning_view, map=RECORDED_MAP),
    counts={**NOT_IN_TABLES, LOOKED_AT: ("n", "before")},
)
