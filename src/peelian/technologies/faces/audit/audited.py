"""Audit a matcher: from comparisons to rates, curves, summaries and expected errors at every threshold."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from peelian.errors import NotEnoughData, sentence
from peelian.measure.table import Table
from peelian.technologies.faces.audit.declared import AuditParams, HistogramParams
from peelian.technologies.faces.measure import equity
from peelian.technologies.faces.measure.equity import deviations, projected, together
from peelian.technologies.faces.measure.errors import (
    FMR,
    FNMR,
    Trials,
    anchored,
    gathered,
    overall_interval,
    spread,
    trial_counts,
)
from peelian.technologies.faces.measure.histogram import Histogram, tallied
from peelian.technologies.faces.measure.price import (
    MEASURED_PRICE,
    MODELLED_PRICE,
    Operation,
    Price,
    fpir_from_fmr,
    price,
)
from peelian.technologies.faces.measure.rates import Bars, Counted, Rate, rates_at
from peelian.technologies.faces.measure.retained import retained, supports
from peelian.technologies.faces.measure.scores import Scores
from peelian.technologies.faces.measure.searches import FNIR, FPIR, Searches, share_at
from peelian.technologies.faces.measure.thresholds import (
    ENOUGH,
    GIVEN,
    OWN_GROUP,
    Threshold,
    chosen,
    operational,
    split,
)
from peelian.technologies.faces.measure.uncertainty import AT_LEAST, AT_MOST, EXACT, NOT_DETERMINABLE, Estimate, weakest

BOTH = "both"


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """One summary measure over groups at one threshold; `of` is FMR, FNMR or `BOTH`."""

    policy: str
    measure: str
    of: str
    value: float
    low: float
    high: float
    bound: str
    groups: int
    adequacy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Priced:
    """A threshold with its rates and expected errors in use."""

    threshold: Threshold
    rates: tuple[Rate, ...]
    price: Price
    check: tuple[float, float]  # the two-way bootstrap's interval of the overall FMR; nan where not drawn

    def rate(self, measure: str, group: str, other: str = "") -> Estimate:
        """The estimate of a measure for a group (or a pair); KeyError where there is none."""
        named = {(r.measure, r.group, r.other_group): r.estimate for r in self.rates}
        return named[(measure, group, other or group)]

    def worst(self, measure: str, groups: Sequence[str]) -> tuple[str, Estimate] | None:
        """The group with the highest rate (or bound), and that rate; None if no group has comparisons."""
        known = [(g, self.rate(measure, g)) for g in groups]
        known = [(g, e) for g, e in known if e.n]
        return max(known, key=lambda pair: pair[1].substituted) if known else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """Results of an audit, before tables are made. `scores` is None for the audit of a histogram."""

    params: HistogramParams
    histogram: Histogram
    scores: Scores | None
    trials: Trials | None
    crossing: int  # comparisons across the halves that set and that report thresholds
    left_out: tuple[int, ...]
    thresholds: tuple[Priced, ...]
    summaries: tuple[Summary, ...]
    bounds: Table | None = None  # kept with the histogram, see `retained`

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups shown."""
        return self.histogram.cells.groups

    @property
    def headline(self) -> Priced:
        """The threshold that charts show: the first in use, or set for the limit or below; else the first."""
        limit = self.params.target_fmr
        return next((t for t in self.thresholds if not t.threshold.looser(limit)), self.thresholds[0])


def audited(
    params: AuditParams,
    scores: Scores,
    calibration: Scores | None = None,
    searches: Searches | None = None,
    *,
    seed: int = 0,
) -> Audit:
    """The whole audit of oriented scores. O(rows), plus a sort of the comparisons that set thresholds.

    NotEnoughData: no threshold is given and there are too few impostor comparisons to set one.
    """
    sets = split(scores, calibration, seed)
    set_here, left_out = chosen(sets.setting, sets.set_on, scores.cells, bar=params.target_fmr)
    given = operational(params.thresholds, scores.distance)
    _refuse_none((*given, *set_here), len(sets.setting.score))
    crossing, reported = sets.crossing, sets.reported
    del sets  # the comparisons that set thresholds are let go
    trials, use = trial_counts(scores), _Use(params=params, searches=searches, seed=seed)
    found = [_at_all(given, scores, trials, use)] if given else []
    if set_here and reported is None:
        found.append(_at_all(set_here, scores, trials, use))
    elif set_here and reported is not None:
        rest = scores.take(reported)
        found.append(_at_all(set_here, rest, trial_counts(rest), use))
        del rest  # before the histogram is made
    histogram = tallied(scores)
    kept = retained(scores, trials, histogram, [t.value for t in given]) if params.keep_histogram else None
    return Audit(
        params=params,
        histogram=histogram,
        scores=scores,
        trials=trials,
        crossing=crossing,
        left_out=left_out,
        thresholds=tuple(one for priced, _ in found for one in priced),
        summaries=tuple(one for _, some in found for one in some),
        bounds=kept,
    )


def audited_histogram(params: HistogramParams, histogram: Histogram, bounds: Table | None = None) -> Audit:
    """The audit of a retained histogram at given thresholds: exact counts, verdicts only from kept `bounds`.

    A threshold between two edges is moved to the next stricter edge. NotEnoughData: no threshold is given.
    """
    if not params.thresholds:
        raise NotEnoughData(
            "a histogram cannot be split by subject to set thresholds",
            accepted="thresholds in use: thresholds = 0.61, …",
        )
    priced: list[Priced] = []
    summaries: list[Summary] = []
    for threshold in operational(params.thresholds, histogram.distance):
        matches, used = histogram.matches(threshold.value)
        moved = Threshold(policy=threshold.policy, value=used, set_on=GIVEN)
        one, some = _from_counts(_counted_from(histogram, matches, moved, bounds), params, None, (math.nan, math.nan))
        priced.append(one)
        summaries += some
    return Audit(
        params=params,
        histogram=histogram,
        scores=None,
        trials=None,
        crossing=0,
        left_out=(),
        thresholds=tuple(priced),
        summaries=tuple(summaries),
    )


def summarised(one: Priced, groups: Sequence[str]) -> list[Summary]:
    """Every summary measure over the groups at a threshold; a rate without errors enters as its bound.

    With such a bound a ratio is "at least". A measure that rests on a group with fewer than ten errors and no bound is
    undetermined, and its value is not given. Intervals are simultaneous ones, projected (see `simultaneous`).
    """
    rates = {m: [one.rate(m, g) for g in groups] for m in (FMR, FNMR)}
    rates = {m: [e for e in found if e.n] for m, found in rates.items()}
    ranges = _ranges(one, groups)
    made: list[Summary] = []
    for of, found in rates.items():
        if len(found) >= 2:
            values = equity.of_rates([e.substituted for e in found]).named()
            made += [_summary(one, measure, of, found, values[measure]) for measure in values]
    if all(len(found) == len(groups) >= 2 for found in rates.values()):
        both = equity.of_both(*([e.substituted for e in found] for found in rates.values()))
        pairs = [e for found in rates.values() for e in found]
        made += [_summary(one, measure, BOTH, pairs, both[measure]) for measure in both]
    return [_with_interval(s, ranges.get((s.measure, s.of), (math.nan, math.nan))) for s in made]


def _ranges(one: Priced, groups: Sequence[str]) -> dict[tuple[str, str], tuple[float, float]]:
    """Intervals of the measures by (measure, FMR, FNMR or both); none where a group has no error or no subjects."""
    found = {}
    for of in (FMR, FNMR):
        named = {r.group: r for r in one.rates if r.measure == of and r.group == r.other_group}
        rates = [named[g] for g in groups if g in named and named[g].estimate.n]
        spread = np.array([r.design_effect * (1 - r.estimate.rate) / max(r.estimate.errors, 1) for r in rates])
        if len(rates) >= 2 and bool(np.all(spread > 0)) and all(r.estimate.errors for r in rates):
            values = np.array([r.estimate.rate for r in rates])
            found[of] = projected(deviations(values, spread, min(r.judgement.subjects for r in rates)))
    made = {(measure, of): ends for of, ranges in found.items() for measure, ends in ranges.items()}
    if len(found) == 2:
        made |= {(measure, BOTH): ends for measure, ends in together(found[FMR], found[FNMR]).items()}
    return made


@dataclass(frozen=True, slots=True, kw_only=True)
class _Use:
    """Parameters, searches and seed used at every threshold."""

    params: AuditParams
    searches: Searches | None
    seed: int


def _at_all(
    thresholds: Sequence[Threshold], scores: Scores, trials: Trials, use: _Use
) -> tuple[list[Priced], list[Summary]]:
    """The rates, prices and summaries of several thresholds on one set of comparisons."""
    wrong, anchors = gathered(scores, [t.value for t in thresholds]), anchored(scores, trials)
    priced: list[Priced] = []
    summaries: list[Summary] = []
    for threshold in thresholds:
        errors = wrong.at(threshold.value)
        made = Counted.of(threshold, errors, trials, spread(errors, trials, scores), scores, anchors=anchors)
        check = (math.nan, math.nan)
        if threshold.policy != OWN_GROUP:
            check = overall_interval(errors, trials, scores, replicates=use.params.replicates, seed=use.seed)
        one, some = _from_counts(made, use.params, use.searches, check)
        priced.append(one)
        summaries += some
    return priced, summaries


def _from_counts(
    made: Counted, params: HistogramParams, searches: Searches | None, check: tuple[float, float]
) -> tuple[Priced, list[Summary]]:
    rates = tuple(rates_at(made, Bars(fmr=params.limit_fmr, fnmr=params.limit_fnmr)))
    cost = priced_at(made.threshold, rates, params, searches)
    one = Priced(threshold=made.threshold, rates=rates, price=cost, check=check)
    own = made.threshold.policy == OWN_GROUP
    return one, [] if own else summarised(one, made.cells.groups)


def priced_at(threshold: Threshold, rates: Sequence[Rate], params: HistogramParams, searches: Searches | None) -> Price:
    """Expected errors of a threshold: measured if both kinds of searches are given, else modelled from FMR; not known
    where no false match or alert was seen at it."""
    use = Operation(searches_per_day=params.searches_per_day, gallery=params.gallery, mated_share=params.mated_share)
    if searches is not None and bool((~searches.mated).any()):
        rank = params.rank if isinstance(params, AuditParams) else 1
        fpir = share_at(searches, FPIR, threshold.value, rank=rank).seen
        fnir = share_at(searches, FNIR, threshold.value, rank=rank).rate
        return price(use, fpir=fpir, fnir=fnir, basis=MEASURED_PRICE)
    fmr, fnmr = (next(r.estimate for r in rates if r.measure == m) for m in (FMR, FNMR))
    return price(use, fpir=fpir_from_fmr(fmr.seen, params.gallery), fnir=fnmr.rate, basis=MODELLED_PRICE)


def _counted_from(histogram: Histogram, matches: np.ndarray, threshold: Threshold, bounds: Table | None) -> Counted:
    made = histogram.made()
    first = histogram.cells.impostor_cells
    wrong = np.where(np.arange(len(made)) < first, matches, made - matches)
    return Counted(
        threshold=threshold,
        by_cell=wrong,
        made=made,
        failed=np.zeros_like(made),
        spread=None,
        cells=histogram.cells,
        retained=supports(bounds, histogram, threshold.value),
    )


def _summary(one: Priced, measure: str, of: str, found: Sequence[Estimate], value: float) -> Summary:
    bounded = any(e.bound == AT_MOST for e in found)
    # A group in which nothing was seen is carried by its bound, not by its errors.
    adequacy = weakest([e.adequacy for e in found if e.bound != AT_MOST])
    if all(e.bound == AT_MOST for e in found) or adequacy == NOT_DETERMINABLE:
        value = math.nan
    return Summary(
        policy=one.threshold.policy,
        measure=measure,
        of=of,
        value=value,
        low=math.nan,
        high=math.nan,
        bound=(AT_LEAST if measure in equity.RATIOS else AT_MOST) if bounded else EXACT,
        groups=len(found) if of != BOTH else len(found) // 2,
        adequacy=adequacy,
    )


def _with_interval(summary: Summary, interval: tuple[float, float]) -> Summary:
    if summary.bound != EXACT or not math.isfinite(summary.value):
        return summary
    return replace(summary, low=interval[0], high=interval[1])


def _refuse_none(thresholds: Sequence[Threshold], there: int) -> None:
    if not thresholds:
        says = sentence("too few impostor comparisons to set a threshold (%(n)d), and none given", n=there)
        accepted = sentence("thresholds = …, or at least %(least)d impostor comparisons per half", least=ENOUGH * 10)
        raise NotEnoughData(says, accepted=accepted)
