"""Verdicts and summaries of the face audit under populations whose true rates are known.

Each run draws people anew from a population, compares everybody with everybody and asks the audit's own code. A wrong
"meets" is a verdict "meets limit" where the population's rate is above the limit. `first` leans on normal tendencies;
`second` has heavy tails and look-alikes of unequal strength, and another seed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from figures import Figure, at_least, at_most, finish, flags, show
from peelian.technologies.faces.anchors import anchored
from peelian.technologies.faces.audit import Priced, summarised
from peelian.technologies.faces.cells import Cells
from peelian.technologies.faces.equity import MAX_GEOMEAN
from peelian.technologies.faces.errors_at import gathered, spread
from peelian.technologies.faces.price import NO_PRICE, Price
from peelian.technologies.faces.rates import FMR, FNMR, Bars, Counted, Rate, rates_at
from peelian.technologies.faces.scores import Scores
from peelian.technologies.faces.thresholds import GIVEN, Threshold
from peelian.technologies.faces.trials import counted
from peelian.technologies.faces.verdicts import FAILS, MEETS

LIMIT_FMR, LIMIT_FNMR = 1e-3, 0.05
LIMITS = Bars(fmr=LIMIT_FMR, fnmr=LIMIT_FNMR)
GROUPS = 6
SHARE = 0.18  # of a score's variance that two subjects' own tendencies make up
Draw = Callable[[np.random.Generator, int], np.ndarray]


@dataclass(frozen=True, slots=True, kw_only=True)
class Population:
    """How people differ: their own tendency (unit variance), and how strongly a look-alike is taken for others."""

    name: str
    tendency: Draw
    strength: Draw


FIRST = Population(
    name="first",
    tendency=lambda rng, n: rng.standard_normal(n),
    strength=lambda rng, n: np.ones(n),
)
SECOND = Population(
    name="second",
    tendency=lambda rng, n: rng.standard_t(5, n) / np.sqrt(5 / 3),
    strength=lambda rng, n: 2 * rng.beta(2, 2, n),
)


def audit_of(scores: Scores, at: float, limits: Bars) -> tuple[Rate, ...]:
    """The rates that the audit gives at a threshold."""
    trials = counted(scores)
    errors = gathered(scores, [at]).at(at)
    threshold = Threshold(policy="operational 1", value=at, set_on=GIVEN)
    found = spread(errors, trials, scores)
    return tuple(
        rates_at(Counted.of(threshold, errors, trials, found, scores, anchors=anchored(scores, trials)), limits)
    )


def scores_of(match: np.ndarray, pairs: tuple[np.ndarray, np.ndarray], genuine: np.ndarray, groups: int) -> Scores:
    """Scores of pairs of subjects and `genuine[i]` of subject i, in equal groups by number (0: no groups)."""
    subjects, per = genuine.shape
    cells = Cells(groups=tuple(f"group {g}" for g in range(groups)))
    group_of = (np.arange(subjects) % groups if groups else np.full(subjects, -1)).astype(np.int16)
    own = np.repeat(np.arange(subjects, dtype=np.int32), per)
    genuine_cells = np.array([cells.genuine(int(g)) for g in group_of])[own]
    score = np.concatenate([match, genuine.ravel()])
    return Scores(
        score=score,
        genuine=np.arange(len(score)) >= len(match),
        failed=np.zeros(len(score), dtype=np.bool_),
        probe=np.concatenate([pairs[0], own]).astype(np.int32),
        ref=np.concatenate([pairs[1], own]).astype(np.int32),
        group_of=group_of,
        cell=np.concatenate([cells.pairs()[group_of[pairs[0]], group_of[pairs[1]]], genuine_cells]).astype(np.int16),
        cells=cells,
    )


def every_pair(subjects: int) -> tuple[np.ndarray, np.ndarray]:
    """Every two of the subjects, once."""
    first, second = np.triu_indices(subjects, 1)
    return first, second


def matches(
    rng: np.random.Generator,
    who: Population,
    subjects: int,
    pairs: tuple[np.ndarray, np.ndarray],
    look: tuple[float, float],
) -> np.ndarray:
    """Scores of pairs; `look` is the share of look-alikes, and how much higher their pairs score (times strength)."""
    (first, second), (look_alikes, lift) = pairs, look
    own = who.tendency(rng, subjects)
    mark = (rng.random(subjects) < look_alikes) * who.strength(rng, subjects) * lift
    noise = np.sqrt(1 - SHARE) * rng.standard_normal(len(first))
    return np.sqrt(SHARE / 2) * (own[first] + own[second]) + noise + np.maximum(mark[first], mark[second])


def true_rate(rng: np.random.Generator, who: Population, look_alikes: float, lift: float, at: float) -> float:
    """The population's false match rate at a threshold, from a million pairs of people who are met only once."""
    n = 1_000_000
    shift = np.sqrt(SHARE / 2) * (who.tendency(rng, n) + who.tendency(rng, n))
    if look_alikes:
        marks = [(rng.random(n) < look_alikes) * who.strength(rng, n) * lift for _ in range(2)]
        shift += np.maximum(*marks)
    return float(norm.sf((at - shift) / np.sqrt(1 - SHARE)).mean())


def lift_for(rng_seed: int, who: Population, look_alikes: float, at: float, wanted: float) -> float:
    """The lift at which the population's rate is `wanted`, by bisection."""
    low, high = 0.0, 12.0
    for _ in range(12):
        middle = (low + high) / 2
        rate = true_rate(np.random.default_rng(rng_seed), who, look_alikes, middle, at)
        low, high = (middle, high) if rate < wanted else (low, middle)
    return high


def background(who: Population, rate: float, seed: int) -> float:
    """The threshold at which pairs without a look-alike match at `rate`."""
    low, high = 1.0, 7.0
    for _ in range(16):
        middle = (low + high) / 2
        made = true_rate(np.random.default_rng(seed), who, 0.0, 0.0, middle)
        low, high = (middle, high) if made > rate else (low, middle)
    return high


def wrong_fmr(who: Population, runs: int, seed: int) -> Iterator[Figure]:
    """Wrong "meets" of FMR: 80 and 300 subjects, 1 % look-alikes who lift the rate to four times the limit."""
    for usual in (1e-4, 4e-4):
        at = background(who, usual, seed)
        lift = lift_for(seed, who, 0.01, at, 4 * LIMIT_FMR)
        for subjects in (80, 300):
            rng = np.random.default_rng([seed, subjects])
            pairs, genuine = every_pair(subjects), np.full((subjects, 1), 99.0)
            meets = fails = three = 0
            for _ in range(runs):
                match = matches(rng, who, subjects, pairs, (0.01, lift))
                one = next(r for r in audit_of(scores_of(match, pairs, genuine, 0), at, LIMITS) if r.measure == FMR)
                meets += one.verdict == MEETS
                fails += one.verdict == FAILS
                three += one.estimate.errors == 0 and one.estimate.high <= LIMIT_FMR
            name = f"{who.name}: wrong “meets” of FMR, {subjects} subjects, 1% look-alikes, {usual:g} otherwise"
            yield at_most(name, meets / runs, f"of {runs} runs", 0.02)
            yield Figure(name=f"{name}: told “exceeds”", value=round(fails / runs, 3), unit="share")
            yield Figure(name=f"{name}: by 3/n", value=round(three / runs, 3), unit="share")


def right_fmr(who: Population, runs: int, seed: int) -> Iterator[Figure]:
    """Right verdicts without look-alikes: four times the limit with 300 people, a fifth of it with 400."""
    for subjects, usual, wanted in ((300, 4 * LIMIT_FMR, FAILS), (400, LIMIT_FMR / 5, MEETS)):
        at = background(who, usual, seed)
        rng, pairs, genuine = (
            np.random.default_rng([seed, subjects]),
            every_pair(subjects),
            np.full((subjects, 1), 99.0),
        )
        told = 0
        for _ in range(runs):
            match = matches(rng, who, subjects, pairs, (0.0, 0.0))
            one = next(r for r in audit_of(scores_of(match, pairs, genuine, 0), at, LIMITS) if r.measure == FMR)
            told += one.verdict == wanted
        yield at_least(
            f"{who.name}: “{wanted}” told of FMR {usual:g}, limit {LIMIT_FMR:g}, {subjects} subjects",
            told / runs,
            f"of {runs} runs",
            0.9,
        )


def wrong_exceeds(who: Population, runs: int, seed: int) -> Iterator[Figure]:
    """Wrong "exceeds" of FMR where it is at the limit itself, with and without look-alikes."""
    for look_alikes in (0.0, 0.01):
        at = background(who, LIMIT_FMR / 2 if look_alikes else LIMIT_FMR, seed)
        lift = lift_for(seed, who, look_alikes, at, LIMIT_FMR) if look_alikes else 0.0
        for subjects in (80, 300):
            rng, pairs = np.random.default_rng([seed, subjects, 7]), every_pair(subjects)
            genuine = np.full((subjects, 1), 99.0)
            fails = 0
            for _ in range(runs):
                match = matches(rng, who, subjects, pairs, (look_alikes, lift))
                one = next(r for r in audit_of(scores_of(match, pairs, genuine, 0), at, LIMITS) if r.measure == FMR)
                fails += one.verdict == FAILS
            name = (
                f"{who.name}: wrong “exceeds” of FMR at the limit, {subjects} subjects, {look_alikes:.0%} look-alikes"
            )
            yield at_most(name, fails / runs, f"of {runs} runs", 0.05)


def wrong_fnmr(who: Population, runs: int, seed: int) -> Iterator[Figure]:
    """Wrong "meets" of FNMR: one person in a hundred always missed, the others so that all are above the limit."""
    pairs = every_pair(24)
    for subjects, per, above in ((80, 2, 1.3), (300, 2, 1.3), (80, 10, 1.3), (300, 10, 1.1)):
        rng = np.random.default_rng([seed, subjects, per])
        rest = (above * LIMIT_FNMR - 0.01) / 0.99
        meets = 0
        for _ in range(runs):
            lean = norm.cdf((norm.ppf(rest) + np.sqrt(0.3) * who.tendency(rng, subjects) * 1.0) / np.sqrt(1 - 0.3))
            if who is SECOND:  # heavy tails shift the mean: it is set back to the wanted one
                lean = lean * rest / float(norm.cdf((norm.ppf(rest) + np.sqrt(0.3) * WIDE) / np.sqrt(0.7)).mean())
            chance = np.where(rng.random(subjects) < 0.01, 1.0, np.clip(lean, 0, 1))
            missed = rng.random((subjects, per)) < chance[:, None]
            made = scores_of(np.zeros(len(pairs[0])), pairs, np.where(missed, 0.0, 99.0), 0)
            one = next(r for r in audit_of(made, 50.0, LIMITS) if r.measure == FNMR)
            meets += one.verdict == MEETS
        name = f"{who.name}: wrong “meets” of FNMR {above:g} × the limit, {subjects} subjects, {per} trials each"
        yield at_most(name, meets / runs, f"of {runs} runs", 0.02)


WIDE = np.random.default_rng(5).standard_t(5, 400_000) / np.sqrt(5 / 3)


def equal_and_unequal(who: Population, runs: int, seed: int) -> Iterator[Figure]:
    """Max/geometric mean of FMR over six groups: equal ones hold 1, one with twice the rate is seen."""
    for per, usual, gap in ((60, 2e-2, 1.0), (120, 5e-3, 1.0), (120, 1e-2, 2.0)):
        at = [background(who, usual * times, seed) for times in (1.0, gap)]
        rng = np.random.default_rng([seed, per, int(gap)])
        subjects = GROUPS * per
        first, second = every_pair(per)
        pairs = tuple(np.concatenate([side * GROUPS + g for g in range(GROUPS)]) for side in (first, second))
        shift = np.repeat([at[0] - at[1]] + [0.0] * (GROUPS - 1), len(first))
        genuine = np.full((subjects, 1), 99.0)
        holds = inside = seen = known = 0
        for _ in range(runs):
            match = matches(rng, who, subjects, pairs, (0.0, 0.0)) + shift
            scores = scores_of(match, pairs, genuine, GROUPS)
            one = priced(audit_of(scores, at[0], LIMITS))
            made = next(s for s in summarised(one, scores.cells.groups) if (s.measure, s.of) == (MAX_GEOMEAN, FMR))
            known += bool(np.isfinite(made.low))
            holds += made.low <= 1.0
            inside += made.low <= made.value <= made.high
            seen += made.low > 1.0
        name = f"{who.name}: {GROUPS} groups of {per}, FMR {usual:g}"
        yield at_least(f"{name}: estimate inside its interval", inside / max(known, 1), f"of {known}", 1.0)
        if gap == 1.0:
            yield at_least(f"{name}: max/geometric mean holds 1", holds / max(known, 1), f"of {known}", 0.93)
        else:
            yield at_least(f"{name}: a two-fold gap is seen", seen / max(known, 1), f"of {known}", 0.9)


def priced(rates: tuple[Rate, ...]) -> Priced:
    """Rates at a threshold as the audit holds them, without a price."""
    nothing = Price(false_alerts_per_day=0.0, searches_with_candidate=0.0, basis=NO_PRICE)
    return Priced(threshold=rates[0].threshold, rates=rates, price=nothing, check=(np.nan, np.nan))


def records(quick: bool, seed: int) -> Iterator[Figure]:
    """Every figure, on both populations."""
    runs = 500 if quick else 2000
    for who, own in ((FIRST, seed), (SECOND, seed + 90_210)):
        for part in (equal_and_unequal, wrong_fnmr, right_fmr, wrong_exceeds, wrong_fmr):
            yield from part(who, runs, own)


def main() -> None:
    """Print every figure."""
    given = flags(str(__doc__).splitlines()[0]).parse_args()
    finish([show(figure) for figure in records(given.quick, 21)], given.json)


if __name__ == "__main__":
    main()
