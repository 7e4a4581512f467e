"""Sealed forecasts as one file: every model's expected counts, the grid and the acceptance criteria."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from peelian.errors import InputError
from peelian.kernel.model.capability import Scalar
from peelian.measure.enclosure import Enclosure
from peelian.measure.grid import Grid, grid_of
from peelian.measure.projection import Projection
from peelian.technologies.mapping.declarations.shifts import ALL_SHIFTS
from peelian.technologies.mapping.history import Floats, History
from peelian.technologies.mapping.models.base import Explanation, Fitted, Forecast, Window, forecast_from

VERSION = 1
ARRAYS = frozenset({"header", "row", "col", "area_km2", "expected", "shape"})
GROUND = "ground"  # one more array where no areas were given: the squares that the incidents enclosed, eight to a byte
DAMAGED = "unreadable sealed forecast"
MOST_HEADER = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Windows from `start_hour` on that were sealed together, and when that was in the log (ISO, UTC; "" unknown)."""

    start_hour: float
    sealed_on: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SealedForecasts:
    """Expected counts (float64[models, windows, cells]) with the shape of each one's interval ([models, windows]).

    `facts` say what was asked: category, cell_metres, window_days, model (the tested one), start_hour, the map's
    centre; `criteria` are the acceptance criteria as they stood at sealing. A trial sealed week by week holds the
    earlier seals' windows too: `parts` says when those were sealed, `last_start_hour` where its own begin.
    """

    models: tuple[str, ...]
    grid: Grid
    expected: Floats
    shape: Floats
    facts: Mapping[str, Scalar]
    criteria: Mapping[str, Scalar]
    last_start_hour: float
    parts: tuple[Part, ...] = ()

    @property
    def start_hour(self) -> float:
        """When the first window begins."""
        return float(self.facts["start_hour"])

    @property
    def hours(self) -> float:
        """The length of each window."""
        return float(self.facts["window_days"]) * 24

    @property
    def shifts(self) -> tuple[str, ...]:
        """The shifts that the town named; none otherwise."""
        return tuple(text for text in str(self.facts.get("shifts", "")).split(",") if text)

    @property
    def shift(self) -> str:
        """The shift whose incidents are forecast; "all" for every incident."""
        return str(self.facts.get("shift", ALL_SHIFTS))

    @property
    def projection(self) -> Projection:
        """The map the grid lies on."""
        return Projection(centre_lon=float(self.facts["centre_lon"]), centre_lat=float(self.facts["centre_lat"]))

    def frozen(self) -> dict[str, SealedModel]:
        """Each model as one that says what it said, and learns nothing more."""
        return {name: SealedModel(name=name, sealed=self, number=k) for k, name in enumerate(self.models)}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SealedModel:
    """A model whose forecasts were fixed: fitting it changes nothing."""

    name: str
    sealed: SealedForecasts
    number: int
    title: str = "Sealed forecast"

    def fit(self, history: History, *, window_hours: float, start: Fitted | None = None) -> SealedModel:
        """Itself: what came after the sealing is not looked at."""
        return self

    def forecast(self, window: Window) -> Forecast:
        """What was sealed for this window; KeyError for one that was not."""
        number = round((window.start_hour - self.sealed.start_hour) / self.sealed.hours)
        if not 0 <= number < self.sealed.expected.shape[1]:
            raise KeyError("no sealed forecast for this window")
        shape = float(self.sealed.shape[self.number, number])
        return forecast_from(self.sealed.expected[self.number, number], shape)

    def explain(self, cell: int, window: Window) -> Explanation:
        """Only the expected count itself was sealed."""
        expected = float(self.forecast(window).expected[cell])
        return Explanation(background=expected, recent=0.0, recent_incidents=0, nearby_incidents=0)

    def settings(self) -> Mapping[str, Scalar]:
        """None: the digest of the file fixes everything."""
        return {}


def write_sealed(sealed: SealedForecasts, file: BinaryIO) -> None:
    """Write as numpy's zip of arrays (npz), from the first byte to the last. O(models × windows × cells)."""
    header: dict[str, Any] = {
        "version": VERSION,
        "models": list(sealed.models),
        "facts": dict(sealed.facts),
        "criteria": dict(sealed.criteria),
        "last_start_hour": sealed.last_start_hour,
        "parts": [[part.start_hour, part.sealed_on] for part in sealed.parts],
    }
    ground = sealed.grid.ground
    drawn = {} if ground is None else {GROUND: np.packbits(ground.inside)}
    if ground is not None:
        header[GROUND] = [ground.first_row, ground.first_col, *ground.inside.shape, ground.square_metres]
    np.savez_compressed(
        file,
        allow_pickle=False,
        header=np.frombuffer(json.dumps(header).encode(), dtype=np.uint8),
        row=sealed.grid.row,
        col=sealed.grid.col,
        area_km2=sealed.grid.area_km2,
        expected=sealed.expected,
        shape=sealed.shape,
        **drawn,
    )


def read_sealed(file: BinaryIO) -> SealedForecasts:
    """The forecasts that `write_sealed` wrote; InputError where the file is damaged or something else. O(size)."""
    try:
        with np.load(file, allow_pickle=False) as arrays:
            if set(arrays.files) - {GROUND} != ARRAYS or arrays["header"].size > MOST_HEADER:
                raise InputError(DAMAGED)
            parts = {name: arrays[name] for name in arrays.files}
        header: dict[str, Any] = json.loads(parts["header"].tobytes().decode())
        made = SealedForecasts(
            models=tuple(str(name) for name in header["models"]),
            grid=_grid(header, parts),
            expected=_finite(parts["expected"]),
            shape=np.asarray(parts["shape"], dtype=np.float64),
            facts=header["facts"],
            criteria=header["criteria"],
            last_start_hour=float(header.get("last_start_hour", header["facts"]["start_hour"])),
            parts=tuple(Part(start_hour=float(hour), sealed_on=str(day)) for hour, day in header.get("parts", [])),
        )
    except InputError:
        raise
    except Exception:  # whatever a damaged zip or header makes numpy raise
        raise InputError(
            DAMAGED,
            accepted="a dataset from mapping.seal",
        ) from None
    if header.get("version") != VERSION or made.expected.shape != (*made.shape.shape, len(made.grid)):
        raise InputError(DAMAGED, accepted="a dataset from mapping.seal")
    return made


def _grid(header: Mapping[str, Any], parts: Mapping[str, NDArray[Any]]) -> Grid:
    """The cells, and the ground that the incidents enclosed where no areas bounded them."""
    ground = None
    if GROUND in header:
        first_row, first_col, rows, cols, size = header[GROUND]
        inside = np.unpackbits(parts[GROUND], count=rows * cols).astype(bool).reshape(rows, cols)
        ground = Enclosure(inside=inside, first_row=first_row, first_col=first_col, square_metres=size)
    metres = float(header["facts"]["cell_metres"])
    return grid_of(metres, parts["row"], parts["col"], parts["area_km2"], ground)


def _finite(values: NDArray[Any]) -> Floats:
    expected = np.asarray(values, dtype=np.float64)
    if expected.ndim != 3 or not bool((np.isfinite(expected) & (expected >= 0)).all()):
        raise InputError(DAMAGED, accepted="expected counts by model, window and cell")
    return expected
