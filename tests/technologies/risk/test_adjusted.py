"""Many tests: what is not tested does not count, and a difference that would be found grows with their number."""

from __future__ import annotations

import numpy as np

from peelian.technologies.risk.adjusted import detectable, holm


def test_what_is_not_tested_does_not_raise_the_others() -> None:
    assert holm([0.01, np.nan, 0.5]).tolist()[0] == 0.02 and np.isnan(holm([0.01, np.nan, 0.5])[1])
    assert not len(holm([])) and np.isnan(holm([np.nan])).all()


def test_no_p_value_passes_one_and_order_is_kept() -> None:
    adjusted = holm([0.9, 0.2, 0.6])
    assert adjusted.max() <= 1 and adjusted[1] <= adjusted[2] <= adjusted[0]


def test_more_tests_need_a_larger_difference() -> None:
    assert detectable(0.01, 20) > detectable(0.01, 1) > 0.02
