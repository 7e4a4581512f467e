"""What leaves an office as a file: logged before it is written, by a person who proved that they are at the desk.

A case's findings leave only once they were decided: the asker and the decider, of another unit, are the two people an
export takes. What leaves in bulk takes a proposal and an approval (`proposals`, "export").
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from peelian.errors import OutOfOrder, Reason, Refused
from peelian.governance.access_classes import found_as, held_too_close, why_not_see
from peelian.governance.acts import must_be_allowed, why_stopped
from peelian.governance.capability import Role
from peelian.governance.house import House, log_word
from peelian.governance.people import Operator, Person
from peelian.governance.signed_entries import shown

EXPORTERS = frozenset(Role) - {Role.DISPATCHER}


def exported(house: House, by: Operator, case: str, what: str, *, undecided: bool = False) -> None:
    """Log that a case's findings are exported (`what`: map, report, table…); the caller then writes the file.

    Refused without a fresh step-up, where the case read what is held too close for this person, and, but for reports,
    while the technology is suspended; OutOfOrder where nobody has decided the case, unless `undecided`: a report for
    those who are to decide.
    """
    track = house.book.tracks.get(case)
    if track is None:
        raise OutOfOrder("no case with this name")
    if not undecided and not any(entry["kind"] == "DECIDED" for _, entry in track.entries):
        raise OutOfOrder("No decision yet. Have the case decided, then export.")
    stopped = () if undecided else tuple(why_stopped(house, house.capability(track.capability).technology))
    _leaves(house, by, what, lambda person: (*stopped, *why_not_see(house, person, case)), case=case)


def exported_history(house: House, by: Operator, dataset: str) -> None:
    """Log that the history of an object in custody is taken out; Refused without a fresh step-up, or where the object
    is held too close for this person."""
    item = tuple(found_as(house, dataset))
    _leaves(house, by, "history", lambda person: held_too_close(house, person, item), dataset=dataset)


def _leaves(house: House, by: Operator, what: str, why_not: Callable[[Person], Iterable[Reason]], **about: str) -> None:
    person = must_be_allowed(house, by, "export", roles=EXPORTERS, rule="the_exporter_may_export")
    if reasons := tuple(why_not(person)):
        raise Refused(reasons)
    shown(house, by, "EXPORTED", what=log_word(what), **about)
