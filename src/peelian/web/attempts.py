"""How often somebody may try a wrong code: a few times from one address, and not without end from all together."""

from __future__ import annotations

import threading
from collections import deque
from datetime import datetime, timedelta

from peelian.errors import Refused
from peelian.governance.acts import no
from peelian.governance.house import House
from peelian.governance.tokens import ADDRESS

EACH, ALL, WITHIN = 5, 60, timedelta(minutes=5)


class Attempts:
    """Wrong codes of the last minutes, by address. Addresses that tried no more are forgotten."""

    def __init__(self, house: House) -> None:
        self.house = house
        self._wrong: deque[tuple[datetime, str]] = deque(maxlen=ALL)
        self._lock = threading.Lock()

    def must_not_be_too_many(self, address: str) -> None:
        """Refused while too many wrong codes came from this address, or from all."""
        with self._lock:
            self._forget()
            own = sum(where == address for _, where in self._wrong)
            if own >= EACH or len(self._wrong) >= ALL:
                says = "too many wrong codes"
                raise Refused([no("a_code_is_not_guessed", says, "Wait five minutes, then get a new code.")])

    def wrong(self, address: str) -> None:
        """One more; the log says when an address, or all together, has reached what is too many."""
        with self._lock:
            self._forget()
            self._wrong.append((self.house.now(), address))
            own = sum(where == address for _, where in self._wrong)
            if own == EACH or len(self._wrong) == ALL:
                self.house.append("LOG_ON_LOCKED", address=self.house.token(address, of=ADDRESS))

    def _forget(self) -> None:
        now = self.house.now()
        while self._wrong and now - self._wrong[0][0] >= WITHIN:
            self._wrong.popleft()
