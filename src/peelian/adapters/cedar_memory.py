"""What Cedar answered last, so that the same is not asked again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from threading import Lock
from typing import NamedTuple

import msgspec

from peelian.governance.engine import A_POLICY_FAILED, Id

ANSWERS = 256  # a run asks again what its `ask` did, and a page what the page before it did


class Asked(NamedTuple):
    """Everything that Cedar is told of one question. The same told again has the same answer."""

    person: Id
    action: str
    of: Id
    context: str  # JSON
    shared: str  # facts as JSON: who asks, what for
    alone: str  # and of the paper or dataset that is asked about, "" for none


class Memory:
    """Gives the answers of another, of which it remembers the newest 256.

    Of what was asked only a digest is kept: what somebody wrote, and what facts say, ends with the question, however
    long it is. A failure is asked about again.
    """

    def __init__(self, answer: Callable[[Asked], frozenset[str]]) -> None:
        self._answer = answer
        self._known: dict[bytes, frozenset[str]] = {}  # the least lately wanted first
        self._lock = Lock()

    def __call__(self, asked: Asked) -> frozenset[str]:
        """The policies that say no. ValueError where what is asked is no text, or its facts fit no schema. O(text)."""
        digest = hashlib.sha256(msgspec.json.encode(asked)).digest()
        with self._lock:
            known = self._known.pop(digest, None)
            if known is not None:
                self._known[digest] = known
                return known
        answer = self._answer(asked)
        if A_POLICY_FAILED not in answer:
            with self._lock:
                self._known[digest] = answer
                if len(self._known) > ANSWERS:
                    del self._known[next(iter(self._known))]
        return answer

    def __len__(self) -> int:
        return len(self._known)
