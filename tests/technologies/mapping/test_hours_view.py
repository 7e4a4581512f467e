"""The page shows the shifts by their hours and the week as a picture, and nothing where no shift was asked for."""

from __future__ import annotations

from dataclasses import replace

from peelian.kernel.model.capability import Context
from peelian.pictures.panels import Grid, Picture
from peelian.pictures.words import english
from peelian.technologies.mapping.declarations.forecast import FORECAST
from peelian.technologies.mapping.forecast_view import forecast_view
from peelian.technologies.mapping.hours_view import hours_panels

EXAMPLE = FORECAST.arithmetic().example()
CONTEXT = Context(seed=1, progress=lambda says, share: None, authorizations=EXAMPLE.authorizations)
FOUND = FORECAST.arithmetic().run(EXAMPLE.params, EXAMPLE.datasets, CONTEXT)


def test_shifts_are_named_by_their_hours_and_the_week_has_a_picture() -> None:
    _, shifts, week = hours_panels(FOUND, english)
    assert isinstance(shifts, Grid) and [row[0] for row in shifts.rows] == ["07:00–15:00", "15:00–23:00", "23:00–07:00"]
    assert isinstance(week, Picture) and week.twin is not None and len(week.twin.rows) == 12
    assert week.twin.titles[1:] == ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
    advice = next(p for p in forecast_view(FOUND, english) if isinstance(p, Grid) and "Busiest shift" in p.titles)
    assert {row[advice.titles.index("Busiest shift")] for row in advice.rows} <= {row[0] for row in shifts.rows}


def test_without_shifts_there_is_nothing_to_show() -> None:
    plain = FORECAST.arithmetic().run(replace(EXAMPLE.params, shifts=()), EXAMPLE.datasets, CONTEXT)
    assert hours_panels(plain, english) == []
