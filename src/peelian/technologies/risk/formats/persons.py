"""Put the rows of one person together without keeping who it is: pseudonyms become one of 50 replicate groups.

Assessments of one person are alike. Intervals that leave out one replicate group at a time take this into account
(`jackknife`). A pseudonym is hashed while a part of the file is read; only the number of its group stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from peelian.errors import InputError
from peelian.kernel.model.capability import Note, Scalar
from peelian.technologies.risk.formats.cells import MISSING
from peelian.technologies.risk.measure.counts import Floats, Mask, Wholes, each_once

MOST_FOLDS = 50
FEW_PERSONS = 5_000
"""Up to here persons are dealt one by one, so that groups are equally large; of more persons the hash decides."""
LONGEST_PSEUDONYM = 64
MARKS = 24
"""Bits of the place that remembers a person: of a million persons, 3 in 100 are taken for one that was there before."""
EVER = 2
"""What `Persons.first` counts beside the outcomes 0 and 1: persons, whatever the outcome."""
ASSESSED = "%(assessments)d assessments of %(people)d people. Intervals allow for several assessments of one person."
NAMELESS = "%(n)d %(n:row has|rows have) no pid. Each counts as a person of its own."
Hashes = NDArray[np.uint64]
_NOBODY = np.array([form(word) for word in sorted(MISSING) for form in (str, str.upper, str.capitalize)], dtype="S")
_FIRST, _SECOND, _STEP = (np.uint64(c) for c in (0xBF58476D1CE4E5B9, 0x94D049BB133111EB, 0x9E3779B97F4A7C15))


@dataclass(slots=True)
class Persons:
    """Hashes of the persons seen so far, each once (8 bytes a person), and how many rows are theirs."""

    rows: int = 0
    nameless: int = 0  # rows without a pseudonym: each counts as a person
    few: bool = True
    _seen: Hashes = field(default_factory=lambda: np.empty(0, dtype=np.uint64))
    _new: list[Hashes] = field(default_factory=list)
    _waiting: int = 0
    _met: list[Mask] = field(default_factory=lambda: [np.zeros(2**MARKS, dtype=np.bool_) for _ in range(3)])

    @property
    def count(self) -> int:
        """How many persons there are."""
        self._merge()
        return len(self._seen)

    @property
    def repeated(self) -> bool:
        """Whether some person has several rows."""
        return self.count < self.rows

    @property
    def facts(self) -> dict[str, Scalar]:
        """How many persons and rows there are, where some person has several rows."""
        return {"people": self.count, "assessments": self.rows} if self.repeated else {}

    @property
    def notes(self) -> Iterator[Note]:
        """What the town should know of the pseudonyms of its file."""
        if self.repeated:
            yield Note(text=ASSESSED, values=self.facts, kind="caveat")
        if self.nameless:
            yield Note(text=NAMELESS, values={"n": self.nameless}, kind="caveat")

    def told(
        self, text: NDArray[Any], column: str, kept: Mask, rows: Wholes, earlier: Iterable[Floats]
    ) -> tuple[Floats, Hashes]:
        """(a number for the person of each row, 0 where it is not kept; hashes of those kept). O(rows log rows).

        `earlier` are numbers given before: where persons have become many, they become those of replicate groups.
        """
        numbers, few = np.zeros(len(kept)), self.few
        hashes, nameless = hashed(text, rows, column)
        numbers[kept] = self.met(hashes[kept])
        self.nameless += int((nameless & kept).sum())
        if few and not self.few:
            for given in earlier:
                given[:] = grouped_by_hash(given)
        return numbers, hashes[kept]

    def first(self, hashes: Hashes, among: Mask, of: int) -> Floats:
        """1 for the first row of each person among some rows, else 0. O(rows log rows).

        `of` says what is counted: persons with outcome 0, with 1, or EVER there. Of two persons with one place among
        2^24 only the first is counted: sums never exceed the persons.
        """
        found, met = np.zeros(len(hashes)), self._met[of]
        place = (hashes >> np.uint64(64 - MARKS)).astype(np.int64)
        mine = np.flatnonzero(among & ~met[place])
        found[mine[each_once(place[mine], 2**MARKS)[0]]] = 1
        met[place[mine]] = True
        return found

    def folds(self, numbers: Floats) -> Floats:
        """The replicate group of each person's number; 0 where nobody has several rows."""
        if not self.repeated:
            return np.zeros(len(numbers))
        return dealt(numbers) if self.few else numbers

    def met(self, hashes: Hashes) -> Floats:
        """A number for each row: of its person while persons are few, else of its replicate group. O(rows log rows)."""
        self.rows += len(hashes)
        self._new.append(_distinct(hashes))
        self._waiting += len(self._new[-1])
        if self.few or self._waiting > max(1_000_000, len(self._seen) // 2):
            self._merge()
            self.few = self.few and len(self._seen) <= FEW_PERSONS
        numbers = (hashes >> np.uint64(12)).astype(np.float64)  # 52 bits: what a float holds exactly
        return numbers if self.few else grouped_by_hash(numbers)

    def _merge(self) -> None:
        if self._new:
            self._seen = _distinct(np.concatenate([self._seen, *self._new]))
            self._new, self._waiting = [], 0


def _distinct(hashes: Hashes) -> Hashes:
    """Each hash once. Sorting is several times faster than numpy's unique, which keeps a hash table of hashes."""
    ordered = np.sort(hashes)
    first = np.append(True, ordered[1:] != ordered[:-1])[: len(ordered)]
    return np.asarray(ordered[first], dtype=np.uint64)


def grouped_by_hash(numbers: Floats) -> Floats:
    """The replicate group of each person's number, where persons are many."""
    return np.asarray(numbers % MOST_FOLDS, dtype=np.float64)


def dealt(numbers: Floats) -> Floats:
    """The replicate group of each person's number, where persons are few: in the order of their hashes, one by one.

    >>> dealt(np.array([9.0, 4.0, 9.0])).tolist()
    [1.0, 0.0, 1.0]
    """
    return np.asarray(np.unique(numbers, return_inverse=True)[1] % MOST_FOLDS, dtype=np.float64)


def hashed(pseudonyms: NDArray[Any], rows: Wholes, column: str) -> tuple[Hashes, NDArray[np.bool_]]:
    """(a 64-bit hash of each pseudonym, which rows have none). Without one, the row's number stands for it. O(bytes).

    Pseudonyms are bytes or texts. InputError: one is longer than 64 bytes. Blanks around it do not count.
    """
    if pseudonyms.dtype.kind == "f":
        texts = np.array([b"" if np.isnan(v) else repr(v).removesuffix(".0").encode() for v in pseudonyms.tolist()])
    elif pseudonyms.dtype.kind == "S":
        texts = pseudonyms
    else:
        texts = np.array([str(v).strip().encode() for v in pseudonyms.tolist()] or [b""], dtype=np.bytes_)
    width = texts.dtype.itemsize
    if width > LONGEST_PSEUDONYM:
        at = np.flatnonzero(np.char.str_len(texts) > LONGEST_PSEUDONYM)
        if at.size:
            raise InputError("pid too long", row=int(rows[at[0]]), column=column, accepted="at most 64 bytes")
    total = _coded(texts)
    none = (total == 0) | np.isin(total, _coded(_NOBODY))
    with np.errstate(over="ignore"):
        return np.where(none, _mixed(rows.astype(np.uint64) + _STEP), _mixed(total)), none


def _coded(texts: NDArray[np.bytes_]) -> Hashes:
    """One number for each text, 0 for an empty one."""
    width = texts.dtype.itemsize
    letters = np.zeros((len(texts), -(-width // 8) * 8), dtype=np.uint8)
    letters[:, :width] = np.ascontiguousarray(texts).view(np.uint8).reshape(len(texts), width)
    letters[letters == ord(" ")] = 0
    total = np.zeros(len(texts), dtype=np.uint64)
    for place, word in enumerate(np.ascontiguousarray(letters).view(np.uint64).T, start=1):
        # Padding adds nothing: the hash is the same whatever the width of the part.
        with np.errstate(over="ignore"):
            salted = word ^ (_STEP * np.uint64(place))
        total += np.where(word != 0, _mixed(salted), np.uint64(0))
    return total


def _mixed(x: Hashes) -> Hashes:
    """The finishing step of SplitMix64 (Steele, Lea, Flood 2014): each bit in moves each bit out."""
    with np.errstate(over="ignore"):
        x = (x ^ (x >> np.uint64(30))) * _FIRST
        x = (x ^ (x >> np.uint64(27))) * _SECOND
        return np.asarray(x ^ (x >> np.uint64(31)), dtype=np.uint64)
