"""The default model: counts that decay with time plus light smoothing, weighted by their past forecasts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from peelian.kernel.model.capability import Scalar
from peelian.measure.sums import inner, mixture
from peelian.technologies.mapping.history import History
from peelian.technologies.mapping.models.base import (
    POISSON,
    RECENT_HOURS,
    Explanation,
    Fitted,
    Forecast,
    Window,
    forecast_from,
)
from peelian.technologies.mapping.models.mixing import Ledger, believed, weights_of
from peelian.technologies.mapping.models.shares import (
    concentration,
    dispersion,
    enough,
    even,
    explained,
    recent_level,
)
from peelian.technologies.mapping.models.smoothing import Smoothing, smoothings

Floats = NDArray[np.float64]

HALF_LIVES_DAYS = (28.0, 56.0, 182.0, 728.0)
SMOOTHED = ((182.0, 200.0), (728.0, 400.0))  # half-life in days, bandwidth in metres
COMPONENTS = (
    "long_run",
    "even",
    *(f"half_life_{days:g}_days" for days in HALF_LIVES_DAYS),
    *(f"half_life_{days:g}_days_within_{metres:g}_metres" for days, metres in SMOOTHED),
)
ALL_HALF_LIVES_DAYS = (float("inf"), 91.0)  # of all reported categories together: their long-run average, and decayed
ALL_COMPONENTS = ("all_long_run", *(f"all_half_life_{days:g}_days" for days in ALL_HALF_LIVES_DAYS[1:]))
FINE_METRES = 83.0  # three to a cell of 250 m: its bandwidths are wide enough
INNER_WINDOWS = 26
MOST_LATE = 0.05  # of a ledger's incidents: where more become known late, what was said beforehand is replayed for them
UNTRIED = (0.6, 0.02, 0.03, 0.05, 0.08, 0.12, 0.05, 0.05)  # held before there is anything to choose weights by
ALL_UNTRIED = 0.02  # the same for each map of all categories; the others make room
FLOOR = 1e-3  # of the long-run average, which is above 0 in every cell


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class State:
    """Counts at an hour: plain per cell, fading per cell (one row per half-life), fading as kernels keep it.

    `every` are those of all reported categories, one row per half-life; none where the dataset has one category.
    Each new hour multiplies the fading ones and adds the new incidents: no step looks back (a recursion, O(new rows +
    cells)). `seen` tells whether a later history has the same beginning.
    """

    until_hour: float
    plain: Floats
    fading: Floats
    fine: tuple[Floats, ...]
    every: Floats
    seen: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FittedDecayed:
    """Components, their weights, and the ledger those come from; keeps its state, so that one more day costs a day."""

    history: History
    state: State
    kernels: tuple[Smoothing, ...]
    ledger: Ledger
    tuned: Floats  # the best weights on the ledger
    weights: Floats  # what is left of them where the ledger does not support so many
    components: Floats  # components x cells
    totals: Floats  # incidents (fading) that each component was divided by
    per_hour: float
    shape: float = POISSON

    @property
    def share(self) -> Floats:
        """Each cell's share: the components mixed by their weights. O(components x cells)."""
        return self._mixed(self.components)

    def forecast(self, window: Window) -> Forecast:
        """Expected counts with their interval. O(cells)."""
        return forecast_from(self.share * (self.per_hour * window.hours), self.shape)

    def explain(self, cell: int, window: Window) -> Explanation:
        """The cell's expected count without and with the incidents of the last eight weeks. O(recent rows + cells)."""
        recent = float(self._recent()[cell])
        share, level = float(self.share[cell]), self.per_hour * window.hours
        first = len(COMPONENTS)
        every = (1 - FLOOR) * inner(self.weights[first:], self.components[first:, cell]) * level
        return explained(self.history, cell, (share, max(share - recent, 0.0)), level, every)

    def settings(self) -> Mapping[str, Scalar]:
        """The weights of the components and the level."""
        named = {f"weight_{name}": float(w) for name, w in zip(_names(self.history), self.weights, strict=True)}
        return {**named, "windows_in_ledger": len(self.ledger), "per_hour": self.per_hour, "shape": self.shape}

    def _recent(self) -> Floats:
        """The part of each cell's share that the incidents of the last eight weeks bring: components are linear."""
        tail = self.history.between(self.history.until_hour - RECENT_HOURS, self.history.until_hour)
        late, _ = _masses(
            _advanced(_empty(self.history, self.kernels, tail.from_hour), tail, self.kernels), self.kernels
        )
        return self._mixed(np.stack(late) / np.maximum(self.totals, 1e-300)[:, None])

    def _mixed(self, parts: Floats) -> Floats:
        return np.asarray((1 - FLOOR) * mixture(self.weights, parts) + FLOOR * parts[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class Decayed:
    """Long-run average, even spread, four half-lives and two smoothed maps; weights by what each said beforehand.

    Where the dataset has other reported categories, also a long-run and a decayed map of all of them together.
    """

    name: str = "decayed"

    def fit(self, history: History, *, window_hours: float, start: Fitted | None = None) -> FittedDecayed:
        """Cold: replay the last 26 windows for the weights, O(rows + windows · cells). Warm: only what is new.

        Where records of days long past have become known meanwhile, the counts are made anew, O(rows); what each
        component had said beforehand, as known then, stays said.
        """
        enough(history)
        warm = start if isinstance(start, FittedDecayed) and _goes_on(start, history) else None
        if warm and _late(warm, history) > MOST_LATE * warm.ledger.incidents:
            warm = None
        if warm:
            state, kernels, ledger = warm.state, warm.kernels, warm.ledger
            if state.seen != history.mark(state.until_hour):
                empty = _empty(history, kernels, history.from_hour)
                state = _advanced(empty, history.before(state.until_hour), kernels)
        else:
            kernels = smoothings(history.grid, [metres for _, metres in SMOOTHED], FINE_METRES)
            held = min(INNER_WINDOWS, int(history.hours / 2 // window_hours)) * window_hours
            past = history.before(history.until_hour - held)
            state = _advanced(_empty(history, kernels, history.from_hour), past, kernels)
            ledger = Ledger(components=len(_names(history)))
        for part in _steps(history, state.until_hour, window_hours):
            said, _ = _components(state, kernels, history)
            places, came = _places(part)
            ledger = ledger.noted(said[:, places], came) if len(places) else ledger
            state = _advanced(state, part, kernels)
        state = replace(state, seen=history.mark(state.until_hour))
        tuned = weights_of(ledger, warm.tuned if warm else None, before=_untried(history))
        components, totals = _components(state, kernels, history)
        fitted = FittedDecayed(
            history=history,
            state=state,
            kernels=kernels,
            ledger=ledger,
            tuned=tuned,
            weights=believed(tuned, ledger),
            components=components,
            totals=totals,
            per_hour=recent_level(history),
        )
        return replace(fitted, shape=dispersion(history, fitted.share, window_hours))


def _names(history: History) -> tuple[str, ...]:
    return COMPONENTS if history.all_reported is None else (*COMPONENTS, *ALL_COMPONENTS)


def _untried(history: History) -> Floats:
    """The weights held before there is anything to choose by, one for each component."""
    own, every = np.array(UNTRIED), np.full(len(_names(history)) - len(COMPONENTS), ALL_UNTRIED)
    return np.concatenate([own * (1 - every.sum()), every])


def _late(start: FittedDecayed, history: History) -> float:
    """How many incidents of the days that a fit covers have become known since."""
    return history.mark(start.state.until_hour)[0] - start.state.seen[0]


def _empty(history: History, kernels: tuple[Smoothing, ...], hour: float) -> State:
    cells = len(history.grid)
    return State(
        until_hour=hour,
        plain=np.zeros(cells),
        fading=np.zeros((len(HALF_LIVES_DAYS), cells)),
        fine=tuple(kernel.empty() for kernel in kernels),
        every=np.zeros((len(_names(history)) - len(COMPONENTS), cells)),
        seen=(0, 0.0, 0),
    )


def _advanced(state: State, part: History, kernels: tuple[Smoothing, ...]) -> State:
    """The state at the end of `part`, which begins where the state stands. O(rows of the part + cells)."""
    age, passed = part.until_hour - part.hour, part.until_hour - state.until_hour
    fine = tuple(
        plane * 0.5 ** (passed / (24 * days)) + kernel.plane(part, part.weight * 0.5 ** (age / (24 * days)))
        for (days, _), plane, kernel in zip(SMOOTHED, state.fine, kernels, strict=True)
    )
    every = state.every if part.all_reported is None else _faded(state.every, part.all_reported, passed)
    return State(
        until_hour=part.until_hour,
        plain=state.plain + part.counts(),
        fading=_faded(state.fading, part, passed, HALF_LIVES_DAYS),
        fine=fine,
        every=every,
        seen=state.seen,
    )


def _faded(planes: Floats, part: History, passed: float, half_lives: Sequence[float] = ALL_HALF_LIVES_DAYS) -> Floats:
    """Each plane `passed` hours later, with the incidents of `part` added. O(rows of the part + planes)."""
    age, cells, made = part.until_hour - part.hour, len(part.grid), []
    for days, plane in zip(half_lives, planes, strict=True):
        mass = part.weight * 0.5 ** (age / (24 * days))
        made.append(plane * 0.5 ** (passed / (24 * days)) + np.bincount(part.cell, weights=mass, minlength=cells))
    return np.stack(made)


def _masses(state: State, kernels: tuple[Smoothing, ...]) -> tuple[list[Floats], list[float]]:
    """Each component's incidents per cell, fading and smoothed, and their number. O(fine squares)."""
    own, whole = [state.plain, np.zeros_like(state.plain), *state.fading], list(state.every)
    maps = [kernel.cells(plane) for kernel, plane in zip(kernels, state.fine, strict=True)]
    totals = [float(plane.sum()) for plane in (*own, *state.fine, *whole)]
    return [*own, *maps, *whole], totals


def _components(state: State, kernels: tuple[Smoothing, ...], history: History) -> tuple[Floats, Floats]:
    """Each component's share per cell (components x cells), and what its incidents were divided by. O(fine squares).

    Long-run averages are shrunk towards the even spread, which is also the share of whatever has no incident.
    """
    spread = even(history)
    masses, totals = _masses(state, kernels)
    rows, divisors = [], []
    for name, mass, total in zip(_names(history), masses, totals, strict=True):
        empty = total <= 0 or state.plain.sum() <= 0
        added = 0.0 if not name.endswith("long_run") or empty else concentration(mass, spread)
        rows.append(spread if empty else (mass + added * spread) / (total + added))
        divisors.append(float("inf") if empty else total + added)
    return np.stack(rows), np.array(divisors)


def _steps(history: History, from_hour: float, window_hours: float) -> Iterator[History]:
    """The history after `from_hour` in pieces of one window, the last perhaps shorter."""
    while from_hour < history.until_hour:
        until = min(from_hour + window_hours, history.until_hour)
        yield history.between(from_hour, until)
        from_hour = until


def _places(part: History) -> tuple[NDArray[np.intp], Floats]:
    """The cells with incidents in a piece of history, and how many each had."""
    came = part.counts()
    places = np.flatnonzero(came)
    return places, came[places]


def _goes_on(start: FittedDecayed, history: History) -> bool:
    """Whether `history` lies on the same grid and goes on where the fit's state ends."""
    alike = start.history.grid is history.grid and len(start.weights) == len(_names(history))
    return alike and history.from_hour < start.state.until_hour <= history.until_hour
