"""The field trial of a live deployment: its plan, and its score from tallies."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from peelian.errors import InputError
from peelian.kernel.model.capability import Capability, Emit, Read, deferred
from peelian.kernel.model.titles import Titled
from peelian.measure.table import Kind
from peelian.technologies.faces.declarations.auditing import audit

FIELD = "face_field_trial"
PLAN = {
    "claim": Kind.LEVEL, "scope": Kind.LEVEL, "limit": Kind.AMOUNT, "counted": Kind.LEVEL, "planned": Kind.AMOUNT,
    "needed_without_error": Kind.AMOUNT, "needed_at_half": Kind.AMOUNT, "most_errors": Kind.AMOUNT,
    "power": Kind.AMOUNT, "answer": Kind.LEVEL,
}  # fmt: skip
SCORES = {
    "measure": Kind.LEVEL, "group": Kind.GROUP, "errors": Kind.COUNT, "n": Kind.COUNT, "rate": Kind.RATE,
    "low": Kind.AMOUNT, "high": Kind.AMOUNT, "counted": Kind.LEVEL, "people": Kind.AMOUNT, "limit": Kind.AMOUNT,
    "verdict": Kind.LEVEL, "compared": Kind.LEVEL, "needed": Kind.AMOUNT,
}  # fmt: skip

MOST = 10**10  # faces or people of one trial


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldParams(Titled):
    """The limits that a trial is held against, fixed before it."""

    limit_face: float = field(default=0.001, metadata={"help": "Maximum false alerts per face seen"})
    limit_alert: float = field(default=0.1, metadata={"help": "Maximum share of false alerts among alerts"})
    limit_missed: float = field(default=0.2, metadata={"help": "Maximum share of missed passages of listed crossers"})
    planned_faces: int = field(
        default=0, metadata={"help": "Faces to be seen in the whole trial, for the stop rule", "unit": "faces"}
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldPlanParams(FieldParams):
    """The trial that is planned."""

    planned_faces: int = field(
        default=20_000, metadata={"help": "Faces to be seen in the whole trial, for the stop rule", "unit": "faces"}
    )
    groups: int = field(default=4, metadata={"help": "Number of groups the claim covers", "unit": "groups"})
    crossers: int = field(default=50, metadata={"help": "Consenting listed crossers in each group", "unit": "crossers"})
    passages: int = field(default=10, metadata={"help": "Passages of each crosser", "unit": "passages"})
    listed: int = field(default=5_000, metadata={"help": "Number of people listed in the trial", "unit": "people"})
    alerts: int = field(default=200, metadata={"help": "Alerts expected in the whole trial", "unit": "alerts"})


def check_field(params: FieldParams) -> None:
    """Raise InputError where a parameter is outside what it may be."""
    for name in ("limit_face", "limit_alert", "limit_missed"):
        value = getattr(params, name)
        if not (math.isfinite(value) and 0 < value < 1):
            raise InputError("not a rate", column=name, accepted="a number between 0 and 1")
    if not 0 <= params.planned_faces <= MOST:
        raise InputError("number out of range", column="planned_faces", accepted="0 or more")


def check_field_plan(params: FieldPlanParams) -> None:
    """Raise InputError where a parameter is outside what it may be."""
    check_field(params)
    for name in ("planned_faces", "crossers", "passages", "listed", "alerts"):
        if not 1 <= getattr(params, name) <= MOST:
            raise InputError("number out of range", column=name, accepted="1 or more")
    if not 1 <= params.groups <= 200:
        raise InputError("number of groups out of range", column="groups", accepted="1 to 200")


FIELD_PLAN = Capability(
    id="faces.field_plan",
    warrant="No warrant needed, because it calculates from numbers that the request states, and reads no data.",
    title="Field trial plan",
    about=(
        "Computes what a trial of a live deployment with consenting crossers can show, how many people it needs and "
        "when to stop it. It runs no recognition and keeps no list of people."
    ),
    asks=audit(FieldPlanParams, check_field_plan),
    reads=(),
    emits=(Emit(table="plan", columns=PLAN),),
    arithmetic=deferred("peelian.technologies.faces.field_plan:ARITHMETIC"),
)
FIELD_TRIAL = Capability(
    id="faces.field_trial",
    warrant="No warrant needed, because it scores results of a matcher under pseudonyms, and searches for nobody.",
    title="Field trial score",
    about=(
        "Scores a trial of a live deployment from tallies by group: false alerts per face and per alert, and missed "
        "crossers. It runs no recognition and keeps no list of people."
    ),
    asks=audit(FieldParams, check_field),
    reads=(Read(role="trial", title="field trial", shape=FIELD),),
    emits=(Emit(table="field", columns=SCORES, optional=frozenset({"errors"}), whole="all"),),
    arithmetic=deferred("peelian.technologies.faces.field_view:ARITHMETIC"),
)
