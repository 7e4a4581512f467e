"""opens_set: log, in one entry, which worker opens which partition of a run's dataset in the next minutes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from peelian.errors import InputError, OutOfOrder, sentence
from peelian.kernel.access.decryption_checks import FRESH, the_run_goes_on
from peelian.kernel.log.entry_schema import time_text
from peelian.kernel.model.counts import DUCKDB
from peelian.kernel.model.documents import OpenedSet
from peelian.kernel.model.partitions import lists_partitions
from peelian.kernel.state.acts import act
from peelian.kernel.state.kernel import Kernel
from peelian.kernel.state.signed_documents import archived
from peelian.kernel.vault.worker_keys import Opening, tree_of

MOST_LEAVES = 1_000  # of one set: the list crosses a registrar's socket in one message


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One object, and the public key (Ed25519, hexadecimal) of the worker that is to open it."""

    object: str
    worker: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """What a run hands to a worker: one opening of a logged set, with its proof. It opens nothing without the worker's
    key, and only once."""

    intent: int
    position: int
    leaf: Opening
    proof: tuple[str, ...]
    dataset: str  # as which the object is sealed


@act
def opens_set(kernel: Kernel, case: str, before: str, dataset: str, *, wanted: tuple[Wanted, ...]) -> int:
    """Log which workers of a run that goes on open which partitions of a dataset of its request; the entry's index.

    The entry has the Merkle root over the openings; the list itself is archived. Each opening serves once, for ten
    minutes (`kernel/access/worker_openings` judges again before the key is unwrapped). InputError or OutOfOrder where
    it may not be.
    """
    with kernel.lock:
        the_run_goes_on(kernel, case, before)
        until = time_text(kernel.now() + FRESH)
        leaves = [Opening(object=one.object, worker=one.worker, run=before, until=until) for one in wanted]
        holder = _holder(kernel, dataset, leaves)
        document = OpenedSet(
            case=case,
            before=before,
            dataset=holder,
            until=until,
            openings=tuple({"object": leaf.object, "worker": leaf.worker} for leaf in leaves),
            at=kernel.now().isoformat(),
        )
        root = tree_of(leaves).root().hex()
        said: dict[str, str | int] = {"dataset": holder, "root": root, "n": len(leaves), "until": until}
        said["engine"] = DUCKDB  # workers open what they count
        return kernel.record(kernel.signed(document), case=case, before=before, **said)


def tickets(kernel: Kernel, intent: int) -> tuple[Ticket, ...]:
    """What the run that logged the set at this index hands to its workers. O(leaves log leaves)."""
    entry = kernel.stores.log.entry(intent)
    document = archived(kernel, str(entry["document"]), OpenedSet)
    leaves = leaves_of(document)
    tree, size = tree_of(leaves), len(leaves)
    return tuple(
        Ticket(
            intent=intent,
            position=position,
            leaf=leaf,
            proof=tuple(one.hex() for one in tree.inclusion(position, size)),
            dataset=document.dataset,
        )
        for position, leaf in enumerate(leaves)
    )


def leaves_of(document: OpenedSet) -> list[Opening]:
    """The openings that an archived set lists, in their order."""
    return [
        Opening(object=str(one["object"]), worker=str(one["worker"]), run=document.before, until=document.until)
        for one in document.openings
    ]


def _holder(kernel: Kernel, dataset: str, leaves: Sequence[Opening]) -> str:
    """The dataset as which all these objects are sealed, once each of them, and each worker, is found to be one."""
    objects, admission = kernel.state.objects, kernel.state.datasets.get(dataset)
    if admission is None:
        raise OutOfOrder("The dataset is unknown, queued for destruction or destroyed.")
    if not 1 <= len(leaves) <= MOST_LEAVES or len({leaf.object for leaf in leaves}) < len(leaves):
        accepted = sentence("1 to %(most)d different objects", most=MOST_LEAVES)
        raise InputError("not a set of openings", accepted=accepted)
    holders = {objects.holder(leaf.object, dataset) for leaf in leaves}
    if not lists_partitions(admission.object) or "" in holders or any(lists_partitions(one.object) for one in leaves):
        raise OutOfOrder("The log has no such object of this dataset. It was not opened.")
    if len(holders) > 1:
        raise InputError("a set of openings of several datasets", accepted="one set for each dataset combined")
    for leaf in leaves:
        _must_be_key(leaf.worker)
    return holders.pop()


def _must_be_key(digits: str) -> None:
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(digits))
        if digits != digits.lower():
            raise ValueError
    except ValueError:
        raise InputError("not a worker's key", accepted="64 hexadecimal digits") from None
