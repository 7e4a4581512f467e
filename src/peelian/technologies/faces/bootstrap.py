"""Two-way bootstrap: subjects are drawn with replacement; a comparison's weight is the product of its subjects' counts.

It cross-checks the dyadic interval of the overall FMR. It is conservative (Owen 2007, the pigeonhole bootstrap): an
interval narrower than the dyadic one signals a fault.
"""

from __future__ import annotations

import numpy as np

from peelian.technologies.faces.errors_at import Errors
from peelian.technologies.faces.scores import Scores
from peelian.technologies.faces.trials import Trials

MOST_WORK = 40_000_000  # errors x replicates; beyond, fewer replicates are drawn
FEWEST = 50


def checked(errors: Errors, trials: Trials, scores: Scores, *, replicates: int, seed: int) -> tuple[float, float]:
    """The 95% percentile interval of the overall FMR; nan where subjects are not known or no replicate is asked for.

    The number of comparisons in a replicate is taken to first order in the subjects' weights; what is left out is
    about 1/sqrt(comparisons) of it. O(replicates x (errors + subjects)), capped by drawing fewer.
    """
    if scores.probe is None or replicates == 0:
        return float("nan"), float("nan")
    rates = replicated(errors, trials, scores, replicates=replicates, seed=seed)
    known = rates[np.isfinite(rates)]
    if not len(known):
        return float("nan"), float("nan")
    low, high = np.quantile(known, [0.025, 0.975])
    return float(low), float(high)


def replicated(
    errors: Errors, trials: Trials, scores: Scores, *, replicates: int, seed: int
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """The overall FMR of every replicate; nan where nobody was drawn."""
    erring = int(errors.impostor.sum()) + scores.subjects
    rounds = max(min(replicates, MOST_WORK // erring), min(FEWEST, replicates))
    rng = np.random.default_rng(seed)
    everyone = scores.subjects
    drawn = [np.bincount(rng.integers(0, everyone, everyone), minlength=everyone) for _ in range(rounds)]
    weight = np.array(drawn, dtype=np.float64)
    probe, ref = (side[errors.impostor] for side in errors.wrong.scores.named())
    k = np.array([(w[probe] * w[ref]).sum() for w in weight])
    n = trials.made[: scores.cells.impostor_cells].sum() + (weight - 1) @ trials.by_subject()[0].sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(n > 0, k / n, np.nan)
