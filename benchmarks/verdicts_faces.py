"""Verdicts and summaries of the face audit under populations whose true rates are known.

Each run draws people anew from a population, compares everybody with everybody and asks the audit's own code. A wrong
"meets" is a verdict "meets limit" where the population's rate is above the limit. `first` leans on normal tendencies;
`second` has heavy tails and look-alikes of unequal strength, and another seed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from scipy.stats import norm

from figures import Figure, at_least, at_most, finish, flags, plain, show
from peelian.technologies.faces.audit.audited import Priced, summarised
from peelian.technologies.faces.measure.equity import MAX_GEOMEAN
from peelian.technologies.faces.measure.errors import FMR, FNMR, Trials, anchored, gathered, spread, trial_counts
from peelian.technologies.faces.measure.price import NO_PRICE, Price
from peelian.technologies.faces.measure.rates import Bars, Counted, Rate, rates_at
from peelian.technologies.faces.measure.scores import Cells, Scores
from peelian.technologies.faces.measure.thresholds import GIVEN, Threshold
from peelian.technologies.faces.measure.verdicts import FAILS, MEETS

LIMIT_FMR, LIMIT_FNMR = 1e-3, 0.05
LIMITS = Bars(fmr=LIMIT_FMR, fnmr=LIMIT_FNMR)
GROUPS = 6
SHARE = 0.18  # of a score's variance that two subjects' own tendencies make up
MOST_ERRING = 4000  # impostor scores of a run that the audit sees: many times those that err
Pairs = tuple[np.ndarray, np.ndarray]
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """Who is compared with whom, the same in every run: empty scores, and the trials counted once."""

    scores: Scores
    trials: Trials
    pairs: int

    @staticmethod
    def of(pairs: Pairs, subjects: int, per: int, groups: int) -> Design:
        """Pairs of subjects, and `per` genuine comparisons of each, in equal groups by number (0: no groups)."""
        cells = Cells(groups=tuple(f"group {g}" for g in range(groups)))
        group_of = (np.arange(subjects) % groups if groups else np.full(subjects, -1)).astype(np.int16)
        own = np.repeat(np.arange(subjects, dtype=np.int32), per)
        genuine_cells = np.array([cells.genuine(int(g)) for g in group_of])[own]
        n = len(pairs[0]) + len(own)
        scores = Scores(
            score=np.zeros(n),
            genuine=np.arange(n) >= len(pairs[0]),
            failed=np.zeros(n, dtype=np.bool_),
            probe=np.concatenate([pairs[0], own]).astype(np.int32),
            ref=np.concatenate([pairs[1], own]).astype(np.int32),
            group_of=group_of,
            cell=np.concatenate([cells.pairs()[group_of[pairs[0]], group_of[pairs[1]]], genuine_cells]).astype(
                np.int16
            ),
            cells=cells,
        )
        return Design(scores=scores, trials=trial_counts(scores), pairs=len(pairs[0]))

    def rates(self, match: np.ndarray, genuine: np.ndarray, at: float) -> tuple[Rate, ...]:
        """The rates that the audit gives. Only the highest impostor scores can err: the others are left out of it."""
        keep = np.ones(len(self.scores), dtype=np.bool_)
        if self.pairs > MOST_ERRING:
            keep[: self.pairs] = match >= np.partition(match, self.pairs - MOST_ERRING)[self.pairs - MOST_ERRING]
        full = replace(self.scores, score=np.concatenate([match, genuine.ravel()]))
        scores = full.take(keep)
        errors = gathered(scores, [at]).at(at)
        found = spread(errors, self.trials, scores)
        anchors = anchored(scores, self.trials)
        threshold = Threshold(policy="operational 1", value=at, set_on=GIVEN)
        return tuple(rates_at(Counted.of(threshold, errors, self.trials, found, scores, anchors=anchors), LIMITS))

    def overall(self, match: np.ndarray, genuine: np.ndarray, at: float, measure: str = FMR) -> Rate:
        """The overall rate of one kind."""
        return next(r for r in self.rates(match, genuine, at) if r.measure == measure)


def every_pair(subjects: int) -> Pairs:
    """Every two of the subjects, once."""
    first, second = np.triu_indices(subjects, 1)
    return first, second


def matches(
    rng: np.random.Generator,
    who: Population,
    subjects: int,
    pairs: Pairs,
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
            design = Design.of(pairs, subjects, 1, 0)
            meets = fails = three = 0
            for _ in range(runs):
                match = matches(rng, who, subjects, pairs, (0.01, lift))
                one = design.overall(match, genuine, at)
                meets += one.verdict == MEETS
                fails += one.verdict == FAILS
                three += one.estimate.errors == 0 and one.estimate.high <= LIMIT_FMR
            name = f"{who.name}: wrong “meets” of FMR, {subjects} subjects, 1% look-alikes, {usual:g} otherwise"
            yield at_most(name, meets / runs, f"of {runs} runs", 0.02)
            yield Figure(name=f"{name}: told “exceeds”", value=round(fails / runs, 3), unit="share")
            yield Figure(name=f"{name}: by 3/n", value=round(three / runs, 3), unit="share")


def right_fmr(who: Population, runs: int, seed: int) -> Iterator[Figure]:
    """Right verdicts without look-alikes: four times the limit with 300 people, a fifth of it with 600."""
    for subjects, usual, wanted in ((300, 4 * LIMIT_FMR, FAILS), (600, LIMIT_FMR / 5, MEETS)):
        at = background(who, usual, seed)
        rng, pairs = np.random.default_rng([seed, subjects]), every_pair(subjects)
        genuine, design = np.full((subjects, 1), 99.0), Design.of(pairs, subjects, 1, 0)
        told = 0
        for _ in range(runs):
            match = matches(rng, who, subjects, pairs, (0.0, 0.0))
            one = design.overall(match, genuine, at)
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
            genuine, design = np.full((subjects, 1), 99.0), Design.of(pairs, subjects, 1, 0)
            fails = 0
            for _ in range(runs):
                match = matches(rng, who, subjects, pairs, (look_alikes, lift))
                one = design.overall(match, genuine, at)
                fails += one.verdict == FAILS
            name = (
                f"{who.name}: wrong “exceeds” of FMR at the limit, {subjects} subjects, {look_alikes:.0%} look-alikes"
            )
            yield at_most(name, fails / runs, f"of {runs} runs", 0.05)


def wrong_fnmr(who: Population, runs: int, seed: int) -> Iterator[Figure]:
    """Wrong "meets" of FNMR: one person in a hundred always missed, the others so that all are above the limit."""
    pairs = every_pair(24)
    none = np.zeros(len(pairs[0]))
    for subjects, per, above in ((80, 2, 1.3), (300, 2, 1.3), (80, 10, 1.3), (300, 10, 1.1)):
        rng = np.random.default_rng([seed, subjects, per])
        design = Design.of(pairs, subjects, per, 0)
        rest = (above * LIMIT_FNMR - 0.01) / 0.99
        scale = rest / _missed(rest, who.tendency(np.random.default_rng(seed), 400_000)).mean()
        meets = 0
        for _ in range(runs):
            lean = scale * _missed(rest, who.tendency(rng, subjects))  # heavy tails shift the mean: it is set back
            chance = np.where(rng.random(subjects) < 0.01, 1.0, np.clip(lean, 0, 1))
            missed = rng.random((subjects, per)) < chance[:, None]
            one = design.overall(none, np.where(missed, 0.0, 99.0), 50.0, FNMR)
            meets += one.verdict == MEETS
        name = f"{who.name}: wrong “meets” of FNMR {above:g} × the limit, {subjects} subjects, {per} trials each"
        yield at_most(name, meets / runs, f"of {runs} runs", 0.02)


def _missed(usual: float, tendency: np.ndarray) -> np.ndarray:
    """Each person's chance of being missed: about `usual` on average, three tenths of its variance their own."""
    chance: np.ndarray = norm.cdf((norm.ppf(usual) + np.sqrt(0.3) * tendency) / np.sqrt(0.7))
    return chance


def equal_and_unequal(who: Population, runs: int, seed: int) -> Iterator[Figure]:
    """Max/geometric mean of FMR over six groups: equal ones hold 1, one with twice the rate is seen."""
    for per, usual, gap in ((60, 2e-2, 1.0), (120, 5e-3, 1.0), (120, 1e-2, 2.0), (200, 1e-2, 2.0)):
        at = [background(who, usual * times, seed) for times in (1.0, gap)]
        rng = np.random.default_rng([seed, per, int(gap)])
        subjects = GROUPS * per
        first, second = every_pair(per)
        left, right = (np.concatenate([side * GROUPS + g for g in range(GROUPS)]) for side in (first, second))
        pairs, design = (left, right), Design.of((left, right), subjects, 1, GROUPS)
        shift = np.repeat([at[0] - at[1]] + [0.0] * (GROUPS - 1), len(first))
        genuine = np.full((subjects, 1), 99.0)
        holds = inside = seen = known = 0
        for _ in range(runs):
            match = matches(rng, who, subjects, pairs, (0.0, 0.0)) + shift
            one = priced(design.rates(match, genuine, at[0]))
            summaries = summarised(one, design.scores.cells.groups)
            made = next(s for s in summaries if (s.measure, s.of) == (MAX_GEOMEAN, FMR))
            known += bool(np.isfinite(made.low))
            holds += made.low <= 1.0
            inside += made.low <= made.value <= made.high
            seen += made.low > 1.0
        name = f"{who.name}: {GROUPS} groups of {per}, FMR {usual:g}"
        yield at_least(f"{name}: estimate inside its interval", inside / max(known, 1), f"of {known}", 1.0)
        if gap == 1.0:
            yield at_least(f"{name}: max/geometric mean holds 1", holds / max(known, 1), f"of {known}", 0.93)
        else:  # 120 people show what too small a group costs: no bar
            told = f"{name}: a two-fold gap is seen"
            share = seen / max(known, 1)
            yield plain(told, share, f"of {known}") if per < 200 else at_least(told, share, f"of {known}", 0.9)


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
