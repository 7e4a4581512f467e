"""The trial of the noise detector on recorded levels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from peelian.kernel.model.capability import (
    Asks,
    AuthorizationKind,
    Capability,
    Emit,
    Findings,
    Grant,
    Need,
    Purpose,
    Read,
    Role,
    Scalar,
    deferred,
)
from peelian.kernel.model.criteria import Criterion
from peelian.kernel.model.parameters import choice, number
from peelian.kernel.model.tables import amount, level, time
from peelian.technologies.crowd.declarations.columns import EMITS
from peelian.technologies.crowd.declarations.noise_rules import RULES

HOUR, L90, BACKGROUND = time("Hour"), amount("Level (L90)", "dB"), amount("Background", "dB")
COURSE = Emit(
    table="course", title="levels over time", columns={"hour": HOUR, "l90_db": L90, "background_db": BACKGROUND}
)
RAISED = Emit(
    table="raised",
    title="alarms raised",
    columns={
        "hour": HOUR,
        "level": level("Urgency", {"notice": "Notice", "warning": "Warning", "urgent": "Urgent"}),
        "above_db": amount("Above background", "dB"),
        "l90_db": L90,
        "background_db": BACKGROUND,
    },
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoiseTrialParams:
    """Parameters of the trial: kind of meter, and number of added rises and short sounds."""

    period_seconds: int = choice(1, "Seconds between two levels", tuple(RULES), "s")
    rises: int = number(200, "Number of rises added of each size", 20, 10_000)
    short_sounds: int = number(200, "Number of sirens and bangs added", 20, 10_000)


def covered(params: Any) -> dict[str, Scalar]:
    """What the accuracy report of a noise watch must match: the kind of meter."""
    return {"period_seconds": params.period_seconds}


def report_body(params: NoiseTrialParams, findings: Findings) -> dict[str, Scalar]:
    """Body of the accuracy report: what it covers, and the results."""
    return covered(params) | {name: findings.facts[name] for name in REPORTED}


REPORTED = {
    "sensor_days": "Sensor-days",
    "false_per_sensor_day": "False alarms per sensor-day",
    "recall_6_db": "Detection rate at 6 dB",
    "recall_10_db": "Detection rate at 10 dB",
    "lifted_6_db": "Detection rate where all levels rose by 6 dB",
    "lifted_10_db": "Detection rate where all levels rose by 10 dB",
    "median_delay_seconds": "Median delay in seconds",
    "data_digest": "SHA-256 of the data",
}
CRITERIA = (
    Criterion(
        word="max_false_per_sensor_day",
        title="False alarms per sensor-day (maximum)",
        unit="alarms per sensor-day",
        high=1_440,
    ),
    Criterion(word="min_recall_6_db", title="Detection rate at 6 dB (minimum)"),
    Criterion(word="min_recall_10_db", title="Detection rate at 10 dB (minimum)"),
    Criterion(word="max_median_delay_seconds", title="Median delay in seconds (maximum)", unit="seconds", high=86_400),
    Criterion(word="max_short_sounds_raised", title="Share of short sounds that raise an alarm (maximum)"),
    Criterion(word="min_sensor_days", title="Sensor-days of record (minimum)", unit="sensor-days", high=100_000),
)


NOISE_TRIAL = Capability(
    id="crowd.noise_trial",
    warrant="No warrant needed, because it counts people at places or measures loudness, and tells of nobody.",
    title="Noise detector trial",
    about="Runs the noise detector on recorded levels and reports false alarms and detection rates.",
    asks=Asks(
        params=NoiseTrialParams,
        purposes=frozenset({Purpose.PROOF}),
        askers=frozenset({Role.ANALYST}),
        deciders=frozenset({Role.BOARD}),
        choices=("adopt", "reject"),
    ),
    reads=(Read(role="levels", title="levels", shape="levels"),),
    emits=(*EMITS, COURSE, RAISED),
    needs=(Need(kind=AuthorizationKind.ACCEPTANCE_CRITERIA, criteria=CRITERIA),),
    grants=Grant(
        kind=AuthorizationKind.ACCURACY_REPORT,
        serves="crowd.noise",
        body=report_body,
        titles=REPORTED,
        may=lambda findings: bool(findings.facts["criteria_met"]),
    ),
    arithmetic=deferred("peelian.technologies.crowd.noise_trial:ARITHMETIC"),
)
