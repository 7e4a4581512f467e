"""Bounds kept with a histogram: what subjects say about a rate is summed up before raw scores are destroyed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from peelian.errors import InputError
from peelian.measure.table import Kind, Table, table
from peelian.technologies.faces.declared import BOUNDS
from peelian.technologies.faces.measure.errors import FMR, FNMR, Trials, anchored, gathered, spread
from peelian.technologies.faces.measure.histogram import Histogram
from peelian.technologies.faces.measure.rates import NO_VERDICT, Bars, Counted, Rate, rates_at
from peelian.technologies.faces.measure.scores import EVERYBODY, Floats, Scores
from peelian.technologies.faces.measure.thresholds import GIVEN, Threshold
from peelian.technologies.faces.measure.verdicts import Support

LEVELS = {FMR: (1e-1, 3e-2, 1e-2, 3e-3, 1e-3, 3e-4, 1e-4), FNMR: (0.01, 0.02, 0.05, 0.1, 0.2)}
"""Overall rates at whose thresholds bounds are kept, beside the thresholds in use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retained:
    """Bounds of one rate of one group at a few thresholds (ascending), and how many subjects they rest on."""

    threshold: Floats
    subjects: int
    low: Floats
    high: Floats

    def at(self, threshold: float, *, falling: bool) -> Support:
        """The bounds that hold at `threshold`: FMR falls as it rises, FNMR does not (`falling` False)."""
        upto, from_ = self.threshold <= threshold, self.threshold >= threshold
        high, low = (upto, from_) if falling else (from_, upto)
        return Support(subjects=self.subjects, above=_least(self.high[high]), below=-_least(-self.low[low]))


def retained(scores: Scores, trials: Trials, histogram: Histogram, in_use: Sequence[float]) -> Table:
    """The table of bounds of each group's FMR and FNMR (of all where there are no groups), in the scores' direction.

    Empty where subjects are not known. O(rows) and, at each threshold, O(errors + subjects x groups).
    """
    rates: list[Rate] = []
    if scores.probe is not None:
        rates = _rates(scores, trials, _edges(histogram, in_use))
    sign = -1.0 if histogram.distance else 1.0
    return table(
        BOUNDS,
        {
            "genuine": (Kind.COUNT, np.array([r.measure == FNMR for r in rates], dtype=np.int8)),
            "group": (Kind.GROUP, np.array([r.group for r in rates], dtype=object)),
            "score": (Kind.AMOUNT, np.array([sign * r.threshold.value for r in rates], dtype=np.float64)),
            "subjects": (Kind.COUNT, np.array([r.judgement.subjects for r in rates], dtype=np.int64)),
            "low": (Kind.AMOUNT, np.array([r.judgement.low for r in rates], dtype=np.float64)),
            "high": (Kind.AMOUNT, np.array([r.judgement.high for r in rates], dtype=np.float64)),
        },
    )


def supports(bounds: Table | None, histogram: Histogram, threshold: float) -> Mapping[tuple[str, str], Support]:
    """What the retained bounds say at a threshold, by measure and group. InputError: groups the histogram lacks."""
    if bounds is None:
        return {}
    genuine = bounds["genuine"].astype(np.bool_)
    score = -bounds["score"] if histogram.distance else bounds["score"]
    groups = np.array([str(g) for g in bounds["group"].tolist()], dtype=object)
    unknown = set(groups.tolist()) - {EVERYBODY, *histogram.cells.groups}
    if unknown:
        raise InputError("bounds of other groups than the histogram's", accepted="the bounds kept with this histogram")
    found = {}
    for measure, kind in ((FMR, ~genuine), (FNMR, genuine)):
        for group in sorted(set(groups[kind].tolist())):
            rows = np.flatnonzero(kind & (groups == group))
            one = Retained(
                threshold=score[rows],
                subjects=int(bounds["subjects"][rows].max()),
                low=bounds["low"][rows],
                high=bounds["high"][rows],
            )
            found[(measure, group)] = one.at(threshold, falling=measure == FMR)
    return found


def _rates(scores: Scores, trials: Trials, thresholds: Sequence[float]) -> list[Rate]:
    wrong, anchors, made = gathered(scores, thresholds), anchored(scores, trials), []
    for value in thresholds:
        errors = wrong.at(value)
        threshold = Threshold(policy="", value=value, set_on=GIVEN)
        found = spread(errors, trials, scores)
        made += rates_at(Counted.of(threshold, errors, trials, found, scores, anchors=anchors), Bars(fmr=0.5, fnmr=0.5))
    return [r for r in made if r.verdict != NO_VERDICT and math.isfinite(r.judgement.high)]


def _edges(histogram: Histogram, in_use: Sequence[float]) -> list[float]:
    """Edges near the levels' thresholds and at or above those in use: there the histogram counts what scores count."""
    cells, edges = histogram.cells, histogram.bins.edges
    found = {histogram.matches(value)[1] for value in in_use}
    for measure, part in ((FMR, range(cells.impostor_cells)), (FNMR, range(cells.impostor_cells, cells.size))):
        matches = histogram.matches_from_each_edge(part)
        share = matches / max(int(matches[0]), 1) if measure == FMR else 1 - matches / max(int(matches[0]), 1)
        found |= {float(edges[int(np.abs(share - level).argmin())]) for level in LEVELS[measure]}
    return sorted(value for value in found if math.isfinite(value))


def _least(values: Floats) -> float:
    known = values[np.isfinite(values)]
    return float(known.min()) if len(known) else math.nan
