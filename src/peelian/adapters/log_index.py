"""Where in the log a mark, a case or a mark before stands: kept in memory, entry by entry."""

from __future__ import annotations

from sys import intern

from peelian.errors import InputError
from peelian.governance.ports import Entry

SEARCHED = ("mark", "case", "before")


class LogIndex:
    """Indexes by value of the searched keys; O(1) an entry, about 500 bytes each. One writer, many readers."""

    __slots__ = ("_places",)

    def __init__(self) -> None:
        self._places: dict[str, dict[str, list[int]]] = {key: {} for key in SEARCHED}

    def add(self, index: int, entry: Entry) -> None:
        """Take note of entry `index`."""
        for key in SEARCHED:
            value = entry.get(key)
            if isinstance(value, str) and value:
                self._places[key].setdefault(intern(value), []).append(index)

    def find(self, key: str, value: str) -> list[int]:
        """Indexes of the entries whose `key` is `value`, in order; InputError for a key that is not searched."""
        if key not in self._places:
            raise InputError(f"the log is not searched by {key!r}", accepted=", ".join(SEARCHED))
        return list(self._places[key].get(value, ()))
