"""Whether cameras were on: the audit of activation, and the sample that supervisors review."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from peelian.errors import sentence
from peelian.kernel.model.capability import Asks, Capability, Emit, Purpose, Read, Role, deferred
from peelian.kernel.model.parameters import REQUIRED, number, text
from peelian.measure.table import Kind
from peelian.technologies.footage.shapes import DISPATCH, RECORDINGS

GRACE_SECONDS = 30
MONTH = (re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])"), "a year and a month, for example 2026-03")
OUTCOMES = ("covered", "late", "stopped_early", "muted", "absent")
COLUMNS: Mapping[str, Kind] = {
    "by": Kind.GROUP,
    "group": Kind.GROUP,
    "n": Kind.COUNT,
    **dict.fromkeys(OUTCOMES, Kind.COUNT),
    "share": Kind.RATE,
    "low": Kind.RATE,
    "high": Kind.RATE,
}
REASON_COLUMNS: Mapping[str, Kind] = {"reason": Kind.GROUP, "n": Kind.COUNT}
SAMPLE_COLUMNS: Mapping[str, Kind] = {"row": Kind.COUNT, "unit": Kind.GROUP, "started": Kind.TIME}


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
    emits=(Emit(table="activation", columns=COLUMNS, whole="all"), Emit(table="reasons", columns=REASON_COLUMNS)),
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
    emits=(Emit(table="sample", columns=SAMPLE_COLUMNS),),
    arithmetic=deferred("peelian.technologies.footage.activation_audit:SAMPLE_ARITHMETIC"),
)
