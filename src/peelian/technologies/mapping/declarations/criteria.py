"""The acceptance criteria that a board can set for a back-test or a sealed trial of forecasts."""

from __future__ import annotations

from peelian.kernel.model.criteria import Criterion

CRITERIA = (
    Criterion(
        word="min_bits_against_long_run",
        title="Bits per incident over the long-run average (95% interval, lower end), at least",
        unit="bits per incident",
        low=-10,
        high=10,
    ),
    Criterion(word="min_hit_rate_1", title="Share of incidents in the top 1% of the area, at least"),
    Criterion(word="min_hit_rate_5", title="Share of incidents in the top 5% of the area, at least"),
    Criterion(word="min_hit_rate_10", title="Share of incidents in the top 10% of the area, at least"),
    Criterion(word="min_origins", title="Windows forecast, at least", unit="windows", low=1, high=1_000, whole=True),
    Criterion(
        word="min_incidents", title="Incidents forecast, at least", unit="incidents", low=1, high=1e6, whole=True
    ),
    Criterion(
        word="max_calibration_error",
        title="Calibration error (share of incidents expected in the wrong decile), at most",
    ),
)
