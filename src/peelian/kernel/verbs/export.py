"""Export: what leaves the office as a file is logged first, by a person after a step-up.

A case's findings leave only once they were decided: the asker and the decider, of another unit, are the two people an
export takes. What leaves in bulk takes a proposal and an approval (`proposals`, "export").
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from peelian.errors import OutOfOrder, Reason, Refused
from peelian.kernel.access.access_classes import found_as, held_too_close, why_not_see
from peelian.kernel.model.capability import Role
from peelian.kernel.model.people import Operator, Person
from peelian.kernel.policy.authorize import must_be_allowed, why_stopped
from peelian.kernel.policy.signed_entries import shown
from peelian.kernel.state.acts import act
from peelian.kernel.state.kernel import Kernel, log_word

EXPORTERS = frozenset(Role) - {Role.DISPATCHER}


@act
def exported(kernel: Kernel, by: Operator, case: str, what: str, *, undecided: bool = False) -> None:
    """Log that a case's findings are exported (`what`: map, report, table…); the caller then writes the file.

    Refused without a fresh step-up, where the case read what is held too close for this person, and, but for reports,
    while the technology is suspended; OutOfOrder where nobody has decided the case, unless `undecided`: a report for
    those who are to decide.
    """
    history = kernel.state.histories.get(case)
    if history is None:
        raise OutOfOrder("no case with this name")
    if not undecided and not any(entry["kind"] == "DECIDED" for _, entry in history.entries):
        raise OutOfOrder("No decision yet. Have the case decided, then export.")
    stopped = () if undecided else tuple(why_stopped(kernel, kernel.capability(history.capability).technology))
    _leaves(kernel, by, what, lambda person: (*stopped, *why_not_see(kernel, person, case)), case=case)


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
