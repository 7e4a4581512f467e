"""Object state: which dataset each sealed object holds, which are destroyed, whether keys are being rotated."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from peelian.errors import InputError, IntegrityError, OutOfOrder
from peelian.kernel.model.documents import Admission
from peelian.kernel.model.partitions import Manifest, Partition, lists_partitions, manifest_in
from peelian.kernel.model.ports import Entry
from peelian.kernel.state.known import stays
from peelian.kernel.state.signed_documents import still_archived

if TYPE_CHECKING:
    from peelian.kernel.state.kernel import Kernel


@dataclass(slots=True)
class ObjectState:
    """Folded from the log, one entry at a time. O(1) per entry, O(partitions) for a dataset that has some."""

    datasets: dict[str, str] = field(default_factory=dict)  # object → the dataset it was sealed as
    members: dict[str, frozenset[str]] = field(default_factory=dict)  # combined dataset → those it was combined of
    gone: set[str] = field(default_factory=set)  # objects that the log says are destroyed
    parts: dict[str, Entry] = field(default_factory=dict)  # kept parts of runs: object → the entry that began it
    rotating: bool = False  # keys are being rotated
    faults: dict[str, IntegrityError] = field(default_factory=dict)  # dataset → why its partitions are not known

    def fold(self, kernel: Kernel, entry: Entry) -> None:
        """Bring the tally in step with one entry; the manifest that an admission names is read."""
        kind, object_ = str(entry["kind"]), str(entry.get("object", ""))
        self.parts |= {object_: entry} if kind == "PARTS_KEPT" else {}
        if kind in ("ADMITTED", "DERIVED", "SEALED"):
            self.datasets[object_] = str(entry["dataset"])
            if lists_partitions(object_):
                self._lists(kernel, entry)
        elif kind in ("DESTROYED", "KEY_DESTROYED", "PARTS_DESTROYED"):
            self.gone.add(object_)
            self.parts.pop(object_, None)
            if lists_partitions(object_):
                self.gone.update(self._of(str(entry["dataset"])))
        if kind == "SEALED" and "before" in entry:  # sealed anew: the one before goes
            self.gone.add(str(entry["before"]))
        if kind in ("ROTATING", "ROTATED"):
            self.rotating = kind == "ROTATING"
        elif kind == "CARRIED_OUT" and entry["act"] == "rotate_keys":
            self.rotating = True

    def of(self, dataset: str) -> tuple[str, ...]:
        """The sealed objects of a dataset; IntegrityError where its list of partitions is damaged. O(objects)."""
        if dataset in self.faults:
            raise self.faults[dataset]
        return self._of(dataset)

    def _of(self, dataset: str) -> tuple[str, ...]:
        return tuple(one for one, name in self.datasets.items() if name == dataset and not lists_partitions(one))

    def wholes(self, dataset: str) -> tuple[str, ...]:
        """The datasets that this one was combined to; IntegrityError where some list of partitions is damaged.
        O(combined datasets)."""
        for fault in self.faults.values():
            raise fault
        return tuple(name for name, parts in self.members.items() if dataset in parts)

    def holder(self, object: str, dataset: str) -> str:
        """The dataset as which a partition of this dataset is sealed: itself or a member; "" where it has none."""
        if dataset in self.faults:
            raise self.faults[dataset]
        found = "" if lists_partitions(object) else self.datasets.get(object, "")
        return found if found and found in (dataset, *self.members.get(dataset, ())) else ""

    def _lists(self, kernel: Kernel, entry: Entry) -> None:
        try:
            manifest = _manifest_at(kernel, entry)
        except IntegrityError as fault:
            if not stays(fault):
                raise
            self.faults[str(entry["dataset"])] = fault
            return
        if manifest is None:
            return  # destroyed with the admission, as its retention asks
        if manifest.combined:
            self.members[str(entry["dataset"])] = frozenset(name for name, _ in manifest.combined)
        for one in manifest.partitions:
            if not one.dataset:
                self.datasets[one.object] = str(entry["dataset"])


def _manifest_at(kernel: Kernel, entry: Entry) -> Manifest | None:
    try:
        return manifest_of_object(kernel, str(entry["object"]))
    except (InputError, OutOfOrder):
        if still_archived(kernel, str(entry["document"]), Admission):
            raise IntegrityError(
                "The archive lacks a dataset's list of partitions.", of=f"document {entry['object']}"
            ) from None
        return None


def manifest_of_object(kernel: Kernel, object: str) -> Manifest:
    """The manifest that an admission's object names; IntegrityError where it was altered, InputError or OutOfOrder
    where the archive has none. O(partitions)."""
    return manifest_in(kernel.stores.archive.get(object), object)


def partitions_of(kernel: Kernel, admission: Admission) -> tuple[Partition, ...]:
    """The partitions of a dataset; none of one that is a single object. O(partitions)."""
    return manifest_of_object(kernel, admission.object).partitions if lists_partitions(admission.object) else ()


def objects_of(kernel: Kernel, admission: Admission) -> tuple[str, ...]:
    """The sealed objects of a dataset: one, or its partitions. O(objects) for these."""
    return kernel.state.objects.of(admission.dataset) if lists_partitions(admission.object) else (admission.object,)
