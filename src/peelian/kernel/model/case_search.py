"""A search for cases by what their rows say: capability, state, choice, year and words. Never by a person."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchWord:
    """What one word of a search stands for: any of these capabilities, units or cases, or a number's beginning."""

    capabilities: frozenset[str] = frozenset()
    units: frozenset[str] = frozenset()  # words of the log
    cases: frozenset[str] = frozenset()
    case: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseSearch:
    """Cases that meet everything that is said; what is empty or None is not asked for."""

    words: tuple[SearchWord, ...] = ()
    year: str = ""  # of the request, UTC
    capabilities: Collection[str] | None = None
    states: Collection[str] = ()  # words of the log
    choice: str = ""
    published: bool | None = None
