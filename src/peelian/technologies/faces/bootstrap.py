"""Two-way bootstrap: subjects are drawn with replacement; a comparison's weight is the product of its subjects' counts.

It cross-checks the dyadic intervals and gives intervals of summary measures over groups. It is conservative (Owen 2007,
the pigeonhole bootstrap): an interval narrower than the dyadic one signals a fault.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from peelian.technologies.faces.equity import NAMES, of_both, of_rates
from peelian.technologies.faces.errors_at import Errors
from peelian.technologies.faces.reading import Floats
from peelian.technologies.faces.scores import Scores
from peelian.technologies.faces.trials import Trials

MOST_WORK = 40_000_000  # errors x replicates; beyond, fewer replicates are drawn
FEWEST = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Replicates:
    """FMR over all pairs, within each group, and FNMR of each group, by replicate; nan where nobody was drawn."""

    fmr_all: Floats
    fmr: Floats  # replicate x group
    fnmr: Floats  # replicate x group

    def interval_all(self, level: float = 0.95) -> tuple[float, float]:
        """The percentile interval of the overall FMR."""
        return _percentiles(self.fmr_all, level)

    def summaries(self, level: float = 0.95) -> dict[tuple[str, str], tuple[float, float]]:
        """Percentile intervals of the summary measures, by (measure, "FMR", "FNMR" or "both").

        A replicate in which a group has no error gives no ratio and is left out.
        """
        made: dict[tuple[str, str], list[float]] = {}
        if self.fmr.shape[1] < 2:
            return {}
        for fmr, fnmr in zip(self.fmr, self.fnmr, strict=True):
            good = [bool(np.all(r > 0) and np.all(np.isfinite(r))) for r in (fmr, fnmr)]
            for name, rates, fine in (("FMR", fmr, good[0]), ("FNMR", fnmr, good[1])):
                if fine:
                    for measure, value in of_rates(rates).named().items():
                        made.setdefault((measure, name), []).append(value)
            if all(good):
                for measure, value in of_both(fmr, fnmr).items():
                    made.setdefault((measure, "both"), []).append(value)
        few = 0.8 * len(self.fmr)
        return {key: _percentiles(np.array(v), level) for key, v in made.items() if len(v) >= few and key[0] in NAMES}


def replicated(errors: Errors, trials: Trials, scores: Scores, *, replicates: int, seed: int) -> Replicates | None:
    """Replicates of the rates at a threshold; None where subjects are not known or none are asked for.

    The number of comparisons in a replicate is taken to first order in the subjects' weights; what is left out is
    about 1/sqrt(comparisons) of it. O(replicates x (errors + subjects x groups)), capped by drawing fewer.
    """
    if scores.probe is None or replicates == 0:
        return None
    erring = int(errors.impostor.sum()) + int(errors.genuine.sum()) + scores.subjects
    rounds = max(min(replicates, MOST_WORK // erring), min(FEWEST, replicates))
    rng = np.random.default_rng(seed)
    everyone = scores.subjects
    drawn = [np.bincount(rng.integers(0, everyone, everyone), minlength=everyone) for _ in range(rounds)]
    return _rates(errors, trials, scores, np.array(drawn, dtype=np.float64))


def _rates(errors: Errors, trials: Trials, scores: Scores, weight: Floats) -> Replicates:
    """The rates of every replicate, given how often each drew each subject (replicate x subject)."""
    held, cells = errors.wrong.scores, scores.cells
    groups = len(cells.groups)
    impostor_of, genuine_of = trials.by_subject()
    held_probe, held_ref = held.named()
    member = scores.group_of[:, None] == np.arange(groups)
    probe, ref = held_probe[errors.impostor], held_ref[errors.impostor]
    a, b = scores.group_of[probe], scores.group_of[ref]
    group = np.where(a == b, a, -1).astype(np.int64) + 1  # pairs of different groups fall into bin 0, which is dropped
    joint = (w[probe] * w[ref] for w in weight)
    k = np.array([np.bincount(group, weights=j, minlength=groups + 1) for j in joint])
    wrong = np.bincount(held_probe[errors.genuine], minlength=scores.subjects)
    wrong = wrong + np.bincount(scores.named()[0][scores.genuine & scores.failed], minlength=scores.subjects)
    n_all = trials.made[: cells.impostor_cells].sum() + (weight - 1) @ impostor_of.sum(axis=1)
    n = trials.made[cells.within()] + (weight - 1) @ (impostor_of[:, :groups] * member)
    with np.errstate(divide="ignore", invalid="ignore"):
        return Replicates(
            fmr_all=np.where(n_all > 0, k.sum(axis=1) / n_all, np.nan),
            fmr=np.where(n > 0, np.clip(k[:, 1:] / n, 0, 1), np.nan),
            fnmr=(weight @ (wrong[:, None] * member)) / (weight @ (genuine_of[:, None] * member)),
        )


def _percentiles(values: Floats, level: float) -> tuple[float, float]:
    known = values[np.isfinite(values)]
    if not len(known):
        return float("nan"), float("nan")
    low, high = np.quantile(known, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
