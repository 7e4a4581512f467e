"""Occasions: the recordings without a list of people that were made at a time, an event and a place.

Whoever asks who viewed their records cannot be told of a recording without a list. They may name a time of at most a
day, and the event and the place, which are compared with what was written down when each recording came in. Nothing
about a person is compared: no badge, no device, no face, no plate and no name. Nothing is opened.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from peelian.errors import InputError, sentence
from peelian.kernel.model.documents import Admission
from peelian.kernel.model.pseudonyms import OPTION, one_spelling
from peelian.kernel.state.kernel import Kernel
from peelian.oversight.review.people import lacks_list, made_as

MOST_HOURS = 24
MOST_LETTERS = 120
COMPARED = ("event", "place")
TIMES = "a date and time with time zone, for example 2026-03-02T14:05:00-05:00"


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """When a recording may show somebody, and at which event or place; of the person it says nothing."""

    starts: str  # ISO date-time with its zone
    ends: str
    event: str = ""  # the number of the call; "": any
    place: str = ""  # as the office writes it; "": any


def occasion_of(starts: str, ends: str, *, event: str, place: str) -> Occasion | None:
    """What was typed of an occasion; None where nothing was. An event or a place without a time is met as such a time
    is (`recorded_at`)."""
    if not any(text.strip() for text in (starts, ends, event, place)):
        return None
    return Occasion(starts=starts, ends=ends, event=event, place=place)


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """The recordings of an occasion that have no list of people, and how many more there are of that time."""

    starts: str  # ISO date-time, UTC
    ends: str
    recordings: frozenset[str]
    unstated: int = 0  # of that time, without the event or place that was named: they could not be compared
    others: int = 0  # of that time, with another event or place


def recorded_at(kernel: Kernel, occasion: Occasion, concerned: Mapping[str, frozenset[str]]) -> Matched:
    """The recordings made at any moment of an occasion; of those with a list of people (`Lists.concerned`), none.
    O(datasets).

    InputError: a time without its zone, in the future, backwards or longer than a day; an event or a place too long.
    """
    starts, ends = _window(kernel, occasion)
    wanted = {key: _tokens(kernel, getattr(occasion, key), key) for key in COMPARED if getattr(occasion, key).strip()}
    found, unstated, others = set(), 0, 0
    for made in _originals(kernel):
        if not _overlaps(made, starts, ends) or not lacks_list(kernel, made.dataset, concerned):
            continue
        stated = {key: str(made.facts.get(key, "")) for key in wanted}
        if any(text and text not in wanted[key] for key, text in stated.items()):
            others += 1
        elif not all(stated.values()):
            unstated += 1
        else:
            found.add(made.dataset)
    return Matched(
        starts=starts.isoformat(),
        ends=ends.isoformat(),
        recordings=frozenset(found),
        unstated=unstated,
        others=others,
    )


def made_from(kernel: Kernel, dataset: str, recordings: frozenset[str]) -> bool:
    """Whether a dataset is one of these recordings, or a copy made from one. O(derivations)."""
    seen: set[str] = set()
    while dataset and dataset not in seen:
        if dataset in recordings:
            return True
        seen.add(dataset)
        made = made_as(kernel, dataset)
        dataset = made.parent if made else ""
    return False


def _originals(kernel: Kernel) -> Iterator[Admission]:
    """What came in with the time at which it was recorded, also where it is queued or destroyed."""
    state = kernel.state
    for made in (*state.datasets.values(), *state.queued.values(), *state.destroyed.values()):
        if made.facts.get("recorded_at") and not made.parent:
            yield made


def _overlaps(made: Admission, starts: datetime, ends: datetime) -> bool:
    """Whether a recording ran at some moment of a window."""
    began = datetime.fromisoformat(str(made.facts["recorded_at"]))
    return began <= ends and began + timedelta(milliseconds=int(made.facts.get("milliseconds", 0))) >= starts


def _window(kernel: Kernel, occasion: Occasion) -> tuple[datetime, datetime]:
    starts, ends = _moment(occasion.starts, "starts"), _moment(occasion.ends, "ends")
    if not starts < ends:
        raise InputError("time window ends before it starts", column="ends", accepted="a later time")
    if ends - starts > timedelta(hours=MOST_HOURS):
        accepted = sentence("at most %(n)d hours", n=MOST_HOURS)
        raise InputError("time window too long", column="ends", accepted=accepted)
    if starts > kernel.now():
        raise InputError("time window in the future", column="starts", accepted="a time that has passed")
    return starts, ends


def _moment(text: str, column: str) -> datetime:
    try:
        at = datetime.fromisoformat(text.strip())
        if at.tzinfo is not None:
            return at.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise InputError("not a date and time with time zone", column=column, accepted=TIMES)


def _tokens(kernel: Kernel, text: str, column: str) -> frozenset[str]:
    """What intake keeps of this event or place, as it is spelled now and as earlier versions spelled it."""
    if len(text) > MOST_LETTERS or any(unicodedata.category(letter).startswith("C") for letter in text):
        accepted = sentence("one line of at most %(n)d letters", n=MOST_LETTERS)
        raise InputError("not the name of an event or a place", column=column, accepted=accepted)
    return frozenset(kernel.office.token(one, of=OPTION) for one in (text.strip(), one_spelling(text)))
