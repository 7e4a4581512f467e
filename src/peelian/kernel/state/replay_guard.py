"""Replay guard: which signatures and proofs the log has seen. Each serves once.

Of an entry that a person signed it is the signature, of a log-on by code the challenge and the digest of the code, of
an authenticator its challenge. All of them name their time and are taken only while it is the present, so that words
need to be remembered for as long as they might be taken, and no longer.
"""

from __future__ import annotations

from dataclasses import dataclass

from peelian.kernel.model.ports import Entry, Rows
from peelian.kernel.state.projection import words_of


@dataclass(frozen=True, slots=True)
class ReplayGuard:
    """Answers from rows, O(1) each."""

    rows: Rows

    def first(self, entry: Entry, index: int) -> int:
        """The index of the entry that said these words first; `index` where none did before, or it signs nothing."""
        said = (self.rows.row("words", words) for words in words_of(entry))
        return min((int(row["last"]) for row in said if row is not None), default=index)
