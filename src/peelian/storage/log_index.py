"""Log index: where each digest, case and predecessor stands in the log, in memory."""

from __future__ import annotations

from collections.abc import Sequence
from sys import intern

from peelian.errors import InputError
from peelian.kernel.model.ports import Entry

SEARCHED = ("document", "case", "before")


class LogIndex:
    """Indexes by value of the searched keys; O(1) an entry, about 400 bytes each. One writer, many readers."""

    __slots__ = ("_places",)

    def __init__(self) -> None:
        self._places: dict[str, dict[str, int | list[int]]] = {key: {} for key in SEARCHED}

    def add(self, index: int, entry: Entry) -> None:
        """Take note of entry `index`."""
        self.extend(index, [entry])

    def extend(self, first: int, entries: Sequence[Entry]) -> None:
        """Take note of entries that lie side by side, the first of them entry `first`."""
        for key, places in self._places.items():
            for index, entry in enumerate(entries, first):
                value = entry.get(key)
                if not value or not isinstance(value, str):
                    continue
                known = places.get(value)
                if known is None:  # most values stand in one place: a number takes less than a list of one
                    places[intern(value)] = index
                elif isinstance(known, int):
                    places[value] = [known, index]
                else:
                    known.append(index)

    def find(self, key: str, value: str) -> list[int]:
        """Indexes of the entries whose `key` is `value`, in order; InputError for a key that is not searched."""
        if key not in self._places:
            raise InputError(f"the log cannot be searched by {key!r}", accepted=", ".join(SEARCHED))
        known = self._places[key].get(value, [])
        return [known] if isinstance(known, int) else list(known)
