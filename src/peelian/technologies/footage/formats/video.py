"""The format of recordings."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any, BinaryIO

from peelian.errors import InputError, sentence
from peelian.kernel.model.capability import Note, Scalar
from peelian.kernel.model.formats import Admitted, Format
from peelian.measure.table import Kind, table
from peelian.technologies.footage.measure.recording import Probe, probed, surveyed
from peelian.technologies.footage.shapes import FOOTAGE

IS_CUT = "Recording truncated: its index points beyond the end of the file. Kept unchanged."
IS_DAMAGED = (
    "Damaged recording kept unchanged. %(decodable_pictures)d frames over %(decodable_milliseconds)d "
    "milliseconds can be decoded, with faults in %(faults)d places."
)
IS_UNREADABLE = "No part of the recording can be decoded here. Kept unchanged."
UNREADABLE = Probe(
    container="unreadable",
    video_codec="",
    width=0,
    height=0,
    rotation=0,
    milliseconds=0,
    rate=Fraction(0),
    audio_streams=0,
    other_streams=0,
    tags=0,
)
"""What is said of a recording of which nothing can be decoded."""
TIME_SAID = "a date and time with time zone, for example 2026-03-02T14:05:00-05:00"
_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)


def inspect_video(file: BinaryIO, options: Mapping[str, str]) -> Admitted:
    """Size, length and streams of a recording, never its frames. O(1) reads.

    One that is said to be damaged is looked through from end to end, O(pictures), and kept whatever is left of it.
    """
    recorded = moment(options.get("recorded_at", ""), column="recorded_at")
    damaged = options.get("damaged", "")
    if damaged not in ("", "yes"):
        raise InputError("neither yes nor empty", column="damaged", accepted="yes, or leave it out")
    return _of_damaged(file, recorded, options) if damaged else _of_whole(file, recorded, options)


def _of_whole(file: BinaryIO, recorded: datetime, options: Mapping[str, str]) -> Admitted:
    try:
        seen = probed(file)
    except InputError as error:
        damaged = "%(accepted)s; for a damaged recording, set the option damaged=yes"
        wanted = sentence(damaged, accepted=sentence(error.accepted))
        raise InputError(error.wrong, accepted=wanted) from None
    notes = (Note(text=IS_CUT, kind="caveat"),) if seen.cut else ()
    facts = {"damaged": "cut"} if seen.cut else {}
    return _video(seen, recorded, options, facts=facts, notes=notes)


def _of_damaged(file: BinaryIO, recorded: datetime, options: Mapping[str, str]) -> Admitted:
    left = surveyed(file)
    counts = {"decodable_pictures": left.pictures, "decodable_milliseconds": left.milliseconds, "faults": left.faults}
    notes = (Note(text=IS_DAMAGED if left.pictures else IS_UNREADABLE, values=counts, kind="caveat"),)
    return _video(left.probe or UNREADABLE, recorded, options, facts={"damaged": "yes", **counts}, notes=notes)


def _video(
    seen: Probe, recorded: datetime, options: Mapping[str, str], *, facts: Mapping[str, Scalar], notes: tuple[Note, ...]
) -> Admitted:
    counts = {
        "width": seen.width,
        "height": seen.height,
        "milliseconds": seen.milliseconds,
        "audio_streams": seen.audio_streams,
        "other_streams": seen.other_streams,
        "tags": seen.tags,
    }
    told: dict[str, Any] = {"recorded_at": recorded.isoformat(), "container": seen.container, **counts}
    told |= {"video_codec": seen.video_codec, "rotation": seen.rotation}
    told |= {key: text for key, text in options.items() if text and key not in ("recorded_at", "damaged")}
    columns = {key: (Kind.COUNT, [value]) for key, value in counts.items()}
    return Admitted(
        table=table("recording", columns, width="bins", height="bins"), facts=told | dict(facts), notes=notes
    )


def moment(text: str, *, column: str, row: int | None = None) -> datetime:
    """A text as a moment in UTC. InputError without a time zone."""
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        at = None
    if at is None or at.tzinfo is None or at < _EARLIEST:
        raise InputError("not a date and time with time zone", column=column, row=row, accepted=TIME_SAID)
    return at.astimezone(UTC)


VIDEO = Format(
    id="video",
    title="Video recordings: MP4, MOV, MKV, WebM, AVI, MPEG",
    shape=FOOTAGE,
    kinds=("stream",),
    inspect=inspect_video,
    options={
        "recorded_at": "start of the recording, with time zone",
        "officer": "badge number of the officer wearing the camera (only a token is kept)",
        "device": "camera serial number (only a token is kept)",
        "event": "call number (only a token is kept)",
        "place": "public place of the recording, as the office always writes it (only a token is kept)",
        "damaged": "yes if known to be damaged: kept unchanged, and the decodable part is stated",
    },
    tokens=frozenset({"officer", "device", "event", "place"}),
    of_people=True,
)
