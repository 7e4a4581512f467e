"""Labels: names of areas, kinds of landmarks and groups of people that two people adopted for the town.

Structure keeps persons out: an area has a boundary and residents or a public function, a group has people, and there
are few groups.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from peelian.errors import InputError, sentence
from peelian.measure.legible import must_be_legible
from peelian.measure.vocabularies import FUNCTIONS, plain

FEWEST_RESIDENTS = 100  # of an area without a public function
FEWEST_PEOPLE = 20  # of a group
MOST_GROUPS = 40  # in one vocabulary
MOST_LABELS = 20_000
MOST_LABEL = 120
MOST_CAPACITY = 1_000_000
OF_AREAS = "areas only: 1 to 1,000,000 people, or nothing"
OUTLINES = "GeoJSON of polygons, or a column outline with polygons in WKT, in degrees"


NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e-?\d+)?")


class LabelKind(StrEnum):
    """What labels name."""

    AREA = "area"
    LANDMARK = "landmark"
    GROUP = "group"
    INSTRUMENT = "instrument"
    OUTCOME = "outcome"


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """One label. `people`: residents of an area, members of a group; `homes`: dwellings of an area; `capacity`: people
    that it may hold at once. 0: not stated.

    An area's boundary is WKT in degrees. `ground`: what of it is counted, "" where an earlier version of the program
    adopted the area without one; nothing new may be counted there. Before two people adopt it, the boundary as a file
    gives it. `outline`: the digest of that (`outline_digest`). `given`: the same whole, where not all of it is counted.
    """

    label: str
    people: int = 0
    function: str = ""  # of an area: a word of `FUNCTIONS`
    homes: int = 0
    outline: str = ""
    ground: str = ""
    given: str = ""
    capacity: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """Labels of one kind, and where they are from: a census, a by-law, an address register."""

    kind: LabelKind
    source: str
    labels: tuple[Label, ...]


def check_vocabulary(vocabulary: Vocabulary) -> None:
    """InputError names the first label (by its number, from 1) that may not be one. O(labels)."""
    n = len(vocabulary.labels)
    most = MOST_GROUPS if vocabulary.kind is LabelKind.GROUP else MOST_LABELS
    must_be_legible(vocabulary.source, "source")
    if not 1 <= n <= most:
        accepted = sentence("1 to %(most)d labels in one list. Split a longer one", most=most)
        raise InputError(sentence("list of %(n)d %(n:label|labels)", n=n), column="label", accepted=accepted)
    seen: set[str] = set()
    for row, label in enumerate(vocabulary.labels, start=1):
        try:
            must_be_legible(label.label, "label", one_script=True, longest=MOST_LABEL)
        except InputError as wrong:
            raise InputError(wrong.wrong, row=row, column="label", accepted=wrong.accepted) from None
        if not plain(label.label):
            raise InputError("label without letters", row=row, column="label", accepted="letters or digits")
        if plain(label.label) in seen:
            raise InputError("repeated label", row=row, column="label", accepted="each label once")
        seen.add(plain(label.label))
        _check(vocabulary.kind, label, row)


def _check(kind: LabelKind, label: Label, row: int) -> None:
    if label.people < 0 or label.homes < 0:
        raise InputError("not a count", row=row, column="people, homes", accepted="0 or more")
    if not 0 <= label.capacity <= (MOST_CAPACITY if kind is LabelKind.AREA else 0):
        raise InputError("not a capacity", row=row, column="capacity", accepted=OF_AREAS)
    if label.function and label.function not in FUNCTIONS:
        raise InputError("unknown public function", row=row, column="function", accepted=", ".join(FUNCTIONS))
    if kind is LabelKind.AREA and label.people < FEWEST_RESIDENTS and not label.function:
        accepted = sentence("at least %(n)d residents, or a public function", n=FEWEST_RESIDENTS)
        raise InputError("area of too few residents", row=row, column="people", accepted=accepted)
    if kind is LabelKind.AREA and not label.ground:
        raise InputError("area without an outline", row=row, column="outline", accepted=OUTLINES)
    if kind is LabelKind.GROUP and label.people < FEWEST_PEOPLE:
        accepted = sentence("at least %(n)d people in the group", n=FEWEST_PEOPLE)
        raise InputError("group of too few people", row=row, column="people", accepted=accepted)


def outline_digest(wkt: str) -> str:
    """What stands in the register for a boundary: SHA-256 of its text in WKT. O(points)."""
    return hashlib.sha256(wkt.encode()).hexdigest()


def middle(ground: str) -> tuple[float | None, float | None]:
    """The middle of what an area's ground (WKT, degrees) spans, to some 10 m; None where it has none. O(points).

    >>> middle("POLYGON ((-79.4 43.6, -79.38 43.6, -79.38 43.62, -79.4 43.6))")
    (-79.39, 43.61)
    """
    numbers = [float(one) for one in NUMBER.findall(ground)]
    if not numbers:
        return None, None
    lon, lat = numbers[::2], numbers[1::2]
    return round((min(lon) + max(lon)) / 2, 4), round((min(lat) + max(lat)) / 2, 4)


def body_of(vocabulary: Vocabulary) -> dict[str, Any]:
    """The vocabulary as plain JSON values, for a signed record."""
    labels = [
        [
            *(one.label, one.people, one.function, one.homes, one.outline),
            *filter(None, (one.ground, one.given, one.capacity)),
        ]
        for one in vocabulary.labels
    ]
    return {"kind": str(vocabulary.kind), "source": vocabulary.source, "labels": labels}


def vocabulary_of(body: Mapping[str, Any]) -> Vocabulary:
    """The vocabulary from a record's body."""
    labels: Sequence[Sequence[Any]] = body["labels"]
    return Vocabulary(
        kind=LabelKind(body["kind"]),
        source=str(body["source"]),
        labels=tuple(_label(*one) for one in labels),
    )


def _label(a: str, n: int, f: str, h: int, o: str, *more: Any) -> Label:
    """A label as it is written: its last number, if any, is a capacity."""
    texts = [one for one in more if isinstance(one, str)]
    capacity = next((one for one in more if isinstance(one, int)), 0)
    named = dict(zip(("ground", "given"), texts, strict=False))
    return Label(label=a, people=n, function=f, homes=h, outline=o, capacity=capacity, **named)
