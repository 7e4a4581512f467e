"""Dataset access: may this person use these datasets now, by retention period and access class?

The policy judges purposes, roles, authorizations; this judges what the town's categories say of the data itself, and
that time does not go back. The time is
judged when somebody asks, not when the office's daily job has run: between the two nobody may use what is due.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from peelian.errors import Reason, sentence
from peelian.kernel.access.access_classes import too_close
from peelian.kernel.model.documents import Admission
from peelian.kernel.model.people import Person
from peelian.kernel.model.retention_schedule import Item, due_at
from peelian.kernel.model.warrants import is_provisional, root_of
from peelian.kernel.policy.authorize import clock_is_behind as clock_is_behind
from peelian.kernel.policy.authorize import refusal
from peelian.kernel.retention.retention import item_of, needed
from peelian.kernel.state.kernel import Kernel

RULE = "nothing_is_used_after_its_time"
UNDER = "warrant "  # how the legal basis of what was collected under one begins
CONFIRM_FIRST = "Wait until the court's order is recorded and a second person confirmed it: `peelian warrant confirm`"


def why_not_use(kernel: Kernel, person: Person | None, datasets: Iterable[Admission | None]) -> Iterator[Reason]:
    """Every reason why this person may not use these datasets now; None stands for one that is not there."""
    yield from clock_is_behind(kernel)
    there = [one for admission in datasets if admission is not None for one in _with_members(kernel, admission)]
    items = [(admission, item_of(kernel, admission, frozenset())) for admission in there]
    yield from too_close(kernel, person, items)
    yield from past_their_time(kernel, items)
    yield from incomplete(kernel, there)
    yield from collected_provisionally(kernel, there)


def _with_members(kernel: Kernel, admission: Admission) -> Iterator[Admission]:
    """A dataset and those it was combined of that are there: what is said of one of these counts, too."""
    yield admission
    for name in sorted(kernel.state.objects.members.get(admission.dataset, ())):
        if name in kernel.state.datasets:
            yield kernel.state.datasets[name]


def incomplete(kernel: Kernel, there: Iterable[Admission]) -> Iterator[Reason]:
    """Datasets that were combined of others, of which one is no longer there. O(datasets)."""
    members = kernel.state.objects.members
    for admission in there:
        for name in sorted(members.get(admission.dataset, ())):
            if name not in kernel.state.datasets:
                says = sentence("%(member)s, a part of %(dataset)s, is gone", member=name, dataset=admission.dataset)
                yield refusal(
                    "the_data_may_be_used", says, "Combine the remaining datasets anew: `peelian data combine`"
                )


def collected_provisionally(kernel: Kernel, there: Iterable[Admission]) -> Iterator[Reason]:
    """Datasets collected under a warrant that no court and no second person has confirmed yet: they stay sealed.
    O(authorizations) where one names a warrant."""
    bases = {one.dataset: str(one.declaration.get("legal_basis", "")) for one in there}
    if not any(basis.startswith(UNDER) for basis in bases.values()):
        return
    waiting = {UNDER + root_of(one)[:16] for one in kernel.state.authorizations.values() if is_provisional(one)}
    for dataset, basis in bases.items():
        if basis in waiting:
            says = sentence("%(dataset)s was collected under a provisional warrant", dataset=dataset)
            yield refusal("a_provisional_warrant_only_collects", says, CONFIRM_FIRST)


def past_their_time(kernel: Kernel, items: Iterable[tuple[Admission, Item]]) -> Iterator[Reason]:
    """Datasets whose time is over and that neither a hold nor a case keeps. O(datasets); O(cases) where one is due."""
    now = kernel.now()
    due = [(admission, at) for admission, item in items if (at := due_at(item))]
    due = [(admission, at) for admission, at in due if at <= now]
    wanted = needed(kernel) if due else frozenset()
    for admission, at in due:
        if due_at(item_of(kernel, admission, wanted)) is not None:
            day = at.date().isoformat()
            says = sentence("retention period of %(dataset)s ended on %(day)s", dataset=admission.dataset, day=day)
            remedy = "Still needed? Place a hold: `peelian retention hold`"
            yield refusal(RULE, says, remedy)
