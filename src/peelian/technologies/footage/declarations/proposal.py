"""The proposed redaction plan: what a detector suggests, for a person to look through."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from peelian.errors import InputError
from peelian.kernel.model.capability import (
    Asks,
    Capability,
    Emit,
    Findings,
    Purpose,
    Read,
    Role,
    deferred,
)
from peelian.kernel.model.custody_declarations import Make
from peelian.kernel.model.formats import Admitted
from peelian.measure.table import Kind
from peelian.technologies.footage.shapes import FOOTAGE

PROPOSED = "proposed_plan"
TRACKS: Mapping[str, Kind] = {
    "track": Kind.COUNT,
    "what": Kind.GROUP,
    "source": Kind.GROUP,
    "state": Kind.GROUP,
    "first": Kind.COUNT,
    "last": Kind.COUNT,
    "keys": Kind.COUNT,
}
FINE_THRESHOLD, THRESHOLD = 0.05, 0.1


ASKERS = frozenset({Role.CLERK, Role.CUSTODIAN})


DECIDERS = frozenset({Role.PRIVACY_OFFICER, Role.BOARD})


PURPOSES = frozenset({Purpose.DISCLOSURE, Purpose.OVERSIGHT})
SIZES: Mapping[str, str] = {
    "distant": "small, and full for distant faces",
    "small": "small (fastest)",
    "full": "full (slowest)",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposeParams:
    """Parameters of the detection."""

    size: str = field(
        default="distant",
        metadata={
            "help": "Frame size for detection: small (640 by 360 pixels), full, or small with full for distant faces",
            "choices": tuple(SIZES),
            "names": SIZES,
        },
    )
    every: int = field(default=2, metadata={"help": "Detect on every frame (1) or every second frame (2)"})
    threshold: float = field(
        default=THRESHOLD,
        metadata={"help": "Detection threshold, from 0 to 1. Use 0.05 for dark or blurred frames"},
    )

    damaged: bool = field(default=False, metadata={"help": "Use the decodable part of a damaged recording"})


def check(params: ProposeParams) -> None:
    """InputError names the parameter that is out of its range."""
    if params.size not in SIZES:
        raise InputError("unknown frame size", column="size", accepted=", ".join(SIZES))
    if params.every not in (1, 2):
        raise InputError("at most one frame can be skipped", column="every", accepted="1 or 2")
    if not 0.01 <= params.threshold <= 0.5:
        raise InputError("detection threshold out of range", column="threshold", accepted="0.01 to 0.5")


def _described(params: ProposeParams, found: Findings) -> Admitted:
    return Admitted(table=found.table("tracks"), facts=found.facts)


PROPOSE = Capability(
    id="footage.propose",
    warrant="No warrant needed, because it hides parts of a recording that the town keeps, and collects nothing.",
    title="Suggested redactions",
    about=(
        "Detects faces and suggests moving boxes to cover them, for a person to review. It identifies "
        "nobody and compares no faces."
    ),
    asks=Asks(
        params=ProposeParams,
        check=check,
        purposes=PURPOSES,
        askers=ASKERS,
        deciders=DECIDERS,
    ),
    reads=(Read(role="item", title="recording", shape=FOOTAGE),),
    emits=(Emit(table="tracks", columns=TRACKS),),
    makes=(Make(role="plan", shape=PROPOSED, of="item", describe=_described),),
    arithmetic=deferred("peelian.technologies.footage.proposal:ARITHMETIC"),
)
