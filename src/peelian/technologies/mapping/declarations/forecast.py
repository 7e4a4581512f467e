"""The forecast by place: expected incidents in a coming window, with reasons and exposure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from peelian.errors import InputError
from peelian.kernel.model.capability import (
    Asks,
    AuthorizationKind,
    Capability,
    Emit,
    Need,
    Purpose,
    Read,
    Role,
    Selection,
    deferred,
)
from peelian.measure.table import Kind
from peelian.technologies.mapping.days import hour_of
from peelian.technologies.mapping.declarations.backtest import tested
from peelian.technologies.mapping.declarations.explanation import HISTORY, REASONS
from peelian.technologies.mapping.declarations.exposure import EXPOSURE
from peelian.technologies.mapping.declarations.landmarks import LANDMARK_CARD
from peelian.technologies.mapping.declarations.models import DEFAULT, TITLES
from peelian.technologies.mapping.declarations.places import CATEGORY, NEXT_DAY, TRAIN_FROM, check_place_params
from peelian.technologies.mapping.declarations.shifts import (
    ALL_SHIFTS,
    NAMES,
    SHIFT_HELP,
    SHIFTS_HELP,
    WHEN,
    check_shifts,
    shifts_in,
)
from peelian.technologies.mapping.declarations.titles import window
from peelian.technologies.mapping.declarations.town_map import TOWN_MAP

COLUMNS: Mapping[str, Kind] = {
    "place": Kind.PLACE,
    "expected": Kind.AMOUNT,
    "low": Kind.AMOUNT,
    "high": Kind.AMOUNT,
    "long_run": Kind.AMOUNT,
}


BY_SHIFT: Mapping[str, Kind] = {f"shift_{name}": Kind.AMOUNT for name in NAMES}
"""The expected count of a cell in each shift, where all shifts are asked for together."""
EMITS = Emit(
    table="forecast",
    columns={**COLUMNS, "area": Kind.PLACE, **BY_SHIFT},
    optional=frozenset({"area", *BY_SHIFT}),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastParams:
    """What to forecast, for which window. Category, cell, window and model must be those of the accuracy report."""

    start_day: str = field(metadata=NEXT_DAY)
    category: str = field(default="all", metadata=CATEGORY)
    cell_metres: int = field(default=250, metadata={"help": "Cell size", "unit": "m"})
    window_days: int = field(default=7, metadata={"help": "Length of the window", "unit": "days"})
    model: str = field(
        default=DEFAULT, metadata={"help": "Model (as tested)", "choices": tuple(TITLES), "names": TITLES}
    )
    advised_cells: int = field(default=50, metadata={"help": "Number of selected cells"})
    train_from: str = field(default="", metadata=TRAIN_FROM)
    shifts: tuple[str, ...] = field(default=(), metadata={"help": SHIFTS_HELP})
    shift: str = field(default=ALL_SHIFTS, metadata={"help": SHIFT_HELP})


def check(params: ForecastParams) -> None:
    """InputError where a parameter is out of range."""
    check_place_params(params.category, params.cell_metres, params.window_days, (params.model,))
    check_shifts(params.shifts, params.shift)
    hour_of(params.start_day, "start_day")
    if params.train_from:
        hour_of(params.train_from, "train_from")
    if not 1 <= params.advised_cells <= 1_000:
        raise InputError("out of range", column="advised_cells", accepted="1 to 1,000 cells")


FORECAST = Capability(
    id="mapping.forecast",
    warrant="No warrant needed, because it counts incidents reported to the town by place, and tells of nobody.",
    title="Forecast by place",
    about="Expected incidents by cell for a coming window, with reasons and exposure by group.",
    asks=Asks(
        params=ForecastParams,
        titled=window,
        check=check,
        purposes=frozenset({Purpose.ADVICE}),
        askers=frozenset({Role.ANALYST}),
        deciders=frozenset({Role.COMMANDER}),
    ),
    reads=(
        Read(role="incidents", title="incidents", shape="incidents", partitions=True),
        Read(role="areas", title="areas", shape="areas"),
        Read(role="landmarks", title="landmarks", shape="landmarks", optional=True),
    ),
    emits=(EMITS, REASONS, HISTORY, EXPOSURE, LANDMARK_CARD, TOWN_MAP, *WHEN),
    needs=(
        Need(kind=AuthorizationKind.COUNCIL_APPROVAL),
        Need(kind=AuthorizationKind.IMPACT_ASSESSMENT),
        Need(kind=AuthorizationKind.ACCURACY_REPORT, covers=tested, settings=shifts_in),
    ),
    arithmetic=deferred("peelian.technologies.mapping.forecast:ARITHMETIC"),
    selects=Selection(table="advice", among="forecast", figure="expected", public="town_map"),
)
