"""Sealed forecasts: written before the facts, opened after them."""

from __future__ import annotations

from dataclasses import dataclass

from peelian.kernel.model.capability import (
    Asks,
    AuthorizationKind,
    Capability,
    Findings,
    Need,
    Purpose,
    Read,
    Role,
    deferred,
)
from peelian.kernel.model.custody_declarations import Make
from peelian.kernel.model.formats import Admitted
from peelian.kernel.model.parameters import REQUIRED, choice, day, number, text
from peelian.kernel.model.tables import Emit, category, digest
from peelian.technologies.mapping.declarations.criteria import CRITERIA
from peelian.technologies.mapping.declarations.models import DEFAULT, TITLES
from peelian.technologies.mapping.declarations.places import cell_side, days_long, history_from, offences
from peelian.technologies.mapping.declarations.shifts import ALL_SHIFTS, SHIFT_HELP, SHIFTS_HELP, check_shifts
from peelian.technologies.mapping.declarations.titles import about

SHAPE = "sealed_forecasts"
MOST_WINDOWS = 52
DIGESTS = Emit(
    table="sealed", title="sealed forecast", columns={"model": category("Model", TITLES), "digest": digest("Digest")}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SealParams:
    """What to forecast, from which day, by which models, and which model is tested."""

    start_day: str = day(REQUIRED, "First day of the first window (after the recording ends)", (1, None))
    category: str = offences()
    cell_metres: int = cell_side()
    window_days: int = days_long(7, "Length of each window")
    windows: int = number(26, "Number of consecutive windows", 1, MOST_WINDOWS)
    model: str = choice(DEFAULT, "Model to test", TITLES)
    models: tuple[str, ...] = choice(("uniform", "moving", "density"), "Other models to compare", TITLES)
    train_from: str = history_from()
    shifts: tuple[str, ...] = text((), SHIFTS_HELP)
    shift: str = text(ALL_SHIFTS, SHIFT_HELP)


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
        together=check_shifts,
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
    emits=(DIGESTS,),
    needs=(Need(kind=AuthorizationKind.ACCEPTANCE_CRITERIA, criteria=CRITERIA),),
    makes=(Make(role="sealed", shape=SHAPE, of="incidents", describe=described),),
    arithmetic=deferred("peelian.technologies.mapping.sealing:ARITHMETIC"),
)
