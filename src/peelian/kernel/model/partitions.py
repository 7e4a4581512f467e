"""Partitions: a dataset sealed as many objects, one for each month and region, and the manifest that lists them.

The digest of what a manifest lists is the dataset's digest: whoever changes, drops or adds a partition has another
dataset. The manifest lies in the archive; an admission's `object` is then the name it has there (64 digits, where a
sealed object's has 32). What one partition's file looks like says `measure/geoparquet`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from peelian.errors import IntegrityError
from peelian.kernel.model.findings import digest_of_bytes
from peelian.measure.canonical import canonical, canonical_digest

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

REGION_METRES = 25_000
MOST_ROWS = 1_000_000  # of one partition's file: more of one month and region are several, so that each fits in memory
VERSION = 1
_MONTH, _REGION = re.compile(r"\d{4}-\d{2}"), re.compile(r"-?\d{1,4}:-?\d{1,4}")
_NAME, _DIGEST = re.compile(r"[0-9a-f]{32}"), re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Partition:
    """One sealed file: the rows of one month and region, or a part of them where they are more than `MOST_ROWS`."""

    month: str  # of the incident's first hour, in the town's civil time: "2021-03"
    region: str  # "east:north", whole squares of 25 km from the dataset's centre: "-1:0"
    object: str  # its name in the vault
    rows: int
    digest: str  # SHA-256 of the file's bytes
    dataset: str = ""  # the dataset it is sealed as, in a dataset that was combined; "" in its own


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """Every partition of a dataset, in order of month, region and digest; and the datasets that were combined to it."""

    partitions: tuple[Partition, ...]
    combined: tuple[tuple[str, str], ...] = ()  # dataset and digest of each, in order
    areas: tuple[str, ...] = ()  # the names of areas in its rows, in order
    salt: str = ""  # of one whose partitions are other datasets': so that each is called something else

    @property
    def rows(self) -> int:
        """How many rows the dataset has."""
        return sum(one.rows for one in self.partitions)

    @property
    def digest(self) -> str:
        """The dataset's digest: SHA-256 of months, regions, rows and digests. The same rows sealed again have it."""
        return canonical_digest([[one.month, one.region, one.rows, one.digest] for one in self.partitions])

    @property
    def name(self) -> str:
        """What it is called in the archive: SHA-256 of its bytes."""
        return digest_of_bytes(self.to_bytes())

    def to_bytes(self) -> bytes:
        """The canonical spelling, as the archive keeps it."""
        return canonical(_spelled(self))

    def of(self, object: str) -> Partition | None:
        """The partition sealed as this object."""
        return next((one for one in self.partitions if one.object == object), None)


def manifest_of(
    partitions: Iterable[Partition], combined: Iterable[tuple[str, str]] = (), areas: Iterable[str] = (), salt: str = ""
) -> Manifest:
    """The manifest of these partitions, put in order. O(n log n).

    >>> one = Partition(month="2021-03", region="-1:0", object="0" * 32, rows=3, digest="0" * 64)
    >>> made = manifest_of([one])
    >>> made.rows, manifest_in(made.to_bytes(), made.name) == made
    (3, True)
    """
    ordered = sorted(partitions, key=lambda one: (one.month, one.region, one.digest, one.object))
    named = tuple(sorted({*areas} - {""}))
    return Manifest(partitions=tuple(ordered), combined=tuple(sorted(combined)), areas=named, salt=salt)


def lists_partitions(object: str) -> bool:
    """Whether an admission's object is the name of a manifest, and not of a sealed object."""
    return bool(_DIGEST.fullmatch(object))


def manifest_in(content: bytes, name: str) -> Manifest:
    """The manifest that `to_bytes` wrote; IntegrityError where it is none, or is not the one of this name."""
    try:
        body = msgspec.json.decode(content)
        made = Manifest(
            partitions=tuple(map(_partition, body["partitions"])),
            combined=tuple((str(name), str(of)) for name, of in body["combined"]),
            areas=tuple(map(str, body["areas"])),
            salt=str(body["salt"]),
        )
    except (ValueError, KeyError, TypeError):
        raise IntegrityError("A dataset's list of partitions cannot be read.") from None
    if made.name != name:
        raise IntegrityError("The archive holds an altered list of partitions.")
    return made


def regions_of(east: NDArray[np.float64], north: NDArray[np.float64]) -> NDArray[np.int32]:
    """The square of 25 km of each point (metres of the centre) as int32[n, 2]: east, north. O(n)."""
    import numpy as np

    return np.floor(np.stack([east, north], axis=1) / REGION_METRES).astype(np.int32)


def _spelled(manifest: Manifest) -> dict[str, Any]:
    return {
        "version": VERSION,
        "partitions": [
            [one.month, one.region, one.object, one.rows, one.digest, one.dataset] for one in manifest.partitions
        ],
        "combined": [list(one) for one in manifest.combined],
        "areas": list(manifest.areas),
        "salt": manifest.salt,
    }


def _partition(told: Any) -> Partition:
    month, region, object_, rows, digest, dataset = told
    shaped = ((_MONTH, month), (_REGION, region), (_NAME, object_), (_DIGEST, digest))
    if not all(shape.fullmatch(text) for shape, text in shaped) or not isinstance(rows, int) or rows < 1:
        raise ValueError
    return Partition(month=month, region=region, object=object_, rows=rows, digest=digest, dataset=str(dataset))
