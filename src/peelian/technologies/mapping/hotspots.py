"""Hot spots as a case: Gi* and local Moran with the false discovery rate held, and what became of each spot."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from peelian.errors import NotEnoughData, sentence
from peelian.kernel.model.capability import Arithmetic, Context, Dataset, Example, Findings, Note, Scalar, Shows
from peelian.measure.grid import Grid
from peelian.measure.table import Table
from peelian.technologies.mapping import example, ground, incidents
from peelian.technologies.mapping.days import day_of
from peelian.technologies.mapping.declarations.hotspots import HOT_SPOTS, HotSpotParams
from peelian.technologies.mapping.declarations.places import ALL_REPORTED
from peelian.technologies.mapping.diagnostics.hotspots import PLANTED, Spot, Spots, classes, hot_spots, least_found
from peelian.technologies.mapping.explanation import places_of
from peelian.technologies.mapping.ground import NOT_IN_TABLES, Town, town_of
from peelian.technologies.mapping.history import History
from peelian.technologies.mapping.hotspots_view import hotspots_view
from peelian.technologies.mapping.incidents import recorded
from peelian.technologies.mapping.map_views import RECORDED_MAP
from peelian.technologies.mapping.town_map import recorded_map

Flags = NDArray[np.bool_]
WHOLE = "hot"  # over all periods together, and none of the classes

FOUND = (
    "%(n)d of %(cells)d cells are hot spots over all %(periods)d periods (false discovery rate 5%%). They hold "
    "%(share).0f%% of the incidents."
)
NONE = (
    "No hot spot was found over all %(periods)d periods. This test finds only squares of 3 × 3 cells that each hold "
    "about %(times)d times the mean or more (%(n)d incidents a cell). Smaller or weaker clusters may be there."
)
BLIND = (
    "No hot spot was found over all %(periods)d periods, and this test could find none: not even a square of 3 × 3 "
    "cells that each hold %(times)d times the mean would stand out. Clusters may be there."
)
BECAME = (
    "By period: %(new)d new, %(emerging)d emerging, %(persistent)d persistent, %(occasional)d occasional and "
    "%(receding)d receding."
)
LOOKED_AT = "%(n)d incidents in %(periods)d periods of %(days)d days up to %(last)s."
OF_CELLS = "A hot spot is a place with more recorded incidents than places drawn by lot. It does not say why."
NEIGHBOURS = "Single cells without busy neighbours are not found. Other cell sizes may find other spots."
NO_GROUND = (
    "Being in a hot spot is no ground to stop, search or suspect anyone. Consider lighting, repairs, locks and "
    "services as well as presence."
)
RECORDED_ONLY = "Only recorded incidents count. Where people report less, there are fewer hot spots."
MESSAGES = frozenset(
    {
        FOUND, NONE, BLIND, BECAME, LOOKED_AT, OF_CELLS, NEIGHBOURS, NO_GROUND, RECORDED_ONLY,
        *ground.SENTENCES, *incidents.SENTENCES,
    }
)  # fmt: skip


def run(params: HotSpotParams, datasets: Mapping[str, Dataset], context: Context) -> Findings:
    """Find the spots over all periods and in each. O(incidents + periods × (cells + draws))."""
    asked: dict[str, Scalar] = {
        "category": params.category,
        "cell_metres": params.cell_metres,
        "window_days": params.period_days,
        "offsets": 1,
        "train_from": params.train_from,
    }
    town = town_of(datasets, context.authorizations, asked, proof=True)
    history = recorded(town.incidents, town.grid).known_at(town.incidents.until_hour)
    counts = _counts(params, history)
    whole = hot_spots(town.grid, counts.sum(axis=0), context.seed)
    each = []
    for period, part in enumerate(counts):
        context.progress("Comparing cells with chance", period / len(counts))
        each.append(hot_spots(town.grid, part, context.seed + 1 + period).hot)
    became = classes(each)
    start = history.until_hour - params.periods * params.period_days * 24.0
    return Findings(
        tables=(
            _table(town, whole, each, became),
            recorded_map(town.incidents, town.grid, town.areas, (start, history.until_hour)),
        ),
        notes=(*_notes(params, history, counts, (whole, became), context.seed), *town.notes, *_caveats()),
        facts={
            "category": params.category,
            "cell_metres": params.cell_metres,
            "hot": int(whole.hot.sum()),
            "cells": len(town.grid),
            "until_day": day_of(history.until_hour - 1),
            "n": round(float(counts.sum())),
            "data_digest": datasets["incidents"].digest,
        },
    )


def _counts(params: HotSpotParams, history: History) -> NDArray[np.float64]:
    """Incidents by period and cell, the oldest period first: float64[periods, cells]."""
    hours = params.period_days * 24.0
    start = history.until_hour - params.periods * hours
    if start < history.from_hour:
        says = sentence(
            "Not enough data: they begin on %(day)s, too late for %(n)d periods of %(days)d days",
            day=day_of(history.from_hour),
            n=params.periods,
            days=params.period_days,
        )
        raise NotEnoughData(says, accepted="fewer or shorter periods, or a longer recording")
    then = history.between(start, history.until_hour)
    period = np.minimum(((then.hour - start) // hours).astype(np.intp), params.periods - 1)
    counts = np.zeros((params.periods, len(history.grid)))
    np.add.at(counts, (period, then.cell), then.weight)
    return counts


def _table(town: Town, whole: Spots, each: Sequence[Flags], became: Sequence[Spot | None]) -> Table:
    """The spots, the highest Gi* first."""
    named = places_of(town.grid, town.areas)
    cells = np.array([k for k, spot in enumerate(became) if whole.hot[k] or spot is not None], dtype=np.intp)
    cells = cells[np.argsort(-whole.gi_star[cells], kind="stable")]
    return HOT_SPOTS.of(
        {
            "rank": np.arange(1, len(cells) + 1),
            "place": named.ids[cells],
            "area": named.areas[cells],
            "spot": np.array([str(became[k] or WHOLE) for k in cells.tolist()], dtype=object),
            "periods_hot": np.sum(each, axis=0)[cells].astype(np.int64),
            "gi_star": whole.gi_star[cells],
            "moran": whole.moran[cells],
            "p": whole.p[cells],
        }
    )


def _notes(
    params: HotSpotParams,
    history: History,
    counts: NDArray[np.float64],
    found: tuple[Spots, Sequence[Spot | None]],
    seed: int,
) -> list[Note]:
    whole, became = found
    total, hot = counts.sum(), int(whole.hot.sum())
    periods: dict[str, Scalar] = {"periods": params.periods}
    share = 100 * float(counts[:, whole.hot].sum() / total) if total else 0.0
    first = Note(text=FOUND, values={"n": hot, "cells": len(whole.hot), "share": share, **periods})
    if not hot:
        first = _not_found(params.periods, counts.sum(axis=0), history.grid, seed)
    times = Counter(str(spot) for spot in became if spot is not None)
    looked: dict[str, Scalar] = {"n": round(float(total)), "days": params.period_days, **periods}
    return [
        first,
        Note(text=BECAME, values={str(spot): times[str(spot)] for spot in Spot}),
        Note(text=LOOKED_AT, values={**looked, "last": day_of(history.until_hour - 1)}),
    ]


def _not_found(periods: int, counts: NDArray[np.float64], grid: Grid, seed: int) -> Note:
    """That no spot was found, and what size of cluster the test could have found."""
    times = least_found(grid, counts, seed)
    if times is None:
        return Note(text=BLIND, values={"periods": periods, "times": round(PLANTED[-1])}, kind="caveat")
    each = round(times * float(counts.mean()))
    return Note(text=NONE, values={"periods": periods, "times": round(times), "n": each})


def _caveats() -> list[Note]:
    texts = (OF_CELLS, NEIGHBOURS, NO_GROUND, RECORDED_ONLY)
    return [Note(text=text, kind="caveat") for text in texts]


def what_may_be_public(findings: Findings) -> Findings:
    """Sentences and figures, without the places."""
    return Findings(tables=(), notes=findings.notes, facts=findings.facts)


def _example() -> Example:
    params = HotSpotParams(category=example.CATEGORY, cell_metres=250, periods=6)
    return Example(params=params, datasets={"incidents": example.incidents(), "areas": example.areas()})


ARITHMETIC = Arithmetic(
    run=run,
    example=_example,
    messages=MESSAGES,
    vocabulary=frozenset({WHOLE, ALL_REPORTED, *(str(spot) for spot in Spot)}),
    public=what_may_be_public,
    shows=Shows(view=hotspots_view, map=RECORDED_MAP),
    counts={**NOT_IN_TABLES, LOOKED_AT: ("n",), "": ("n",)},
)
