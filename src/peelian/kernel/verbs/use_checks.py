"""Use checks: policy, data and authorizations of a use, when it is requested and again when it runs."""

from __future__ import annotations

from collections.abc import Iterator

from peelian.errors import Reason, sentence
from peelian.kernel.access.dataset_access import why_not_use
from peelian.kernel.model.capability import AuthorizationKind, Need
from peelian.kernel.model.documents import Authorization
from peelian.kernel.model.partitions import lists_partitions
from peelian.kernel.model.policy_port import Use
from peelian.kernel.policy.authorize import refusal
from peelian.kernel.state.kernel import Kernel


def refusals_of(kernel: Kernel, use: Use) -> tuple[Reason, ...]:
    """Every reason against the use: the policy's, and those of the data it would read. None: it is permitted."""
    by_policy = (*kernel.policy.judge(use), *why_not_use(kernel, use.person, use.datasets.values()))
    return (*by_policy, *_not_whole(use))


def _not_whole(use: Use) -> Iterator[Reason]:
    """Datasets in partitions, where the capability reads whole tables."""
    able = {read.role for read in use.capability.reads if read.partitions}
    for role, admission in use.datasets.items():
        if admission is not None and role not in able and lists_partitions(admission.object):
            says = sentence("%(dataset)s is sealed in partitions", dataset=admission.dataset)
            remedy = "This capability reads whole tables. Import fewer rows without partitions."
            yield refusal("the_data_may_be_used", says, remedy)


def authorizations_for(kernel: Kernel, use: Use) -> dict[AuthorizationKind, Authorization]:
    """The authorizations that a permitted use rests on: those its capability needs, newest first among the valid ones,
    and the decision that admits offences discovered by police, where there is one."""
    found = {need.kind: next(kernel.policy.authorizations(need, use)) for need in use.needs}
    discovered = Need(kind=AuthorizationKind.DISCOVERED_OFFENCES)
    admitting = next(kernel.policy.authorizations(discovered, use), None)
    return found | ({AuthorizationKind.DISCOVERED_OFFENCES: admitting} if admitting else {})
