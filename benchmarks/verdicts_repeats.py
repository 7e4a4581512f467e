"""Coverage of risk intervals where people have several assessments: delete-a-group jackknife, simulated.

A person has a lasting propensity that moves every score and every outcome of that person. Printed 95 % intervals of
FPR, FNR, PPV, AUC, observed over expected and the FPR ratio of two groups are asked whether they hold the population's
own figure. Beside each stands the coverage of the formula for independent rows (Wilson, DeLong), without a bar.
Two populations: a normal propensity with deciles, and a skewed one with five levels, unequal groups and another seed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import scipy

from figures import Figure, finish, flags, plain, show
from peelian.measure.rates import delong, wilson
from peelian.technologies.risk.formats.persons import MOST_FOLDS
from peelian.technologies.risk.measure.bootstrap import area_under
from peelian.technologies.risk.measure.calibration import pooled_rates, recalibrated
from peelian.technologies.risk.measure.counts import quadrants, rate, shares
from peelian.technologies.risk.measure.jackknife import LOG, interval, members, ratio_of_shares, share_interval

DESIGNS = ((50, 40), (500, 40), (2_000, 5))  # people, assessments of each
LEAST, MOST, LEVEL = 0.93, 0.97, 0.95
RUNS, QUICK_RUNS, CHUNK_ROWS = 4_000, 2_000, 2_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Population:
    """How persons, scores and outcomes come about: `propensity` is drawn per person, the rest per assessment."""

    name: str
    seed: int
    levels: int
    high: int  # place of the cut
    first: float  # share of persons in the first group
    base: tuple[float, float]  # log odds of the outcome, per group
    lasting: float  # share of the score's variance that is the person's
    skewed: bool = False

    def propensity(self, uniform: np.ndarray) -> np.ndarray:
        """A propensity with mean 0 and variance 1 from uniform numbers."""
        if self.skewed:
            return -np.log1p(-uniform) - 1.0
        return np.asarray(scipy.special.ndtri(uniform))

    def drawn(self, u: np.ndarray, e: np.ndarray, group: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(score level, probability of the outcome) from the person's propensity and what is the assessment's own."""
        latent = np.sqrt(self.lasting) * u + np.sqrt(1 - self.lasting) * e
        edges = scipy.special.ndtri(np.arange(1, self.levels) / self.levels)
        odds = np.asarray(self.base)[group] + 0.8 * u + 0.4 * e
        return np.searchsorted(edges, latent), scipy.special.expit(odds)

    def truth(self, size: int = 1_500) -> np.ndarray:
        """Shares of everyone and of each group by level and outcome, [3, levels, 2]: by quadrature."""
        middles = (np.arange(size) + 0.5) / size
        u, e = (a.ravel() for a in np.meshgrid(self.propensity(middles), scipy.special.ndtri(middles)))
        cells = np.zeros((2, self.levels, 2))
        for group, share in enumerate((self.first, 1 - self.first)):
            level, p = self.drawn(u, e, np.full(len(u), group))
            cells[group, :, 1] = share * np.bincount(level, weights=p, minlength=self.levels)
            cells[group, :, 0] = share * np.bincount(level, weights=1 - p, minlength=self.levels)
        return _nodes(cells[None])[0]

    def tables(self, runs: int, people: int, each: int, rng: np.random.Generator) -> np.ndarray:
        """Counts [runs, folds, 3, levels, 2] of everyone and both groups by replicate group."""
        u = self.propensity(rng.random((runs, people)))
        group = (rng.random((runs, people)) >= self.first).astype(np.int64)
        fold = np.broadcast_to(np.arange(people) % MOST_FOLDS, (runs, people))
        e = rng.standard_normal((runs, people, each))
        level, p = self.drawn(u[..., None], e, np.broadcast_to(group[..., None], e.shape))
        outcome = (rng.random(e.shape) < p).astype(np.int64)
        shape = (runs, MOST_FOLDS, 2, self.levels, 2)
        where = (np.arange(runs)[:, None, None], fold[..., None], group[..., None], level, outcome)
        flat = np.ravel_multi_index(tuple(np.broadcast_to(w, e.shape) for w in where), shape)
        return _nodes(np.bincount(flat.ravel(), minlength=int(np.prod(shape))).reshape(shape).astype(np.float64))


POPULATIONS = (
    Population(name="normal, deciles", seed=21, levels=10, high=5, first=0.5, base=(-0.6, 0.0), lasting=0.6),
    Population(
        name="skewed, five levels",
        seed=90_210,
        levels=5,
        high=3,
        first=0.35,
        base=(0.2, -0.9),
        lasting=0.4,
        skewed=True,
    ),
)


def _nodes(cells: np.ndarray) -> np.ndarray:
    """Everyone before both groups: [..., 2, S, 2] -> [..., 3, S, 2]."""
    return np.concatenate([cells.sum(axis=-3, keepdims=True), cells], axis=-3)


def _figures(cells: np.ndarray, place: int) -> dict[str, np.ndarray]:
    """The figures of counts [..., 3, S, 2]."""
    found = {name: rate(share)[..., 0] for name, share in shares(quadrants(cells, place)).items()}
    fpr = rate(shares(quadrants(cells, place))["fpr"])
    return {
        **{name: found[name] for name in ("fpr", "fnr", "ppv")},
        "auc": area_under(cells[..., 0, :, :]),
        "observed over expected": _ratio(cells),
        "fpr ratio": fpr[..., 1] / fpr[..., 2],
    }


def _ratio(cells: np.ndarray) -> np.ndarray:
    """Observed over expected of the first group, against the shares of everyone."""
    return recalibrated(cells[..., 1:2, :, :], pooled_rates(cells[..., :1, :, :])).ratio[..., 0]


def _intervals(folds: np.ndarray, place: int) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """The audit's intervals from counts [runs, F, 3, S, 2]."""
    whole = folds.sum(axis=1)
    left = np.moveaxis(whole[:, None] - folds, 1, 0)
    full, again = shares(quadrants(whole, place)), shares(quadrants(left, place))
    share = {name: (full[name], again[name]) for name in ("fpr", "fnr", "ppv")}
    groups = np.minimum(*(members(whole.sum(axis=-2)[..., k], left.sum(axis=-2)[..., k]) for k in (0, 1)))
    value, without = _figures(whole, place), _figures(left, place)
    parts = [tuple((num[..., k], den[..., k]) for num, den in share["fpr"]) for k in (1, 2)]
    return {
        **{
            name: share_interval((n[..., 0], d[..., 0]), (m[..., 0], e[..., 0]), LEVEL)
            for name, ((n, d), (m, e)) in share.items()
        },
        "auc": interval(value["auc"], without["auc"], groups[:, 0], level=LEVEL),
        "observed over expected": interval(
            value["observed over expected"], without["observed over expected"], groups[:, 1], level=LEVEL, scale=LOG
        ),
        "fpr ratio": ratio_of_shares(parts[0], parts[1], LEVEL),
    }


def _naive(folds: np.ndarray, place: int) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Formulas for independent rows."""
    whole = folds.sum(axis=1)[:, 0]
    found = {name: wilson(*shares(quadrants(whole, place))[name], LEVEL) for name in ("fpr", "fnr", "ppv")}
    return {**found, "auc": delong(whole[..., 1], whole[..., 0]).interval(LEVEL)}


def _covered(ends: tuple[np.ndarray, np.ndarray], truth: float) -> np.ndarray:
    return (ends[0] <= truth) & (truth <= ends[1])


def records(quick: bool, seed: int = 0) -> Iterator[Figure]:
    """One figure for each population, design and kind of interval. `seed` 0 takes the populations' own."""
    runs = QUICK_RUNS if quick else RUNS
    for population in POPULATIONS:
        truth = {name: float(value) for name, value in _figures(population.truth(), population.high).items()}
        for people, each in DESIGNS:
            rng = np.random.default_rng([population.seed, seed, people, each])
            hits: dict[str, list[np.ndarray]] = {}
            naive: dict[str, list[np.ndarray]] = {}
            chunk = max(1, CHUNK_ROWS // (people * each))
            for begin in range(0, runs, chunk):
                folds = population.tables(min(chunk, runs - begin), people, each, rng)
                for name, ends in _intervals(folds, population.high).items():
                    hits.setdefault(name, []).append(_covered(ends, truth[name]))
                for name, ends in _naive(folds, population.high).items():
                    naive.setdefault(name, []).append(_covered(ends, truth[name]))
            where = f"{population.name}, {people:,} people x {each}, {runs:,} runs"
            for name, held in hits.items():
                share = float(np.concatenate(held).mean())
                inside = LEAST <= share <= MOST
                bar = f"{LEAST} to {MOST}"
                title = f"95 % intervals hold the truth: {name}; {where}"
                yield Figure(name=title, value=round(share, 4), unit="share", bar=bar, holds=inside)
            for name, held in naive.items():
                yield plain(f"formula for independent rows holds the truth: {name}; {where}",
                            float(np.concatenate(held).mean()), "share")  # fmt: skip


def main() -> None:
    """All figures, in order."""
    parser = flags(__doc__ or "")
    parser.add_argument("--seed", type=int, default=0, help="another seed of the populations")
    given = parser.parse_args()
    finish([show(figure) for figure in records(given.quick, given.seed)], given.json)


if __name__ == "__main__":
    main()
