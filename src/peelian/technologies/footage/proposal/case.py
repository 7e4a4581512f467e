"""Capability that suggests redactions. It decides nothing: every box is marked to review."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from peelian.kernel.model.capability import Arithmetic, Context, Dataset, Example, Findings, Note, Scalar, Shows
from peelian.kernel.model.custody_declarations import Bench
from peelian.technologies.footage.example import example_item
from peelian.technologies.footage.formats.plan import (
    DAMAGED,
    VOCABULARY,
    facts_of,
    left_out,
    opened,
    public,
    track_table,
)
from peelian.technologies.footage.measure.detector import LOOK, face_detector
from peelian.technologies.footage.measure.plan import Plan, as_bytes, plan_from
from peelian.technologies.footage.measure.sound import speech_in
from peelian.technologies.footage.proposal.declared import ProposeParams
from peelian.technologies.footage.proposal.page import view
from peelian.technologies.footage.proposal.review import Review
from peelian.technologies.footage.proposal.search import Looking, least_found, proposed

FOUND = "%(tracks)d redaction boxes suggested in %(pictures)d frames. Review each one."
NOTHING = "No face detected in %(pictures)d frames. Check the recording yourself."
EXPLAINED = (
    "The detector searched every frame or every second frame. Detections were joined into moving boxes, "
    "linked over short gaps, extended a few frames before and after, and widened."
)
FROM_SIZE = (
    "In tests, faces at least %(least)d pixels high and shown for %(seconds).1f seconds or more were found in frames "
    "of %(width)d by %(height)d pixels. Smaller faces, and those shown more briefly, may be missed."
)
LINKED = "A box may pass from one person to another. Look at all of it before you drop it."
CAVEAT = (
    "The detector misses faces, especially small, turned, dark or blurred ones. It also marks things that "
    "are not faces. Watch and listen to the whole recording."
)
LOST = (
    "%(lost)d faces were last detected in mid-frame. A head that turned away is uncovered from there on. "
    "Check these places first and extend the boxes."
)
SPEECH = (
    "Speech detected in %(n)d stretches, %(seconds)d seconds in all. Listen there first. Shouts, whispers and "
    "voices beneath noise are missed."
)
NO_PLATES = "Plates, screens and documents are not detected. Draw their boxes by hand."
MESSAGES = frozenset({FOUND, NOTHING, EXPLAINED, FROM_SIZE, CAVEAT, LINKED, NO_PLATES, LOST, SPEECH, DAMAGED})


def run(params: ProposeParams, datasets: Mapping[str, Dataset], context: Context) -> Findings:
    """Search the recording and write the suggested plan as a derivative. O(frames), flat memory."""
    item = datasets["item"]
    found = proposed(
        opened(item),
        _looking(params),
        item=item.digest,
        damaged=params.damaged,
        progress=context.progress,
    )
    speech = speech_in(opened(item), damaged=params.damaged, progress=context.progress)
    plan = dataclasses.replace(found.plan, speech=speech)
    written = as_bytes(plan)
    plan_from(written)  # what could not be read back would be of no use: better said now
    with context.make("plan") as file:
        file.write(written)
    facts = facts_of(plan) | {"lost": lost_inside(plan)}
    return Findings(
        tables=(track_table(plan),),
        notes=(*_notes(plan, params.size), *left_out(plan, found.faults)),
        facts=facts,
    )


def lost_inside(plan: Plan) -> int:
    """Boxes that end before the recording and away from the frame's edges: possibly heads that turned away.

    >>> from peelian.technologies.footage.measure.plan import Track
    >>> plan = Plan(item="", width=100, height=100, pictures=50, milliseconds=2000)
    >>> lost_inside(dataclasses.replace(plan, tracks=(Track(id=1, keys=((0, 40, 40, 60, 60), (9, 40, 40, 60, 60))),)))
    1
    """
    return sum(
        track.last < plan.pictures - 1 and left > 0 and top > 0 and right < plan.width and bottom < plan.height
        for track in plan.tracks
        for _, left, top, right, bottom in track.keys[-1:]
    )


def _looking(params: ProposeParams) -> Looking:
    return Looking(
        detector=face_detector(),
        threshold=params.threshold,
        every=params.every,
        full=params.size == "full",
        distant=params.size == "distant",
    )


def _notes(plan: Plan, size: str) -> tuple[Note, ...]:
    values = {"tracks": len(plan.tracks), "pictures": plan.pictures}
    first = Note(text=FOUND, values=values) if plan.tracks else Note(text=NOTHING, values={"pictures": plan.pictures})
    every = LOOK if size == "distant" else 2  # pictures from one that is looked at for small faces to the next
    least: dict[str, Scalar] = {
        "least": least_found(plan.width, plan.height, size),
        "seconds": every * plan.milliseconds / 1000 / max(1, plan.pictures),
        "width": plan.width,
        "height": plan.height,
    }
    notes = [
        first,
        Note(text=EXPLAINED, kind="explanation"),
        Note(text=FROM_SIZE, values=least, kind="caveat"),
        Note(text=CAVEAT, kind="caveat"),
    ]
    notes += [Note(text=LINKED, kind="caveat")] if plan.tracks else []
    lost = lost_inside(plan)
    notes += [Note(text=LOST, values={"lost": lost}, kind="caveat")] if lost else []
    heard = {"n": len(plan.speech), "seconds": sum(end - start for start, end in plan.speech) // 1000}
    notes += [Note(text=SPEECH, values=heard)] if plan.speech else []
    return (*notes, Note(text=NO_PLATES, kind="caveat"))


def _example() -> Example:
    return Example(params=ProposeParams(), datasets={"item": example_item()})


ARITHMETIC = Arithmetic(
    run=run,
    example=_example,
    messages=MESSAGES,
    vocabulary=VOCABULARY,
    public=public,
    shows=Shows(
        view=view,
        bench=Bench(open=Review, keeps="redaction-plan", of="item"),
    ),
)
