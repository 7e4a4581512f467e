"""A difference that would be found grows with the number of tests."""

from __future__ import annotations

import numpy as np

from peelian.technologies.risk.measure.jackknife import detectable, judge


def test_more_tests_need_a_larger_difference() -> None:
    assert detectable(0.01, 20) > detectable(0.01, 1) > 0.02


def test_fewer_groups_of_persons_need_a_larger_difference() -> None:
    assert detectable(0.01, 1, 25) > detectable(0.01, 1, 50) > detectable(0.01, 1)


def test_rows_are_judged_together() -> None:
    rows: list[dict[str, object]] = [
        {"p": 0.02, "above": True, "error": 0.1, "groups": np.inf, "verdict": ""},
        {"p": 0.0001, "above": False, "error": 0.1, "groups": np.inf, "verdict": ""},
        {"verdict": "too few"},
    ]
    assert judge(rows, ("more", "less", "none")) == 2
    assert [row["verdict"] for row in rows] == ["more", "less", "too few"] and rows[1]["p"] == 0.0002
    assert judge([*rows[:1], *({**rows[0], "p": 0.9} for _ in range(3))], ("more", "less", "none")) == 4
    assert rows[0]["verdict"] == "none", "one of four"
