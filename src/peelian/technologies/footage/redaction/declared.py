"""The redaction of a recording, by a plan that a person looked through."""

from __future__ import annotations

from dataclasses import dataclass

from peelian.kernel.model.capability import Asks, Capability, Emit, Findings, Read, deferred
from peelian.kernel.model.custody_declarations import Make
from peelian.kernel.model.formats import Admitted
from peelian.kernel.model.parameters import flag
from peelian.kernel.model.tables import count
from peelian.technologies.footage.proposal.declared import ASKERS, DECIDERS, PURPOSES, TRACKS
from peelian.technologies.footage.shapes import FOOTAGE, PLAN, REDACTED

OUTCOME = Emit(
    table="outcome",
    title="outcome of the redaction",
    columns={
        "pictures": count("Frames", "bins"),
        "covered_pictures": count("Frames with covered boxes", "bins"),
        "boxes": count("Boxes covered, frame by frame", "bins"),
        "sound_streams": count("Sound streams", "bins"),
        "silenced_milliseconds": count("Milliseconds of sound replaced", "bins"),
        "streams_left_behind": count("Other streams left out", "bins"),
        "tags_left_behind": count("Metadata entries left out", "bins"),
        "faults": count("Places where the recording is damaged", "bins"),
    },
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RedactParams:
    """Options besides the plan."""

    no_sound: bool = flag(False, "Replace all sound with silence")
    damaged: bool = flag(False, "Use the decodable part of a damaged recording")


def _described(params: RedactParams, found: Findings) -> Admitted:
    return Admitted(table=found.table("outcome"), facts=found.facts)


REDACT = Capability(
    id="footage.redact",
    warrant="No warrant needed, because it hides parts of a recording that the town keeps, and collects nothing.",
    title="Redacted copy of a recording",
    about=(
        "Applies a reviewed redaction plan: covers boxes, replaces sound and drops everything except "
        "picture and sound. The original is never changed."
    ),
    asks=Asks(
        params=RedactParams,
        purposes=PURPOSES,
        askers=ASKERS,
        deciders=DECIDERS,
    ),
    reads=(Read(role="item", title="recording", shape=FOOTAGE), Read(role="plan", title="plan", shape=PLAN)),
    emits=(OUTCOME, TRACKS),
    makes=(Make(role="redacted", shape=REDACTED, of="item", describe=_described),),
    arithmetic=deferred("peelian.technologies.footage.redaction.case:ARITHMETIC"),
    seen=("redacted",),
)
