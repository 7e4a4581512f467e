"""Kept parts: what finished parts of a run found, sealed until the run commits its findings, and 7 days at most.

They are an object of the vault under a data key of its own. The log says for which plan (PARTS_KEPT) and when they go
(PARTS_DESTROYED).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import timedelta

from peelian.errors import PeelianError
from peelian.kernel.log.entry_schema import read_time
from peelian.kernel.model.documents import Request
from peelian.kernel.model.ports import Entry
from peelian.kernel.state.kernel import Kernel
from peelian.kernel.state.signed_documents import still_archived

KEPT_FOR = timedelta(days=7)


def named_as(plan: str) -> str:
    """As which dataset the parts of a plan (a token) are sealed; "" where the run has none and keeps nothing."""
    return f"parts-{plan}" if plan else ""


def too_old(kernel: Kernel, kept: Entry) -> bool:
    """Whether parts, by the entry that began them, are past their time."""
    return kernel.now() - read_time(str(kept["t"])) >= KEPT_FOR


def end_parts(kernel: Kernel, objects: Iterable[str], *, why: str) -> None:
    """Log that kept parts go, and destroy their keys. What a crash leaves in between goes when the office opens."""
    for object in sorted(objects):
        kept = kernel.state.objects.parts[object]
        kernel.append("PARTS_DESTROYED", object=object, dataset=str(kept["dataset"]), why=why, by="office")
        with suppress(PeelianError):  # no key was ever made; or the disk fails, and it goes when the office opens
            kernel.stores.vault.destroy(object)


def end_due_parts(kernel: Kernel) -> None:
    """A step of the daily job: what is too old, or was computed from a dataset that is out of use, goes. O(parts)."""
    with kernel.lock:
        parts = kernel.state.objects.parts
        old = {object for object, kept in parts.items() if too_old(kernel, kept)}
        end_parts(kernel, old, why="expired")
        end_parts(kernel, [object for object, kept in parts.items() if _lost_data(kernel, kept)], why="dataset")


def _lost_data(kernel: Kernel, kept: Mapping[str, str | int]) -> bool:
    """Whether a dataset of the request, or one that it was combined of, is queued or destroyed; or the request was lost
    in a restore."""
    asked = kernel.state.histories[str(kept["case"])].digests("ASKED")[0]
    if (request := still_archived(kernel, asked, Request)) is None:
        return True
    named = request.datasets.values()
    wanted = {part for name in named for part in (name, *kernel.state.objects.members.get(name, ()))}
    return not wanted <= kernel.state.datasets.keys()
