"""How often somebody may try a wrong code: a few times from one address, and not without end from all together."""

from __future__ import annotations

import threading
from collections import deque
from datetime import datetime, timedelta

from peelian.errors import Refused
from peelian.kernel.model.pseudonyms import ADDRESS
from peelian.kernel.policy.authorize import refusal
from peelian.kernel.state.kernel import Kernel

EACH, ALL, WITHIN = 5, 60, timedelta(minutes=5)


class Attempts:
    """Wrong codes of the last minutes, by address. Addresses that tried no more are forgotten."""

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel
        self._wrong: deque[tuple[datetime, str]] = deque(maxlen=ALL)
        self._lock = threading.Lock()

    def must_not_be_too_many(self, address: str) -> None:
        """Refused while too many wrong codes came from this address, or from all."""
        with self._lock:
            self._forget()
            own = sum(where == address for _, where in self._wrong)
            if own >= EACH or len(self._wrong) >= ALL:
                says = "too many wrong codes"
                raise Refused([refusal("a_code_is_not_guessed", says, "Wait five minutes, then get a new code.")])

    def wrong(self, address: str) -> None:
        """One more; the log says when an address, or all together, has reached what is too many."""
        with self._lock:
            self._forget()
            self._wrong.append((self.kernel.now(), address))
            own = sum(where == address for _, where in self._wrong)
            if own == EACH or len(self._wrong) == ALL:
                self.kernel.append("LOG_ON_LOCKED", address=self.kernel.office.token(address, of=ADDRESS))

    def _forget(self) -> None:
        now = self.kernel.now()
        while self._wrong and now - self._wrong[0][0] >= WITHIN:
            self._wrong.popleft()
