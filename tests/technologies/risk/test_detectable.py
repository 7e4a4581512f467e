"""A difference that would be found grows with the number of tests."""

from __future__ import annotations

from peelian.technologies.risk.detectable import detectable


def test_more_tests_need_a_larger_difference() -> None:
    assert detectable(0.01, 20) > detectable(0.01, 1) > 0.02
