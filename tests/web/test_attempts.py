"""Wrong codes: few from one address, not without end from all, forgotten after a while."""

from __future__ import annotations

import pytest
from desk import desk

from peelian.errors import Refused
from peelian.web.attempts import ALL, EACH, Attempts


def test_one_address_has_a_few_tries_and_others_have_theirs() -> None:
    town = desk(())
    attempts = Attempts(town.kernel)
    for _ in range(EACH):
        attempts.must_not_be_too_many("10.0.0.1")
        attempts.wrong("10.0.0.1")
    with pytest.raises(Refused, match="too many"):
        attempts.must_not_be_too_many("10.0.0.1")
    attempts.must_not_be_too_many("10.0.0.2")
    town.clock.days(6 / 1440)
    attempts.must_not_be_too_many("10.0.0.1")
    told = [str(entry) for _, entry in town.kernel.stores.log.read() if entry["kind"] == "LOG_ON_LOCKED"]
    assert len(told) == 1 and "10.0.0.1" not in told[0]


def test_all_addresses_together_have_not_without_end() -> None:
    attempts = Attempts(desk(()).kernel)
    for n in range(ALL):
        attempts.wrong(f"10.0.1.{n}")
    with pytest.raises(Refused):
        attempts.must_not_be_too_many("10.0.2.1")
