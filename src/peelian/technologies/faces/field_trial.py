"""Score a field trial: false alerts per face and per alert, missed passages by person, each against its limit."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from peelian.measure.exact import clopper_pearson, fisher
from peelian.measure.multiplicity import holm
from peelian.measure.table import Table
from peelian.technologies.faces.declarations.field import FieldParams
from peelian.technologies.faces.formats_field import COUNTS
from peelian.technologies.faces.histogram import EVERYBODY
from peelian.technologies.faces.shares import HIGHER, LOWER, NO_DIFFERENCE, NOT_COMPARED, SURE, against, needed
from peelian.technologies.faces.uncertainty import NOT_DETERMINABLE
from peelian.technologies.faces.verdicts import FAILS, MEETS

PER_FACE, PER_ALERT, MISSED = "false alerts per face seen", "false alerts per alert", "missed passages of crossers"
MEASURES = (PER_FACE, PER_ALERT, MISSED)
FACES, ALERTS, CROSSERS = "faces seen", "alerts", "crossers"
COUNTED = {PER_FACE: FACES, PER_ALERT: ALERTS, MISSED: CROSSERS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One share of one group: `errors` of `n`. Its uncertainty is that of `k` errors in `trials` independent trials.

    They are the same for alerts and faces. For missed passages `trials` are people, because one person's passages
    are alike; nan where their number is not known.
    """

    measure: str
    group: str
    errors: float
    n: float
    trials: float
    limit: float
    low: float = math.nan
    high: float = math.nan
    verdict: str = NOT_DETERMINABLE
    compared: str = NOT_COMPARED
    needed: float = math.nan

    @property
    def k(self) -> float:
        """The errors among the independent trials; may be a fraction."""
        return self.trials * self.rate

    @property
    def rate(self) -> float:
        """The share; nan of nothing."""
        return self.errors / self.n if self.n > 0 else math.nan


def scored(params: FieldParams, trial: Table) -> list[Measured]:
    """Every share that the tallies tell, overall and by group. One Holm correction covers all verdicts. O(groups)."""
    rows = {row["group"]: row for row in trial.records()}
    groups = [name for name in rows if name != EVERYBODY]
    everybody = rows.get(EVERYBODY) or _together([rows[name] for name in groups])
    limits = {PER_FACE: params.limit_face, PER_ALERT: params.limit_alert, MISSED: params.limit_missed}
    found = [
        _measured(measure, name, row, limits[measure])
        for measure in MEASURES
        for name, row in ((EVERYBODY, everybody), *((name, rows[name]) for name in groups))
    ]
    found = [one for one in found if one.n > 0]
    p = [against(one.k, one.trials, one.limit) if one.trials > 0 else math.nan for one in found]
    p += [_against_rest(one, found) for one in found]
    corrected = holm(p)
    sure = SURE / max(1, int(np.isfinite(p).sum()))
    return [
        _concluded(one, float(corrected[i]), float(corrected[len(found) + i]), found, sure)
        for i, one in enumerate(found)
    ]


def _together(rows: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """The groups as one; nan where one of them does not say, the most passages of anybody."""
    made = {name: sum(row[name] for row in rows) for name in COUNTS}
    return {**made, "most_passages": max(row["most_passages"] for row in rows)}


def _measured(measure: str, group: str, row: Mapping[str, float], limit: float) -> Measured:
    if measure == MISSED:
        errors, n, trials = row["missed"], row["crossings"], _people(row)
    else:
        errors, n = row["false_alerts"], row["faces_seen"] if measure == PER_FACE else row["alerts"]
        trials = n
    one = Measured(measure=measure, group=group, errors=errors, n=n, trials=trials, limit=limit)
    if not (math.isfinite(errors) and one.n > 0 and one.trials > 0):
        return one if math.isfinite(errors) else replace(one, n=math.nan)
    low, high = (float(end) for end in clopper_pearson(one.k, trials))
    return replace(one, low=low, high=high)


def _people(row: Mapping[str, float]) -> float:
    """Crossers as independent trials; fewer where one made far more passages than others (Kish 1965, at its worst)."""
    most = row["most_passages"]
    return min(row["crossers"], row["crossings"] / most) if math.isfinite(most) else row["crossers"]


def _against_rest(one: Measured, found: Sequence[Measured]) -> float:
    """Fisher's probability that a group's share is that of the other groups together; nan where there is no rest."""
    rest = [m for m in found if m.measure == one.measure and m.group not in (EVERYBODY, one.group)]
    if one.group == EVERYBODY or not rest or not all(m.trials > 0 for m in (one, *rest)):
        return math.nan
    trials, k = int(sum(m.trials for m in rest)), round(sum(m.k for m in rest))
    return fisher(min(round(one.k), int(one.trials)), int(one.trials), min(k, trials), trials)


def _concluded(
    one: Measured, against_limit: float, against_rest: float, found: Sequence[Measured], sure: float
) -> Measured:
    verdict, compared = NOT_DETERMINABLE, NOT_COMPARED
    if against_limit <= SURE:
        verdict = MEETS if one.rate < one.limit else FAILS
    if math.isfinite(against_rest):
        rest = [m for m in found if m.measure == one.measure and m.group not in (EVERYBODY, one.group)]
        above = one.k * sum(m.trials for m in rest) > one.trials * sum(m.k for m in rest)
        compared = (HIGHER if above else LOWER) if against_rest <= SURE else NO_DIFFERENCE
    short = float(needed(one.limit, sure)) if verdict == NOT_DETERMINABLE else math.nan
    return replace(one, verdict=verdict, compared=compared, needed=short)
