"""How each affected person is told: directly by default, indirectly only for a reason the law knows; and how far it is.

PIPEDA Regulations 4 and 5: direct notice unless it would harm the person more, be an undue hardship for the office, or
there is no way to reach them. A letter that comes back told nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from peelian.oversight.review.people import Lists, Subject

INDIRECT_FOR = ("more_harm", "no_contact_data", "not_in_lists", "not_reached", "undue_hardship")
"""Reasons for a public notice instead of a letter or a call (words of `letters.REASONS`)."""
STATES = ("planned", "sent", "returned", "told")


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """How one person is told, why so, and how far it is; `indirect` is a public notice and a safe way to ask."""

    channel: str  # letter, call or indirect
    reason: str  # one of letters.REASONS
    state: str = "planned"  # one of `STATES`
    at: str = ""  # ISO time of what the state says, "" while it is planned

    def done(self, *, notice: bool) -> bool:
        """Whether this person was told: written to and nothing came back, spoken to, or told by a public notice that
        stands (`notice`)."""
        if self.channel == "indirect":
            return notice
        return self.state == "told" or (self.channel == "letter" and self.state == "sent")


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
