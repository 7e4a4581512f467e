"""Paper expiry: a court's sealed paper goes with the last document that rests on it.

These are of the class `authorizations`. So it stays while its warrant is in force or waits for its second person, while
a notice is owed under it or deferred, and while something collected under it is kept (`retention_roots`). A hold keeps
it beyond that. One that was sealed and never recorded goes after a week.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta

from peelian.errors import PeelianError
from peelian.kernel.log.entry_schema import read_time
from peelian.kernel.model.documents import Authorization, Proposal
from peelian.kernel.model.vocabulary import AuthorizationKind
from peelian.kernel.model.warrants import PAPERS, name_of_paper
from peelian.kernel.state.kernel import Kernel
from peelian.kernel.state.signed_documents import destroyed_on, still_archived

UNRECORDED = timedelta(days=7)


def end_due_papers(kernel: Kernel) -> None:
    """A step of the daily job: papers on which nothing rests any more are said to be destroyed, and their keys go. What
    a crash leaves in between goes when the office opens. O(warrants + sealed objects)."""
    with kernel.lock:
        state, due = kernel.state, tuple(_sealed(kernel))
        if not due or (resting := _names_in_use(kernel)) is None:
            return
        for object, name in due:
            if name not in resting and not state.retention.holds.get(name):
                kernel.append("KEY_DESTROYED", object=object, dataset=name, why="retention", by="office")
                with suppress(PeelianError):  # the disk fails, and it goes when the office opens
                    kernel.stores.vault.destroy(object)


def _sealed(kernel: Kernel) -> Iterator[tuple[str, str]]:
    """Every paper that is there and was sealed more than a week ago: its object and its name."""
    held = kernel.state.objects
    for object, name in held.datasets.items():
        if name.startswith(PAPERS) and object not in held.gone:
            sealed = next(entry for _, entry in kernel.stores.log.found("object", object) if entry["kind"] == "SEALED")
            if kernel.now() - read_time(str(sealed["t"])) >= UNRECORDED:
                yield object, name


def _names_in_use(kernel: Kernel) -> frozenset[str] | None:
    """The papers that a kept document rests on; None where one was lost in a restoration: nobody knows on which."""
    found = set()
    for _, entry in kernel.stores.log.read(kinds=["PROPOSED", "ISSUED"]):
        if AuthorizationKind.WARRANT not in (entry.get("authorization"), entry.get("act")):
            continue
        digest = str(entry["document"])
        issued = entry["kind"] == "ISSUED"
        made = still_archived(kernel, digest, Authorization) if issued else still_archived(kernel, digest, Proposal)
        if made is not None:
            found.add(name_of_paper(str(made.body.get("paper", ""))))
        elif not destroyed_on(kernel, digest):
            return None
    return frozenset(found)
