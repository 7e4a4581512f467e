"""When a sealed object may be opened, as whoever holds the keys judges it by the log and the archive alone.

An opening belongs to a run that goes on under a permit, to a review of what such a run found, to a delivery that was
accepted, to an intake that looks at what it just sealed, or to an office duty of a named person. Nothing else opens.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from peelian.errors import OutOfOrder
from peelian.governance.capability import Role
from peelian.governance.documents import Decision, Evidence, Permit, Request
from peelian.governance.entries import read_time
from peelian.governance.house import House, Track, archived
from peelian.governance.ports import Entry

FRESH = timedelta(minutes=10)  # an opening is used at once, or not at all
ENDS = frozenset({"RAN", "FAILED", "WITHHELD", "REFUSED"})
DUTIES: Mapping[str, frozenset[Role]] = {
    "quarters": frozenset({Role.BOARD, Role.CLERK, Role.PRIVACY_OFFICER}),  # counts of sensors, to be released
    "": frozenset({Role.CUSTODIAN}),  # records held for others, sealed anew after a breach
}
"""What a person may open outside a case, by the shape of the dataset ("": records that are no dataset), and in which
role."""


@dataclass(slots=True)
class Held:
    """What the log says of sealed objects. Folded entry by entry, O(1) each."""

    datasets: dict[str, str] = field(default_factory=dict)  # object → the dataset it was sealed as
    gone: set[str] = field(default_factory=set)  # objects that the log says are destroyed
    rotating: bool = False  # keys are being rotated
    reached: int = 0  # how many entries were folded

    def fold(self, entry: Entry) -> None:
        """Bring the tally in step with one entry."""
        kind = str(entry["kind"])
        self.reached += 1
        if kind in ("ADMITTED", "DERIVED", "SEALED"):
            self.datasets[str(entry["object"])] = str(entry["dataset"])
        elif kind in ("DESTROYED", "KEY_DESTROYED"):
            self.gone.add(str(entry["object"]))
        if kind == "SEALED" and "before" in entry:  # sealed anew: the one before goes
            self.gone.add(str(entry["before"]))
        if kind in ("ROTATING", "ROTATED"):
            self.rotating = kind == "ROTATING"
        elif kind == "CARRIED_OUT" and entry["act"] == "rotate_keys":
            self.rotating = True


def the_start_is_permitted(house: House, entry: Mapping[str, Any]) -> None:
    """A run begins under a permit of its case that holds, that is not used up, and of no suspended technology."""
    track = _track(house, entry)
    permit = _permit(house, track, str(entry.get("before", "")))
    _must_hold_on(house, track, permit)
    if len(track.after("STARTED", str(entry["before"]))) >= permit.runs:
        raise OutOfOrder("this permit is used up: ask again")


def the_run_goes_on(house: House, case: str, before: str) -> None:
    """A run of this case, under this permit, has begun and not ended."""
    track = house.book.tracks.get(case)
    if track is None or not _runs(track, before):
        raise OutOfOrder("no run of this case goes on: ask again")


def the_opening_is_permitted(house: House, held: Held, entry: Mapping[str, Any]) -> None:
    """The opening is one of those named at the top of this module. O(entries of the case)."""
    object_, dataset = str(entry.get("object", "")), str(entry.get("dataset", ""))
    if object_ in held.gone:
        raise OutOfOrder("this object was destroyed: it is not opened")
    known = held.datasets.get(object_)
    if known is None and dataset in house.book.unfinished:
        return  # an intake or a run looks at what it just sealed; the log expects it
    if known != dataset:
        raise OutOfOrder("the log knows no such object of this dataset: it is not opened")
    if "case" in entry:
        _of_a_case(house, entry, dataset)
    else:
        _of_a_duty(house, entry, dataset)


def the_intent_holds(house: House, held: Held, entry: Entry | None, *, object: str, dataset: str) -> None:
    """The logged opening `entry` is of this object and dataset, is fresh, and what permitted it still does."""
    if entry is None or entry["kind"] != "OPENED":
        raise OutOfOrder("the log has no opening at this index: nothing is unwrapped that was not logged before")
    if entry.get("object") != object or entry.get("dataset") != dataset:
        raise OutOfOrder("the log entry at this index opens another object: nothing is unwrapped against it")
    if house.now() - read_time(str(entry["t"])) > FRESH:
        raise OutOfOrder("this opening is older than ten minutes: open it again")
    if object in held.gone:
        raise OutOfOrder("this object was destroyed: it is not opened")
    if "case" in entry:
        track = _track(house, entry)
        if str(entry["before"]) in track.marks("PERMITTED"):
            _must_hold_on(house, track, _permit(house, track, str(entry["before"])))
        _must_not_be_suspended(house, track)


def _of_a_case(house: House, entry: Mapping[str, Any], dataset: str) -> None:
    track, before = _track(house, entry), str(entry.get("before", ""))
    _must_not_be_suspended(house, track)
    if before in track.marks("PERMITTED"):
        permit = _permit(house, track, before)
        _must_hold_on(house, track, permit)
        the_run_goes_on(house, track.case, before)
        named = list(archived(house, permit.before, Request).datasets.values())
        if _opened_in_this_run(track, dataset) >= named.count(dataset):
            raise OutOfOrder("the request names no such dataset, or this run opened it already")
    elif before in track.marks("RAN"):
        evidence = archived(house, before, Evidence)
        request = archived(house, archived(house, evidence.before, Permit).before, Request)
        if dataset not in {*request.datasets.values(), *evidence.made.values()}:
            raise OutOfOrder("this case neither read nor made this dataset")
    elif before in track.marks("DECIDED"):
        made = house.book.datasets.get(dataset)
        if archived(house, before, Decision).choice != "accept" or made is None or made.case != track.case:
            raise OutOfOrder("only what a case made and somebody accepted leaves the house")
    else:
        raise OutOfOrder("an opening follows a permit, an evidence or a decision of its case")


def _of_a_duty(house: House, entry: Mapping[str, Any], dataset: str) -> None:
    person = house.book.people.get(str(entry.get("by", "")))
    admission = house.book.datasets.get(dataset)
    shape = admission.shape if admission else ""
    if person is None or not person.roles & DUTIES.get(shape, frozenset()):
        raise OutOfOrder("outside a case nobody opens this dataset: ask for a use of it")


def _opened_in_this_run(track: Track, dataset: str) -> int:
    n = 0
    for _, entry in reversed(track.entries):
        if entry["kind"] == "STARTED":
            break
        n += entry["kind"] == "OPENED" and entry.get("dataset") == dataset
    return n


def _track(house: House, entry: Mapping[str, Any]) -> Track:
    track = house.book.tracks.get(str(entry.get("case", "")))
    if track is None:
        raise OutOfOrder("the log knows no such case")
    return track


def _permit(house: House, track: Track, mark: str) -> Permit:
    if mark not in track.marks("PERMITTED"):
        raise OutOfOrder("the log knows no such permit of this case")
    return archived(house, mark, Permit)


def _must_hold_on(house: House, track: Track, permit: Permit) -> None:
    if datetime.fromisoformat(permit.until) <= house.now():
        raise OutOfOrder("this permit has expired: ask again")
    _must_not_be_suspended(house, track)


def _must_not_be_suspended(house: House, track: Track) -> None:
    if house.capability(track.capability).technology in house.book.suspended:
        raise OutOfOrder("this technology is suspended: a board member lifts the suspension")


def _runs(track: Track, before: str) -> bool:
    for _, entry in reversed(track.entries):
        if entry["kind"] in ENDS:
            return False
        if entry["kind"] == "STARTED":
            return entry.get("before") == before
    return False
