"""What leaves an office as a file: logged before it is written, by a person who proved that they are at the desk.

A case's findings leave only once they were decided: the asker and the decider, of another unit, are the two people an
export takes. What leaves in bulk takes a proposal and an approval (`proposals`, "export").
"""

from __future__ import annotations

from peelian.errors import OutOfOrder
from peelian.governance.acts import must_be_allowed
from peelian.governance.capability import Role
from peelian.governance.house import House, log_word
from peelian.governance.people import Operator

EXPORTERS = frozenset(Role) - {Role.DISPATCHER}


def exported(house: House, by: Operator, case: str, what: str, *, undecided: bool = False) -> None:
    """Log that a case's findings are exported (`what`: map, report, table…); the caller then writes the file.

    Refused without a fresh step-up; OutOfOrder where nobody has decided the case, unless `undecided`: a report for
    those who are to decide.
    """
    track = house.book.tracks.get(case)
    if track is None:
        raise OutOfOrder("there is no case of that name")
    if not undecided and not any(entry["kind"] == "DECIDED" for _, entry in track.entries):
        raise OutOfOrder("nobody has decided this case yet: have it decided, then export")
    _leaves(house, by, what, case=case)


def exported_history(house: House, by: Operator, dataset: str) -> None:
    """Log that the history of an object in custody is taken out; Refused without a fresh step-up."""
    _leaves(house, by, "history", dataset=dataset)


def _leaves(house: House, by: Operator, what: str, **about: str) -> None:
    person = must_be_allowed(house, by, "export", roles=EXPORTERS, rule="the_exporter_may_export")
    session = {"session": by.session} if by.session else {}
    house.append("EXPORTED", what=log_word(what), by=person.token, **about, **session)
