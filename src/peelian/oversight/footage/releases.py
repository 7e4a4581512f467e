"""Release register: which package of which recording went to whom, when, by whom, and until when it may be used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from peelian.kernel.state.kernel import Kernel
from peelian.measure.table import Kind, Table, table
from peelian.oversight.transparency.register import case_summary, request_of

_ALL = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """One delivery. `recording` is the original it was made from, `recipient` the public key it was encrypted for."""

    index: int  # of the log entry
    at: str
    case: str
    recording: str
    package: str
    recipient: str
    who: str
    until: str


def releases(kernel: Kernel) -> tuple[Release, ...]:
    """Every delivery, newest first. O(deliveries)."""
    found = kernel.stores.log.page(_ALL, before=_ALL, kind="DELIVERED")
    return tuple(release_of(kernel, index, entry) for index, entry in found)


def release_of(kernel: Kernel, index: int, entry: Mapping[str, Any]) -> Release:
    """The delivery that an entry DELIVERED of the log tells; its recipient is "" where the request was destroyed."""
    case, package = str(entry["case"]), str(entry["dataset"])
    request, person = request_of(kernel, case_summary(kernel, case)), kernel.state.people.get(str(entry["by"]))
    return Release(
        index=index,
        at=str(entry["t"]),
        case=case,
        recording=_original(kernel, package),
        package=package,
        recipient=str(request.params.get("recipient", "")) if request else "",
        who=person.name if person else str(entry["by"]),
        until=str(entry["until"]),
    )


def release_table(found: tuple[Release, ...]) -> Table:
    """The register as a table; whoever delivered is not named in it."""
    columns = {
        name: (Kind.CATEGORY, [str(getattr(one, name)) for one in found])
        for name in ("at", "case", "recording", "package", "recipient", "until")
    }
    return table("releases", {"log_entry": (Kind.COUNT, [one.index for one in found]), **columns})


def _original(kernel: Kernel, dataset: str) -> str:
    """The recording that an object was made from, as far as it is known; itself where it was made from nothing."""
    known = kernel.state
    while admission := known.datasets.get(dataset) or known.queued.get(dataset) or known.destroyed.get(dataset):
        if not admission.parent:
            break
        dataset = admission.parent
    return dataset
