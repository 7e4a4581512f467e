"""Missing documents: why a document named by the log is gone, and what to do."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from peelian.errors import IntegrityError, OutOfOrder, sentence
from peelian.kernel.model.archive_partitions import digest_of_digests, homes
from peelian.kernel.model.ports import Archive, Entry

if TYPE_CHECKING:
    from peelian.kernel.state.kernel import Kernel

OLDER_LOG = (
    "The log is older than the archive. Restore the newest log from the machine that had it. "
    "Without one, two people restore the log with `peelian machine restore-log`, which logs later destructions again."
)


@runtime_checkable
class Remembers(Protocol):
    """An archive that remembers which partitions were destroyed, whatever a log says."""

    def is_destroyed(self, partition: str) -> bool:
        """Whether the key of this partition was destroyed here. O(1)."""
        ...


def destroyed(day: str) -> OutOfOrder:
    """It was destroyed on this day, and everybody may know."""
    return OutOfOrder(sentence("This document was destroyed on %(day)s at the end of its retention period.", day=day))


def lost(archive: Archive, entries: Iterable[Entry], what: str) -> IntegrityError:
    """A document that these entries name is not there, and the log does not say that it was destroyed. O(entries)."""
    says, told = f"The archive lacks a document named in the log ({what})", list(entries)
    of = next((f"document {entry[key]}" for entry in told for key in ("document", "reasons") if key in entry), "")
    if isinstance(archive, Remembers) and any(archive.is_destroyed(s) for entry in told for s in homes(entry)):
        wrong = "Its partition was destroyed, but this log has no such entry."
        return IntegrityError(f"{says}. {wrong} {OLDER_LOG}", of=of)
    return IntegrityError(f"{says}. Restore the archive from its own backup.", of=of)


def carried_must_be_there(kernel: Kernel) -> None:
    """IntegrityError where a document that the log says was carried over is not in the archive: a hold whose words were
    taken away would else be none. O(1) where nothing was ever carried over, else O(documents)."""
    archive, known = kernel.stores.archive, kernel.state.partitions
    partitions = archive.partitions() if known.carried else {}
    for partition, digests in known.carried.items():
        gone = partition in known.destroyed or partition in known.lost
        if not gone and digest_of_digests(partitions.get(partition, frozenset())) != digests:
            says = f"The archive lacks documents carried over to {partition}"
            if isinstance(archive, Remembers) and archive.is_destroyed(partition):
                raise IntegrityError(f"{says}. It was destroyed, but this log has no such entry. {OLDER_LOG}")
            raise IntegrityError(f"{says}. Restore the archive from its backup.")
