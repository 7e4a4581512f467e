"""How many requests fuzzing sends: a few hundred in `make test`, 10,000 to each door in `make test-all`."""

from __future__ import annotations

import os
from collections.abc import Callable

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

SENT = int(os.environ.get("PEELIAN_FUZZ", "300"))


def fuzz(of: int, send: Callable[[st.DataObject], None]) -> None:
    """Send so many requests to one of `of` addresses that all of them together get `SENT`; hypothesis makes them up."""

    @settings(
        max_examples=max(2, -(-SENT // of)), deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(data=st.data())
    def sent(data: st.DataObject) -> None:
        send(data)

    sent()
