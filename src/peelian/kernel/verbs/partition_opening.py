"""Partitions opened one at a time: each opening is logged, each file is held against the manifest."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from peelian.errors import InputError, IntegrityError, sentence
from peelian.kernel.model.capability import Dataset
from peelian.kernel.model.documents import Admission
from peelian.kernel.model.fan_out import Kept, Progress, keeps_nothing
from peelian.kernel.model.partitions import Partition
from peelian.kernel.state.kernel import Kernel
from peelian.kernel.state.object_state import manifest_of_object
from peelian.kernel.verbs.worker_sets import Ticket, Wanted
from peelian.measure.geoparquet import read_points
from peelian.measure.table import Kind, table

if TYPE_CHECKING:
    import pyarrow as pa

Opens = Callable[[str, str], int]
"""Logs that an object is opened, for which engine of counts ("": none), and returns the entry's index."""
Commits = Callable[[str, tuple[Wanted, ...]], tuple[Ticket, ...]]
"""Logs, in one set, which workers open which objects of a dataset; what the run hands to them, in the same order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedPartitions:
    """Answers `capability.OpensPartitions` from the vault; `commits`: workers open them in place of this run."""

    kernel: Kernel
    dataset: str
    listed: Sequence[Partition]
    opens: Opens
    commits: Commits
    kept: Kept = keeps_nothing  # what workers counted
    progress: Progress = lambda says, share: None
    engine: str = ""  # that gets the rows of what is opened here; "": none, the run reads them itself

    def opened(self, chosen: Iterable[Partition]) -> Iterator[pa.Table]:
        """Each partition as an Arrow table, one at a time. O(bytes), memory of one."""
        for one in chosen:
            if one not in self.listed:
                raise InputError("not a partition of this dataset", accepted="one that its manifest lists")
            yield self._read(one)

    def _read(self, one: Partition) -> pa.Table:
        try:
            with self.kernel.stores.vault.open(one.object, intent=self.opens(one.object, self.engine)) as file:
                content = file.read()
        except (IntegrityError, InputError) as error:
            raise _damaged(self.dataset, one, str(error)) from None
        return as_listed(content, one, self.dataset)


def as_listed(content: bytes, one: Partition, dataset: str) -> pa.Table:
    """A partition's file as an Arrow table; IntegrityError names it where it is not the one that the manifest lists."""
    try:
        found = read_points(io.BytesIO(content))
    except (IntegrityError, InputError) as error:
        raise _damaged(dataset, one, str(error)) from None
    if hashlib.sha256(content).hexdigest() != one.digest or found.num_rows != one.rows:
        raise _damaged(dataset, one, "It is not the file that the manifest lists.")
    return found


def partitioned_dataset(
    kernel: Kernel,
    admission: Admission,
    opens: Opens,
    commits: Commits,
    *,
    kept: Kept = keeps_nothing,
    progress: Progress = lambda says, share: None,
) -> Dataset:
    """What a run gets of a dataset in partitions: none of them is opened yet."""
    manifest = manifest_of_object(kernel, admission.object)
    sealed = SealedPartitions(
        kernel=kernel,
        dataset=admission.dataset,
        listed=manifest.partitions,
        opens=opens,
        commits=commits,
        kept=kept,
        progress=progress,
    )
    return Dataset(
        id=admission.dataset,
        format=admission.format,
        digest=admission.digest,
        table=table(admission.shape, {"area": (Kind.PLACE, list(manifest.areas))}),
        facts=admission.facts,
        partitions=sealed,
        counts=partial(kernel.stores.readers.counter, sealed),
    )


def _damaged(dataset: str, one: Partition, why: str) -> IntegrityError:
    what = {"dataset": dataset, "month": one.month, "region": one.region, "object": one.object[:8], "why": why}
    says = "Partition %(month)s, region %(region)s (object %(object)s…) of dataset %(dataset)s: %(why)s"
    return IntegrityError(sentence(says, **what))
