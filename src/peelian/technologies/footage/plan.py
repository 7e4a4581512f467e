"""Redaction plan: what is covered, where, when and why, and who reviewed it. Whole numbers and listed words only.

A plan belongs to one recording (by digest) and holds no picture, no sound and no free text, so that it can go out
with the redacted copy. Its canonical JSON is its one spelling, and its digest is what the disclosure names.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from peelian.errors import InputError, sentence
from peelian.measure.canonical import canonical

SCHEMA = "peelian-redaction-plan/1"
CLASSES = ("face", "plate", "screen", "document", "body", "other")
SOURCES = ("automatic", "manual")
STATES = ("to_review", "kept", "dropped")
METHODS = ("fill", "blur")
SOUNDS = ("silence", "tone")
BLUR_REASONS = ("", "evidence_of_expression", "court_order", "requester_is_shown")


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """One moving box. `keys` are (picture, left, top, right, bottom), rising; between keys it moves straight."""

    id: int
    what: str = "face"
    source: str = "automatic"
    state: str = "to_review"
    score: int = 0  # of 1,000; 0 for a manual track
    exempt: str = ""  # the section it rests on: one of `exemptions.EXEMPTIONS`
    keys: tuple[tuple[int, int, int, int, int], ...]

    @property
    def first(self) -> int:
        """The first picture it covers."""
        return self.keys[0][0]

    @property
    def last(self) -> int:
        """The last picture it covers."""
        return self.keys[-1][0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Sound from `start` to `end` (milliseconds) that is replaced by silence or by a tone."""

    start: int
    end: int
    how: str = "silence"
    exempt: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything that is covered in one recording. `reviewer` is a person's token, empty until somebody reviewed it."""

    item: str  # SHA-256 of the recording
    width: int
    height: int
    pictures: int
    milliseconds: int
    tracks: tuple[Track, ...] = ()
    sound: tuple[Span, ...] = ()
    speech: tuple[tuple[int, int], ...] = ()  # where a detector heard speech, in milliseconds; gone once reviewed
    method: str = "fill"
    reason: str = ""  # of a blur: one of BLUR_REASONS
    detector: str = ""  # SHA-256 of the weights that proposed
    reviewer: str = ""
    reviewed_at: str = ""
    schema: str = field(default=SCHEMA)

    @property
    def reviewed(self) -> bool:
        """Whether a person looked at it, and nothing is left to review."""
        return bool(self.reviewer) and all(track.state != "to_review" for track in self.tracks)


def reviewed(plan: Plan, *, by: str, at: str) -> Plan:
    """The plan as a person (token) confirmed it at a time (UTC): what was left to review counts as kept."""
    tracks = tuple(dataclasses.replace(t, state="kept" if t.state == "to_review" else t.state) for t in plan.tracks)
    return dataclasses.replace(plan, tracks=tracks, speech=(), reviewer=by, reviewed_at=at)


def as_bytes(plan: Plan) -> bytes:
    """The plan as canonical JSON."""
    record = {f.name: getattr(plan, f.name) for f in dataclasses.fields(plan)}
    record["tracks"] = [{f.name: getattr(track, f.name) for f in dataclasses.fields(track)} for track in plan.tracks]
    record["sound"] = [{f.name: getattr(span, f.name) for f in dataclasses.fields(span)} for span in plan.sound]
    return canonical(record)


class Cover:
    """Where a plan's boxes are in each picture, asked in rising order: O(boxes of that picture) each time."""

    def __init__(self, plan: Plan) -> None:
        kept = [track for track in plan.tracks if track.state != "dropped"]
        self._waiting = sorted(kept, key=lambda track: -track.first)
        self._live: list[tuple[Track, NDArray[np.float64]]] = []

    def at(self, number: int) -> list[tuple[int, int, int, int]]:
        """The boxes of one picture: left, top, right, bottom in whole pixels, rounded outwards."""
        while self._waiting and self._waiting[-1].first <= number:
            track = self._waiting.pop()
            self._live.append((track, np.array(track.keys, dtype=np.float64)))
        self._live = [(track, keys) for track, keys in self._live if track.last >= number]
        return [box_at(keys, number) for _, keys in self._live]


def box_at(keys: NDArray[np.float64], number: int) -> tuple[int, int, int, int]:
    """The box of a track's keys (float64[n, 5]) in one picture between its first and its last, rounded outwards."""
    after = min(int(np.searchsorted(keys[:, 0], number)), len(keys) - 1)
    before = after if keys[after, 0] == number else max(after - 1, 0)
    apart = keys[after, 0] - keys[before, 0]
    share = (number - keys[before, 0]) / apart if apart else 0.0
    left, top, right, bottom = (keys[before, 1:] * (1 - share) + keys[after, 1:] * share).round(6)
    return int(np.floor(left)), int(np.floor(top)), int(np.ceil(right)), int(np.ceil(bottom))


def must_fit(plan: Plan, probe: Mapping[str, int], *, item: str) -> None:
    """InputError unless the plan was made for this recording: its digest, its picture size and its pictures."""
    if plan.item != item:
        raise InputError("plan made for another recording", accepted="a plan made for this recording")
    for name in ("width", "height"):
        if getattr(plan, name) != probe[name]:
            says = sentence("%(name)s of the plan differs from the recording", name=name)
            raise InputError(says, column=name, accepted=sentence("%(n)d", n=probe[name]))


def must_be_reviewed(plan: Plan) -> None:
    """InputError unless a person reviewed the plan and nothing is left to review."""
    if not plan.reviewed:
        left = sum(track.state == "to_review" for track in plan.tracks)
        says = sentence("plan not reviewed: %(n)d boxes are still marked to review", n=left)
        raise InputError(says, accepted="a fully reviewed plan: open its review page")
    if plan.method == "blur" and not plan.reason:
        raise InputError("reason for blurring missing", column="reason", accepted=", ".join(BLUR_REASONS[1:]))
