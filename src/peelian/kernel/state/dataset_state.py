"""Dataset state: what is admitted, waiting to be destroyed, or destroyed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from peelian.kernel.model.documents import Admission
from peelian.kernel.model.ports import Entry
from peelian.kernel.state.signed_documents import still_archived

if TYPE_CHECKING:
    from peelian.kernel.state.kernel import Kernel


@dataclass(slots=True)
class DatasetState:
    """Folded from the log, one entry at a time. O(1) per entry."""

    datasets: dict[str, Admission] = field(default_factory=dict)
    queued: dict[str, Admission] = field(default_factory=dict)  # waiting to be destroyed: out of use
    destroyed: dict[str, Admission] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)  # admitted, but the admission was destroyed as its retention asks

    def fold(self, kernel: Kernel, entry: Entry) -> None:
        """Bring it in step with one entry; the admission it names is read."""
        kind, dataset = str(entry["kind"]), str(entry.get("dataset", ""))
        if kind in ("ADMITTED", "DERIVED"):
            if admission := still_archived(kernel, str(entry["document"]), Admission):
                self.datasets[admission.dataset] = admission
            else:
                self.gone.add(dataset)
        else:
            self._moved(kind, dataset)

    def _moved(self, kind: str, dataset: str) -> None:
        if kind == "QUEUED" and dataset in self.datasets:
            self.queued[dataset] = self.datasets.pop(dataset)
        elif kind == "RECOVERED" and dataset in self.queued:
            self.datasets[dataset] = self.queued.pop(dataset)
        elif kind == "DESTROYED" and (dataset in self.datasets or dataset in self.queued):
            kept = self.queued if dataset in self.queued else self.datasets
            self.destroyed[dataset] = kept.pop(dataset)
