"""An audit as tables: trials, thresholds, rates, summaries, curves, images and the size of the trial."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from peelian.kernel.model.tables import Emit
from peelian.measure.table import Table
from peelian.technologies.faces.audit.audited import BOTH, Audit, Priced
from peelian.technologies.faces.audit.declared import (
    COVARIATES,
    CURVES,
    LADDER,
    RATES,
    SIZES,
    SUMMARIES,
    THRESHOLDS,
    TRIALS,
)
from peelian.technologies.faces.measure import (
    covariates,
    equity,
    price,
    rates,
    thresholds,
    uncertainty,
    verdicts,
)
from peelian.technologies.faces.measure.covariates import BINS, COLUMNS, rates_of_bin
from peelian.technologies.faces.measure.equity import MAX_GEOMEAN
from peelian.technologies.faces.measure.errors import FMR, FNMR, Counts
from peelian.technologies.faces.measure.histogram import to_table
from peelian.technologies.faces.measure.sample_size import subjects_for, trials_for
from peelian.technologies.faces.measure.scores import EVERYBODY, WITHIN, Floats, Scores
from peelian.technologies.faces.measure.thresholds import OWN_GROUP, TARGETS, Threshold
from peelian.technologies.faces.measure.uncertainty import (
    EXACT,
    FEW_ERRORS,
    NOT_DETERMINABLE,
    Estimate,
    adequacy_of,
    weakest,
)

OPERATING, DIAGNOSIS = "operating point", "diagnostic only"
NO_GROUP = "none"
CURVE_POINTS, RUNGS = 48, 16
HIGHEST, LOWEST = 1e-1, 1e-6
"""Overall FMR at the ends of the ladder."""
ENOUGH, INDICATIVE_SIZE, TOO_FEW = "enough for 30 errors", "enough for 10 errors", "too few"


def tables_of(audit: Audit, *, keep_histogram: bool = False) -> tuple[Table, ...]:
    """Every table of an audit, in the order of the report."""
    made = (
        trials_table(audit),
        thresholds_table(audit),
        rates_table(audit),
        summaries_table(audit),
        curves_table(audit),
        sizes_table(audit),
        ladder_table(audit),
    )
    if not keep_histogram:
        return made
    kept = (to_table(audit.histogram),)
    return (*made, *kept) if audit.bounds is None else (*made, *kept, audit.bounds)


def trials_table(audit: Audit) -> Table:
    """Subjects and comparisons by group and pair of groups, with failures to enrol or acquire."""
    cells, groups = audit.histogram.cells, (EVERYBODY, *audit.groups)
    made = audit.histogram.made()
    failed = audit.trials.failed if audit.trials is not None else np.zeros_like(made)
    rows = []
    for group in groups:
        own = (
            list(range(cells.impostor_cells, cells.size))
            if group == EVERYBODY
            else [cells.genuine(groups.index(group) - 1)]
        )
        impostor = (
            list(range(cells.impostor_cells)) if group == EVERYBODY else [cells.pair(*[groups.index(group) - 1] * 2)]
        )
        rows.append((group, group, _subjects(audit, group), impostor, own))
    rows += [(audit.groups[g], audit.groups[h], 0, [c], []) for g, h, c in cells.named_pairs() if g != h]
    lost = np.array([int(failed[i].sum() + failed[g].sum()) for *_, i, g in rows], dtype=np.int64)
    tried = lost + np.array([int(made[i].sum() + made[g].sum()) for *_, i, g in rows], dtype=np.int64)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(tried > 0, lost / tried, np.nan)
    return TRIALS.of(
        {
            "group": [r[0] for r in rows],
            "other_group": [r[1] for r in rows],
            "subjects": [r[2] for r in rows],
            "impostor": [int(made[r[3]].sum()) for r in rows],
            "genuine": [int(made[r[4]].sum()) for r in rows],
            "failed": lost,
            "failure_rate": share,
            "failure_rate_n": tried,
        }
    )


def thresholds_table(audit: Audit) -> Table:
    """Every threshold with its overall and worst-group rates, expected errors, and whether it is diagnostic only."""
    return THRESHOLDS.of_rows(_threshold_row(audit, one) for one in audit.thresholds)


def rates_table(audit: Audit) -> Table:
    """Every rate of every threshold, long."""
    rates = [rate for one in audit.thresholds for rate in one.rates]
    estimates = [rate.estimate for rate in rates]
    return RATES.of(
        {
            "policy": [r.threshold.policy for r in rates],
            "threshold": [threshold_shown(audit, r.threshold.value) for r in rates],
            "measure": [r.measure for r in rates],
            "group": [r.group for r in rates],
            "other_group": [r.other_group for r in rates],
            **{
                name: [getattr(e, name) for e in estimates]
                for name in ("errors", "n", "rate", "low", "high", "bound", "method", "adequacy")
            },
            "verdict": [r.verdict for r in rates],
            "design_effect": [r.design_effect for r in rates],
            "subjects": [r.judgement.subjects for r in rates],
            "low_bound": [r.judgement.low for r in rates],
            "high_bound": [r.judgement.high for r in rates],
            "needed_subjects": [r.judgement.needed for r in rates],
        }
    )


def summaries_table(audit: Audit) -> Table:
    """Every summary measure over groups at every operating threshold."""
    return SUMMARIES.of({name: [getattr(s, name) for s in audit.summaries] for name in SUMMARIES.columns})


def curves_table(audit: Audit) -> Table:
    """Points of the detection error trade-off curve, over all and within each group, evenly spread in log FMR."""
    return _points_table(CURVES, audit, lambda false: _edges(false, np.geomspace(1, int(false[0]), CURVE_POINTS)))


def ladder_table(audit: Audit) -> Table:
    """Both error rates of all and of each group at the same thresholds: of overall FMRs from 1e-1 down to 1e-6.

    It ends where ten false matches are left. All comparisons of the histogram are counted, those that set thresholds
    too. O(groups x bins).
    """
    false = audit.histogram.matches_from_each_edge(range(audit.histogram.cells.impostor_cells))
    n = int(false[0])
    most, least = HIGHEST * n, max(LOWEST * n, FEW_ERRORS)
    rungs = _edges(false, np.geomspace(most, least, RUNGS)) if most > least else np.array([], dtype=np.int64)
    return _points_table(LADDER, audit, lambda _: rungs)


def sizes_table(audit: Audit) -> Table:
    """Comparisons needed for each target rate (rule of 30) and available, overall and in the smallest group."""
    cells, made = audit.histogram.cells, audit.histogram.made()
    pairs = int(made[: cells.impostor_cells].sum())
    smallest = min((int(made[c]) for c in cells.within()), default=0)
    needed = [trials_for(target) for target in TARGETS.values()]
    return SIZES.of(
        {
            "policy": list(TARGETS),
            "target": list(TARGETS.values()),
            "needed_pairs": needed,
            "needed_subjects": [subjects_for(n) for n in needed],
            "pairs": [pairs] * len(needed),
            "smallest_group_pairs": [smallest] * len(needed),
            "size": [_size(pairs, target) for target in TARGETS.values()],
            "smallest_group_size": [_size(smallest, target) for target in TARGETS.values()],
        }
    )


def threshold_shown(audit: Audit, threshold: float) -> float:
    """A threshold in the scores' own direction."""
    return -threshold if audit.histogram.distance else threshold


def _size(pairs: int, target: float) -> str:
    if pairs * target >= 30:
        return ENOUGH
    return INDICATIVE_SIZE if pairs * target >= 10 else TOO_FEW


def _subjects(audit: Audit, group: str) -> int:
    if audit.scores is None or audit.scores.probe is None:
        return 0
    if group == EVERYBODY:
        return audit.scores.subjects
    return int((audit.scores.group_of == audit.groups.index(group)).sum())


def _threshold_row(audit: Audit, one: Priced) -> dict[str, object]:
    policy = one.threshold.policy
    own = policy == OWN_GROUP
    group = audit.groups[one.threshold.group] if own else EVERYBODY
    fmr, fnmr = one.rate(FMR, group), one.rate(FNMR, group)
    groups = [] if own else audit.groups
    geomean = [s.value for s in audit.summaries if (s.policy, s.measure, s.of) == (policy, MAX_GEOMEAN, FMR)]
    return {
        "policy": policy,
        "group": group,
        "threshold": threshold_shown(audit, one.threshold.value),
        "set_on": one.threshold.set_on,
        "use": DIAGNOSIS if own else OPERATING,
        **_rate_columns(FMR, fmr, one.worst(FMR, groups)),
        "fmr_check_low": one.check[0],
        "fmr_check_high": one.check[1],
        **_rate_columns(FNMR, fnmr, one.worst(FNMR, groups)),
        "max_geomean": geomean[0] if geomean else math.nan,
        "false_alerts_per_day": math.nan if own else one.price.false_alerts_per_day,
        "searches_with_candidate": math.nan if own else one.price.searches_with_candidate,
        "price_basis": one.price.basis,
    }


def _rate_columns(measure: str, rate: Estimate, worst: tuple[str, Estimate] | None) -> dict[str, object]:
    name = measure.lower()
    group, highest = worst or (NO_GROUP, None)
    return {
        name: rate.rate,
        f"{name}_n": rate.n,
        f"{name}_adequacy": rate.adequacy,
        f"worst_{name}": highest.substituted if highest else math.nan,
        f"worst_{name}_bound": highest.bound if highest else EXACT,
        f"worst_{name}_group": group,
        f"worst_{name}_adequacy": highest.adequacy if highest else NOT_DETERMINABLE,
    }


def _points_table(emit: Emit, audit: Audit, edges_of: Callable[[Counts], Counts]) -> Table:
    rows = [(group, *row) for group in (EVERYBODY, *audit.groups) for row in _points(audit, group, edges_of)]
    return emit.of({column: [row[i] for row in rows] for i, column in enumerate(emit.columns)})


def _edges(false: Counts, most: Floats) -> Counts:
    """The lowest edges from which at most so many of the impostor comparisons match."""
    edges = np.unique(np.searchsorted(-false, -most, side="left"))
    return edges[edges < len(false)]


def _points(
    audit: Audit, group: str, edges_of: Callable[[Counts], Counts]
) -> list[tuple[float, float, int, float, int, str]]:
    """(threshold, FMR, its n, FNMR, its n, adequacy) at edges of bins, chosen by the group's matches from each edge."""
    histogram, cells = audit.histogram, audit.histogram.cells
    if group == EVERYBODY:
        impostor, genuine = range(cells.impostor_cells), range(cells.impostor_cells, cells.size)
    else:
        g = audit.groups.index(group)
        impostor, genuine = range(cells.pair(g, g), cells.pair(g, g) + 1), range(cells.genuine(g), cells.genuine(g) + 1)
    false, true = (histogram.matches_from_each_edge(c) for c in (impostor, genuine))
    failed = 0 if audit.trials is None else int(audit.trials.failed[list(genuine)].sum())
    n, m = int(false[0]) if len(false) else 0, (int(true[0]) if len(true) else 0) + failed
    if not n or not m:
        return []
    points = []
    for e in edges_of(false).tolist():
        k, wrong = int(false[e]), m - int(true[e])
        adequacy = weakest([adequacy_of(k), adequacy_of(wrong)])
        points.append((threshold_shown(audit, float(histogram.bins.edges[e])), k / n, n, wrong / m, m, adequacy))
    return points


def by_covariate(scores: Scores, tables: Sequence[Table], threshold: Threshold) -> Table:
    """FMR and FNMR in each bin of the covariates that all tables carry, at one threshold, over all groups. O(rows)."""
    found = []
    for name, title in COLUMNS.items():
        if not all(name in table for table in tables):
            continue
        codes = np.concatenate([table[name] for table in tables])
        for code, label in enumerate(BINS[name]):
            for measure, row in rates_of_bin(scores, codes == code, threshold).items():
                told = {"covariate": title, "bin": label, "measure": measure, "policy": threshold.policy}
                found.append({**told, **row})
    return COVARIATES.of_rows(found)


VOCABULARY = frozenset(
    {
        *thresholds.POLICIES,
        *thresholds.SET_ON,
        *(*rates.MEASURES, *rates.TERMS.values()),
        *equity.NAMES,
        *price.BASES,
        *uncertainty.METHODS,
        *(uncertainty.MEASURED, uncertainty.INDICATIVE, uncertainty.NOT_DETERMINABLE),
        *(uncertainty.EXACT, uncertainty.AT_MOST, uncertainty.AT_LEAST),
        *(verdicts.MEETS, verdicts.FAILS, rates.NO_VERDICT),
        *(OPERATING, DIAGNOSIS, NO_GROUP),
        *(ENOUGH, INDICATIVE_SIZE, TOO_FEW),
        *(EVERYBODY, WITHIN, BOTH),
        *covariates.COLUMNS.values(),
        *(label for labels in covariates.BINS.values() for label in labels),
    }
)
"""Levels, measures and verdicts of an audit."""
