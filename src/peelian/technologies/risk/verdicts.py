"""Verdicts by group: does the score tell outcomes apart, and does it promise what happens?

In Ewert v. Canada, 2018 SCC 30, the fault was to keep using an instrument on people for whom it was not shown to work.
Too few people is therefore a finding. Calibration counts as well as AUC.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from peelian.measure.rates import Area
from peelian.measure.table import Table
from peelian.technologies.risk.calibration import Recalibration
from peelian.technologies.risk.counts import Floats, Mask
from peelian.technologies.risk.declarations.columns import VERDICTS
from peelian.technologies.risk.errors_at import quadrants, rate, shares
from peelian.technologies.risk.planning import (
    people_for_area,
    people_for_events,
    people_for_rate,
    people_for_ratio,
    people_for_slope,
)
from peelian.technologies.risk.rows import Figure
from peelian.technologies.risk.significance import KINDS, LEVEL, RATES, Agreement, one_df
from peelian.technologies.risk.study import Study
from peelian.technologies.risk.suppression import PARTNER, SHOWN

BETTER, NO_BETTER = "better than chance", "no better than chance"
TOO_FEW_TO_TELL, REVERSED = "too few to tell", "the scale looks reversed"
NOT_VALIDATED, NO_DIFFERENCE = "not validated for this group", "no calibration difference shown"
PROMISES_MORE, PROMISES_LESS = "promises more than happens", "promises less than happens"
SEPARATES_LESS, SEPARATES_MORE = "separates less than expected", "separates more than expected"
REFERENCE = "the reference of all groups"
DISCRIMINATION = (BETTER, NO_BETTER, TOO_FEW_TO_TELL, REVERSED)
DIFFERENCES = (PROMISES_MORE, PROMISES_LESS, SEPARATES_LESS, SEPARATES_MORE)

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
