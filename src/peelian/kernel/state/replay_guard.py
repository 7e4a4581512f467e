"""Replay guard: which signatures and proofs the log has seen. Each serves once.

Of an entry that a person signed it is the signature, of a log-on by code the challenge and the digest of the code, of
an authenticator its challenge. All of them name their time and are taken only while it is the present, so that words
need to be remembered for as long as they might be taken, and no longer.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from peelian.kernel.model.ports import Entry

REMEMBERED = timedelta(hours=1)  # the longest that any of them is taken is ten minutes


@dataclass(slots=True)
class ReplayGuard:
    """Folded from the log, one entry at a time. O(1) each; grows with the signed acts of an hour."""

    _first: dict[str, int] = field(default_factory=dict)  # the words → the entry that said them first
    _said: deque[tuple[datetime, str]] = field(default_factory=deque)

    def fold(self, index: int, entry: Entry) -> None:
        """Bring it in step with one entry."""
        for words in words_of(entry):
            at = datetime.fromisoformat(str(entry["t"]))
            if words not in self._first:
                self._first[words] = index
                self._said.append((at, words))
            while self._said and at - self._said[0][0] > REMEMBERED:
                del self._first[self._said.popleft()[1]]

    def first(self, entry: Entry, index: int) -> int:
        """The index of the entry that said these words first; `index` where none did before, or it signs nothing."""
        return min((self._first.get(words, index) for words in words_of(entry)), default=index)


def words_of(entry: Entry) -> Iterator[str]:
    """The words in an entry that serve once, spelled in one way."""
    if "signature" in entry:
        yield str(entry["signature"]).lower()
    if "pass" in entry:
        yield f"{entry.get('nonce')}.{entry.get('code')}"
    if "challenge" in entry:
        yield str(entry["challenge"])
