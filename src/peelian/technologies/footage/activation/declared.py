"""The audit of activation: whether cameras were on during attended calls."""

from __future__ import annotations

from dataclasses import dataclass

from peelian.kernel.model.capability import Asks, Capability, Emit, Purpose, Read, Role, deferred
from peelian.kernel.model.parameters import number
from peelian.kernel.model.tables import count, group, rate
from peelian.technologies.footage.shapes import DISPATCH, RECORDINGS

GRACE_SECONDS = 30
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
OVERSEERS = frozenset({Role.AUDITOR, Role.BOARD, Role.PRIVACY_OFFICER, Role.ANALYST})
DECIDERS = frozenset({Role.BOARD, Role.COUNCIL})


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivationParams:
    """The delay that is allowed."""

    grace: int = number(GRACE_SECONDS, "Allowed delay after arrival, and longest gap", 0, 300, "seconds")


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
    arithmetic=deferred("peelian.technologies.footage.activation.case:ARITHMETIC"),
)
