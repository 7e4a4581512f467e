"""Review of suggested redactions: boxes, frames and sound on demand, and a form, the one way to confirm, with and
without scripts.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from peelian.errors import InputError, sentence
from peelian.kernel.model.custody_declarations import ReviewerDesk
from peelian.technologies.footage.formats.plan import read_plan
from peelian.technologies.footage.measure.excerpts import Bench
from peelian.technologies.footage.measure.following import (
    FOLLOWED,
    WAYS,
    Followed,
    followed,
    is_too_large,
    must_be_followable,
)
from peelian.technologies.footage.measure.plan import (
    BLUR_REASONS,
    CLASSES,
    EXEMPTIONS,
    METHODS,
    SOUNDS,
    Plan,
    Track,
    as_bytes,
    plan_from,
    reviewed,
)
from peelian.technologies.footage.proposal.declared import WORDS

BLANK_ROWS, BLANK_SPANS = 2, 2
_NAME = re.compile(r"(t|s)(\d{1,9})\.(what|state|keys|start|end|how|exempt)")
_MANY = 400_000  # fields
_BLANK_BOX = {"keys": "", "what": "other", "exempt": ""}
_BLANK_SPAN = {"start": "", "end": "", "how": "silence", "exempt": ""}
_POSITION = "five whole numbers: frame, left, top, right, bottom"
Fields = Mapping[str, Sequence[str]]
Rows = dict[int, dict[str, str]]
Faults = dict[str, InputError]
"""What is wrong, by the name of the field that it is wrong in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One track as a form shows it; `keys` has a line for each key: picture, left, top, right, bottom."""

    id: int
    what: str = "other"
    source: str = "manual"
    state: str = "kept"
    keys: str = ""
    exempt: str = ""
    score: int = 0  # of 1,000; 0 for a box by hand

    @property
    def frames(self) -> tuple[int, int] | None:
        """The first and the last picture; None where no line is a position."""
        found = [int(line[0]) for line in _lines(self.keys) if _is_key(line)]
        return (min(found), max(found)) if found else None


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanRow:
    """A span of sound as a form shows it, in seconds."""

    id: int
    start: str = ""
    end: str = ""
    how: str = "silence"
    exempt: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A review as its page shows it, with a few blank rows for boxes and spans by hand."""

    rows: tuple[Row, ...]
    spans: tuple[SpanRow, ...]
    method: str
    reason: str
    exempt: str = ""
    looked: bool = False


def form_of(plan: Plan) -> Form:
    """A plan as its page shows it first."""
    spans = [
        SpanRow(id=n, start=f"{s.start / 1000:g}", end=f"{s.end / 1000:g}", how=s.how, exempt=s.exempt)
        for n, s in enumerate(plan.sound, 1)
    ]
    return _with_blanks([_row(track) for track in plan.tracks], spans, method=plan.method, reason=plan.reason)


def form_sent(fields: Fields, proposal: Plan) -> Form:
    """What was sent, to be shown again as it was typed. A box that the form lacks stands there as dropped."""
    boxes, spans = _rows(fields, "t"), _rows(fields, "s")
    rows = []
    known = {track.id: track for track in proposal.tracks}
    for id in sorted(known.keys() | boxes.keys()):
        if id in boxes and (id in known or _typed(boxes[id], _BLANK_BOX)):
            rows.append(_row_sent(id, boxes[id], known.get(id)))
        elif id in known:
            rows.append(_row(known[id], state="dropped"))
    made = [
        SpanRow(id=id, **{name: row.get(name, blank) for name, blank in _BLANK_SPAN.items()})
        for id, row in spans.items()
        if _typed(row, _BLANK_SPAN)
    ]
    return _with_blanks(
        rows,
        made,
        method=_one(fields, "method", "fill"),
        reason=_one(fields, "reason", ""),
        exempt=_one(fields, "exempt", ""),
        looked=_one(fields, "looked", "") == "yes",
    )


def _with_blanks(
    rows: Sequence[Row], spans: Sequence[SpanRow], *, method: str, reason: str, exempt: str = "", looked: bool = False
) -> Form:
    box, span = (max((one.id for one in some), default=0) for some in (rows, spans))
    return Form(
        rows=(*rows, *[Row(id=box + n) for n in range(1, BLANK_ROWS + 1)]),
        spans=(*spans, *[SpanRow(id=span + n) for n in range(1, BLANK_SPANS + 1)]),
        method=method,
        reason=reason,
        exempt=exempt,
        looked=looked,
    )


def faults_in(fields: Fields, proposal: Plan) -> Faults:
    """Everything that is wrong with a submitted form, in the order of the page. InputError: it is too large."""
    return _read(fields, proposal)[1]


def plan_of(fields: Fields, proposal: Plan) -> Plan:
    """The plan of a submitted form, for the same recording as the suggested plan.

    A proposed box that the form lacks is dropped, never forgotten; one that was moved counts as drawn by hand. Nothing
    may be left to review. Where a row names no exemption, the one for all counts. A row is passed over only where
    nothing in it was typed or chosen: half of one is refused. InputError: the first fault of the form.
    """
    record, faults = _read(fields, proposal)
    if faults:
        raise next(iter(faults.values()))
    return plan_from(json.dumps(record).encode())


def _read(fields: Fields, proposal: Plan) -> tuple[dict[str, object], Faults]:
    """The plan's record, and what is wrong with the form."""
    if len(fields) > _MANY:
        raise InputError("form too large", accepted=sentence("at most %(most)d fields", most=_MANY))
    faults: Faults = {}
    tracks = _tracks(_rows(fields, "t"), proposal, faults)
    spans = [_span(id, row, proposal, faults) for id, row in _rows(fields, "s").items() if _typed(row, _BLANK_SPAN)]
    for one in (*tracks, *spans):
        one["exempt"] = one["exempt"] or _one(fields, "exempt", "")
    method, reason = _one(fields, "method", "fill"), _one(fields, "reason", "")
    if method == "blur" and not reason:
        accepted = "a reason of the list, or a solid fill"
        faults["reason"] = InputError("reason for blurring missing", column="reason", accepted=accepted)
    if method == "fill" and reason:
        faults["reason"] = InputError("reason without a blur", column="reason", accepted="no reason, or a blur")
    if _one(fields, "looked", "") != "yes":
        says, accepted = "confirmation missing: whole recording watched and heard", "tick the box at the end"
        faults["looked"] = InputError(says, column="looked", accepted=accepted)
    record = json.loads(as_bytes(proposal)) | {"method": method, "reason": reason, "tracks": tracks, "sound": spans}
    return record | {"reviewer": "", "reviewed_at": ""}, faults


def _rows(fields: Fields, kind: str) -> Rows:
    """The rows of boxes (t) or of sound (s), by their number."""
    rows: Rows = {}
    for name, values in fields.items():
        if (found := _NAME.fullmatch(name)) and found[1] == kind:
            rows.setdefault(int(found[2]), {})[found[3]] = values[0].strip()
    return dict(sorted(rows.items()))


def _typed(row: Mapping[str, str], blank: Mapping[str, str]) -> bool:
    """Whether anything in a row is not as in a blank one."""
    return any(row.get(name, nothing) != nothing for name, nothing in blank.items())


def _tracks(rows: Rows, proposal: Plan, faults: Faults) -> list[dict[str, object]]:
    known = {track.id: track for track in proposal.tracks}
    made = []
    for id, row in rows.items():
        if not row.get("keys") and (row.get("state") == "dropped" or not (id in known or _typed(row, _BLANK_BOX))):
            continue
        try:
            made.append(_track(id, row, known.get(id), proposal))
        except InputError as fault:
            faults[f"t{id}.keys"] = fault
    there = {track["id"] for track in made}
    return made + [_record(track, state="dropped") for id, track in known.items() if id not in there]


def _track(id: int, row: Mapping[str, str], before: Track | None, proposal: Plan) -> dict[str, object]:
    keys = _keys(row.get("keys", ""), proposal)
    moved = before is None or [list(key) for key in before.keys] != keys
    state = row.get("state", "kept")
    return {
        "id": id,
        "what": row.get("what", "other"),
        "source": "manual" if moved or before is None else before.source,
        "state": "kept" if state == "to_review" else state,
        "score": before.score if before else 0,
        "exempt": row.get("exempt", ""),
        "keys": keys,
    }


def _keys(text: str, proposal: Plan) -> list[list[int]]:
    """The positions that a row's lines spell, in frame order; InputError names the line."""
    lines = _lines(text)
    if not lines:
        raise InputError("no position", column="keys", accepted=_POSITION)
    for number, line in enumerate(lines, 1):
        if wrong := _wrong(line, proposal):
            says, accepted = wrong
            told = sentence("line %(n)d: %(what)s", n=number, what=sentence(says))
            raise InputError(told, row=number, column="keys", accepted=accepted)
    keys = sorted([int(word) for word in line] for line in lines)
    if len({key[0] for key in keys}) < len(keys):
        raise InputError("the same frame twice", column="keys", accepted="each frame once")
    return keys


def _wrong(line: Sequence[str], proposal: Plan) -> tuple[str, str] | None:
    """What is wrong with one line of positions, and what is accepted."""
    if not _is_key(line):
        return "not a position", _POSITION
    at, left, top, right, bottom = map(int, line)
    if at >= proposal.pictures:
        return "no such frame", sentence("0 to %(most)d", most=proposal.pictures - 1)
    if not (left < right <= proposal.width and top < bottom <= proposal.height):
        size = {"width": proposal.width, "height": proposal.height}
        accepted = "left before right, top before bottom, within %(width)d by %(height)d pixels"
        return "box not inside the frame", sentence(accepted, **size)
    return None


def _lines(text: str) -> list[list[str]]:
    return [line.split() for line in text.splitlines() if line.strip()]


def _is_key(line: Sequence[str]) -> bool:
    return len(line) == 5 and all(word.isdecimal() and len(word) < 10 for word in line)


def _span(id: int, row: Mapping[str, str], proposal: Plan, faults: Faults) -> dict[str, object]:
    """Seconds in the form, milliseconds in the plan; a span that starts after the recording's end covers nothing."""
    times = {}
    for name in ("start", "end"):
        try:
            times[name] = _milliseconds(row.get(name, ""))
        except InputError as fault:
            faults[f"s{id}.{name}"] = fault
    start, end = times.get("start"), times.get("end")
    if start is not None and start > proposal.milliseconds:
        accepted = sentence("at most %(seconds).2f seconds", seconds=proposal.milliseconds / 1000)
        faults[f"s{id}.start"] = InputError("start after the end of the recording", row=id, accepted=accepted)
    elif start is not None and end is not None and start >= end:
        accepted = sentence("more than %(seconds).2f seconds", seconds=start / 1000)
        faults[f"s{id}.end"] = InputError("end before start", row=id, accepted=accepted)
    return {"start": start, "end": end, "how": row.get("how", "silence"), "exempt": row.get("exempt", "")}


def _milliseconds(text: str) -> int:
    try:
        seconds = float(text.replace(",", ".") or "x")
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < 1e7:
        raise InputError("not a time in seconds" if text else "time missing", accepted="for example 12.5")
    return round(1000 * seconds)


def _record(track: Track, *, state: str) -> dict[str, object]:
    keys = [list(key) for key in track.keys]
    return {
        "id": track.id,
        "what": track.what,
        "source": track.source,
        "state": state,
        "score": track.score,
        "exempt": track.exempt,
        "keys": keys,
    }


def _row(track: Track, *, state: str = "") -> Row:
    return Row(
        id=track.id,
        what=track.what,
        source=track.source,
        state=state or track.state,
        keys=_text(track),
        exempt=track.exempt,
        score=track.score,
    )


def _row_sent(id: int, row: Mapping[str, str], before: Track | None) -> Row:
    keys = "\n".join(row.get("keys", "").splitlines())
    return Row(
        id=id,
        what=row.get("what", "other"),
        source=before.source if before and keys == _text(before) else "manual",
        state=row.get("state", "kept"),
        keys=keys,
        exempt=row.get("exempt", ""),
        score=before.score if before else 0,
    )


def _text(track: Track) -> str:
    return "\n".join(" ".join(map(str, key)) for key in track.keys)


def _one(fields: Fields, name: str, otherwise: str) -> str:
    return next(iter(fields.get(name, ())), otherwise)


class Review:
    """One recording under review. Safe to ask from several threads; close it when the page is done."""

    template = "review.html"
    classes, methods, sounds, reasons, words = CLASSES, METHODS, SOUNDS, BLUR_REASONS[1:], WORDS
    exemptions = EXEMPTIONS
    followed = FOLLOWED

    def __init__(self, files: Mapping[str, BinaryIO], desk: ReviewerDesk) -> None:
        self.plan: Plan = read_plan(files["plan"])
        self._desk = desk
        self._bench = Bench(files["item"], self.plan)
        self._lock, self._following = threading.Lock(), threading.Lock()
        self._closed = False

    def form(self, fields: Fields | None = None) -> Form:
        """The form of the plan, or as somebody sent it."""
        return form_of(self.plan) if fields is None else form_sent(fields, self.plan)

    def faults(self, fields: Fields) -> Faults:
        """What is wrong with a form that was sent, by field."""
        return faults_in(fields, self.plan)

    @property
    def times(self) -> list[int]:
        """When each picture is shown, in milliseconds from the first one on."""
        return [self._bench.milliseconds(number) for number in range(self.plan.pictures)]

    @property
    def rate(self) -> float:
        """Pictures per second, on average, for moving through the recording."""
        seconds = self._bench.milliseconds(self.plan.pictures - 1) / 1000
        return (self.plan.pictures - 1) / seconds if seconds else 25.0

    def picture(self, number: int, *, full: bool = False) -> bytes:
        """One picture as JPEG, at most 960 wide or in full."""
        with self._lock:
            return self._bench.picture(number, full=full)

    def sound(self, number: int) -> bytes:
        """A few seconds of sound as WAV, from one picture on; empty where there is none."""
        with self._lock:
            return self._bench.sound(self._bench.milliseconds(number))

    def follow(self, number: int, box: tuple[int, int, int, int], *, what: str, way: str = "both") -> Followed:
        """Where a box drawn in one picture goes, for a few seconds each way: positions for this plan, kept nowhere.

        `what` is what it covers, one of `FOLLOWED`. One at a time; pictures are handed out meanwhile. InputError: the
        box is not inside the picture or too small, it can be no such thing, or another is being followed.
        """
        if way not in WAYS:
            raise InputError("no such direction", column="way", accepted=", ".join(WAYS))
        must_be_followable(self.plan, number, what, box)
        if not self._following.acquire(blocking=False):
            raise InputError("another box is being followed", accepted="wait until it is done")
        try:
            size = self.plan.width, self.plan.height
            return followed(
                self._stretch,
                number,
                box,
                pictures=self.plan.pictures,
                size=size,
                fits=lambda n, moved: not is_too_large(self.plan, n, what, moved),
                reach=WAYS[way],
            )
        finally:
            self._following.release()

    def _stretch(self, first: int, count: int) -> list[NDArray[np.uint8]]:
        with self._lock:
            if self._closed:
                raise InputError("review closed", accepted="open it again")
            return self._bench.stretch(first, count)

    def milliseconds(self, number: int) -> int:
        """When a picture is shown."""
        return self._bench.milliseconds(number)

    def waveform(self) -> bytes:
        """The sound of the whole recording as SVG; empty where there is none."""
        with self._lock:
            return self._bench.waveform()

    def confirm(self, fields: Fields) -> Any:
        """Keep the plan that a form says, as reviewed by the person at the desk; returns its admission."""
        plan = reviewed(plan_of(fields, self.plan), by=self._desk.by, at=self._desk.now())
        return self._desk.keep(as_bytes(plan))

    def close(self) -> None:
        """Let the recording go."""
        with self._lock:
            self._closed = True
            self._bench.close()
            self._desk.done()
