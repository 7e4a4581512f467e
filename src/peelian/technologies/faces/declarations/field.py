"""The field trial of a live deployment: its plan, and its score from tallies."""

from __future__ import annotations

from dataclasses import dataclass

from peelian.kernel.model.capability import Capability, Emit, Read, deferred
from peelian.kernel.model.parameters import number
from peelian.kernel.model.tables import amount, count, level, rate
from peelian.kernel.model.titles import Titled
from peelian.technologies.faces.declarations.auditing import audit
from peelian.technologies.faces.declarations.columns import ERRORS, GROUP, VERDICT, interval

FIELD = "face_field_trial"
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
SCORES = Emit(
    table="field",
    title="false alerts and missed passages by group",
    columns={
        "measure": level("Measure"),
        "group": GROUP,
        "errors": ERRORS,
        "n": count("Of"),
        "rate": rate("Share"),
        **interval(percent=True),
        "counted": level("Counted in"),
        "people": amount("Crossers"),
        "limit": amount("Limit", percent=True),
        "verdict": VERDICT,
        "compared": level("Against the other groups"),
        "needed": amount("Needed for a verdict"),
    },
    optional=frozenset({"errors"}),
    whole="all",
)

MOST = 10**10  # faces or people of one trial
SEEN = "Faces to be seen in the whole trial, for the stop rule"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldParams(Titled):
    """The limits that a trial is held against, fixed before it."""

    limit_face: float = number(0.001, "Maximum false alerts per face seen", 0, 1, ends="()")
    limit_alert: float = number(0.1, "Maximum share of false alerts among alerts", 0, 1, ends="()")
    limit_missed: float = number(0.2, "Maximum share of missed passages of listed crossers", 0, 1, ends="()")
    planned_faces: int = number(0, SEEN, 0, MOST, "faces")


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
    asks=audit(FieldParams),
    reads=(Read(role="trial", title="field trial", shape=FIELD),),
    emits=(SCORES,),
    arithmetic=deferred("peelian.technologies.faces.field_view:ARITHMETIC"),
)
