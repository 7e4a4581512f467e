"""Models of a study: the office's own, fitted to a frame's incidents and asked for a window."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Self

from peelian.errors import InputError, OutOfOrder
from peelian.operations.outside_uses import used
from peelian.places.floors import held, refuse_small
from peelian.places.grids import CELL_METRES, Grid
from peelian.places.incidents import Incidents, digest_of, must_be_incidents
from peelian.places.research import RESEARCH
from peelian.technologies.mapping.days import day_of, hour_of
from peelian.technologies.mapping.declarations.models import DEFAULT, TITLES

MODEL_NAMES = tuple(name for name in TITLES if name != "risk_terrain")  # that one needs a file of landmarks
STREET_MODEL_NAMES = ("uniform", "long_run", "moving", "decayed")  # the others need neighbours on a lattice of squares
UNFITTED = "Fit the model first: model.fit(incidents)."
PARAMS = ("name", "cell_metres", "window_days")


@dataclass(slots=True, eq=False)
class Model:
    """A model by its name, in the manner of scikit-learn: `fit` returns itself, what was fitted ends in `_`.

    `cell_metres` (at least 50) is used where `fit` is given no grid; `window_days` is the length of a window.
    """

    name: str = DEFAULT
    cell_metres: float = CELL_METRES
    window_days: int = 7
    grid_: Grid | None = field(default=None, init=False)
    fitted_: Any = field(default=None, init=False)
    until_: str = field(default="", init=False)
    incidents_: Incidents | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self._check()

    def __repr__(self) -> str:
        return f"Model(name={self.name!r}, cell_metres={self.cell_metres:g}, window_days={self.window_days})"

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The settings by name."""
        return {name: getattr(self, name) for name in PARAMS}

    def set_params(self, **params: Any) -> Self:
        """Change settings; what was fitted is forgotten. InputError: no such setting, or not a value it can have."""
        for name, value in params.items():
            if name not in PARAMS:
                raise InputError("no such setting", column=str(name)[:60], accepted=", ".join(PARAMS))
            setattr(self, name, value)
        self._check()
        self.grid_ = self.fitted_ = self.incidents_ = None
        return self

    def fit(self, incidents: Incidents, grid: Grid | None = None, *, until: str | None = None) -> Self:
        """Fit to the incidents before the ISO day `until` (default: all). Growth as the model's: O(n + 26 cells).

        NotEnoughData: nothing before `until`, or the incidents enclose no ground. InputError: a model of squares alone
        on street segments, or incidents before `until` that are a trace. An office's log says that it was fitted.
        """
        must_be_incidents(incidents)
        if until:
            incidents.until(day_of(hour_of(until, "until") - 1))  # InputError where what is left is a trace
        used("mapping", "places.fit", rows=len(incidents), data=digest_of(incidents))
        fit_to(self, incidents, grid, until=until)
        return self

    def predict(self, start: str) -> Any:
        """A GeoDataFrame of cells with `expected`, and the ends `low` and `high` of their 95 % prediction intervals.

        The window begins on the ISO day `start` and is `window_days` long. OutOfOrder before `fit`; InputError for a
        window that begins before what was fitted ends, and with an office for one that has not ended before today or
        holds fewer than 20 of the incidents. Its log says that it was predicted. O(cells).
        """
        if self.incidents_ is None or self.grid_ is None:
            raise OutOfOrder(UNFITTED)
        last = day_of(hour_of(start, "start") + 24 * self.window_days - 1)
        window = held(self.grid_, self.incidents_.prepared(self.grid_.projection), start, last)
        rows, data = len(self.incidents_), digest_of(self.incidents_)
        used("mapping", "places.predict", rows=rows, data=data, windows=[window])
        return predicted(self, start)

    @property
    def settings_(self) -> dict[str, Any]:
        """What was fitted, by name."""
        if self.fitted_ is None:
            raise OutOfOrder(UNFITTED)
        return {**self.fitted_.settings(), "use": RESEARCH}

    def _check(self) -> None:
        if self.name not in MODEL_NAMES:
            raise InputError("unknown model", column="name", accepted=", ".join(MODEL_NAMES))
        if not 1 <= self.window_days <= 366:
            raise InputError("out of range", column="window_days", accepted="1 to 366 days")


def fit_to(
    model: Model, incidents: Incidents, grid: Grid | None = None, *, until: str | None = None, exact: bool = False
) -> None:
    """What `Model.fit` does, of a use that an office's log tells already; `exact`: points are not snapped."""
    from peelian.technologies.mapping.incidents import recorded
    from peelian.technologies.mapping.models import chosen

    model.grid_ = grid or Grid.enclosing(incidents, cell=model.cell_metres)
    refuse_small(model.grid_)  # it may have been made where no office was named
    refuse_on_streets((model.name,), model.grid_)
    known = recorded(
        incidents.prepared(model.grid_.projection, exact=exact or model.grid_.streets is not None), model.grid_.cells
    )
    end = known.history.until_hour if until is None else hour_of(until, "until")
    fits = chosen((model.name,), None)[model.name]
    model.fitted_ = fits.fit(known.known_at(end), window_hours=model.window_days * 24.0)
    model.until_, model.incidents_ = until or incidents.last_day, incidents


def predicted(model: Model, start: str) -> Any:
    """What `Model.predict` gives, of a use that an office's log tells already."""
    from peelian.technologies.mapping.models.base import Window as Asked

    if model.fitted_ is None or model.grid_ is None:
        raise OutOfOrder(UNFITTED)
    hour = hour_of(start, "start")
    if hour < hour_of(model.until_, "until"):
        raise InputError("the window begins in what was fitted", column="start", accepted=f"{model.until_} or later")
    made = model.grid_.gathered(model.fitted_.forecast(Asked(start_hour=hour, hours=model.window_days * 24.0)))
    frame = model.grid_.frame(expected=made.expected, low=made.low, high=made.high)
    frame.attrs |= {"model": model.name, "start": start, "window_days": model.window_days}
    return frame


def refuse_on_streets(names: Iterable[str], grid: Grid) -> None:
    """InputError where cells are street segments and a model needs squares."""
    if grid.streets and not set(names) <= set(STREET_MODEL_NAMES):
        accepted = ", ".join(STREET_MODEL_NAMES)
        raise InputError("this model does not forecast on street segments", column="name", accepted=accepted)
