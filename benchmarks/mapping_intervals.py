"""How often the intervals of a back-test hold, how wide they are, and how often no gain is called one.

Simulated towns of 24 km: an unequal base map, and log-normal shocks of places that fade with a half-life and reach
neighbours. Counts of 500 m cells and weeks are drawn directly: a year of history, a year scored. Two forecasters, each
the count map mixed with smoothed recent counts, are scored against the count map. One has its natural weight; the
other's weight is so high that its true gain is 0. The truth is the mean over all runs of the gain that the generating
intensity expects. The interval is the product's own. A town of 12 km with wide shocks is printed without a bar.

Then hit rates: towns whose regions of 4 km differ in the share that the top cells hold (beta), at hit rates of 5 to
97 %. The interval on the logit scale stands against the symmetric one of the same width, which leaves 0 to 1.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from figures import Figure, at_least, at_most, finish, flags, plain, show
from peelian.technologies.mapping.comparison import Interval, ratio, regions_of, share

Floats = NDArray[np.float64]

CELL_KM, SQUARE_CELLS = 0.5, 4
HISTORY, SCORED = 52, 52
SHOCK, NATURAL, RECENT_WEEKS = 0.7, 0.2, 6.0
WEIGHTS = np.concatenate([[0.0], np.geomspace(0.01, 0.98, 40)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """A square town: side and reach of its shocks (km, the kernel's sd), their half-life (weeks), incidents a week."""

    side_km: float = 24.0
    half_life: float
    reach_km: float
    per_week: float
    seed: int

    @property
    def cells(self) -> int:
        """Cells along a side."""
        return round(self.side_km / CELL_KM)

    def base(self) -> Floats:
        """Incidents expected per cell and week: falling from a centre, and uneven from cell to cell."""
        chance = np.random.default_rng(self.seed)
        at = (np.arange(self.cells) + 0.5) * CELL_KM
        east, north = chance.uniform(0.3, 0.7, 2) * self.side_km
        far = np.hypot(at[None, :] - east, at[:, None] - north)
        raw = np.exp(-far / (self.side_km / 3)) * chance.gamma(0.7, 1.0, far.shape)
        return self.per_week * raw / raw.sum()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Week:
    """One scored week of all runs: expected and drawn counts, the shares of the count map and of recent counts."""

    expected: Floats
    counts: Floats
    long_run: Floats
    recent: Floats


def weeks(town: Town, runs: int, chance: np.random.Generator) -> Iterator[Week]:
    """The scored weeks of `runs` independent histories of one town. O(weeks × runs × cells)."""
    side, base = town.cells, town.base()
    sd, fade = town.reach_km / CELL_KM, 0.5 ** (1 / town.half_life)
    impulse = np.zeros((side, side))
    impulse[side // 2, side // 2] = 1.0
    scale = SHOCK / np.sqrt((gaussian_filter(impulse, sd) ** 2).sum())

    def news() -> Floats:
        return scale * gaussian_filter(chance.normal(size=(runs, side, side)), (0, sd, sd))

    shock, ever, recent = news(), np.zeros((runs, side, side)), np.zeros((runs, side, side))
    for week in range(HISTORY + SCORED):
        expected = base * np.exp(shock - SHOCK**2 / 2)
        counts = chance.poisson(expected).astype(np.float64)
        if week >= HISTORY:
            long_run = shares(ever + 0.3)
            near = gaussian_filter(recent, (0, 0.5, 0.5))
            yield Week(
                expected=expected, counts=counts, long_run=long_run, recent=0.98 * shares(near + 1e-9) + 0.02 * long_run
            )
        ever += counts
        recent = recent * 0.5 ** (1 / RECENT_WEEKS) + counts
        shock = fade * shock + np.sqrt(1 - fade**2) * news()


def shares(values: Floats) -> Floats:
    """Each run's values as shares of their sum."""
    return np.asarray(values / values.sum(axis=(1, 2), keepdims=True), dtype=np.float64)


def weight_without_gain(town: Town, runs: int, chance: np.random.Generator) -> float:
    """The weight of recent counts at which the true gain returns to 0: it first rises, then falls (it is concave)."""
    gain = np.zeros(len(WEIGHTS))
    for week in weeks(town, runs, chance):
        odds = week.recent / week.long_run
        gain += [float((week.expected * np.log2(1 + weight * (odds - 1))).sum()) for weight in WEIGHTS]
    last = int(np.flatnonzero(gain > 0)[-1]) if (gain > 0).any() else 0
    if last == 0 or last == len(WEIGHTS) - 1:
        return float(WEIGHTS[last])
    above, below = gain[last], gain[last + 1]
    return float(WEIGHTS[last] + (WEIGHTS[last + 1] - WEIGHTS[last]) * above / (above - below))


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Of one town and forecaster: the truth, coverage, width over the true one, verdicts, and runs with an interval."""

    truth: float
    covered: float
    width: float
    beats: float
    told: float


def measured(town: Town, weight: float, runs: int, chance: np.random.Generator) -> Found:
    """The intervals of `runs` histories against the truth. O(weeks × runs × cells)."""
    score = incidents = np.zeros((runs, town.cells, town.cells))
    gained, expected = np.zeros(runs), np.zeros(runs)
    for week in weeks(town, runs, chance):
        change = weight * (week.recent - week.long_run)
        bits = np.log2(1 + change / week.long_run)
        score = score + week.counts * bits - week.counts.sum(axis=(1, 2), keepdims=True) * change / np.log(2)
        incidents = incidents + week.counts
        gained += (week.expected * bits).sum(axis=(1, 2))
        expected += week.expected.sum(axis=(1, 2))
    truth = float((gained / expected).mean())
    squares = town.cells // SQUARE_CELLS
    above, below = (_squares(values, squares) for values in (score, incidents))
    found = [ratio(regions_of(squares, squares), a, b) for a, b in zip(above, below, strict=True)]
    true_width = 2 * 1.96 * float(np.std([one.value for one in found], ddof=1))
    told = [one for one in found if np.isfinite(one.low)]
    return Found(
        truth=truth,
        covered=float(np.mean([one.low <= truth <= one.high for one in told])),
        width=float(np.mean([one.high - one.low for one in told])) / true_width,
        beats=float(np.mean([one.low > 0 for one in told])),
        told=len(told) / runs,
    )


def _squares(values: Floats, squares: int) -> Floats:
    """Sums per run and square of 2 km."""
    return (
        values.reshape(len(values), squares, SQUARE_CELLS, squares, SQUARE_CELLS)
        .sum(axis=(2, 4))
        .reshape(-1, squares**2)
    )


def towns(quick: bool, seed: int) -> Iterator[Town]:
    """Every half-life with every reach and number of incidents, each on a base map of its own."""
    half_lives, reaches, volumes = (
        ((8.0, 52.0), (0.5,), (100.0,)) if quick else ((8.0, 26.0, 52.0), (0.25, 0.5, 0.75), (40.0, 400.0))
    )
    for number, (half_life, reach, volume) in enumerate(product(half_lives, reaches, volumes)):
        yield Town(half_life=half_life, reach_km=reach, per_week=volume, seed=1_000 * seed + number)


def both(town: Town, runs: int) -> Mapping[str, Found]:
    """The forecaster that gains and the one that does not, on one town."""
    chance = np.random.default_rng(town.seed + 500)
    none = weight_without_gain(town, max(runs // 2, 20), chance)
    return {"gain": measured(town, NATURAL, runs, chance), "none": measured(town, none, runs, chance)}


def said(town: Town, found: Mapping[str, Found]) -> None:
    """One town in one line of its own, for whoever looks why a bar does not hold."""
    about = f"{town.side_km:g} km, half-life {town.half_life:g}, reach {town.reach_km:g} km, {town.per_week:g} a week"
    for name, one in found.items():
        for part in ("truth", "covered", "width", "beats", "told"):
            show(plain(f"{about}: {name}, {part}", getattr(one, part), "bits" if part == "truth" else "share"))


RATES = (0.05, 0.2, 0.43, 0.8, 0.97)


def towns_of_regions(side: int, rate: float, alike: float, runs: int) -> Iterator[tuple[Floats, Floats]]:
    """Hits and incidents per square of 2 km in towns of `side` regions of 4 km a side, whose hit rate has mean `rate`.

    Half of the towns have regions of equal size. Low `alike`: rates of regions near 0 and 1. O(runs × squares).
    """
    chance = np.random.default_rng(round(1_000 * rate) + side)
    square = np.ones((2, 2))
    for run in range(runs):
        held = chance.beta(rate * alike, (1 - rate) * alike, (side, side))
        size = np.full((side, side), 20.0) if run % 2 else 20 * chance.gamma(1.0, 1.0, (side, side)) + 4
        incidents = chance.poisson(np.kron(size, square)).ravel()
        yield chance.binomial(incidents, np.kron(held, square).ravel()) * 1.0, incidents * 1.0


def hit_rates(runs: int) -> list[Figure]:
    """Coverage of both intervals where both tell, by kind of town: O(kinds × runs × squares)."""
    held: list[Floats] = []
    for side, rate, alike in product((3, 4, 6), RATES, (1.0, 8.0)):
        regions = regions_of(2 * side, 2 * side)
        pairs = [[f(regions, *town) for f in (share, ratio)] for town in towns_of_regions(side, rate, alike, runs)]
        told = [pair for pair in pairs if np.isfinite(pair[0].low)]
        held.append(np.mean([[_holds(one, rate) for one in pair] for pair in told], axis=0))
    ours, symmetric = np.array(held)[:, :, 0].T
    impossible = np.mean(np.array(held)[:, :, 1], axis=0)
    return [
        show(plain("hit rates: coverage, mean", float(ours.mean()), "share")),
        show(plain("hit rates: coverage, the worst of all", float(ours.min()), "share")),
        show(plain("hit rates: coverage of the symmetric interval, mean", float(symmetric.mean()), "share")),
        show(plain("hit rates: coverage of the symmetric interval, the worst of all", float(symmetric.min()), "share")),
        show(at_least("hit rates: gain of coverage, the least of all", float((ours - symmetric).min()), "share", 0)),
        show(at_most("hit rates: intervals beyond 0 to 1", float(impossible[0]), "share", 0)),
        show(plain("hit rates: symmetric intervals beyond 0 to 1", float(impossible[1]), "share")),
    ]


def _holds(one: Interval, rate: float) -> tuple[bool, bool]:
    """Whether an interval holds the true rate, and whether it is an impossible one."""
    return one.low <= rate <= one.high, one.low < 0 or one.high > 1


def main() -> None:
    """Print one JSON record per figure."""
    parser = flags(str(__doc__).splitlines()[0])
    parser.add_argument("--seed", type=int, default=1, help="of the towns and of what happens there")
    given = parser.parse_args()
    runs = 100 if given.quick else 200
    every: list[Mapping[str, Found]] = []
    for town in towns(given.quick, given.seed):
        every.append(both(town, runs))
        said(town, every[-1])
    figures: list[Figure] = []
    kinds = [one for pair in every for one in pair.values()]
    for name, part, pick in (("coverage", "covered", min), ("width over the true width", "width", max)):
        values = [getattr(one, part) for one in kinds]
        bar = at_least if pick is min else at_most
        figures.append(show(bar(f"{name}, all towns", float(np.mean(values)), "ratio", 0.92 if pick is min else 1.4)))
        figures += [show(plain(f"{name}, the worst of all", pick(values), "ratio"))]
        figures += [
            show(plain(f"{name}, {kind}", float(np.mean([getattr(pair[kind], part) for pair in every])), "ratio"))
            for kind in ("gain", "none")
        ]
    false, right = ([pair[kind].beats for pair in every] for kind in ("none", "gain"))
    figures += [
        show(at_most("beats at true gain 0, all towns", float(np.mean(false)), "share", 0.05)),
        show(plain("beats at true gain 0, the worst of all", max(false), "share")),
        show(plain("beats where there is a gain, all towns", float(np.mean(right)), "share")),
    ]
    for reach in (2.0, 4.0):
        wide = Town(side_km=12.0, half_life=26.0, reach_km=reach, per_week=130.0, seed=1_000 * given.seed + 900)
        found = both(wide, runs)
        said(wide, found)
    finish([*figures, *hit_rates(200 if given.quick else 1_000)], given.json)


if __name__ == "__main__":
    main()
