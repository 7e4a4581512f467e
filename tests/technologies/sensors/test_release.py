"""A day's release: noise as the law says, drawn once, paid, refused when the budget has ended."""

from __future__ import annotations

import hmac
import math
from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import pytest

from peelian.errors import InputError, Refused
from peelian.technologies.sensors.release import (
    DAY_MILLI_EPSILON,
    WINDOW_MILLI_EPSILON,
    Ports,
    count_as_text,
    publishable_count,
    release_day,
)

DAY = date(2026, 3, 1)


def keyed(text: str) -> str:
    return hmac.digest(b"key", text.encode(), "sha256").hex()


class Memory:
    """Answers, a log, and a draw that remembers how often it drew."""

    def __init__(self) -> None:
        self.kept: dict[str, tuple[int, ...]] = {}
        self.log: list[dict[str, Any]] = []
        self.draws = 0

    def find(self, mark: str) -> tuple[int, ...] | None:
        return self.kept.get(mark)

    def keep(self, mark: str, answer: tuple[int, ...]) -> None:
        self.kept[mark] = answer

    def draw(self, counts: Sequence[int], *, sensitivity: int, milli_epsilon: int) -> tuple[int, ...]:
        self.draws += 1
        return tuple(count + self.draws for count in counts)

    def append(self, kind: str, **fields: Any) -> int:
        self.log.append({"kind": kind, **fields})
        return len(self.log)

    @property
    def ports(self) -> Ports:
        return Ports(entries=lambda: list(self.log), answers=self, draw=self.draw, log=self.append, token=keyed)


def test_windows_and_total_have_noise_of_their_own_and_are_paid_for() -> None:
    memory = Memory()
    found = release_day("s-1", DAY, [20] * 96, memory.ports)
    assert found.windows == (21,) * 96 and found.total == 20 * 96 + 2
    spent = [entry for entry in memory.log if entry["kind"] == "NOISE_SPENT"]
    assert [entry["milli_epsilon"] for entry in spent] == [WINDOW_MILLI_EPSILON, DAY_MILLI_EPSILON] == [800, 200]


def test_the_same_day_gets_the_same_answer_whatever_is_asked_later() -> None:
    memory = Memory()
    first = release_day("s-1", DAY, [20] * 96, memory.ports)
    assert release_day("s-1", DAY, [25] * 96, memory.ports) == first and memory.draws == 2


def test_a_second_cut_of_the_same_day_is_refused_and_another_day_or_sensor_is_not() -> None:
    memory = Memory()
    release_day("s-1", DAY, [20] * 96, memory.ports)
    with pytest.raises(Refused, match="0 is left"):
        release_day("s-1", DAY, [80] * 24, memory.ports)
    assert release_day("s-2", DAY, [20] * 24, memory.ports)
    assert release_day("s-1", date(2026, 3, 2), [20] * 24, memory.ports)


@pytest.mark.parametrize(("count", "text"), [(-4, "<15"), (0, "<15"), (14, "<15"), (15, "15"), (230, "230")])
def test_counts_under_15_are_shown_as_that(count: int, text: str) -> None:
    assert count_as_text(publishable_count(count)) == text


@pytest.mark.parametrize("n", [0, 1, 95, 97, 1440])
def test_what_is_no_day_is_refused(n: int) -> None:
    with pytest.raises(InputError, match="day"):
        release_day("s-1", DAY, [1] * n, Memory().ports)


@pytest.mark.parametrize(("milli_epsilon", "published"), [(WINDOW_MILLI_EPSILON, 1.8), (DAY_MILLI_EPSILON, 7.1)])
def test_ten_thousand_real_draws_have_the_stated_deviation(milli_epsilon: int, published: float) -> None:
    pytest.importorskip("opendp", reason="the extra `privacy` is not installed")
    from peelian.integrations.opendp_noise import discrete_laplace

    a = math.exp(-milli_epsilon / 1000)
    law = math.sqrt(2 * a) / (1 - a)  # of the discrete Laplace distribution
    drawn = np.array(discrete_laplace([1_000] * 10_000, sensitivity=1, milli_epsilon=milli_epsilon)) - 1_000
    assert drawn.std() == pytest.approx(law, rel=0.05)
    assert abs(drawn.mean()) < 5 * law / 100
    assert law == pytest.approx(published, rel=0.05)


GAPS = (0, 60, 900, *(0,) * 93)  # seconds of the day's windows


def test_a_window_that_nobody_heard_has_no_count_and_noise_is_drawn_for_it_all_the_same() -> None:
    memory = Memory()
    made = release_day("s-1", DAY, [20] * 96, memory.ports, GAPS)
    assert made.windows[:3] == (21, 21, None) and [made.spoken(i) for i in range(3)] == ["21", "21*", "gap"]
    assert made.gaps == GAPS and made.missing == GAPS and len(memory.kept) == 2
    whole = release_day("s-2", DAY, [20] * 96, memory.ports, [0] * 96)
    assert whole.gaps == () and whole.missing == (0,) * 96


@pytest.mark.parametrize("gaps", [[0] * 95, [-1, *[0] * 95], [901, *[0] * 95]])
def test_gaps_that_are_not_of_these_windows_are_refused(gaps: list[int]) -> None:
    with pytest.raises(InputError, match="gaps"):
        release_day("s-1", DAY, [20] * 96, Memory().ports, gaps)
