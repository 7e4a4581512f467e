"""Titles of mapping's cases say category, window and cells."""

from __future__ import annotations

from peelian.technologies.mapping.declarations.titles import limited, window

WEEK = {"category": "break_and_enter", "start_day": "2021-03-01", "window_days": 7, "cell_metres": 250}


def test_a_forecast_is_called_by_what_where_and_when() -> None:
    assert window(WEEK) == "Break and enter, week of 2021-03-01, 250 m"
    assert window(WEEK | {"category": "all", "window_days": 14}) == (
        "All reported incidents, 14 days from 2021-03-01, 250 m"
    )
    assert limited(WEEK) == "Break and enter, week of 2021-03-01, 250 m, with exposure limits"
