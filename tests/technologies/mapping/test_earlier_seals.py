"""Seals that follow one another: one trial of windows each forecast last, and nothing that would not be one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from peelian.errors import InputError
from peelian.kernel.model.custody_declarations import Moment
from peelian.technologies.mapping.earlier_seals import all_parts, carried_on, opened, sealed_on
from peelian.technologies.mapping.scoring import sealed_example
from peelian.technologies.mapping.sealed_forecasts import Part

WEEK = 168.0
DATASET = replace(
    sealed_example(4), history=(Moment(index=3, entry={"kind": "DERIVED", "t": "2019-11-29T12:00:00.00Z"}),)
)
EARLIER = opened(DATASET)


def later(weeks: float, factor: float = 2.0, **facts: object):  # type: ignore[no-untyped-def]
    """The same forecasts times `factor`, beginning `weeks` after the earlier ones."""
    start = EARLIER.start_hour + weeks * WEEK
    changed = {**EARLIER.facts, "start_hour": start, **facts}
    return replace(EARLIER, expected=EARLIER.expected * factor, facts=changed, last_start_hour=start)


@pytest.mark.parametrize("weeks", [1, 2, 4])
def test_each_window_is_scored_with_the_forecast_sealed_last_before_it(weeks: int) -> None:
    made = carried_on(EARLIER, later(weeks), DATASET)
    assert made.start_hour == EARLIER.start_hour and made.expected.shape[1] == weeks + 4
    assert np.array_equal(made.expected[:, :weeks], EARLIER.expected[:, :weeks])
    assert np.array_equal(made.expected[:, weeks:], EARLIER.expected * 2)
    assert made.parts == (Part(start_hour=EARLIER.start_hour, sealed_on="2019-11-29T12:00:00.00Z"),)
    assert [part.start_hour for part in all_parts(made, DATASET)] == [EARLIER.start_hour, made.last_start_hour]


def test_a_third_seal_carries_both_dates_on() -> None:
    second = carried_on(EARLIER, later(1), DATASET)
    third = carried_on(second, later(2, 3.0), replace(DATASET, history=()))
    assert [part.sealed_on for part in third.parts] == ["2019-11-29T12:00:00.00Z", ""], "an unknown date stays unknown"
    assert third.expected.shape[1] == 6 and np.array_equal(third.expected[:, 1], EARLIER.expected[:, 0] * 2)


@pytest.mark.parametrize("weeks", [0, -1, 0.5, 5])
def test_windows_that_leave_a_gap_or_begin_no_later_are_refused(weeks: float) -> None:
    with pytest.raises(InputError, match="do not follow those sealed earlier"):
        carried_on(EARLIER, later(weeks), DATASET)


def test_another_question_or_other_bars_are_no_trial_together() -> None:
    with pytest.raises(InputError, match="differs in: model, criteria"):
        carried_on(EARLIER, replace(later(1, model="uniform"), criteria={"min_hit_rate_5": 0.0}), DATASET)


def test_what_holds_no_forecasts_is_refused() -> None:
    with pytest.raises(InputError, match="not a sealed forecast"):
        opened(replace(DATASET, stream=None))
    assert sealed_on(replace(DATASET, history=())) == ""
