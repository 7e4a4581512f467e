"""The plan of a field trial of a live deployment."""

from __future__ import annotations

from dataclasses import dataclass

from peelian.kernel.model.capability import Capability, Emit, deferred
from peelian.kernel.model.parameters import number
from peelian.kernel.model.tables import amount, level
from peelian.technologies.faces.declared import audit
from peelian.technologies.faces.field_trial.declared import MOST, SEEN, FieldParams

PLAN = Emit(
    table="plan",
    title="claims, and the people and faces they need",
    columns={
        "claim": level("Claim"),
        "scope": level("Scope"),
        "limit": amount("Limit", percent=True),
        "counted": level("Counted in"),
        "planned": amount("Planned"),
        "needed_without_error": amount("Needed without any error"),
        "needed_at_half": amount("Needed if the true share is half the limit"),
        "most_errors": amount("Most errors that still pass"),
        "power": amount("Power", percent=True),
        "answer": level("Answer possible"),
    },
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldPlanParams(FieldParams):
    """The trial that is planned."""

    planned_faces: int = number(20_000, SEEN, 1, MOST, "faces")
    groups: int = number(4, "Number of groups the claim covers", 1, 200, "groups")
    crossers: int = number(50, "Consenting listed crossers in each group", 1, MOST, "crossers")
    passages: int = number(10, "Passages of each crosser", 1, MOST, "passages")
    listed: int = number(5_000, "Number of people listed in the trial", 1, MOST, "people")
    alerts: int = number(200, "Alerts expected in the whole trial", 1, MOST, "alerts")


FIELD_PLAN = Capability(
    id="faces.field_plan",
    warrant="No warrant needed, because it calculates from numbers that the request states, and reads no data.",
    title="Field trial plan",
    about=(
        "Computes what a trial of a live deployment with consenting crossers can show, how many people it needs and "
        "when to stop it. It runs no recognition and keeps no list of people."
    ),
    asks=audit(FieldPlanParams),
    reads=(),
    emits=(PLAN,),
    arithmetic=deferred("peelian.technologies.faces.field_plan.case:ARITHMETIC"),
)
