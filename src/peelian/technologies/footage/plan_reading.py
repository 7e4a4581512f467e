"""Reads an untrusted redaction plan: strict, bounded, and without quoting its content in errors."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

from peelian.errors import InputError, sentence
from peelian.technologies.footage.exemptions import EXEMPTIONS
from peelian.technologies.footage.plan import (
    BLUR_REASONS,
    CLASSES,
    METHODS,
    SCHEMA,
    SOUNDS,
    SOURCES,
    STATES,
    Plan,
    Span,
    Track,
)

LARGEST_PLAN = 64 << 20
MOST_TRACKS, MOST_KEYS, MOST_SPANS = 100_000, 2_000_000, 10_000
LARGEST_SIDE, MOST_PICTURES, LONGEST = 8_194, 10_000_000, 366 * 86_400_000

_DIGEST = re.compile(r"[0-9a-f]{64}")
_TOKEN = re.compile(r"[0-9a-f]{8,64}|")
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|\+00:00)|")
_SAID = 'JSON as written by `peelian try footage` ("schema": "peelian-redaction-plan/1")'


def plan_from(data: bytes) -> Plan:
    """The plan that these bytes spell. InputError names the part that is wrong, never its content. O(bytes)."""
    if len(data) > LARGEST_PLAN:
        raise InputError("plan too large", accepted=sentence("at most %(most)d MiB", most=LARGEST_PLAN >> 20))
    try:
        value = json.loads(data.decode("utf-8"), object_pairs_hook=_no_twice, parse_constant=_no_constant)
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError("truncated, or not JSON", accepted=_SAID) from None
    if isinstance(value, dict):
        value.setdefault("speech", [])  # only a proposal has it
    whole = _object(value, "plan", _PLAN)
    if whole["schema"] != SCHEMA:
        raise _wrong("schema", SCHEMA)
    tracks = tuple(_track(t, whole) for t in _list(whole["tracks"], "tracks", MOST_TRACKS))
    if sum(len(t.keys) for t in tracks) > MOST_KEYS:
        raise _wrong("keys", f"at most {MOST_KEYS:,} in all")
    if len({t.id for t in tracks}) < len(tracks):
        raise _wrong("id", "a unique number for each box")
    spans = tuple(_span(s) for s in _list(whole["sound"], "sound", MOST_SPANS))
    speech = tuple(_heard(s) for s in _list(whole["speech"], "speech", MOST_SPANS))
    return Plan(**{**whole, "tracks": tracks, "sound": spans, "speech": speech})


def _track(value: Any, plan: Mapping[str, Any]) -> Track:
    made = _object(value, "track", _TRACK)
    keys = tuple(_key(k, plan) for k in _list(made["keys"], "keys", MOST_KEYS))
    if not keys or any(a[0] >= b[0] for a, b in pairwise(keys)):
        raise _wrong("keys", "at least one, in frame order")
    return Track(**{**made, "keys": keys})


def _key(value: Any, plan: Mapping[str, Any]) -> tuple[int, int, int, int, int]:
    if not isinstance(value, list) or len(value) != 5 or any(type(n) is not int for n in value):
        raise _wrong("keys", "five whole numbers: frame, left, top, right, bottom")
    at, left, top, right, bottom = value
    if not 0 <= at < plan["pictures"]:
        raise _wrong("keys", "frames of the recording, counted from 0")
    if not (0 <= left < right <= plan["width"] and 0 <= top < bottom <= plan["height"]):
        raise _wrong("keys", "boxes inside the frame, with left before right and top before bottom")
    return at, left, top, right, bottom


def _span(value: Any) -> Span:
    made = _object(value, "sound", _SPAN)
    if made["start"] >= made["end"]:
        raise _wrong("sound", "start before end, in milliseconds")
    return Span(**made)


def _heard(value: Any) -> tuple[int, int]:
    if not isinstance(value, list) or len(value) != 2 or any(type(n) is not int for n in value):
        raise _wrong("speech", "two whole numbers: start, end, in milliseconds")
    start, end = value
    if not 0 <= start < end <= LONGEST:
        raise _wrong("speech", "start before end, in milliseconds")
    return start, end


def _object(value: Any, what: str, parts: Mapping[str, Callable[[Any, str], Any]]) -> dict[str, Any]:
    """An object with exactly these parts, each as its reader wants it."""
    if not isinstance(value, dict) or set(value) != set(parts):
        raise _wrong(what, f"an object with exactly: {', '.join(parts)}")
    return {name: read(value[name], name) for name, read in parts.items()}


def _list(value: Any, what: str, most: int) -> list[Any]:
    if not isinstance(value, list) or len(value) > most:
        raise _wrong(what, f"a list of at most {most:,}")
    return value


def _number(low: int, high: int) -> Callable[[Any, str], int]:
    def read(value: Any, name: str) -> int:
        if type(value) is not int or not low <= value <= high:
            raise _wrong(name, f"a whole number from {low:,} to {high:,}")
        return value

    return read


def _word(words: tuple[str, ...]) -> Callable[[Any, str], str]:
    def read(value: Any, name: str) -> str:
        if value not in words:
            raise _wrong(name, ", ".join(word or '""' for word in words))
        return str(value)

    return read


def _text(shape: re.Pattern[str], accepted: str) -> Callable[[Any, str], str]:
    def read(value: Any, name: str) -> str:
        if not isinstance(value, str) or not shape.fullmatch(value):
            raise _wrong(name, accepted)
        return value

    return read


def _as_is(value: Any, name: str) -> Any:
    return value


def _wrong(part: str, accepted: str) -> InputError:
    return InputError("invalid part of the plan", column=part, accepted=accepted)


def _no_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """JSON leaves open what a name given twice means; here it means that something is wrong."""
    made = dict(pairs)
    if len(made) < len(pairs):
        raise InputError("duplicate name in an object of the plan", accepted=_SAID)
    return made


def _no_constant(name: str) -> Any:
    raise InputError("invalid number in the plan", accepted=_SAID)


_PLAN: dict[str, Callable[[Any, str], Any]] = {
    "schema": _as_is,
    "item": _text(_DIGEST, "64 hexadecimal digits"),
    "width": _number(1, LARGEST_SIDE),
    "height": _number(1, LARGEST_SIDE),
    "pictures": _number(1, MOST_PICTURES),
    "milliseconds": _number(0, LONGEST),
    "tracks": _as_is,
    "sound": _as_is,
    "speech": _as_is,
    "method": _word(METHODS),
    "reason": _word(BLUR_REASONS),
    "detector": _text(re.compile(r"[0-9a-f]{64}|"), "64 hexadecimal digits, or empty"),
    "reviewer": _text(_TOKEN, "a person's token, or empty"),
    "reviewed_at": _text(_TIME, "a time in UTC, or empty"),
}
_TRACK: dict[str, Callable[[Any, str], Any]] = {
    "id": _number(1, 1_000_000_000),
    "what": _word(CLASSES),
    "source": _word(SOURCES),
    "state": _word(STATES),
    "score": _number(0, 1000),
    "exempt": _word(("", *EXEMPTIONS)),
    "keys": _as_is,
}
_SPAN: dict[str, Callable[[Any, str], Any]] = {
    "start": _number(0, LONGEST),
    "end": _number(1, LONGEST),
    "how": _word(SOUNDS),
    "exempt": _word(("", *EXEMPTIONS)),
}
