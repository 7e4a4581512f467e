"""Rows left out, counted by reason; an unreadable row stops the import or is counted, as asked."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from peelian.errors import InputError
from peelian.kernel.model.formats import Dropped

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

NO_PLACE = "No location"
NULL_ISLAND = "Location given as 0, 0"
NO_TIME = "No date"
FAR_AWAY = "Location far outside the town"
BAD_PLACE = "Unreadable location"
BAD_TIME = "Unreadable date"
BACKWARDS = "End before start"
BEFORE = "Incident before the first day requested"
AFTER = "Incident after the last day requested"


@dataclass(slots=True, kw_only=True)
class Drops:
    """The tally of one admission: for each reason how many rows and the first of them."""

    stop: bool = True  # a row that cannot be read ends the admission
    told: set[str] = field(default_factory=set)  # how rows were read, where that must be said
    _counts: dict[str, tuple[int, int]] = field(default_factory=dict)

    def drop(self, why: str, gone: Bools, rows: Ints) -> Bools:
        """Count the rows in `gone` under `why`; returns which rows stay."""
        if bool(gone.any()):
            n, first = self._counts.get(why, (0, int(rows[gone.argmax()])))
            self._counts[why] = (n + int(gone.sum()), first)
        return ~gone

    def unreadable(self, why: str, bad: Bools, rows: Ints, fault: InputError) -> Bools:
        """As `drop` when bad rows are to be dropped; else `fault` is raised for the first bad row."""
        if self.stop and bool(bad.any()):
            row = int(rows[bad.argmax()])
            raise InputError(fault.wrong, accepted=fault.accepted, row=row, column=fault.column)
        return self.drop(why, bad, rows)

    def add(self, later: Drops) -> None:
        """Count what was dropped of a later part, and keep what it tells."""
        self.told |= later.told
        for why, (n, row) in later._counts.items():
            before, first = self._counts.get(why, (0, row))
            self._counts[why] = (before + n, first)

    def listed(self) -> tuple[Dropped, ...]:
        """Every reason with its count, the most frequent first."""
        ordered = sorted(self._counts.items(), key=lambda item: -item[1][0])
        return tuple(Dropped(why=why, n=n, first_row=first) for why, (n, first) in ordered)

    def total(self) -> int:
        """How many rows were dropped."""
        return sum(n for n, _ in self._counts.values())


def drops_for(on_bad_row: str) -> Drops:
    """An empty tally for the option `on_bad_row`: "stop" or "drop"."""
    return Drops(stop=on_bad_row != "drop")
