"""Covered, late, stopped early, muted, absent: the rules on cases by hand, and against a slow second statement."""

from __future__ import annotations

import numpy as np
import pytest

from peelian.measure.rates import wilson
from peelian.measure.table import Kind, Table, table
from peelian.technologies.footage.activation.case import activation_table, reason_table
from peelian.technologies.footage.activation.declared import OUTCOMES
from peelian.technologies.footage.activation.matching import outcomes


def calls(*rows: tuple[str, int, int]) -> Table:
    units, arrived, cleared = zip(*rows, strict=True)
    return table(
        "dispatch",
        {
            "unit": (Kind.GROUP, list(units)),
            "type": (Kind.GROUP, ["x"] * len(rows)),
            "arrived": (Kind.COUNT, np.array(arrived)),
            "cleared": (Kind.COUNT, np.array(cleared)),
        },
    )


def recordings(*rows: tuple[str, int, int, int]) -> Table:
    units, started, stopped, muted = zip(*rows, strict=True) if rows else ((), (), (), ())
    return table(
        "recordings",
        {
            "unit": (Kind.GROUP, np.array(units, dtype=object)),
            "started": (Kind.COUNT, np.array(started, dtype=np.int64)),
            "stopped": (Kind.COUNT, np.array(stopped, dtype=np.int64)),
            "muted_seconds": (Kind.COUNT, np.array(muted, dtype=np.int64)),
            "reason": (Kind.GROUP, np.array(["other"] * len(rows), dtype=object)),
        },
    )


@pytest.mark.parametrize(
    ("running", "word"),
    [
        ([(990, 2000, 0)], "covered"),
        ([(1030, 2000, 0)], "covered"),
        ([(1031, 2000, 0)], "late"),
        ([(990, 1999, 0)], "stopped_early"),
        ([(990, 1500, 0), (1530, 2000, 0)], "covered"),
        ([(990, 1500, 0), (1531, 2000, 0)], "stopped_early"),
        ([(990, 2000, 1)], "muted"),
        ([(100, 999, 0)], "absent"),
        ([(2001, 3000, 0)], "absent"),
        ([], "absent"),
        ([(0, 5000, 0), (1100, 1200, 0)], "covered"),
    ],
)
def test_each_outcome_by_hand(running: list[tuple[int, int, int]], word: str) -> None:
    own = recordings(*(("a", *r) for r in running), ("b", 0, 9000, 0))
    assert list(OUTCOMES)[int(outcomes(calls(("a", 1000, 2000)), own)[0])] == word


def slow(call: tuple[str, int, int], all_: list[tuple[str, int, int, int]], grace: int) -> str:
    """The same rules once more, second by second in words rather than in spans."""
    unit, came, went = call
    own = [r for r in all_ if r[0] == unit and r[1] <= went and r[2] >= came]
    if not own:
        return "absent"
    if min(r[1] for r in own) > came + grace:
        return "late"
    without = 0
    on = {second for r in own for second in range(max(r[1], came), min(r[2], went) + 1)}
    begun = False
    for second in range(came, went + 1):
        if second in on:
            begun, without = True, 0
        elif begun:
            without += 1
            if without >= grace or second == went:
                return "stopped_early"
    return "muted" if any(r[3] for r in own) else "covered"


def test_random_calls_agree_with_the_second_statement() -> None:
    rng = np.random.default_rng(5)
    listed = [
        (str(rng.choice(["a", "b"])), int(s), int(s + rng.integers(0, 80)), int(rng.random() < 0.1))
        for s in rng.integers(0, 2000, 120)
    ]
    asked = [
        (str(rng.choice(["a", "b", "c"])), int(s), int(s + rng.integers(1, 90))) for s in rng.integers(0, 2000, 600)
    ]
    found = outcomes(calls(*asked), recordings(*listed), grace=10)
    words = [slow(call, listed, 10) for call in asked]
    assert [list(OUTCOMES)[i] for i in found] == words
    assert set(words) == set(OUTCOMES), "every outcome was met"


def test_shares_carry_wilson_intervals_in_the_order_of_the_alphabet() -> None:
    made = activation_table(calls(("b", 0, 9), ("a", 0, 9), ("a", 0, 9)), np.array([4, 0, 0]))
    assert [(row[0], row[1]) for row in made.rows()] == [("all", "all"), ("type", "x"), ("unit", "a"), ("unit", "b")]
    low, high = wilson(2, 3)
    assert made["low"][0] == pytest.approx(float(low)) and made["high"][0] == pytest.approx(float(high))
    assert made["share"].tolist() == pytest.approx([2 / 3, 2 / 3, 1, 0])


def test_reasons_are_counted_but_not_the_end_of_a_call() -> None:
    listed = recordings(("a", 0, 1, 0), ("a", 0, 1, 0))
    assert list(reason_table(listed).rows()) == [("other", 2)]
