"""How each affected person is told: directly by default, indirectly only for a reason the law knows, per person.

PIPEDA Regulations 4 and 5: direct notice unless it would harm the person more, be an undue hardship for the office, or
there is no way to reach them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from peelian.oversight.review.people import Lists, Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """How one person is told, and why so; `indirect` is a public notice and a safe way to ask."""

    channel: str  # letter, call or indirect
    reason: str  # one of letters.REASONS


def channels(lists: Lists, affected: Iterable[str], *, hardship: bool = False) -> Mapping[str, Told]:
    """A channel for every affected person, without exception. `hardship` is a decision of the privacy officer, which
    the register then carries for each person. O(affected)."""
    return {token: _channel(lists.subjects.get(token), hardship=hardship) for token in sorted(affected)}


def _channel(subject: Subject | None, *, hardship: bool) -> Told:
    if subject is None:
        return Told(channel="indirect", reason="not_in_lists")
    if not subject.safe:
        return Told(channel="indirect", reason="more_harm")
    if not (subject.mail or subject.phone):
        return Told(channel="indirect", reason="no_contact_data")
    if hardship:
        return Told(channel="indirect", reason="undue_hardship")
    return Told(channel="letter" if subject.mail else "call", reason="direct_by_default")
