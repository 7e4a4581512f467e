"""Replay guard: which signatures and proofs the log has seen. Each serves once.

Of an entry that a person signed it is the signature, of a log-on by code the challenge and the digest of the code, of
an authenticator its challenge. All of them name their time and are taken only while it is the present; the log knows
them for good.
"""

from __future__ import annotations

from dataclasses import dataclass

from peelian.kernel.model.ports import Entry, Log
from peelian.kernel.state.projection import words_of


@dataclass(frozen=True, slots=True)
class ReplayGuard:
    """Answers from the log, O(1) each."""

    log: Log

    def first(self, entry: Entry, index: int) -> int:
        """The index of the entry that said these words first; `index` where none did before, or it signs nothing."""
        words = words_of(entry)
        found = self.log.find("said", words) if words else []
        return found[0] if found else index
