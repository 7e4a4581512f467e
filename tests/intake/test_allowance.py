"""An intake that takes more memory or processor time than allowed ends in an error, and its limits end with it."""

from __future__ import annotations

import signal
import threading

import pytest

from peelian.errors import InputError
from peelian.intake.allowance import Allowance, Meter, allowance_in, metered


def test_one_large_allocation_is_refused_by_the_system_and_told_as_an_error() -> None:
    with pytest.raises(InputError, match="too much memory"), metered("a.csv", Allowance(memory_mib=64)):
        bytearray(4 << 30)
    bytearray(2 << 30)  # afterwards there is no limit any more


def test_one_long_computation_is_ended_and_told_as_an_error() -> None:
    with pytest.raises(InputError, match="too much processor time"), metered("a.csv", Allowance(cpu_seconds=1)):
        while True:
            pass
    assert signal.getitimer(signal.ITIMER_PROF) == (0, 0)


@pytest.mark.parametrize("text", ["0", "-1", "many", "1e9", "9" * 5_000])
def test_a_limit_that_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="PEELIAN_INTAKE_MEMORY"):
        allowance_in({"PEELIAN_INTAKE_MEMORY": text})


def test_a_thread_that_no_signal_reaches_is_ended_between_two_parts() -> None:
    said: list[str] = []

    def intake() -> None:
        with metered("a.csv", Allowance(cpu_seconds=1)) as meter:
            meter.began -= 2
            try:
                meter.check()
            except InputError as error:
                said.append(str(error))

    thread = threading.Thread(target=intake)
    thread.start()
    thread.join()
    assert said and "PEELIAN_INTAKE_SECONDS" in said[0]


def test_within_its_allowance_an_intake_is_let_go_on() -> None:
    Meter(name="a.csv", allowance=Allowance()).check()
