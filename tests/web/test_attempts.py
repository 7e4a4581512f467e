"""Wrong codes: few from one address, not without end from all, forgotten after a while."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path
from time import sleep

import pytest
from desk import desk

from peelian.errors import Refused
from peelian.operations.office import new_office, open_office
from peelian.web.identity.attempts import ALL, EACH, Attempts


def guess(attempts: Attempts, address: str) -> None:
    with attempts.one(address) as wrong:
        wrong()


def test_one_address_has_a_few_tries_and_others_have_theirs() -> None:
    town = desk(())
    attempts = Attempts(town.kernel)
    for _ in range(EACH):
        guess(attempts, "10.0.0.1")
    with pytest.raises(Refused, match="too many"):
        guess(attempts, "10.0.0.1")
    guess(attempts, "10.0.0.2")
    town.clock.days(6 / 1440)
    guess(attempts, "10.0.0.1")
    told = [str(entry) for _, entry in town.kernel.stores.log.read() if entry["kind"] == "LOG_ON_LOCKED"]
    assert len(told) == 1 and "10.0.0.1" not in told[0]


def test_all_addresses_together_have_not_without_end() -> None:
    attempts = Attempts(desk(()).kernel)
    for n in range(ALL):
        guess(attempts, f"10.0.1.{n}")
    with pytest.raises(Refused):
        guess(attempts, "10.0.2.1")


def test_one_household_s_addresses_are_one() -> None:
    """Whoever holds the 64 bits of a household has another address for every guess."""
    attempts = Attempts(desk(()).kernel)
    for n in range(EACH):
        guess(attempts, f"2001:db8::{n:x}")
    with pytest.raises(Refused, match="too many"):
        guess(attempts, "2001:db8::ffff:1")
    guess(attempts, "2001:db8:0:1::1")


def test_a_right_code_does_not_count() -> None:
    attempts = Attempts(desk(()).kernel)
    for _ in range(3 * EACH):
        with attempts.one("10.0.0.1"):
            pass
    with pytest.raises(KeyError), attempts.one("10.0.0.1"):
        raise KeyError  # nor one that could not be looked at
    with ExitStack() as at_once:
        for _ in range(EACH):
            at_once.enter_context(attempts.one("10.0.0.1"))


def test_codes_that_are_tried_at_the_same_time_are_counted_before_they_are_looked_at(tmp_path: Path) -> None:
    """Through two doors of the office, each with a database connection of its own."""
    tried: list[int] = []
    with new_office(tmp_path / "office", name="Town") as office, open_office(tmp_path / "office") as beside:

        def one(n: int) -> None:
            with suppress(Refused), Attempts((office, beside)[n % 2].kernel).one("10.0.0.1") as wrong:
                tried.append(n)
                sleep(0.3)
                wrong()

        with ThreadPoolExecutor(12) as threads:
            list(threads.map(one, range(12)))
    assert len(tried) == EACH
