"""A tally by name of which those who judge are given one and the same copy for as long as it stays as it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping
from threading import RLock
from types import MappingProxyType
from typing import TypeVar

T = TypeVar("T")


class Steady(MutableMapping[str, T]):
    """By name. Two copies of it that are one are equal at a glance, however many names it has.

    Who takes a copy while another thread changes it is given it as it was or as it is, and the next one is given it as
    it is.
    """

    def __init__(self, first: Mapping[str, T] | None = None) -> None:
        self._changing = RLock()
        self._all: dict[str, T] = dict(first or {})
        self._now: Mapping[str, T] | None = None

    def __getitem__(self, name: str) -> T:
        return self._all[name]

    def __setitem__(self, name: str, one: T) -> None:
        with self._changing:
            self._all[name], self._now = one, None

    def __delitem__(self, name: str) -> None:
        with self._changing:
            del self._all[name]
            self._now = None

    def __contains__(self, name: object) -> bool:
        return name in self._all

    def __iter__(self) -> Iterator[str]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)

    def __repr__(self) -> str:
        return f"Steady({self._all!r})"

    def now(self) -> Mapping[str, T]:
        """All of it as it stands, never to change. O(names) after something came or went, else O(1)."""
        with self._changing:
            if self._now is None:
                self._now = MappingProxyType(self._all.copy())
            return self._now
