"""Verdicts by group: does the score tell outcomes apart, and does it promise what happens? All tests of a report are
one family, corrected together.

A verdict ("differs", "better than chance") comes only from here, never from whether one of many pointwise intervals
holds 1. Groups are tested where they are validated; all statistics are divided by a node's design effect.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import scipy

from peelian.measure.multiplicity import holm
from peelian.measure.rates import Area, delong, two_sided_p
from peelian.measure.table import Table
from peelian.technologies.risk.audit.declared import VERDICTS
from peelian.technologies.risk.audit.words import (
    BETTER,
    NO_BETTER,
    NO_DIFFERENCE,
    NOT_VALIDATED,
    PROMISES_LESS,
    PROMISES_MORE,
    REFERENCE,
    REVERSED,
    SEPARATES_LESS,
    SEPARATES_MORE,
    TOO_FEW_TO_TELL,
)
from peelian.technologies.risk.measure.calibration import Recalibration
from peelian.technologies.risk.measure.counts import Floats, Mask, quadrants, rate, shares
from peelian.technologies.risk.measure.planning import (
    people_for_area,
    people_for_events,
    people_for_rate,
    people_for_ratio,
    people_for_slope,
)
from peelian.technologies.risk.measure.study import Figure, Study
from peelian.technologies.risk.shared import PARTNER, SHOWN

LEVEL = 0.03
"""The chance of even one wrong verdict in a report, at most."""
OVERALL_SHARE = 2.0
"""Weight of "is the score better than chance at all?" against all other tests together: it comes first."""
RATES = ("base_rate", "fpr", "fnr", "ppv")
KINDS = ("discrimination", "calibration", *RATES)
SURE = 0.001  # a stated probability of 0 or 1 is tested as if it were this near: one rounding decides nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Score tests of observed against expected outcomes per group [...]: squares, each chi-squared with 1 df if none.

    `level`: as many events as expected? `slope`: given the level, do they rise with the score as expected? Where some
    person has several assessments, their mean is referred to F with `below` degrees of freedom instead.
    """

    level: Floats
    slope: Floats
    below: Floats | None = None

    @property
    def p(self) -> Floats:
        """The probability of both together, 2 df (1 where all scores promise the same)."""
        bare = np.isnan(self.slope)
        both, df = self.level + np.where(bare, 0, self.slope), np.where(bare, 1, 2)
        if self.below is None:
            return np.asarray(scipy.special.chdtrc(df, both), dtype=np.float64)
        return np.asarray(scipy.special.fdtrc(df, np.maximum(self.below, 1), both / df), dtype=np.float64)


def one_df(square: Floats) -> Floats:
    """The probability of a chi-squared value with 1 df at least this large."""
    return np.asarray(scipy.special.chdtrc(1, square), dtype=np.float64)


def agreement(cells: Floats, probability: Floats, of: Floats | None = None) -> Agreement:
    """Whether outcomes of groups, counts [..., S, 2], follow `probability` [S] (Rao's score test of recalibration).

    `of` [S, 2] are the counts that `probability` was taken from, the groups among them: their variance is then that
    of a draw without replacement at each score (Mantel 1963, Chi-square tests with one degree of freedom). Equal to
    the likelihood ratio test of intercept 0 and slope 1 in large samples, and exact in its variance in small ones.
    O(cells).

    >>> cells = np.array([[[30.0, 10.0], [20.0, 20.0]], [[60.0, 20.0], [40.0, 40.0]]])
    >>> agreement(cells, np.array([0.25, 0.5]), cells.sum(axis=0)).p.round(3).tolist()
    [1.0, 1.0]
    """
    near = np.clip(probability, SURE, 1 - SURE)
    x = np.log(near) - np.log1p(-near)
    n, events = cells.sum(axis=-1), cells[..., 1]
    if of is None:
        expected, variance = n * probability, n * near * (1 - near)
    else:
        total, happened = of.sum(axis=-1), of[..., 1]
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.where(total > 0, happened / total, 0)
            spread = np.where(total > 1, n * (total - n) / (total - 1), 0)
        expected, variance = n * share, spread * share * (1 - share)
    gap = events - expected
    v0 = variance.sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        middle = (variance * x).sum(axis=-1) / v0
        centred = x - middle[..., None]
        v1, whole = (variance * centred**2).sum(axis=-1), (variance * x**2).sum(axis=-1)
        level = gap.sum(axis=-1) ** 2 / v0
        slope = (gap * centred).sum(axis=-1) ** 2 / v1
    return Agreement(level=level, slope=np.where(v1 > 1e-9 * whole, slope, np.nan))


def agreement_of(study: Study, promise: Floats, *, probability: bool) -> Agreement:
    """The same of every node: a rank score against everyone at the same level (`promise` [levels]), a probability
    against its own value. O(nodes x scores).
    """
    fit = (
        agreement(study.fine, study.counts.scores * study.counts.sign)
        if probability
        else agreement(study.effective, promise, study.effective[0])
    )
    below = (study.replicates.groups - 1).astype(np.float64) if study.replicates else None
    return Agreement(level=fit.level / study.design_effect, slope=fit.slope / study.design_effect, below=below)


def area_of(study: Study) -> Area:
    """Area under the curve per node, its variance (DeLong) times the design effect. O(nodes x scores)."""
    found = delong(study.fine[..., 1], study.fine[..., 0])
    return Area(
        value=found.value, variance=found.variance * study.design_effect, events=found.events, others=found.others
    )


def chance_p(study: Study, area: Area) -> Floats:
    """The probability of an area this far from 0.5 where the score says nothing of the outcome: [N].

    The variance is DeLong's or, where larger, that of a score without information (Mann, Whitney 1947, ties after
    Noether 1967): DeLong's own is too small in the tails of few people.
    """
    ties = study.fine.sum(axis=-1)
    n = ties.sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        tied = (ties**3 - ties).sum(axis=-1) / (n**3 - n)
        blank = (n + 1) / (12 * area.events * area.others) * (1 - tied) * study.design_effect
    return two_sided_p(area.value - 0.5, np.fmax(area.variance, blank))


def rate_p(study: Study, metric: str) -> Floats:
    """The probability of a rate this far from the reference group's if both are one (pooled z test): [N]."""
    num, den = shares(quadrants(study.effective, study.place))[metric]
    there = np.array(study.against)
    with np.errstate(divide="ignore", invalid="ignore"):
        pooled = (num + num[there]) / (den + den[there])
        each = study.design_effect / den
        variance = pooled * (1 - pooled) * (each + each[there])
        gap = num / den - num[there] / den[there]
    return np.where(there >= 0, two_sided_p(gap, variance), np.nan)


def family(study: Study, validated: Mask, area: Area, fit: Agreement, *, everyone: bool) -> dict[str, Floats]:
    """The p-values of every kind of verdict on groups, [N] each; nan where nothing is tested. O(nodes x scores).

    `everyone`: whether everyone's calibration is a question (against a rank score it is perfect by construction).
    """
    asked = validated & (everyone | (np.arange(len(validated)) > 0))
    pairs = study.pair(validated)
    found = {
        "discrimination": np.where(validated, chance_p(study, area), np.nan),
        "calibration": np.where(asked, fit.p, np.nan),
    }
    return found | {metric: np.where(pairs, rate_p(study, metric), np.nan) for metric in RATES}


def adjusted(tests: Mapping[str, Floats]) -> dict[str, Floats]:
    """All p-values of a report corrected together (Holm), in the same shapes.

    Two thirds of LEVEL are first spent on everyone's discrimination (the first of "discrimination"); once that is
    settled they pass on to the other tests. O(tests log tests).
    """
    flat = np.concatenate([np.atleast_1d(values) for values in tests.values()])
    weight = np.ones(len(flat))
    start = 0
    for name, values in tests.items():
        if name == "discrimination":
            weight[start] = max(OVERALL_SHARE * (np.isfinite(flat).sum() - 1), 1.0)
        start += np.size(values)
    parts = np.split(holm(flat, weight), np.cumsum([np.size(values) for values in tests.values()])[:-1])
    return dict(zip(tests, parts, strict=True))


# Verdicts by group: does the score tell outcomes apart, and does it promise what happens?
#
# In Ewert v. Canada, 2018 SCC 30, the fault was to keep using an instrument on people for whom it was not shown to
# work. Too few people is therefore a finding. Calibration counts as well as AUC.

NOTICEABLE = 0.1
"""How far observed over expected, a slope or a ratio of rates must lie from 1 to be called different: in a large group
a difference can be certain and too small to matter."""
CHANCE_WITHIN = 0.03
"""An area whose 95% interval ends at most this far above 0.5 is no better than chance."""
REVERSED_AT, REVERSED_EVENTS = 0.45, 200
"""The largest area of a scale that looks reversed, and the fewest events to say so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """Verdicts of every node: `discrimination` and `calibration` in words, `validated`, and `adjusted` p by kind."""

    validated: Mask
    discrimination: tuple[str, ...]
    calibration: tuple[str, ...]
    adjusted: Mapping[str, Floats]

    def sure(self, kind: str) -> Mask:
        """Where the test of this kind holds against chance in the whole report."""
        with np.errstate(invalid="ignore"):
            return np.asarray(self.adjusted[kind] <= LEVEL, dtype=np.bool_)


def enough(study: Study, fewest: int) -> Mask:
    """Nodes with at least `fewest` persons with the outcome and as many without, which all may show."""
    least = np.minimum(study.events, study.size - study.events) if study.persons is None else study.persons.min(axis=1)
    return np.asarray(study.whole & (least >= fewest), dtype=np.bool_)


def judged(
    study: Study,
    area: Area,
    fit: Agreement,
    found: Recalibration,
    adjusted: Mapping[str, Floats],
    *,
    validated: Mask,
    everyone: bool,
) -> Judged:
    """The verdicts of every node from its tests. O(nodes).

    `everyone`: whether everyone's calibration is a question; against a rank score everyone is the reference.
    """
    with np.errstate(invalid="ignore"):
        sure = adjusted["calibration"] <= LEVEL
        level = sure & (one_df(fit.level) <= LEVEL) & (np.abs(found.ratio - 1) > NOTICEABLE)
        slope = sure & (one_df(fit.slope) <= LEVEL) & (np.abs(found.slope - 1) > NOTICEABLE)
    calibration = np.select(
        [
            ~validated,
            (np.arange(len(validated)) == 0) & (not everyone),
            level & (found.ratio < 1),
            level,
            slope & (found.slope < 1),
            slope,
        ],
        [NOT_VALIDATED, REFERENCE, PROMISES_MORE, PROMISES_LESS, SEPARATES_LESS, SEPARATES_MORE],
        NO_DIFFERENCE,
    )
    return Judged(
        validated=validated,
        discrimination=discriminates(area, adjusted["discrimination"], validated),
        calibration=tuple(calibration.tolist()),
        adjusted=adjusted,
    )


def discriminates(area: Area, p: Floats, validated: Mask) -> tuple[str, ...]:
    """Whether the score tells outcomes apart, per node, in one of the words of DISCRIMINATION. O(nodes).

    A report's verdicts do not depend on the level asked for its intervals: 95% here.

    >>> from peelian.measure.rates import delong
    >>> discriminates(delong([[100, 400]], [[400, 100]]), np.array([1e-9]), np.array([True]))
    ('better than chance',)
    """
    with np.errstate(invalid="ignore"):
        reversed_ = (area.value <= REVERSED_AT) & (area.events >= REVERSED_EVENTS) & (p <= LEVEL)
        chance = area.interval()[1] <= 0.5 + CHANCE_WITHIN
        better = (area.value > 0.5) & (p <= LEVEL)
    words = np.select(
        [~validated, reversed_, chance, better], [TOO_FEW_TO_TELL, REVERSED, NO_BETTER, BETTER], TOO_FEW_TO_TELL
    )
    return tuple(words.tolist())


def verdicts(study: Study, judged: Judged) -> Table:
    """One row per group: its people, events and others where they may show, and both verdicts. O(nodes)."""
    may, outcomes = study.shown.people, study.shown.outcomes
    hidden = [
        why if not n else SHOWN if o else PARTNER
        for why, n, o in zip(study.shown.why, may.tolist(), outcomes.tolist(), strict=True)
    ]
    return VERDICTS.of(
        {
            "axis": study.nodes.axis,
            "group": study.nodes.group,
            "n": np.where(may, study.size, 0),
            "events": np.where(outcomes, study.events, 0),
            "others": np.where(outcomes, study.size - study.events, 0),
            "discrimination": judged.discrimination,
            "verdict": judged.calibration,
            "suppressed": hidden,
        }
    )


def adjusted_figures(study: Study, judged: Judged) -> list[Figure]:
    """The p-values behind the verdicts, corrected for all tests of the report. O(nodes)."""
    none = np.full(len(study.nodes.group), np.nan)
    found = []
    for kind in KINDS:
        tested = np.isfinite(judged.adjusted[kind])
        against = study.names if kind in RATES else ()
        p = judged.adjusted[kind]
        found.append(
            Figure(metric=f"{kind}_p", value=p, low=none, high=none, open_=tested, against=against, kept=tested)
        )
    return found


def persons(study: Study) -> list[Figure]:
    """People with and without the outcome, where some have several assessments: what the minimum counts. O(nodes)."""
    if study.persons is None:
        return []
    none, named = (
        np.full(len(study.persons), np.nan),
        dict(zip(("persons_others", "persons_events"), study.persons.T, strict=True)),
    )
    if study.distinct is not None:
        named["persons"] = study.distinct
    return [Figure(metric=m, value=n, low=none, high=none, open_=study.shown.outcomes) for m, n in named.items()]


HALF_WIDTH, SLOPE_HALF_WIDTH, RATIO_ERROR = 0.05, 0.2, 0.2


def plans(study: Study, promise: np.ndarray, *, fewest: int) -> list[Figure]:
    """People of a group that the next study needs, assuming the overall rates. O(levels)."""
    if not study.whole[0]:
        return []
    found = {name: float(rate(share)[0]) for name, share in shares(quadrants(study.effective, study.place)).items()}
    base = found["base_rate"]
    n = study.effective[0].sum(axis=1)
    spread = np.ptp(promise[n > 0]) > 1e-6
    wanted = {
        "people_for_events": people_for_events(base, fewest=fewest),
        "people_for_fpr": people_for_rate(_inside(found["fpr"]), half_width=HALF_WIDTH, share=1 - base),
        "people_for_fnr": people_for_rate(_inside(found["fnr"]), half_width=HALF_WIDTH, share=base),
        "people_for_auc": people_for_area(0.7, half_width=HALF_WIDTH, base_rate=base),
        "people_for_ratio": people_for_ratio(base, error=RATIO_ERROR),
        **({"people_for_slope": people_for_slope(n, promise, half_width=SLOPE_HALF_WIDTH)} if spread else {}),
    }
    only = np.arange(len(study.nodes.group)) == 0
    none = np.full(len(only), np.nan)
    return [
        Figure(metric=name, value=np.where(only, float(value), np.nan), low=none, high=none, open_=only, kept=only)
        for name, value in wanted.items()
    ]


def _inside(share: float) -> float:
    """A share of exactly 0 or 1 gives no plan: a half per cent stands for it."""
    return min(max(share, 0.005), 0.995)
