"""The forecast by place: expected incidents in a coming window, with reasons and exposure."""

from __future__ import annotations

from dataclasses import dataclass

from peelian.kernel.model.capability import (
    Asks,
    AuthorizationKind,
    Capability,
    Need,
    Purpose,
    Read,
    Role,
    Selection,
    deferred,
)
from peelian.kernel.model.parameters import choice, number, text
from peelian.kernel.model.tables import Emit, amount, place
from peelian.technologies.mapping.declarations.backtest import tested
from peelian.technologies.mapping.declarations.explanation import HISTORY, REASONS
from peelian.technologies.mapping.declarations.exposure import EXPOSURE
from peelian.technologies.mapping.declarations.landmarks import LANDMARK_CARD
from peelian.technologies.mapping.declarations.models import DEFAULT, TITLES
from peelian.technologies.mapping.declarations.places import cell_side, days_long, history_from, next_day, offences
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

EVERYWHERE = Emit(
    table="forecast",
    title="forecast by cell",
    columns={
        "place": place("Cell"),
        "expected": amount("Expected"),
        "low": amount("95% prediction interval, lower end"),
        "high": amount("95% prediction interval, upper end"),
        "long_run": amount("Long-run average"),
        "area": place("Area"),
        **{f"shift_{name}": amount(title) for name, title in NAMES.items()},
    },
    optional=frozenset({"area", *(f"shift_{name}" for name in NAMES)}),
)
"""With the expected count of a cell in each shift, where all shifts are asked for together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastParams:
    """What to forecast, for which window. Category, cell, window and model must be those of the accuracy report."""

    start_day: str = next_day()
    category: str = offences()
    cell_metres: int = cell_side()
    window_days: int = days_long(7, "Length of the window")
    model: str = choice(DEFAULT, "Model (as tested)", TITLES)
    advised_cells: int = number(50, "Number of selected cells", 1, 1_000)
    train_from: str = history_from()
    shifts: tuple[str, ...] = text((), SHIFTS_HELP)
    shift: str = text(ALL_SHIFTS, SHIFT_HELP)


FORECAST = Capability(
    id="mapping.forecast",
    warrant="No warrant needed, because it counts incidents reported to the town by place, and tells of nobody.",
    title="Forecast by place",
    about="Expected incidents by cell for a coming window, with reasons and exposure by group.",
    asks=Asks(
        params=ForecastParams,
        titled=window,
        together=check_shifts,
        purposes=frozenset({Purpose.ADVICE}),
        askers=frozenset({Role.ANALYST}),
        deciders=frozenset({Role.COMMANDER}),
    ),
    reads=(
        Read(role="incidents", title="incidents", shape="incidents", partitions=True),
        Read(role="areas", title="areas", shape="areas"),
        Read(role="landmarks", title="landmarks", shape="landmarks", optional=True),
    ),
    emits=(EVERYWHERE, REASONS, HISTORY, EXPOSURE, LANDMARK_CARD, TOWN_MAP, *WHEN),
    needs=(
        Need(kind=AuthorizationKind.COUNCIL_APPROVAL),
        Need(kind=AuthorizationKind.IMPACT_ASSESSMENT),
        Need(kind=AuthorizationKind.ACCURACY_REPORT, covers=tested, settings=shifts_in),
    ),
    arithmetic=deferred("peelian.technologies.mapping.forecast:ARITHMETIC"),
    selects=Selection(table="advice", among="forecast", figure="expected", public="town_map"),
)
