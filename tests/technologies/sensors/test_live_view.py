"""The live page's panels: a value or "<15", a state in words, and nothing where there is nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sensing import a_sensor

from peelian.pictures.panels import Grid, Paragraph, Picture
from peelian.pictures.words import english
from peelian.technologies.sensors.live_view import Drawn, State, chart_panels, gap_panels, state_panels

NOW = datetime(2026, 3, 2, 12, 5, tzinfo=UTC)


def state(**more: object) -> State:
    of = {"sensor": a_sensor(), "latest": None, "released": "", "heard": NOW, "refused": 0}
    return State(**(of | more))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "measure", "told"),
    [
        (None, "people", "<15 people"),
        (15.0, "people", "15 people"),
        (51.26, "noise", "51.3 dB(A)"),
        (None, "noise", "– dB(A)"),
    ],
)
def test_a_value_is_told_with_its_time_and_unit(value: float | None, measure: str, told: str) -> None:
    (grid,) = state_panels([state(latest=(NOW.replace(minute=0), value, measure))], NOW, english)
    assert isinstance(grid, Grid) and grid.rows[0][3] == f"2 March 2026 at 12:00: {told}"


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"heard": NOW - timedelta(minutes=45)}, "Sending"),
        ({"heard": NOW - timedelta(minutes=46)}, "Silent since 2 March 2026 at 11:19"),
        ({"heard": None}, "No message yet"),
        ({"fault": "flood"}, "At fault (flood)"),
    ],
)
def test_a_state_is_told_in_words(more: dict[str, object], told: str) -> None:
    (grid,) = state_panels([state(**more)], NOW, english)
    assert isinstance(grid, Grid) and grid.rows[0][5] == told


def test_a_month_is_drawn_by_the_hour_from_what_may_be_shown() -> None:
    start = datetime(2026, 3, 1, tzinfo=UTC)
    values = [20.0, None, 40.0, None, None, None, None, None]
    points = [(start + i * timedelta(minutes=15), value) for i, value in enumerate(values)]
    picture, note = chart_panels(Drawn(title="Counter", measure="people", points=points), "month", english)
    assert isinstance(picture, Picture) and picture.twin is not None and isinstance(note, Paragraph)
    assert picture.twin.rows[0][1] == "30" and "under 15" in note.text


def test_nothing_to_show_is_said() -> None:
    assert "No registered sensor" in str(state_panels([], NOW, english))
    assert "No value" in str(chart_panels(Drawn(title="", measure="people", points=[(NOW, None)]), "day", english))
    assert "No gap" in str(gap_panels([], english))
