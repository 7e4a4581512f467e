"""Redaction plan: what is covered, where, when, why and under which exemption, and who reviewed it.

A plan belongs to one recording (by digest) and holds no picture, no sound and no free text, so that it can go out
with the redacted copy. Its canonical JSON is its one spelling, and its digest is what the disclosure names.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

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


# Exemptions: the section of an access law under which something of a recording is withheld. Sections are the laws'
# own; the words are ours and short, in both languages.
#
# MFIPPA: Municipal Freedom of Information and Protection of Privacy Act (Ontario). FIPPA: Freedom of Information and
# Protection of Privacy Act (Ontario). FOIA: Freedom of Information Act, 5 U.S.C. 552(b) (United States).

COLUMNS = (
    "redaction", "part", "what", "first_frame", "last_frame", "from_second", "to_second", "law", "section",
    "exemption", "exemption_fr",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Exemption:
    """One section of a law, and what it protects, in English and French."""

    law: str
    section: str
    says: str
    french: str
    law_french: str = ""

    def read(self, language: str) -> str:
        """Law, section and what it protects, as people read it.

        >>> EXEMPTIONS["mfippa-14"].read("fr")
        'LAIMPVP 14, vie privée'
        """
        return f"{self.cited(language)}, {self.french if language == 'fr' else self.says}"

    def cited(self, language: str) -> str:
        """Law and section alone.

        >>> EXEMPTIONS["foia-b-6"].cited("en")
        'FOIA (b)(6)'
        """
        return f"{(language == 'fr' and self.law_french) or self.law} {self.section}"


def _of(law: str, french: str, sections: Mapping[str, tuple[str, str]]) -> Iterator[tuple[str, Exemption]]:
    for section, (says, said) in sections.items():
        parts = [law, *section.replace("(", " ").replace(")", " ").split()]
        yield "-".join(parts).lower(), Exemption(law=law, section=section, says=says, french=said, law_french=french)


PRIVACY, ENFORCEMENT = ("personal privacy", "vie privée"), ("law enforcement", "exécution de la loi")
SAFETY = ("danger to safety or health", "menace à la santé ou à la sécurité")
THIRD, ADVICE = ("information of third parties", "renseignements de tiers"), ("legal advice", "avis juridiques")
EXEMPTIONS: Mapping[str, Exemption] = dict(
    [
        *_of("MFIPPA", "LAIMPVP", {"14": PRIVACY, "8": ENFORCEMENT, "13": SAFETY, "10": THIRD, "12": ADVICE}),
        *_of("FIPPA", "LAIPVP", {"21": PRIVACY, "14": ENFORCEMENT, "20": SAFETY, "17": THIRD, "19": ADVICE}),
        *_of(
            "FOIA",
            "",
            {
                "(b)(6)": PRIVACY,
                "(b)(7)(C)": ("privacy in enforcement records", "vie privée dans les dossiers d’enquête"),
                "(b)(7)(A)": ("pending proceedings", "procédures en cours"),
                "(b)(7)(D)": ("confidential source", "source confidentielle"),
                "(b)(7)(E)": ("techniques of investigation", "méthodes d’enquête"),
                "(b)(7)(F)": ("life or physical safety", "vie ou sécurité physique"),
            },
        ),
    ]
)


def log_of(plan: Plan) -> str:
    """The exemption log of a plan: each redaction, when it is, and the section it rests on; CSV. O(redactions).

    Times of pictures are even shares of the recording's length: about right where frames are not evenly spaced.
    """
    rows: list[tuple[object, ...]] = [COLUMNS]  # numbers and listed words: no cell needs quotes
    frame = plan.milliseconds / max(plan.pictures - 1, 1)
    for track in (one for one in plan.tracks if one.state != "dropped"):
        times = (f"{track.first * frame / 1000:.2f}", f"{track.last * frame / 1000:.2f}")
        rows.append((track.id, "picture", track.what, track.first, track.last, *times, *_cells(track.exempt)))
    for number, span in enumerate(plan.sound, 1):
        times = (f"{span.start / 1000:.2f}", f"{span.end / 1000:.2f}")
        rows.append((number, "sound", span.how, "", "", *times, *_cells(span.exempt)))
    return "".join(",".join(map(str, row)) + "\n" for row in rows)


def _cells(exempt: str) -> tuple[str, str, str, str]:
    found = EXEMPTIONS.get(exempt)
    return (found.law, found.section, found.says, found.french) if found else ("", "", "", "")


# Reads an untrusted redaction plan: strict, bounded, and without quoting its content in errors.

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
