"""Dataset state: what is admitted, waiting to be destroyed, or destroyed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from peelian.errors import IntegrityError
from peelian.kernel.model.documents import Admission
from peelian.kernel.model.ports import Entry
from peelian.kernel.state.known import Known
from peelian.kernel.state.signed_documents import still_archived

if TYPE_CHECKING:
    from peelian.kernel.state.kernel import Kernel


@dataclass(slots=True)
class DatasetState:
    """Folded from the log, one entry at a time. O(1) per entry."""

    datasets: Known[Admission] = field(default_factory=Known)
    queued: Known[Admission] = field(default_factory=Known)  # waiting to be destroyed: out of use
    destroyed: Known[Admission] = field(default_factory=Known)
    gone: set[str] = field(default_factory=set)  # admitted, but the admission was destroyed as its retention asks

    def fold(self, kernel: Kernel, entry: Entry) -> None:
        """Bring it in step with one entry; the admission it names is read."""
        kind, dataset = str(entry["kind"]), str(entry.get("dataset", ""))
        if kind in ("ADMITTED", "DERIVED"):
            try:
                admission = still_archived(kernel, str(entry["document"]), Admission)
            except IntegrityError as fault:
                self.datasets.damaged(dataset, fault)
                return
            if admission:
                self.datasets.put(admission.dataset, admission)
            else:
                self.gone.add(dataset)
        else:
            self._moved(kind, dataset)

    def _moved(self, kind: str, dataset: str) -> None:
        if kind == "QUEUED" and dataset in self.datasets:
            self.datasets.moves(dataset, self.queued)
        elif kind == "RECOVERED" and dataset in self.queued:
            self.queued.moves(dataset, self.datasets)
        elif kind == "DESTROYED" and (dataset in self.datasets or dataset in self.queued):
            kept = self.queued if dataset in self.queued else self.datasets
            kept.moves(dataset, self.destroyed)
