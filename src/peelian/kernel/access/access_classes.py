"""Access classes: who may use data of a restricted or confidential category, besides what the policy says.

What a *restricted* category holds is used only in a role of records or oversight. What a *confidential* one holds is
used only by people whom the privacy officer allowed for this very item; the log says who and when. A derivative is as
close as what it was made from, and what a case found as close as what it read: who may not use that decides nothing
about it, publishes nothing of it and takes no report of it home.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from peelian.errors import OutOfOrder, Reason, enumerated, sentence
from peelian.kernel.model.capability import Role
from peelian.kernel.model.documents import Admission, Evidence, Request
from peelian.kernel.model.people import Operator, Person
from peelian.kernel.model.retention_schedule import Item
from peelian.kernel.policy.authorize import must_hold_role, refusal
from peelian.kernel.policy.signed_entries import acted
from peelian.kernel.retention.retention import item_of, line_of
from peelian.kernel.state.acts import act
from peelian.kernel.state.kernel import Kernel
from peelian.kernel.state.signed_documents import archived

RESTRICTED = frozenset({Role.CLERK, Role.PRIVACY_OFFICER, Role.BOARD, Role.AUDITOR})
RULE = "what_is_held_close_is_seen_by_few"


@act
def allow(kernel: Kernel, by: Operator, dataset: str, person: str, *, may: bool = True) -> None:
    """The privacy officer allows a person (token) to use a confidential item, or no longer."""
    must_hold_role(kernel, by, frozenset({Role.PRIVACY_OFFICER}), "the_one_who_allows_may_allow")
    with kernel.lock:
        if dataset not in kernel.state.datasets:
            raise OutOfOrder("The dataset is unknown, queued for destruction or destroyed.")
        if person not in kernel.state.people:
            raise OutOfOrder("no person with this short name is enrolled")
        acted(kernel, by, "ALLOWED" if may else "DISALLOWED", dataset=dataset, person=person)


def access_of(kernel: Kernel, admission: Admission) -> str:
    """How close a dataset is held: "", restricted or confidential, the strictest of its categories."""
    return _strictest(item_of(kernel, admission, frozenset()))


def _strictest(item: Item) -> str:
    found = {category.access for category in item.categories}
    return next((word for word in ("confidential", "restricted") if word in found), "")


def held_too_close(kernel: Kernel, person: Person | None, datasets: Iterable[Admission | None]) -> Iterator[Reason]:
    """Every reason why this person may not use these datasets. O(datasets)."""
    there = (admission for admission in datasets if admission is not None)
    return too_close(kernel, person, ((admission, item_of(kernel, admission, frozenset())) for admission in there))


def too_close(kernel: Kernel, person: Person | None, items: Iterable[tuple[Admission, Item]]) -> Iterator[Reason]:
    """The same of datasets with what the rules of retention see of them."""
    for admission, item in items:
        access = _strictest(item)
        if access == "restricted" and not (person and person.roles & RESTRICTED):
            roles = enumerated(sorted(RESTRICTED))
            yield refusal(
                RULE,
                sentence("%(dataset)s is restricted", dataset=admission.dataset),
                sentence("Roles that can request this: %(roles)s", roles=roles),
            )
        if access == "confidential" and not (person and person.token in _allowed(kernel, admission)):
            remedy = "Ask the privacy officer to allow it: `peelian footage allow`"
            yield refusal(RULE, sentence("%(dataset)s is confidential", dataset=admission.dataset), remedy)


def asked_for(kernel: Kernel, evidence: Evidence) -> Request:
    """The request that this evidence goes back to, by what the log says of its permit; the archive's errors where it
    was destroyed, OutOfOrder where the log knows no such permit. O(entries of the case)."""
    history = kernel.state.histories.get(evidence.case)
    entries = [entry for _, entry in history.entries] if history else []
    given = next((one for one in entries if one["kind"] == "PERMITTED" and one["document"] == evidence.before), None)
    if given is None:
        raise OutOfOrder("no such permit of this case in the log")
    return archived(kernel, str(given["before"]), Request)


def of_a_case(kernel: Kernel, request: Request, evidence: Evidence) -> Iterator[Admission]:
    """What a case read and made, whatever has become of it: its findings are as close as that. O(datasets)."""
    for name in (*request.datasets.values(), *evidence.made.values()):
        yield from found_as(kernel, name)


def found_as(kernel: Kernel, dataset: str) -> Iterator[Admission]:
    """What is or was admitted under a name, in use, queued or destroyed; nothing where there is none."""
    partitions = (kernel.state.datasets, kernel.state.queued, kernel.state.destroyed)
    yield from (partition[dataset] for partition in partitions if dataset in partition)


def why_not_see(kernel: Kernel, person: Person | None, case: str) -> Iterator[Reason]:
    """Every reason why this person may not see what a case found; none where it has found nothing yet."""
    history = kernel.state.histories.get(case)
    for digest in history.digests("RAN")[-1:] if history else []:
        evidence = archived(kernel, digest, Evidence)
        yield from held_too_close(kernel, person, of_a_case(kernel, asked_for(kernel, evidence), evidence))


def _allowed(kernel: Kernel, admission: Admission) -> set[str]:
    readers = kernel.state.retention.readers
    return {token for one in line_of(kernel, admission) for token in readers.get(one.dataset, ())}
