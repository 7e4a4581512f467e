"""Sealed forecasts: written before the facts, opened after them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from peelian.errors import out_of_range
from peelian.kernel.model.capability import (
    Asks,
    AuthorizationKind,
    Capability,
    Emit,
    Findings,
    Need,
    Purpose,
    Read,
    Role,
    deferred,
)
from peelian.kernel.model.custody_declarations import Make
from peelian.kernel.model.formats import Admitted
from peelian.measure.table import Kind
from peelian.technologies.mapping.days import hour_of
from peelian.technologies.mapping.declarations.criteria import CRITERIA
from peelian.technologies.mapping.declarations.models import DEFAULT, TITLES
from peelian.technologies.mapping.declarations.places import CATEGORY, TRAIN_FROM, check_place_params
from peelian.technologies.mapping.declarations.shifts import ALL_SHIFTS, SHIFT_HELP, SHIFTS_HELP, check_shifts
from peelian.technologies.mapping.declarations.titles import about

SHAPE = "sealed_forecasts"
MOST_WINDOWS = 52
COLUMNS: Mapping[str, Kind] = {
    "model": Kind.CATEGORY,
    "digest": Kind.DIGEST,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SealParams:
    """What to forecast, from which day, by which models, and which model is tested."""

    start_day: str = field(
        metadata={"help": "First day of the first window (after the recording ends)", "day": (1, None)}
    )
    category: str = field(default="all", metadata=CATEGORY)
    cell_metres: int = field(default=250, metadata={"help": "Cell size", "unit": "m"})
    window_days: int = field(default=7, metadata={"help": "Length of each window", "unit": "days"})
    windows: int = field(default=26, metadata={"help": "Number of consecutive windows"})
    model: str = field(default=DEFAULT, metadata={"help": "Model to test", "choices": tuple(TITLES), "names": TITLES})
    models: tuple[str, ...] = field(
        default=("uniform", "moving", "density"),
        metadata={"help": "Other models to compare", "choices": tuple(TITLES), "names": TITLES},
    )
    train_from: str = field(default="", metadata=TRAIN_FROM)
    shifts: tuple[str, ...] = field(default=(), metadata={"help": SHIFTS_HELP})
    shift: str = field(default=ALL_SHIFTS, metadata={"help": SHIFT_HELP})


def check(params: SealParams) -> None:
    """InputError where a parameter cannot be."""
    check_place_params(params.category, params.cell_metres, params.window_days, (params.model, *params.models))
    check_shifts(params.shifts, params.shift)
    if not 1 <= params.windows <= MOST_WINDOWS:
        raise out_of_range("windows", 1, MOST_WINDOWS)
    hour_of(params.start_day, "start_day")
    if params.train_from:
        hour_of(params.train_from, "train_from")


def described(params: SealParams, found: Findings) -> Admitted:
    """What may be said of the sealed file: the digests, and what it is a forecast of."""
    kept = ("category", "cell_metres", "window_days", "model", "start_day", "until_day", "windows")
    facts = {name: value for name, value in found.facts.items() if name in kept or name.startswith("shift")}
    return Admitted(table=found.table("sealed"), facts=facts)


SEAL = Capability(
    id="mapping.seal",
    warrant="No warrant needed, because it counts incidents reported to the town by place, and tells of nobody.",
    title="Seal forecasts for a trial",
    about="Forecasts future windows and seals the result. It is scored once the outcomes are known.",
    asks=Asks(
        params=SealParams,
        titled=about("%(category)s: sealed forecasts from %(start_day)s, %(windows)d windows"),
        check=check,
        purposes=frozenset({Purpose.PROOF}),
        askers=frozenset({Role.ANALYST}),
        deciders=frozenset({Role.BOARD}),
        choices=("accept", "decline"),
    ),
    reads=(
        Read(role="incidents", title="incidents", shape="incidents", partitions=True),
        Read(role="areas", title="areas", shape="areas", optional=True, preferred=True),
        Read(role="landmarks", title="landmarks", shape="landmarks", optional=True),
        Read(role="earlier", title="earlier sealed forecast", shape=SHAPE, optional=True, history=True),
    ),
    emits=(Emit(table="sealed", columns=COLUMNS),),
    needs=(Need(kind=AuthorizationKind.ACCEPTANCE_CRITERIA, criteria=CRITERIA),),
    makes=(Make(role="sealed", shape=SHAPE, of="incidents", describe=described),),
    arithmetic=deferred("peelian.technologies.mapping.sealing:ARITHMETIC"),
)
