"""Ports: what the kernel asks of the world, each a Protocol of a few methods."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, BinaryIO, Protocol, runtime_checkable

from peelian.errors import IntegrityError
from peelian.kernel.model.case_search import CaseSearch

Entry = Mapping[str, str | int]
"""One log entry: a flat mapping of text and whole numbers, no floats, no names, no free text
(kernel/log/entry_schema.py).

It holds v (version), t (UTC to 1/100 s) and kind (an upper-case word); every text is a token without blanks."""


class Clock(Protocol):
    """The time, always UTC-aware."""

    def __call__(self) -> datetime: ...


class Log(Protocol):
    """The tamper-evident append-only log."""

    def append(self, entry: Entry) -> int:
        """Write `entry` so that it survives a power cut, then return its index; IntegrityError where it cannot."""
        ...

    def append_all(self, entries: Sequence[Entry]) -> list[int]:
        """Write several entries side by side, all or none of them durable together; their indexes."""
        ...

    def size(self) -> int:
        """How many entries it has."""
        ...

    def state(self) -> tuple[int, int]:
        """What tells one state of the log from another: how often something was taken back, and the size."""
        ...

    def faults(self) -> Sequence[IntegrityError]:
        """What is known of entries that are damaged here and read where they were published."""
        ...

    def looking(self) -> AbstractContextManager[None]:
        """Within it this thread answers one question, as of one state: size and head are read once, until it writes."""
        ...

    def head(self) -> Mapping[str, Any]:
        """`size`; `began`, `latest` and `furthest`: the times of the first and the newest entry, and the latest of
        any."""
        ...

    def read(self, start: int = 0, kinds: Collection[str] = ()) -> Iterator[tuple[int, Entry]]:
        """Entries from `start` on, in order, with their indexes; of these kinds (none: of all)."""
        ...

    def page(
        self, most: int, *, before: int, after: int | None = None, kind: str = "", case: str = ""
    ) -> list[tuple[int, Entry]]:
        """At most so many entries, newest first, from below `before`, or those just above `after`; of one kind or
        case, where they are said. O(most)."""
        ...

    def entry(self, index: int) -> Entry:
        """The entry at an index that the log itself gave."""
        ...

    def receipt(self, index: int) -> bytes:
        """An offline proof (C2SP tlog-proof) that entry `index` is in the log under its signed checkpoint."""
        ...

    def found(self, key: str, value: str) -> list[tuple[int, Entry]]:
        """The entries whose `key` is `value` with their indexes, in order: document, case, before, dataset, object,
        warrant, session or said (words that serve once); else InputError."""
        ...

    def found_of(self, key: str, values: Collection[str]) -> list[tuple[int, Entry]]:
        """The entries whose `key` is one of these values, with their indexes, in order."""
        ...

    def follow(self, topics: Collection[str], after: int = -1) -> list[tuple[int, Entry]]:
        """Every entry of these topics above an index, none missing. O(those)."""
        ...


class Rows(Protocol):
    """Rows that entries were projected to, by table and key; each is checked before it is given."""

    def row(self, table: str, key: str) -> Mapping[str, Any] | None:
        """One row; None where the log never told of it. IntegrityError where it was hidden, altered or set back."""
        ...

    def several(self, table: str, keys: Collection[str]) -> dict[str, Mapping[str, Any]]:
        """The rows with these keys, without those the log never told of. O(keys)."""
        ...

    def page(
        self,
        table: str,
        *,
        order: str,
        before: int | None = None,
        after: int | None = None,
        most: int = 50,
        search: CaseSearch | None = None,
        state: str = "",
    ) -> Sequence[tuple[str, Mapping[str, Any]]]:
        """At most so many rows with their keys, the highest `order` first, from below `before`; or the lowest first,
        from above `after`. O(most), and what the search costs."""
        ...

    def all(self, table: str, *, order: str = "key", **like: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Every row with its key. O(rows)."""
        ...

    def count(self, table: str, **like: str) -> int:
        """How many rows there are."""
        ...


class Tickets(Protocol):
    """What serves for a while, kept for every process of the office, by kind and key."""

    def put(self, kind: str, key: str, body: str, at: datetime, *, most: int = 0) -> None:
        """Keep one in place of what has its key; of more than `most` of its kind the oldest go."""
        ...

    def put_all(self, kind: str, bodies: Mapping[str, str], at: datetime) -> None:
        """The same for several, by key: all of them or none."""
        ...

    def get(self, kind: str, key: str) -> str | None:
        """What it says; None where there is none."""
        ...

    def take(self, kind: str, key: str) -> str | None:
        """The same, and it is gone: of two who take one, one has it."""
        ...

    def all(self, kind: str) -> list[tuple[str, str]]:
        """Every one of a kind with its key, the oldest first."""
        ...

    def forget(self, kind: str, before: datetime) -> None:
        """Let go of those that were put before a moment."""
        ...


class Receipts(Protocol):
    """A log whose entries can be proven to outsiders."""

    def receipt(self, index: int) -> bytes:
        """An offline proof (C2SP tlog-proof) that entry `index` is in the log under its signed checkpoint."""
        ...

    def checkpoint(self) -> bytes:
        """The newest signed checkpoint (C2SP signed note)."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """Where a sealed object lies: its name in the vault and the digest of its plaintext."""

    object: str
    dataset: str
    digest: str
    size: int


class Sealing(Protocol):
    """A file being sealed: plaintext goes in, and after a clean exit `sealed` says where it lies."""

    @property
    def sealed(self) -> Sealed: ...

    def write(self, data: bytes, /) -> int: ...


class Vault(Protocol):
    """Objects encrypted at rest, each under its own data key."""

    def seal(self, dataset: str) -> AbstractContextManager[Sealing]:
        """A file to write plaintext into; on a clean exit the object is sealed, else nothing remains."""
        ...

    def open(self, object: str, *, intent: int) -> BinaryIO:
        """A readable, seekable file of the plaintext. `intent` is the index of the OPENED log entry that names the
        object; without such an entry, or after it was used, OutOfOrder. The key is unwrapped only then."""
        ...

    def destroy(self, object: str) -> None:
        """Destroy the wrapped data key: the object can never be read again."""
        ...

    def found(self, dataset: str) -> tuple[str, ...]:
        """The objects sealed under a dataset's name: none, one, or what an interruption left. O(objects)."""
        ...

    def names(self) -> Mapping[str, str]:
        """Under which dataset's name each object is sealed; "" where it does not say. O(objects)."""
        ...


RecordName = tuple[str, int]
"""What a record is found by: a step of a run (32 hexadecimal digits), and the number of a part."""


class Records(Protocol):
    """Sealed contents in one file, under one data key, each found by its name."""

    writable: bool  # no other process writes it
    cut: bool  # its end is missing: a crash, or somebody, cut it

    def names(self) -> frozenset[RecordName]:
        """The records there are."""
        ...

    def get(self, name: RecordName) -> bytes:
        """The content of a record; IntegrityError where it is not what was sealed under this name."""
        ...

    def add(self, contents: Sequence[tuple[RecordName, bytes]]) -> None:
        """Seal more records so that they survive a power cut; OSError, and nothing of them, where it cannot."""
        ...

    def close(self) -> None: ...


@runtime_checkable
class KeepsRecords(Protocol):
    """A vault on a disk, where records can be kept."""

    def begin_records(self, object: str, *, dataset: str) -> Records:
        """Records under a new data key."""
        ...

    def records(self, object: str, *, intent: int) -> Records:
        """Those that were begun, against the logged opening at index `intent`, which serves once; errors as `open`."""
        ...

    def lies_here(self, object: str) -> bool:
        """Whether there is a file of this object; IntegrityError where its beginning is damaged."""
        ...

    def is_new(self, object: str) -> bool:
        """Whether the object never had a key."""
        ...


@runtime_checkable
class Rotates(Protocol):
    """A vault whose wrapping keys, which are the archive's, too, can be replaced without touching the data."""

    def rotate_keys(self) -> int: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """A document on its way into the archive: its digest, its bytes, and the partition it lies on."""

    digest: str
    document: bytes = field(repr=False)
    partition: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """The name behind a token: what an enrolment commits to, with the salt of that commitment."""

    person: str  # token
    name: str = field(repr=False)
    salt: str = field(repr=False)


class Directory(Protocol):
    """The names of people behind their tokens: they can be forgotten, while log and archive keep the tokens."""

    def keep(self, digest: str, named: Named) -> None:
        """Keep the name that the enrolment with this digest commits to, so that it survives a power cut."""
        ...

    def known(self, digest: str) -> Named | None:
        """The name behind an enrolment; None where it was forgotten."""
        ...

    def forget(self, person: str) -> int:
        """Forget every name of a person (token) and overwrite where it stood; how many there were."""
        ...


class Archive(Protocol):
    """Encrypted documents, found by their digest; they die with the key of their retention class."""

    def put_all(self, leaves: Sequence[Leaf]) -> None:
        """Keep several documents, waiting for the disk together; `put` says when one is kept."""
        ...

    def put(self, digest: str, document: bytes, *, partition: str = "") -> None:
        """Keep a document; on a partition of its own where it may have to be destroyed before all else."""
        ...

    def get(self, digest: str, *, partition: str = "") -> bytes:
        """The document with this digest, on whichever partition or on this one; InputError where there is none, or no
        more."""
        ...

    def several(self, digests: Collection[str]) -> Mapping[str, bytes]:
        """The documents with these digests, without those that are not there or no more."""
        ...

    def partitions(self) -> Mapping[str, frozenset[str]]:
        """Every partition that holds documents, with their digests. O(documents)."""
        ...

    def destroy_partition(self, partition: str) -> int:
        """Destroy a partition's key and with it every document on it; how many. Doing it again removes what is left."""
        ...
