"""Warrant life cycle: a warrant is refused, withdrawn or lapses; then its data are destroyed.

Who asks after the fact has the court's answer recorded within 48 hours (AI Act, article 26(10), is the model: it gives
them to ask). A refusal stops every use at once, and so
does a court that withdraws a confirmed warrant; the findings, derivatives and datasets collected under it are destroyed
with their keys, each destruction logged. Where the court lets what was collected stay, the warrant is revoked instead
(`authorizations.revoke`). How one is recorded and confirmed: `warrant_recording`.
"""

from __future__ import annotations

from peelian.errors import OutOfOrder
from peelian.kernel.model.authorization_index import warrant_roots
from peelian.kernel.model.capability import AuthorizationKind
from peelian.kernel.model.documents import Admission, Refusal
from peelian.kernel.model.people import Operator
from peelian.kernel.model.policy_port import ISSUERS
from peelian.kernel.model.warrants import is_over, is_provisional, partition_of, root_of
from peelian.kernel.policy.authorize import must_hold_role, must_not_be_stopped
from peelian.kernel.policy.signed_entries import acted
from peelian.kernel.records.sensor_register import the_register
from peelian.kernel.state.acts import act
from peelian.kernel.state.kernel import Kernel, signed
from peelian.kernel.state.object_state import objects_of
from peelian.kernel.verbs.custody import ADMITTERS

FEWEST_WORDS = 3
WARRANT = AuthorizationKind.WARRANT


@act
def refuse(kernel: Kernel, by: Operator, warrant: str, *, words: str) -> int:
    """The court refused a provisional warrant, or withdrew a confirmed one: from now on it is none, and all it brought
    is destroyed; how much."""
    with kernel.lock:
        person = must_hold_role(kernel, by, ISSUERS[WARRANT], "the_issuer_may_revoke")
        made = kernel.state.authorizations.get(warrant)
        if made is None or made.kind is not WARRANT:
            raise OutOfOrder("no valid warrant with this digest")
        if len(words.split()) < FEWEST_WORDS:
            raise OutOfOrder(f"State the court's decision in at least {FEWEST_WORDS} words.")
        document = Refusal(warrant=warrant, words=words.strip(), by=person.token, at=kernel.now().isoformat())
        was = {} if is_provisional(made) else {"withdrawn": 1}
        kernel.record(signed(document, by.sign), before=warrant, by=person.token, **was)
        return destroy_collected(kernel, root_of(made), by=person.token)


def lapsed(kernel: Kernel) -> tuple[str, ...]:
    """The digests of provisional warrants whose 48 hours are over and which nobody confirmed."""
    warrants, now = kernel.state.authorizations.items(), kernel.now()
    return tuple(digest for digest, one in warrants if is_provisional(one) and is_over(one, now))


def let_lapse(kernel: Kernel) -> int:
    """The office's duty: end provisional warrants that nobody confirmed and destroy what they brought; how much."""
    with kernel.lock:
        done = 0
        for warrant in lapsed(kernel):
            made = kernel.state.authorizations[warrant]
            kernel.append("WARRANT_LAPSED", before=warrant, by="office")
            done += destroy_collected(kernel, root_of(made), by="office")
        return done


@act
def collected(kernel: Kernel, warrant: str, sensor: str, *, readings: int) -> None:
    """Log that so many readings of a sensor were taken under a warrant in force (its root)."""
    with kernel.lock:
        _must_be_in_force(kernel, warrant)
        must_collect(kernel, warrant)
        if readings < 0:
            raise OutOfOrder("A count of readings cannot be negative.")
        if sensor not in the_register(kernel):
            raise OutOfOrder("This sensor is not registered.")
        kernel.append("COLLECTED", warrant=warrant, sensor=sensor, readings=readings)


@act
def collected_as(kernel: Kernel, by: Operator, warrant: str, dataset: str) -> None:
    """Log as what data taken under a warrant were admitted."""
    with kernel.lock:
        _must_be_in_force(kernel, warrant)
        must_collect(kernel, warrant)
        must_hold_role(kernel, by, ADMITTERS, "the_admitter_may_admit")
        if dataset not in kernel.state.datasets:
            raise OutOfOrder("The dataset is unknown, queued for destruction or destroyed.")
        acted(kernel, by, "COLLECTED", warrant=warrant, dataset=dataset)


def must_collect(kernel: Kernel, warrant: str) -> None:
    """Refused where the technology of a warrant in force (its root) is suspended, but where two people excepted that
    warrant. O(authorizations)."""
    served = {root_of(one): one.serves for one in kernel.state.authorizations.values() if one.kind is WARRANT}
    technology = served.get(warrant, "").partition(".")[0]
    if kernel.state.excepted.get(warrant) != technology:
        must_not_be_stopped(kernel, technology)


def _must_be_in_force(kernel: Kernel, warrant: str) -> None:
    if warrant not in warrant_roots(kernel.state.authorizations):
        raise OutOfOrder("no such valid warrant")


def destroy_collected(kernel: Kernel, root: str, *, by: str) -> int:
    """Destroy all that was collected under a warrant: datasets, derivatives, findings; how much. Again: what is left.

    Datasets are those that a case under it derived, or whose entry in the log names it (`warrant`). O(entries).
    """
    entries = [entry for _, entry in kernel.stores.log.found("warrant", root)]
    cases = {str(entry["case"]) for entry in entries if "case" in entry}
    named = {str(entry["dataset"]) for entry in entries if "dataset" in entry}
    kept: list[Admission] = [*kernel.state.datasets.values(), *kernel.state.queued.values()]
    collected = [one for one in kept if one.dataset in named or one.case in cases]
    for one in collected:
        kernel.append("DESTROYED", dataset=one.dataset, object=one.object, warrant=root, by=by)
        for object in objects_of(kernel, one):
            kernel.stores.vault.destroy(object)
    for case in sorted(cases):
        kernel.append("ERASED", case=case, warrant=root, by=by)
    return len(collected) + kernel.stores.archive.destroy_partition(partition_of(root))
