"""Verdict by group: is the instrument validated for it?

In Ewert v. Canada, 2018 SCC 30, the fault was to keep using an instrument on people for whom it was not shown to work.
Too few people is therefore a finding. Calibration counts as well as AUC.
"""

from __future__ import annotations

import numpy as np

from peelian.measure.table import Table, table
from peelian.technologies.risk.counts import Mask
from peelian.technologies.risk.declarations.columns import VERDICT_COLUMNS
from peelian.technologies.risk.errors_at import quadrants, rate, shares
from peelian.technologies.risk.planning import (
    people_for_area,
    people_for_events,
    people_for_rate,
    people_for_ratio,
    people_for_slope,
)
from peelian.technologies.risk.rows import Figure
from peelian.technologies.risk.study import Study
from peelian.technologies.risk.suppression import PARTNER, SHOWN

MEASURED, MISCALIBRATED, NOT_VALIDATED = "measured", "measured: calibration differs", "not validated for this group"


def enough(study: Study, fewest: int) -> Mask:
    """Nodes with at least `fewest` events and as many others, of which everything may show."""
    return np.asarray(study.whole & (study.events >= fewest) & (study.size - study.events >= fewest), dtype=np.bool_)


def verdicts(study: Study, wrong: Mask, *, fewest: int) -> Table:
    """One row per group: its people, events and others where they may show, and the verdict. O(nodes).

    `wrong` marks the groups whose calibration differs.
    """
    validated = enough(study, fewest)
    may, outcomes = study.shown.people, study.shown.outcomes
    words = [
        NOT_VALIDATED if not ok else MISCALIBRATED if bad else MEASURED
        for ok, bad in zip(validated.tolist(), wrong.tolist(), strict=True)
    ]
    hidden = [
        why if not n else SHOWN if o else PARTNER
        for why, n, o in zip(study.shown.why, may.tolist(), outcomes.tolist(), strict=True)
    ]
    values = {
        "axis": np.array(study.nodes.axis, dtype=object),
        "group": np.array(study.nodes.group, dtype=object),
        "n": np.where(may, study.size, 0).astype(np.int64),
        "events": np.where(outcomes, study.events, 0).astype(np.int64),
        "others": np.where(outcomes, study.size - study.events, 0).astype(np.int64),
        "verdict": np.array(words, dtype=object),
        "suppressed": np.array(hidden, dtype=object),
    }
    return table("verdicts", {name: (kind, values[name]) for name, kind in VERDICT_COLUMNS.items()})


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
