"""Whether cameras were on: the audit of activation, and the sample that supervisors review."""

from __future__ import annotations

from dataclasses import dataclass

from peelian.errors import sentence
from peelian.kernel.model.capability import Asks, Capability, Emit, Purpose, Read, Role, deferred
from peelian.kernel.model.parameters import REQUIRED, number, text
from peelian.kernel.model.tables import count, group, rate, time
from peelian.technologies.footage.shapes import DISPATCH, RECORDINGS

GRACE_SECONDS = 30
MONTH = (r"[0-9]{4}-(0[1-9]|1[0-2])", "a year and a month, for example 2026-03")
OUTCOMES = {
    "covered": "Covered",
    "late": "Late",
    "stopped_early": "Stopped early",
    "muted": "Muted",
    "absent": "Absent",
}
OF_CALLS = Emit(
    table="activation",
    title="camera activation by unit and call type",
    whole="all",
    columns={
        "by": group("Grouping", {"all": "All calls", "unit": "By unit", "type": "By call type"}),
        "group": group("Group", {"all": "all"}),
        "n": count("Calls"),
        **{name: count(title) for name, title in OUTCOMES.items()},
        "share": rate("Share covered", 1),
        "low": rate("Lower end of the 95% interval", 1),
        "high": rate("Upper end of the 95% interval", 1),
    },
)
OF_REASONS = Emit(
    table="reasons",
    title="reasons for early stops and muting",
    columns={
        "reason": group(
            "Reason",
            {
                "private_place": "private place",
                "witness_asked": "request of a victim or witness",
                "medical_care": "medical care",
                "informant": "confidential informant",
                "privileged_talk": "privileged conversation",
                "supervisor": "supervisor's order",
                "equipment": "equipment failure",
                "none_given": "none given",
                "other": "other reason",
            },
        ),
        "n": count("Recordings"),
    },
)
SAMPLED = Emit(
    table="sample",
    title="recordings drawn for review",
    columns={"row": count("List row", "rank"), "unit": group("Unit"), "started": time("Start hour (UTC)")},
)

OVERSEERS = frozenset({Role.AUDITOR, Role.BOARD, Role.PRIVACY_OFFICER, Role.ANALYST})


DECIDERS = frozenset({Role.BOARD, Role.COUNCIL})


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivationParams:
    """The delay that is allowed."""

    grace: int = number(GRACE_SECONDS, "Allowed delay after arrival, and longest gap", 0, 300, "seconds")


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleParams:
    """Which month, and how many recordings."""

    month: str = text(REQUIRED, "Month to review, for example 2026-03", form=MONTH)
    size: int = number(20, "Number of recordings to draw", 1, 1_000)


ACTIVATION = Capability(
    id="footage.activation",
    warrant="No warrant needed, because it reads when cameras were on, and no picture or sound.",
    title="Camera activation audit",
    about=(
        "Compares each attended call with its unit's recordings: covered, late, stopped early, muted or "
        "absent. Results are by unit and call type, never by person and never ranked."
    ),
    asks=Asks(
        params=ActivationParams,
        purposes=frozenset({Purpose.AUDIT, Purpose.OVERSIGHT}),
        askers=OVERSEERS,
        deciders=DECIDERS,
    ),
    reads=(
        Read(role="dispatch", title="dispatches", shape=DISPATCH),
        Read(role="recordings", title="recordings", shape=RECORDINGS),
    ),
    emits=(OF_CALLS, OF_REASONS),
    arithmetic=deferred("peelian.technologies.footage.activation_audit:ACTIVATION_ARITHMETIC"),
)


SAMPLE = Capability(
    id="footage.sample",
    warrant="No warrant needed, because it reads when cameras were on, and no picture or sound.",
    title="Random sample for supervisor review",
    about=(
        "Draws a month's recordings at random, so supervisors do not choose whom they review. The same "
        "list and settings always give the same draw."
    ),
    asks=Asks(
        params=SampleParams,
        titled=lambda params: sentence("Random sample for supervisor review, %(month)s", month=params["month"]),
        purposes=frozenset({Purpose.AUDIT, Purpose.OVERSIGHT}),
        askers=OVERSEERS,
        deciders=DECIDERS,
    ),
    reads=(Read(role="recordings", title="recordings", shape=RECORDINGS),),
    emits=(SAMPLED,),
    arithmetic=deferred("peelian.technologies.footage.activation_audit:SAMPLE_ARITHMETIC"),
)
