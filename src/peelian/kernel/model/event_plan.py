"""Event plan: zones, gates, capacities, roles, thresholds, contacts, runbooks and messages of one event, as a noun.

A plan is a JSON file that a town writes (`read_plan`). Zone names are those of the watches. Contacts are functions with
a number, never private persons. What a plan says against itself is found by `plan_checks`.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from peelian.errors import InputError, sentence
from peelian.kernel.model.watch import Level

T = TypeVar("T")
Point = tuple[float, float]  # longitude, latitude: WGS 84

OUTSIDE = "outside"
NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")
NUMBER = re.compile(r"\+?[0-9][0-9 ().#*/-]{1,29}")
VIEWINGS: Mapping[str, float] = {"standing": 4.7, "moving": 4.0, "seated": 4.7}
"""How people use a zone, and the most persons per m² there: 47 on 10 m² (Guide to Safety at Sports Grounds, 5th edition
2008, chapter 2). At 4 per m² the density watch is urgent where a crowd moves. A seated zone is counted by its seats."""
DIRECTIONS = ("in", "out", "both")
LARGEST_FILE = 256 << 10
MOST_ZONES, MOST_GATES, MOST_POINTS, MOST_STEPS, MOST_LINES = 40, 100, 60, 20, 40
LONGEST_TEXT, LONGEST_MESSAGE = 200, 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanZone:
    """A zone of the watches: its outline (not closed), walkable area, how many it may hold, and how it is used.

    `per_m2` is the density aimed at. `physical` and `management` are the P and S factors of the Green Guide, 0 to 1.
    """

    name: str
    outline: tuple[Point, ...]
    area_m2: float
    capacity: int
    viewing: str = "standing"
    per_m2: float = 2.0
    physical: float = 1.0
    management: float = 1.0
    seats: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanGate:
    """A gate between a zone and another one, or outside. `direction` is seen from `zone`: people come in, go out, or
    both. `entry_per_hour` is what was measured or assessed; turnstiles let nobody out."""

    name: str
    zone: str
    width_m: float
    to: str = OUTSIDE
    position: Point | None = None
    direction: str = "both"
    steps: bool = False
    turnstiles: int = 0
    entry_per_hour: int = 0

    def leads_out_of(self, zone: str) -> bool:
        """Whether people may leave this zone through it."""
        if self.turnstiles:
            return False
        return (self.zone == zone and self.direction != "in") or (self.to == zone and self.direction != "out")

    @property
    def lets_in(self) -> bool:
        """Whether people come in from outside through it."""
        return self.to == OUTSIDE and self.direction != "out"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanContact:
    """Whom to call: a function of the event and its number."""

    function: str
    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanExercise:
    """A drill of a plan, recorded afterwards: when, which functions took part, what was found."""

    title: str
    held: datetime
    roles: tuple[str, ...]
    findings: tuple[str, ...]
    by: str = ""  # token of who recorded it
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventPlan:
    """The plan of one event. `thresholds`: zone → level → from how many persons on. `runbooks` and `messages`: alarm
    type → steps, texts. `exercises` are filled in from the log."""

    name: str
    title: str
    starts: datetime
    ends: datetime
    attendance: int
    zones: tuple[PlanZone, ...]
    gates: tuple[PlanGate, ...]
    emergency_minutes: float = 8.0
    roles: Mapping[str, str] = field(default_factory=dict)  # function → duty
    thresholds: Mapping[str, Mapping[Level, int]] = field(default_factory=dict)
    contacts: tuple[PlanContact, ...] = ()
    runbooks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    messages: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    exercises: tuple[PlanExercise, ...] = ()

    def zone(self, name: str) -> PlanZone | None:
        """The zone with this name. O(zones)."""
        return next((zone for zone in self.zones if zone.name == name), None)

    def covers(self, place: str) -> bool:
        """Whether a zone or a gate of the plan has this name. O(zones + gates)."""
        return place in {zone.name for zone in self.zones} | {gate.name for gate in self.gates}


def read_plan(content: bytes, name: str = "") -> dict[str, Any]:
    """The body of a plan file: one JSON object in UTF-8 of at most 256 KiB. InputError says what is wrong and where."""
    if len(content) > LARGEST_FILE:
        raise InputError("plan too large", file=name, accepted=sentence("at most %(n)d bytes", n=LARGEST_FILE))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = content.count(b"\n", 0, error.start) + 1
        raise InputError("JSON is not UTF-8", file=name, row=row, accepted="a JSON file in UTF-8") from None
    try:
        body = json.loads(text, object_pairs_hook=_once, parse_constant=_no_number)
    except InputError as error:
        raise error.of_file(name) from None
    except RecursionError:
        raise InputError("JSON nested too deeply", file=name, accepted="a plan") from None
    except ValueError as error:  # damaged JSON, or a number of thousands of digits
        row = getattr(error, "lineno", 1)
        raise InputError("JSON damaged or cut off", file=name, row=row, accepted="a complete file") from None
    if not isinstance(body, dict):
        raise InputError("not a plan", file=name, accepted="one JSON object")
    return body


def plan_of(body: Mapping[str, Any]) -> EventPlan:
    """The plan that a body says. InputError names the first field that is missing, unknown or out of range."""
    read = _Fields(body, "", tuple(EventPlan.__dataclass_fields__)[:-1])
    return EventPlan(
        name=read.name("name"),
        title=read.text("title"),
        starts=read.time("starts"),
        ends=read.time("ends"),
        attendance=int(read.number("attendance", 1, 10_000_000, whole=True)),
        emergency_minutes=read.number("emergency_minutes", 2.5, 8, default=8.0),
        zones=read.items("zones", _zone, 1, MOST_ZONES),
        gates=read.items("gates", _gate, 1, MOST_GATES),
        roles={function: _plain(duty, f"roles.{function}") for function, duty in read.words("roles").items()},
        thresholds={zone: _levels(given, f"thresholds.{zone}") for zone, given in read.words("thresholds").items()},
        contacts=read.items("contacts", _contact, 0, MOST_LINES),
        runbooks=read.lists("runbooks", LONGEST_TEXT),
        messages=read.lists("messages", LONGEST_MESSAGE),
    )


def exercise_of(body: Mapping[str, Any]) -> PlanExercise:
    """The exercise that a body says; errors as for `plan_of`."""
    read = _Fields(body, "", ("title", "held", "roles", "findings"))
    return PlanExercise(
        title=read.text("title"),
        held=read.time("held"),
        roles=_texts(read.given("roles"), "roles", LONGEST_TEXT, least=1),
        findings=_texts(read.given("findings", ()), "findings", LONGEST_MESSAGE),
    )


@dataclass(frozen=True, slots=True)
class _Fields:
    """The fields of one object of the file, each read by name; `place` stands before its names in errors."""

    body: Mapping[str, Any]
    place: str
    known: tuple[str, ...]

    def __post_init__(self) -> None:
        if not isinstance(self.body, Mapping):
            raise InputError("not an object", column=self.place or "plan", accepted=", ".join(self.known))
        if unknown := next((name for name in self.body if name not in self.known), ""):
            column = self.at(unknown[:40] if unknown.isprintable() else "?")
            raise InputError("unknown field", column=column, accepted=", ".join(self.known))

    def at(self, name: str) -> str:
        return f"{self.place}.{name}" if self.place else name

    def given(self, name: str, default: object = None) -> Any:
        found = self.body.get(name, default)
        if found is None:
            raise InputError("field missing", column=self.at(name), accepted="a value")
        return found

    def name(self, name: str, default: str | None = None) -> str:
        found = self.given(name, default)
        if not isinstance(found, str) or not NAME.fullmatch(found):
            accepted = "1 to 40 small letters, digits and dashes"
            raise InputError("not a name", column=self.at(name), accepted=accepted)
        return found

    def text(self, name: str) -> str:
        return _plain(self.given(name), self.at(name))

    def time(self, name: str) -> datetime:
        accepted = "a time with its zone, as 2026-07-01T22:00:00-04:00"
        try:
            found = datetime.fromisoformat(self.given(name))
            if found.utcoffset() is None or not 2000 <= found.year <= 2200:
                raise ValueError
        except (TypeError, ValueError):
            raise InputError("not a time", column=self.at(name), accepted=accepted) from None
        return found

    def number(self, name: str, low: float, high: float, *, default: float | None = None, whole: bool = False) -> float:
        found = self.given(name, default)
        if not (_is_number(found) and low <= found <= high and (not whole or isinstance(found, int))):
            kind = "%(low).12g to %(high).12g, a whole number" if whole else "%(low).12g to %(high).12g"
            raise InputError("out of range", column=self.at(name), accepted=sentence(kind, low=low, high=high))
        return float(found)

    def choice(self, name: str, choices: tuple[str, ...], default: str) -> str:
        found = self.given(name, default)
        if not isinstance(found, str) or found not in choices:
            raise InputError("not one of the choices", column=self.at(name), accepted=", ".join(choices))
        return found

    def items(self, name: str, read: Callable[[Any, str], T], least: int, most: int) -> tuple[T, ...]:
        found = self.given(name, () if least == 0 else None)
        if not isinstance(found, list | tuple) or not least <= len(found) <= most:
            accepted = sentence("a list of %(low)d to %(high)d", low=least, high=most)
            raise InputError("not a list of the right length", column=self.at(name), accepted=accepted)
        return tuple(read(one, f"{self.at(name)}[{n}]") for n, one in enumerate(found))

    def words(self, name: str) -> Mapping[str, Any]:
        found = self.given(name, {})
        if not isinstance(found, Mapping) or len(found) > MOST_LINES:
            raise InputError("not an object", column=self.at(name), accepted=sentence("at most %(n)d", n=MOST_LINES))
        for word in found:
            _plain(word, self.at(name))
        return found

    def lists(self, name: str, longest: int) -> dict[str, tuple[str, ...]]:
        return {word: _texts(given, f"{self.at(name)}.{word}", longest) for word, given in self.words(name).items()}


def _zone(given: Any, place: str) -> PlanZone:
    read = _Fields(given, place, tuple(PlanZone.__dataclass_fields__))
    viewing = read.choice("viewing", tuple(VIEWINGS), "standing")
    return PlanZone(
        name=read.name("name"),
        outline=read.items("outline", _point, 3, MOST_POINTS),
        area_m2=read.number("area_m2", 1, 1_000_000),
        capacity=int(read.number("capacity", 1, 1_000_000, whole=True)),
        viewing=viewing,
        per_m2=read.number("per_m2", 0.1, VIEWINGS[viewing], default=2.0),
        physical=read.number("physical", 0, 1, default=1.0),
        management=read.number("management", 0, 1, default=1.0),
        seats=int(read.number("seats", int(viewing == "seated"), 1_000_000, default=0, whole=True)),
    )


def _gate(given: Any, place: str) -> PlanGate:
    read = _Fields(given, place, tuple(PlanGate.__dataclass_fields__))
    steps = read.given("steps", False)
    if not isinstance(steps, bool):
        raise InputError("not yes or no", column=read.at("steps"), accepted="true, false")
    return PlanGate(
        name=read.name("name"),
        zone=read.name("zone"),
        to=read.name("to", OUTSIDE),
        width_m=read.number("width_m", 0.5, 200),
        position=_point(given["position"], read.at("position")) if "position" in given else None,
        direction=read.choice("direction", DIRECTIONS, "both"),
        steps=steps,
        turnstiles=int(read.number("turnstiles", 0, 1_000, default=0, whole=True)),
        entry_per_hour=int(read.number("entry_per_hour", 0, 1_000_000, default=0, whole=True)),
    )


def _contact(given: Any, place: str) -> PlanContact:
    read = _Fields(given, place, ("function", "number"))
    number = read.given("number")
    if not isinstance(number, str) or not NUMBER.fullmatch(number):
        accepted = "2 to 30 digits, blanks and + ( ) . / - # *"
        raise InputError("not a telephone number", column=read.at("number"), accepted=accepted)
    return PlanContact(function=read.text("function"), number=number)


def _point(given: Any, place: str) -> Point:
    accepted = "[longitude, latitude], WGS 84"
    if not isinstance(given, list | tuple) or len(given) != 2 or not all(map(_is_number, given)):
        raise InputError("not a point", column=place, accepted=accepted)
    lon, lat = float(given[0]), float(given[1])
    if not (-180 <= lon <= 180 and -85 <= lat <= 85):
        raise InputError("not a point", column=place, accepted=accepted)
    return lon, lat


def _levels(given: Any, place: str) -> dict[Level, int]:
    read = _Fields(given, place, tuple(level.value for level in Level))
    return {level: int(read.number(level, 1, 1_000_000, whole=True)) for level in Level if level.value in read.body}


def _texts(given: Any, place: str, longest: int, *, least: int = 0) -> tuple[str, ...]:
    if not isinstance(given, list | tuple) or not least <= len(given) <= MOST_STEPS:
        accepted = sentence("a list of %(low)d to %(high)d", low=least, high=MOST_STEPS)
        raise InputError("not a list of the right length", column=place, accepted=accepted)
    found = tuple(_plain(text, f"{place}[{n}]", longest) for n, text in enumerate(given))
    if len(set(found)) < len(found):
        raise InputError("listed twice", column=place, accepted="each once")
    return found


def _plain(given: Any, place: str, longest: int = LONGEST_TEXT) -> str:
    """A text without control characters: it is shown, printed and copied."""
    if not isinstance(given, str) or not 1 <= len(given.strip()) <= longest or not given.isprintable():
        accepted = sentence("1 to %(n)d printable characters", n=longest)
        raise InputError("not a text", column=place, accepted=accepted)
    return given.strip()


def _is_number(given: Any) -> bool:
    return isinstance(given, int | float) and not isinstance(given, bool) and abs(given) < 1e12 and math.isfinite(given)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise InputError("field given twice", column=twice[:40], accepted="each field once")
    return found


def _no_number(_: str) -> float:
    raise InputError("not a number", accepted="a number")
