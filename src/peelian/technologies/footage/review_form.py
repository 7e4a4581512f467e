"""A plan as form fields and back: the only way to confirm a review, with and without scripts."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from peelian.errors import InputError, sentence
from peelian.technologies.footage.plan import Plan, Track, as_bytes
from peelian.technologies.footage.plan_reading import plan_from

BLANK_ROWS = 2
_NAME = re.compile(r"(t|s)(\d{1,9})\.(what|state|keys|start|end|how|exempt)")
_MANY = 400_000  # fields
_BLANK_BOX = {"keys": "", "what": "other", "exempt": ""}
_BLANK_SPAN = {"start": "", "end": "", "how": "silence", "exempt": ""}

Fields = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One track as a form shows it; `keys` has a line for each key: picture, left, top, right, bottom."""

    id: int
    what: str
    source: str
    state: str
    first: int
    last: int
    keys: str
    exempt: str = ""
    score: int = 0  # of 1,000; 0 for a box by hand


def rows_of(plan: Plan) -> tuple[Row, ...]:
    """The plan's tracks, and a few blank rows for boxes drawn by hand."""
    made = [_row(track) for track in plan.tracks]
    after = max((track.id for track in plan.tracks), default=0)
    blank = [
        Row(id=after + k, what="other", source="manual", state="kept", first=0, last=0, keys="")
        for k in range(1, BLANK_ROWS + 1)
    ]
    return (*made, *blank)


def plan_of(fields: Fields, proposal: Plan) -> Plan:
    """The plan of a submitted form, for the same recording as the suggested plan.

    A proposed box that the form lacks is dropped, never forgotten; one that was moved counts as drawn by hand. Nothing
    may be left to review. Where a row names no exemption, the one for all counts. InputError names the row and what is
    accepted. A row is passed over only where nothing in it was typed or chosen: half of one is refused.
    """
    if len(fields) > _MANY:
        raise InputError("form too large", accepted=sentence("at most %(most)d fields", most=_MANY))
    if fields.get("looked", [""])[0] != "yes":
        raise InputError(
            "confirmation missing: whole recording watched and heard",
            column="looked",
            accepted="tick the box at the end",
        )
    rows: dict[tuple[str, int], dict[str, str]] = {}
    for name, values in fields.items():
        if found := _NAME.fullmatch(name):
            rows.setdefault((found[1], int(found[2])), {})[found[3]] = values[0].strip()
    record = json.loads(as_bytes(proposal))
    record |= {"method": _one(fields, "method", "fill"), "reason": _one(fields, "reason", "")}
    record["reason"] = record["reason"] if record["method"] == "blur" else ""
    record["tracks"] = _tracks({id: row for (kind, id), row in rows.items() if kind == "t"}, proposal)
    spans = [(id, row) for (kind, id), row in sorted(rows.items()) if kind == "s" and _typed(row, _BLANK_SPAN)]
    record["sound"] = [_span(id, row, proposal.milliseconds) for id, row in spans]
    for one in (*record["tracks"], *record["sound"]):
        one["exempt"] = one["exempt"] or _one(fields, "exempt", "")
    record |= {"reviewer": "", "reviewed_at": ""}
    return plan_from(json.dumps(record).encode())


def _tracks(rows: Mapping[int, Mapping[str, str]], proposal: Plan) -> list[dict[str, object]]:
    known = {track.id: track for track in proposal.tracks}
    made = [_track(id, row, known.get(id)) for id, row in sorted(rows.items()) if _covers(id, row, known)]
    there = {track["id"] for track in made}
    forgotten = [track for id, track in known.items() if id not in there]
    return made + [_record(track, state="dropped") for track in forgotten]


def _covers(id: int, row: Mapping[str, str], known: Mapping[int, Track]) -> bool:
    """Whether a row has positions; without them it must be blank, or say itself that its box is dropped."""
    if not row.get("keys") and row.get("state") != "dropped" and (id in known or _typed(row, _BLANK_BOX)):
        accepted = "five whole numbers: frame, left, top, right, bottom"
        raise InputError(sentence("box %(id)s: no position", id=str(id)), column="keys", accepted=accepted)
    return bool(row.get("keys"))


def _typed(row: Mapping[str, str], blank: Mapping[str, str]) -> bool:
    """Whether anything in a row is not as in a blank one."""
    return any(row.get(name, nothing) != nothing for name, nothing in blank.items())


def _track(id: int, row: Mapping[str, str], before: Track | None) -> dict[str, object]:
    keys = _keys(id, row["keys"])
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


def _keys(id: int, text: str) -> list[list[int]]:
    lines = [line.split() for line in text.splitlines() if line.strip()]
    for number, line in enumerate(lines, 1):
        if len(line) != 5 or not all(word.isdecimal() and len(word) < 10 for word in line):
            says = sentence("box %(id)s: not a position", id=str(id))
            accepted = "five whole numbers: frame, left, top, right, bottom"
            raise InputError(says, row=number, column="keys", accepted=accepted)
    return sorted([int(word) for word in line] for line in lines)


def _span(id: int, row: Mapping[str, str], length: int) -> dict[str, object]:
    """Seconds in the form, milliseconds in the plan; a span that starts after the recording's end covers nothing."""
    times = []
    for name in ("start", "end"):
        try:
            seconds = float(row.get(name, "").replace(",", ".") or "x")
        except ValueError:
            seconds = -1.0
        if not 0 <= seconds < 1e7:
            raise InputError("not a time in seconds", row=id, column=name, accepted="for example 12.5")
        times.append(round(1000 * seconds))
    if times[0] > length:
        accepted = sentence("at most %(seconds)s seconds", seconds=f"{length / 1000:g}")
        raise InputError("start after the end of the recording", row=id, column="start", accepted=accepted)
    return {"start": times[0], "end": times[1], "how": row.get("how", "silence"), "exempt": row.get("exempt", "")}


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


def _row(track: Track) -> Row:
    keys = "\n".join(" ".join(str(n) for n in key) for key in track.keys)
    return Row(
        id=track.id,
        what=track.what,
        source=track.source,
        state=track.state,
        first=track.first,
        last=track.last,
        keys=keys,
        exempt=track.exempt,
        score=track.score,
    )


def _one(fields: Fields, name: str, otherwise: str) -> str:
    return next(iter(fields.get(name, ())), otherwise)
