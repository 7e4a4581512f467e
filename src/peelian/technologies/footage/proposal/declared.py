"""The proposed redaction plan: what a detector suggests, for a person to look through."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from peelian.kernel.model.capability import Asks, Capability, Emit, Findings, Purpose, Read, Role, deferred
from peelian.kernel.model.custody_declarations import Make
from peelian.kernel.model.formats import Admitted
from peelian.kernel.model.parameters import choice, flag, number
from peelian.kernel.model.tables import count, group
from peelian.technologies.footage.shapes import FOOTAGE, THRESHOLD

PROPOSED = "proposed_plan"
WHAT = {
    "face": "face",
    "plate": "plate",
    "screen": "screen",
    "document": "paper document",
    "body": "whole body",
    "other": "something else",
}
TRACKS = Emit(
    table="tracks",
    title="redaction boxes",
    columns={
        "track": count("Box", "rank"),
        "what": group("Item", WHAT),
        "source": group("Source", {"automatic": "automatic", "manual": "by hand"}),
        "state": group("State", {"to_review": "to review", "kept": "kept", "dropped": "dropped"}),
        "first": count("First frame", "bins"),
        "last": count("Last frame", "bins"),
        "keys": count("Positions", "bins"),
    },
)
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

    size: str = choice(
        "distant",
        "Frame size for detection: small (640 by 360 pixels), full, or small with full for distant faces",
        SIZES,
    )
    every: int = choice(2, "Detect on every frame (1) or every second frame (2)", (1, 2))
    threshold: float = number(THRESHOLD, "Detection threshold. Use 0.05 for dark or blurred frames", 0.01, 0.5)
    damaged: bool = flag(False, "Use the decodable part of a damaged recording")


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
        purposes=PURPOSES,
        askers=ASKERS,
        deciders=DECIDERS,
    ),
    reads=(Read(role="item", title="recording", shape=FOOTAGE),),
    emits=(TRACKS,),
    makes=(Make(role="plan", shape=PROPOSED, of="item", describe=_described),),
    arithmetic=deferred("peelian.technologies.footage.proposal.case:ARITHMETIC"),
)

METHOD_WORDS = {"fill": "solid fill", "blur": "blur"}
WORDS = {word: said for column in TRACKS.columns.values() for word, said in column.words.items()} | METHOD_WORDS
