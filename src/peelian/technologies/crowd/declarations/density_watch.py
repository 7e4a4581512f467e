"""The density watch: an alarm where a crowd is dense, or a gate too slow."""

from __future__ import annotations

from dataclasses import dataclass

from peelian.kernel.model.capability import Asks, AuthorizationKind, Need, Purpose, Role, deferred
from peelian.kernel.model.occupancy import GATE_ERROR
from peelian.kernel.model.parameters import flag, number
from peelian.kernel.model.watch import CAPACITY, Watch
from peelian.technologies.crowd.declarations.runbooks import CROWDED, FULL, QUEUED, ROOM_ELSEWHERE, WAIT_OR_OTHER_GATE
from peelian.technologies.crowd.density import AREA_M2
from peelian.technologies.crowd.gates import WIDTH_METRES

DENSITY, GATE = "density", "gate"
SHARES = ("share", "share_low", "share_high")


@dataclass(frozen=True, slots=True, kw_only=True)
class DensityParams:
    """The area of the watch's counters. Each area needs its own watch."""

    area_m2: float = number(100.0, "Walkable area", *AREA_M2, "m²")
    standing: bool = flag(False, "Standing crowd (urgent at 5 per m²) or moving crowd (urgent at 4)")
    gate_metres: float = number(4.0, "Clear width of the exit gate", *WIDTH_METRES, "m")
    gate_queue: bool = flag(
        True, "People queue at the gate: alarm when arrivals exceed its flow. No, for counters at entrances"
    )
    gate_error: float = number(GATE_ERROR, "Gate counter error: share of its counts (standard deviation)", 0, 0.5)


DENSITY_WATCH = Watch(
    id="crowd.density",
    title="Density watch",
    about=(
        "Raises an alarm when a zone holds more people than its capacity, when an area becomes too dense, or when "
        "arrivals exceed the flow through a gate."
    ),
    asks=Asks(
        params=DensityParams,
        purposes=frozenset({Purpose.SAFETY}),
        askers=frozenset({Role.ANALYST, Role.COMMANDER}),
        deciders=frozenset({Role.DISPATCHER}),
        days=365,
    ),
    takes={"occupants": frozenset({"count"}), "people": frozenset({"count", "towards", "away", "seconds"})},
    signals={
        DENSITY: frozenset({"per_m2", "count", "level_of_service"}),
        GATE: frozenset({"inflow", "outflow"}),
        CAPACITY: frozenset({*SHARES, "people", "capacity"}),  # of whole zones: `operations/capacity_alarms`
    },
    needs=(Need(kind=AuthorizationKind.COUNCIL_APPROVAL), Need(kind=AuthorizationKind.IMPACT_ASSESSMENT)),
    titles={
        DENSITY: "High crowd density",
        GATE: "Arrivals exceed gate flow",
        CAPACITY: "Zone near or over capacity",
        "occupants": "occupants",
        "people": "people counted",
    },
    fact_titles={
        "share": "%(value)s%% of capacity when announced",
        "share_low": "at least %(value)s%% (95%% interval)",
        "share_high": "at most %(value)s%%",
        "people": "%(value)s persons inside",
        "capacity": "capacity %(value)s persons",
        "per_m2": "%(value)s persons per m²",
        "count": "%(value)s persons",
        "level_of_service": "Fruin level of service %(letter)s",
        "inflow": "inflow %(value)s persons per metre and second",
        "outflow": "outflow %(value)s persons per metre and second",
    },
    shows=frozenset({"count", "per_m2", "standing", "entered", "left", "metres", "gate_error", "count_least"}),
    runbooks={DENSITY: CROWDED, GATE: QUEUED, CAPACITY: FULL},
    messages={DENSITY: ROOM_ELSEWHERE, GATE: WAIT_OR_OTHER_GATE, CAPACITY: ROOM_ELSEWHERE},
    raised_by=lambda params: {"occupants": frozenset({"count"}), "people": frozenset({"towards", "away", "seconds"})},
    reducer=deferred("peelian.technologies.crowd.density_watch:REDUCER"),
)
