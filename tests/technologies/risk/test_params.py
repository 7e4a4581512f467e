"""Parameters: the defaults hold, and what makes no sense is refused by name."""

from __future__ import annotations

import pytest

from peelian.errors import InputError
from peelian.forms import from_flags
from peelian.technologies.risk.audit.declared import AUDIT, AuditParams


def test_the_defaults_are_allowed_and_flags_fill_them() -> None:
    AUDIT.asks.check(AuditParams())
    filled = from_flags(AuditParams, ["--cut", "5", "--axes", "race,sex", "--crossed", "no", "--cuts", "3,7"])
    assert (filled.cut, filled.axes, filled.crossed, filled.cuts) == (5.0, ("race", "sex"), False, (3.0, 7.0))


@pytest.mark.parametrize(
    ("params", "column"),
    [
        (AuditParams(bootstraps=10), "bootstraps"),
        (AuditParams(level=95), "level"),
        (AuditParams(fewest_events=20), "fewest_events"),
        (AuditParams(cut=float("nan")), "cut"),
        (AuditParams(cuts=(float("inf"),)), "cuts"),
        (AuditParams(cuts=tuple(range(30))), "cuts"),
        (AuditParams(recording=(0.5,)), "recording"),
        (AuditParams(axes=("race", "race")), "axes"),
        (AuditParams(probability=True, low_is_high_risk=True), "probability"),
    ],
)
def test_what_makes_no_sense_is_refused(params: AuditParams, column: str) -> None:
    with pytest.raises(InputError) as error:
        AUDIT.asks.check(params)
    assert error.value.column == column
