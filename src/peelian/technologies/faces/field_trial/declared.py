"""The score of a field trial of a live deployment, from tallies."""

from __future__ import annotations

from dataclasses import dataclass

from peelian.kernel.model.capability import Capability, Emit, Read, deferred
from peelian.kernel.model.parameters import number
from peelian.kernel.model.tables import amount, count, level, rate
from peelian.kernel.model.titles import Titled
from peelian.technologies.faces.declared import ERRORS, FIELD, GROUP, VERDICT, audit, interval

PER_FACE, PER_ALERT, MISSED = "false alerts per face seen", "false alerts per alert", "missed passages of crossers"
MEASURES = (PER_FACE, PER_ALERT, MISSED)
FACES, ALERTS, CROSSERS = "faces seen", "alerts", "crossers"
COUNTED = {PER_FACE: FACES, PER_ALERT: ALERTS, MISSED: CROSSERS}

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
    arithmetic=deferred("peelian.technologies.faces.field_trial.case:ARITHMETIC"),
)
