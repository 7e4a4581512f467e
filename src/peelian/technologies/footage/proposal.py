"""The capability that proposes what to cover in a recording. It decides nothing: every box is marked to review."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import BinaryIO

from peelian.errors import InputError
from peelian.governance.capability import (
    Admitted,
    Capability,
    Context,
    Dataset,
    Emit,
    Example,
    Findings,
    Note,
    Purpose,
    Read,
    Role,
)
from peelian.governance.objects import Bench, Make
from peelian.technologies.footage import other_detectors
from peelian.technologies.footage.detector import THRESHOLD, face_detector
from peelian.technologies.footage.example import example_item
from peelian.technologies.footage.plan import CLASSES, METHODS, SOURCES, STATES, Plan, as_bytes
from peelian.technologies.footage.plan_format import PROPOSED, TRACKS, facts_of, track_table
from peelian.technologies.footage.plan_reading import plan_from
from peelian.technologies.footage.proposing import Looking, proposed
from peelian.technologies.footage.redaction_view import proposal_view
from peelian.technologies.footage.review import Review
from peelian.technologies.footage.shapes import FOOTAGE

FOUND = "%(tracks)d moving boxes are proposed in %(pictures)d pictures; every one is marked to review."
NOTHING = "Nothing was found in %(pictures)d pictures: look at them yourself before you believe it."
EXPLAINED = (
    "Faces were looked for on every picture or every second one, joined into tracks in both directions, held for a "
    "few pictures before and after, and padded to the sides."
)
CAVEAT = (
    "A detector misses faces, most of all small, turned, dark and blurred ones, and finds some where there are none: "
    "a person must look at the whole recording, and listen to it."
)
DAMAGED = (
    "The recording is damaged at %(faults)d places. What could be decoded are %(pictures)d pictures; from each fault "
    "to the next picture that stands by itself nothing is shown."
)
LOST = (
    "%(lost)d faces were last seen in the middle of the picture: a head that turned away is uncovered from there on. "
    "Look there first, and go on with the box."
)
NO_PLATES = "Plates, screens and papers are not looked for: draw their boxes by hand, or keep a detector of your own."
MESSAGES = frozenset({FOUND, NOTHING, EXPLAINED, CAVEAT, NO_PLATES, LOST, DAMAGED})
ASKERS = frozenset({Role.CLERK, Role.CUSTODIAN})
DECIDERS = frozenset({Role.PRIVACY_OFFICER, Role.BOARD})
PURPOSES = frozenset({Purpose.DISCLOSURE, Purpose.OVERSIGHT})
VOCABULARY = frozenset(
    {*CLASSES, *SOURCES, *STATES, *METHODS, "evidence_of_expression", "court_order", "requester_is_shown"}
)
SIZES: Mapping[str, str] = {"small": "small", "full": "full"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposeParams:
    """How closely a recording is looked at."""

    size: str = field(
        default="small",
        metadata={
            "help": "Look at pictures made small (640 by 360 pixels) or in full",
            "choices": tuple(SIZES),
            "names": SIZES,
        },
    )
    every: int = field(default=2, metadata={"help": "Look at every picture (1) or every second one (2)"})
    threshold: float = field(
        default=THRESHOLD,
        metadata={"help": "How sure a sighting must be, from 0 to 1; 0.05 for dark or blurred pictures"},
    )

    damaged: bool = field(default=False, metadata={"help": "Work on what can be decoded of a damaged recording"})


def check(params: ProposeParams) -> None:
    """InputError names the parameter that is out of its range."""
    if params.size not in SIZES:
        raise InputError("there is no such size", column="size", accepted=", ".join(SIZES))
    if params.every not in (1, 2):
        raise InputError("at most one picture may be skipped", column="every", accepted="1 or 2")
    if not 0.01 <= params.threshold <= 0.5:
        raise InputError("this would miss too much or find it everywhere", column="threshold", accepted="0.01 to 0.5")


def run(params: ProposeParams, datasets: Mapping[str, Dataset], context: Context) -> Findings:
    """Look at the recording and write the proposal as a derivative. O(pictures), flat memory."""
    item = datasets["item"]
    found = proposed(
        opened(item),
        _looking(params, datasets),
        item=item.digest,
        damaged=params.damaged,
        progress=context.progress,
    )
    plan = found.plan
    written = as_bytes(plan)
    plan_from(written)  # what could not be read back would be of no use: better said now
    with context.make("plan") as file:
        file.write(written)
    facts = facts_of(plan) | {"lost": lost_inside(plan)}
    return Findings(
        tables=(track_table(plan),),
        notes=(*_notes(plan, datasets), *left_out(plan, found.faults)),
        facts=facts,
    )


def left_out(plan: Plan, faults: int) -> tuple[Note, ...]:
    """What is said of a damaged recording besides; nothing of a whole one."""
    return (Note(text=DAMAGED, values={"faults": faults, "pictures": plan.pictures}, kind="caveat"),) if faults else ()


def lost_inside(plan: Plan) -> int:
    """How many boxes end before the recording does and away from the picture's edges: heads that turned away, perhaps.

    >>> from peelian.technologies.footage.plan import Track
    >>> plan = Plan(item="", width=100, height=100, pictures=50, milliseconds=2000)
    >>> lost_inside(dataclasses.replace(plan, tracks=(Track(id=1, keys=((0, 40, 40, 60, 60), (9, 40, 40, 60, 60))),)))
    1
    """
    return sum(
        track.last < plan.pictures - 1 and left > 0 and top > 0 and right < plan.width and bottom < plan.height
        for track in plan.tracks
        for _, left, top, right, bottom in track.keys[-1:]
    )


def opened(item: Dataset) -> BinaryIO:
    """The item's bytes, from their beginning; InputError for a dataset that is no object."""
    if item.stream is None:
        raise InputError("this dataset is a table and no recording", accepted="a recording that was kept whole")
    item.stream.seek(0)
    return item.stream


def _looking(params: ProposeParams, datasets: Mapping[str, Dataset]) -> tuple[Looking, ...]:
    how = {"every": params.every, "full": params.size == "full"}
    looks = [
        Looking(detector=face_detector(), threshold=params.threshold, every=params.every, full=how["full"] is True)
    ]
    if "detector" in datasets:
        model = other_detectors.other_detector(other_detectors.read_model(opened(datasets["detector"])))
        looks.append(
            Looking(
                detector=model,
                find=other_detectors.boxes_by,
                what="plate",
                full=True,
                every=params.every,
                threshold=params.threshold,
            )
        )
    return tuple(looks)


def _notes(plan: Plan, datasets: Mapping[str, Dataset]) -> tuple[Note, ...]:
    values = {"tracks": len(plan.tracks), "pictures": plan.pictures}
    first = Note(text=FOUND, values=values) if plan.tracks else Note(text=NOTHING, values={"pictures": plan.pictures})
    notes = [first, Note(text=EXPLAINED, kind="explanation"), Note(text=CAVEAT, kind="caveat")]
    lost = lost_inside(plan)
    notes += [Note(text=LOST, values={"lost": lost}, kind="caveat")] if lost else []
    return (*notes, *(() if "detector" in datasets else (Note(text=NO_PLATES, kind="caveat"),)))


def public(findings: Findings) -> Findings:
    """What the public may see: how it was done and how long the recording was, not what is in it."""
    kept = {name: findings.facts[name] for name in ("pictures", "method") if name in findings.facts}
    notes = tuple(note for note in findings.notes if not note.values)
    return Findings(tables=(), notes=notes, facts=kept)


def _described(params: ProposeParams, found: Findings) -> Admitted:
    return Admitted(table=found.table("tracks"), facts=found.facts)


def _example() -> Example:
    return Example(params=ProposeParams(), datasets={"item": example_item()})


PROPOSE = Capability(
    id="footage.propose",
    title="Proposal of what to cover in a recording",
    about=(
        "Looks for faces in a recording and proposes moving boxes that would cover them, for a person to review. "
        "It recognises nobody and compares nothing."
    ),
    params=ProposeParams,
    run=run,
    check=check,
    reads=(Read(role="item", shape=FOOTAGE), Read(role="detector", shape=other_detectors.SHAPE, optional=True)),
    emits=(Emit(table="tracks", columns=TRACKS),),
    purposes=PURPOSES,
    askers=ASKERS,
    deciders=DECIDERS,
    view=proposal_view,
    public=public,
    example=_example,
    messages=MESSAGES,
    vocabulary=VOCABULARY,
    makes=(Make(role="plan", shape=PROPOSED, of="item", describe=_described),),
    bench=Bench(open=Review, keeps="redaction-plan", of="item"),
)
