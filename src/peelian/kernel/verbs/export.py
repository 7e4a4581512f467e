"""Export: what leaves the office as a file is logged first, by a person after a step-up.

A case's findings leave only once they were decided: the asker and the decider, of another unit, are the two people an
export takes. What leaves in bulk takes a proposal and an approval (`proposals`, "export").
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from peelian.errors import OutOfOrder, Reason, Refused
from peelian.kernel.access.access_classes import found_as, held_too_close
from peelian.kernel.gate import Way, why_not_leave
from peelian.kernel.model.capability import Role
from peelian.kernel.model.people import Operator, Person
from peelian.kernel.policy.authorize import must_be_allowed
from peelian.kernel.policy.signed_entries import shown
from peelian.kernel.state.acts import act
from peelian.kernel.state.kernel import Kernel, log_word

EXPORTERS = frozenset(Role) - {Role.DISPATCHER}


@act
def exported(kernel: Kernel, by: Operator, case: str, what: str, *, way: str = Way.DATA) -> None:
    """Log that a case's findings leave (`what`: map, report, table…); the caller then writes the file.

    Refused without a fresh step-up, or where they may not leave this way for this person (`gate.why_not_leave`).
    OutOfOrder where there is no such case.
    """
    if case not in kernel.state.histories:
        raise OutOfOrder("no case with this name")
    _leaves(kernel, by, what, lambda person: why_not_leave(kernel, person, case, Way(way)), case=case)


@act
def exported_history(kernel: Kernel, by: Operator, dataset: str) -> None:
    """Log that the history of an object in custody is taken out; Refused without a fresh step-up, or where the object
    is held too close for this person."""
    item = tuple(found_as(kernel, dataset))
    _leaves(kernel, by, "history", lambda person: held_too_close(kernel, person, item), dataset=dataset)


def _leaves(
    kernel: Kernel, by: Operator, what: str, why_not: Callable[[Person], Iterable[Reason]], **about: str
) -> None:
    person = must_be_allowed(kernel, by, "export", roles=EXPORTERS, rule="the_exporter_may_export")
    if reasons := tuple(why_not(person)):
        raise Refused(reasons)
    shown(kernel, by, "EXPORTED", what=log_word(what), **about)
