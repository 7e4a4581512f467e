"""The back-test: rolling origins, all models on the same windows and grids, scored against the long-run average."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from peelian.errors import NotEnoughData, sentence
from peelian.kernel.model.capability import Scalar
from peelian.kernel.model.fan_out import Each, InProcess, Parts
from peelian.measure.cube import Cube, count_cube
from peelian.measure.folds import Fold
from peelian.measure.grid import Grid
from peelian.measure.multiplicity import holm
from peelian.technologies.mapping.calibration import Calibration
from peelian.technologies.mapping.comparison import LEAST_YEARS, Interval, effective, ratio, regions_of, share
from peelian.technologies.mapping.declarations.models import BASELINE
from peelian.technologies.mapping.history import History
from peelian.technologies.mapping.incidents import Incidents, Recorded, recorded
from peelian.technologies.mapping.metrics import AREA_SHARES, log_rri
from peelian.technologies.mapping.models import OF_POINTS, TRAVELLERS
from peelian.technologies.mapping.models.base import Fitted, Forecast, Model, Window
from peelian.technologies.mapping.tally import (
    Common,
    Outcome,
    Squares,
    Tally,
    common_of,
    merged,
    merged_common,
    outcome_of,
    scored,
    squares_of,
)

Floats = NDArray[np.float64]
Progress = Callable[[str, float], None]
Timed = Callable[[str, Forecast, History, Window], Forecast]
V = TypeVar("V")

LEAST_ORIGINS = 26
LEAST_INCIDENTS = 400
LEAST_WITH_ORIGINS = 50
LEAST_TRAINING = 50
YEAR_HOURS = 52 * 7 * 24.0
SURELY_CLUSTERED = float(np.log2(20))  # bits that incidents strewn evenly gain in 1 of 20 towns at most (Ville 1939)
ONLY_ONE = "Not enough data: 1 incident, %(needed)d needed. Widen the category, period or area."
TOO_FEW = "Not enough data: %(n)d incidents, %(needed)d needed. Widen the category, period or area."
TOO_FEW_SCORED = (
    "Not enough data: %(n)d incidents in %(windows)d windows, %(needed)d needed. Widen the category, "
    "window, period or area."
)
TOO_FEW_BEFORE = "Not enough data: %(n)d incidents before the first window, %(needed)d needed"
SENTENCES = frozenset({ONLY_ONE, TOO_FEW, TOO_FEW_SCORED, TOO_FEW_BEFORE})
SCORING = "Scoring forecasts on held-out weeks"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is fixed before anything is scored: the windows, and the seed that exposure by group is resampled with."""

    folds: tuple[Fold, ...]
    seed: int

    @property
    def window_hours(self) -> float:
        """The length of every window."""
        return self.folds[0].until - self.folds[0].origin

    @property
    def hours(self) -> tuple[float, float]:
        """Where the first window begins and the last one ends."""
        return self.folds[0].origin, self.folds[-1].until


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Score:
    """One model's figures over all windows and grids; lists by area share hold 1, 5 and 10 % of the area.

    Intervals leave out one region of the ground after another; `bits_by_year` one year of 52 weeks, nan below four.
    `bits` is the log score of the places against the long-run average, in bits per incident: whose places were better,
    whatever the level. `bits_with_level` scores the expected counts themselves. `hit_rate` is the share of incidents
    in the top share of the area, equal cells taken by lot; `best` and `worst` are its ends over all orders of equal
    cells, `possible` the most any choice of that area could have held. `precision` is the share of named cells that
    had an incident in the window, never to be read without `base_rate`, the share of all cells; both count cells and
    windows (`named_cells`, `cells`). Counts over four grids are divided by four: `n` is the number of incidents.
    """

    model: str
    n: float
    bits: Interval
    p_holm: float
    bits_by_year: Interval
    bits_with_level: Interval
    hit_rate: tuple[Interval, ...]
    best: tuple[float, ...]
    worst: tuple[float, ...]
    possible: tuple[float, ...]
    log_rri: tuple[float, ...]
    per_km2_day: tuple[float, ...]
    precision: tuple[float, ...]
    named_cells: tuple[float, ...]
    base_rate: float
    cells: int
    brier: float
    crps: float
    stability: float
    calibration: Calibration
    settings: Mapping[str, Scalar]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trial:
    """All models' scores, what they rest on, and whether there is anything to forecast.

    `regions` is the effective number of regions of 4 km that hold the incidents, `years` that of whole years scored.
    `over_even` is the log score of the long-run average against an even spread; `concentrated` is false where evenly
    strewn incidents could have gained as much by chance. `last` holds each model's forecast of the last window.
    """

    scores: tuple[Score, ...]
    n: float
    origins: int
    regions: float
    years: int
    over_even: Interval
    concentrated: bool
    last: Mapping[str, Forecast]

    def score(self, model: str) -> Score:
        """The score of one model; KeyError where it was not in the trial."""
        return {score.model: score for score in self.scores}[model]


def as_made(name: str, made: Forecast, history: History, window: Window) -> Forecast:
    """A forecast whose level and hours are the model's own."""
    return made


def back_test(
    incidents: Incidents,
    grids: Sequence[Grid],
    plan: Plan,
    models: Mapping[str, Model],
    progress: Progress = lambda says, share: None,
    *,
    timed: Timed = as_made,
    came: Incidents | None = None,
    each: Each | None = None,
) -> Trial:
    """Score `models` (the long-run average among them) on every window of the plan and every grid.

    Each origin sees what was known then (`Recorded.known_at`); a model's settings come from windows before the first
    origin, and go on from there. `timed` brings a forecast to the season's level or to one shift, whose incidents are
    those that `came`; by default all are scored. NotEnoughData where too little is scored or trained on.
    `each` does the parts, in this process by default; no figure depends on where.
    O(windows · grids · models · (cells log cells + what a fit costs)).
    """
    each = each or InProcess()
    asked = _Asked(incidents=incidents, grids=tuple(grids), plan=plan, models=models, timed=timed, came=came)
    parts = _parts(len(grids), models) if each.apart else [_Part(grids=tuple(range(len(grids))), models=tuple(models))]
    found = each(Parts(function=_part_done, shared=asked, parts=parts, progress=progress, says=SCORING))
    runs = [_joined([runs[number] for runs in found if number in runs], models) for number in range(len(grids))]
    return _trial(runs, plan, squares_of(grids[0], grids[0].extent()))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Asked:
    """What all parts of a back-test share. A process keeps the grid that it prepared last, for its next part."""

    incidents: Incidents
    grids: tuple[Grid, ...]
    plan: Plan
    models: Mapping[str, Model]
    timed: Timed
    came: Incidents | None
    prepared: dict[int, _Ground] = field(default_factory=dict)  # empty where this is sent

    def ground(self, number: int) -> _Ground:
        """One grid with the incidents on it. O(windows · (rows + cells log cells)), where the last part had another."""
        if number not in self.prepared:
            self.prepared.clear()  # one at a time: each holds the incidents once more
            self.prepared[number] = _prepared(self, number)
        return self.prepared[number]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """Models on grids, each model on all windows: a fit may start from the one of the window before."""

    grids: tuple[int, ...]
    models: tuple[str, ...]


def _parts(grids: int, models: Mapping[str, Model]) -> list[_Part]:
    """The smallest parts that need nothing of one another: a model's fits travel from the first grid to its copies, or
    it is fitted on each. The longest come first, so that none is left alone at the end; then grid by grid, so that a
    process seldom prepares one again."""
    every = tuple(range(grids))
    travelling = [_Part(grids=every, models=(name,)) for name in models if name in TRAVELLERS]
    staying = [name for name in reversed(list(models)) if name not in TRAVELLERS]  # the list begins with the quickest
    return travelling + [_Part(grids=(k,), models=(name,)) for k in every for name in staying]


def _part_done(asked: _Asked, part: _Part, progress: Progress) -> dict[int, _Run]:
    """The sums of a part by grid."""
    runs: dict[int, _Run] = {}
    models = {name: asked.models[name] for name in part.models}
    known: Mapping[str, Sequence[Fitted]] = {}
    for done, number in enumerate(part.grids):

        def told(says: str, share: float, done: int = done) -> None:
            progress(says, (done + share) / len(part.grids))

        run = _run(asked.ground(number), asked, models, told, known)
        known = known or run.portable
        runs[number] = replace(run, portable={}, last=run.last if number == 0 else {})
    return runs


def _joined(runs: Sequence[_Run], models: Iterable[str]) -> _Run:
    """One grid's sums of several parts, models in their order."""

    def in_order(of: Callable[[_Run], Mapping[str, V]]) -> dict[str, V]:
        found = {name: value for run in runs for name, value in of(run).items()}
        return {name: found[name] for name in models if name in found}

    return replace(
        runs[0],
        tallies=in_order(lambda run: run.tallies),
        bits=in_order(lambda run: run.bits),
        settings=in_order(lambda run: run.settings),
        last=in_order(lambda run: run.last),
    )


def refuse_few(n: int) -> None:
    """NotEnoughData where a recording holds too few incidents for any proof, however it is cut into windows."""
    if n < LEAST_TRAINING + LEAST_WITH_ORIGINS:
        one = sentence(ONLY_ONE, needed=LEAST_INCIDENTS)
        raise NotEnoughData(one if n == 1 else sentence(TOO_FEW, n=n, needed=LEAST_INCIDENTS))


def refuse_too_little(scored_incidents: float, trained_on: float, plan: Plan) -> None:
    """NotEnoughData unless 400 incidents were scored, or 26 windows with at least 50; and 50 to train on.

    The standard error of a hit rate is about 1/√n of it: with 12 incidents any model may look twice as good.
    """
    few_windows = len(plan.folds) < LEAST_ORIGINS
    needed = LEAST_INCIDENTS if few_windows else LEAST_WITH_ORIGINS
    if scored_incidents < needed:
        n, windows = round(scored_incidents), len(plan.folds)
        raise NotEnoughData(sentence(TOO_FEW_SCORED, n=n, windows=windows, needed=needed))
    if trained_on < LEAST_TRAINING:
        raise NotEnoughData(
            sentence(TOO_FEW_BEFORE, n=round(trained_on), needed=LEAST_TRAINING),
            accepted="a later first origin, fewer origins or a longer recording",
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Ground:
    """One grid with the incidents on it, and what came in each window: all that does not depend on a model."""

    known: Recorded
    outcomes: tuple[Outcome, ...]
    common: Common
    n: Floats  # per window


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Run:
    """The sums of all windows on one grid, and each model as fitted last."""

    common: Common
    tallies: Mapping[str, Tally]
    bits: Mapping[str, Floats]  # per window
    n: Floats  # per window
    settings: Mapping[str, Mapping[str, Scalar]]
    last: Mapping[str, Forecast]
    portable: Mapping[
        str, Sequence[Fitted]
    ]  # those whose settings do not belong to the grid, as fitted for each window


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Pooled:
    """The sums of all windows and grids per square, what each window brought, and the groups that intervals leave out.

    `years` holds the year (52 weeks) of each window, as far as the windows fill whole years.
    """

    common: Common
    tallies: Mapping[str, Tally]
    regions: Sequence[NDArray[np.intp]]
    years: NDArray[np.intp]
    bits: Mapping[str, Floats]
    n: Floats
    grids: int

    def ratio(self, above: Floats) -> Interval:
        """Σ above / incidents over squares, with its interval over regions."""
        return ratio(self.regions, above, self.common.n)

    def share(self, above: Floats) -> Interval:
        """`ratio` of a part of the incidents, its interval within 0 to 1; no ends where it is all or nothing."""
        return share(self.regions, above, self.common.n)

    def by_year(self, name: str) -> Interval:
        """A model's gain with its interval over years; no ends below four of them."""
        count = len(self.years)
        if not count or self.years[-1] + 1 < LEAST_YEARS:
            return Interval(value=float("nan"), low=float("nan"), high=float("nan"))
        gain = self.bits[name] - self.bits[BASELINE]
        return ratio((self.years,), gain[:count], self.n[:count], least=2)


def _prepared(asked: _Asked, number: int) -> _Ground:
    """The incidents on one grid, and its outcomes; NotEnoughData where they are too few on the first."""
    grid, plan = asked.grids[number], asked.plan
    on_grid = recorded(asked.incidents, grid)
    cube = _windows(recorded(asked.came, grid) if asked.came else on_grid, plan.folds)
    if number == 0:
        trained_on = on_grid.history.before(plan.folds[0].train_until).total
        refuse_too_little(float(cube.totals().sum()), trained_on, plan)
    squares = squares_of(grid, asked.grids[0].extent())
    outcomes = tuple(
        outcome_of(grid, squares, cube.period(k), on_grid.known_at(fold.origin), plan.window_hours)
        for k, fold in enumerate(plan.folds)
    )
    commons = [common_of(outcome) for outcome in outcomes]
    n = np.array([part.n.sum() for part in commons])
    return _Ground(known=on_grid, outcomes=outcomes, common=merged_common(commons), n=n)


def _run(
    ground: _Ground,
    asked: _Asked,
    models: Mapping[str, Model],
    progress: Progress,
    known: Mapping[str, Sequence[Fitted]],
) -> _Run:
    """One grid. `known`: models as fitted on the first grid, whose settings hold on one moved by half a cell as well.

    Tuned once they serve all windows; a model of points, which knows no grid, is taken over window by window.
    """
    plan, hours = asked.plan, asked.plan.window_hours
    tallies: dict[str, list[Tally]] = {name: [] for name in models}
    fitted: dict[str, Fitted] = {}
    portable: dict[str, list[Fitted]] = {name: [] for name in models if name in TRAVELLERS and not known}
    last: dict[str, Forecast] = {}
    for number, fold in enumerate(plan.folds):
        progress(SCORING, number / len(plan.folds))
        history = ground.known.known_at(fold.origin)
        for name, model in models.items():
            start = known[name][number] if name in known and number < len(known[name]) else fitted.get(name)
            fitted[name] = model.fit(history, window_hours=hours, start=start)
            if name in portable and (number == 0 or name in OF_POINTS):
                portable[name].append(fitted[name])
            window = Window(start_hour=fold.origin, hours=hours)
            last[name] = asked.timed(name, fitted[name].forecast(window), history, window)
            named = tallies[name][-1].last_named if tallies[name] else None
            tallies[name].append(scored(last[name], ground.outcomes[number], named))
    return _Run(
        common=ground.common,
        tallies={name: merged(parts) for name, parts in tallies.items()},
        bits={name: np.array([part.bits.sum() for part in parts]) for name, parts in tallies.items()},
        n=ground.n,
        settings={name: model.settings() for name, model in fitted.items()},
        last=last,
        portable=portable,
    )


def _windows(known: Recorded, folds: Sequence[Fold]) -> Cube:
    """What came in each window. O(rows in the windows)."""
    hours = folds[0].until - folds[0].origin
    then = known.history.between(folds[0].origin, folds[-1].until)
    period = ((then.hour - folds[0].origin) // hours).astype(np.int64)
    return count_cube(then.cell, period, (len(folds), len(known.history.grid)), then.weight)


def _years(folds: Sequence[Fold]) -> NDArray[np.intp]:
    """The year of 52 weeks in which each window begins, of those in whole years."""
    first = folds[0].origin
    year = np.array([(fold.origin - first) // YEAR_HOURS for fold in folds], dtype=np.intp)
    return year[year < (folds[-1].until - first) // YEAR_HOURS]


def _trial(runs: Sequence[_Run], plan: Plan, squares: Squares) -> Trial:
    common = merged_common([run.common for run in runs])
    pooled = _Pooled(
        common=common,
        tallies={name: merged([run.tallies[name] for run in runs]) for name in runs[0].tallies},
        regions=regions_of(*squares.shape),
        years=_years(plan.folds),
        bits={name: np.sum([run.bits[name] for run in runs], axis=0) for name in runs[0].bits},
        n=np.sum([run.n for run in runs], axis=0),
        grids=len(runs),
    )
    first, bar = runs[0], pooled.tallies[BASELINE]
    bits = {name: pooled.ratio(tally.bits - bar.bits) for name, tally in pooled.tallies.items()}
    rivals = {name: found.p for name, found in bits.items() if name != BASELINE}
    corrected = dict(zip(rivals, holm(list(rivals.values())).tolist(), strict=True))
    scores = tuple(
        _score(name, pooled, (bits[name], corrected.get(name, float("nan"))), first.settings[name]) for name in bits
    )
    over_even, n = pooled.ratio(bar.bits - common.even_bits), float(common.n.sum()) / len(runs)
    return Trial(
        scores=scores,
        n=n,
        origins=len(plan.folds),
        regions=effective(pooled.regions[0], common.n),
        years=int(pooled.years[-1]) + 1 if len(pooled.years) else 0,
        over_even=over_even,
        concentrated=n * over_even.value >= SURELY_CLUSTERED,
        last=first.last,
    )


def _score(name: str, pooled: _Pooled, bits: tuple[Interval, float], settings: Mapping[str, Scalar]) -> Score:
    tally, bar, common = pooled.tallies[name], pooled.tallies[BASELINE], pooled.common
    n = float(common.n.sum())
    found = tally.hits.sum(axis=0)
    before = tally.past_hits / tally.past
    return Score(
        model=name,
        n=n / pooled.grids,
        bits=bits[0],
        p_holm=bits[1],
        bits_by_year=pooled.by_year(name),
        bits_with_level=pooled.ratio(tally.level_bits - bar.level_bits),
        hit_rate=tuple(pooled.share(tally.hits[:, k]) for k in range(len(AREA_SHARES))),
        best=_floats(tally.best / n),
        worst=_floats(tally.worst / n),
        possible=_floats(common.possible / n),
        log_rri=tuple(log_rri(after, past) for after, past in zip(_floats(found / n), _floats(before), strict=True)),
        per_km2_day=_floats(found / (common.area_days * np.array(AREA_SHARES))),
        precision=_floats(tally.named_hit / tally.named_cells),
        named_cells=_floats(tally.named_cells / pooled.grids),
        base_rate=common.cells_hit / common.cells,
        cells=round(common.cells / pooled.grids),
        brier=tally.brier / tally.windows,
        crps=tally.crps / tally.windows,
        stability=tally.alike / tally.compared if tally.compared else float("nan"),
        calibration=tally.calibration,
        settings=settings,
    )


def _floats(values: Floats) -> tuple[float, ...]:
    return tuple(float(value) for value in values)
