"""A made-up town of areas with shocks that last: weekly counts, treated areas chosen after a peak, an effect if any."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from peelian.technologies.mapping.placebos import Judged, Windows, change_against_placebos, pairs_of

Counts = NDArray[np.int64]
WEEKS = Windows(before=52, chosen=13, after=26)  # the arithmetic counts days; here a day is a week


def weekly_counts(
    generator: np.random.Generator,
    *,
    areas: int = 80,
    weeks: int = 312,
    per_week: float = 60,
    spread: float = 0.35,
    half_life: float = 26,
) -> Counts:
    """int64[areas, weeks]: rates of very different size, shocks of `spread` that fade, a season and a drift for all."""
    rate = generator.lognormal(0, 0.9, areas)
    keep = 0.5 ** (1 / half_life)
    shock = np.zeros((areas, weeks))
    shock[:, 0] = generator.normal(0, spread, areas)
    new = generator.normal(0, spread * np.sqrt(1 - keep**2), (areas, weeks))
    for week in range(1, weeks):
        shock[:, week] = keep * shock[:, week - 1] + new[:, week]
    town = 0.2 * np.sin(2 * np.pi * np.arange(weeks) / 52) + np.cumsum(generator.normal(0, 0.01, weeks))
    return generator.poisson((per_week * rate / rate.sum())[:, None] * np.exp(shock - spread**2 / 2 + town))


def chosen(counts: Counts, since: int, many: int, generator: np.random.Generator | None = None) -> NDArray[np.int64]:
    """The `many` areas that stand out most in the weeks just before, or any with enough incidents."""
    before, just = counts[:, since - 65 : since - 13].sum(axis=1), counts[:, since - 13 : since].sum(axis=1)
    usual = before * just.sum() / before.sum()
    able = np.flatnonzero(before >= 20)
    if generator is not None:
        return generator.choice(able, many, replace=False)
    return able[np.argsort(-((just - usual) / np.sqrt(usual + 1))[able])[:many]]


def lessened(counts: Counts, treated: NDArray[np.int64], since: int, fall: float, seed: int) -> Counts:
    """The same town, each incident at the treated areas after `since` taken away with chance `fall`."""
    made = counts.copy()
    made[treated, since:] = np.random.default_rng(seed).binomial(made[treated, since:], 1 - fall)
    return made


def evaluated(counts: Counts, treated: NDArray[np.int64], since: int, seed: int) -> Judged | None:
    """The verdict on the treated areas."""
    apart = np.zeros(len(counts), dtype=bool)
    apart[treated] = True
    total = np.concatenate([np.zeros((len(counts), 1)), np.cumsum(counts, axis=1)], axis=1)
    return change_against_placebos(pairs_of(total, WEEKS, since, apart=apart), treated, since, apart, seed)


def naive_says_fell(counts: Counts, treated: NDArray[np.int64], since: int) -> bool:
    """What a z-test on the year before and the half year after says (one-sided, 5 %)."""
    before, after = counts[treated, since - 52 : since].sum(), counts[treated, since : since + 26].sum()
    all_before, all_after = counts[:, since - 52 : since].sum() - before, counts[:, since : since + 26].sum() - after
    change = np.log((after + 0.5) / (before + 0.5)) - np.log(all_after / all_before)
    return bool(change / np.sqrt(1 / (after + 0.5) + 1 / (before + 0.5)) < -1.645)
