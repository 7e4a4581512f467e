"""The register's pages: every sensor, every fact, and the promise with its limit."""

from __future__ import annotations

from datetime import date
from typing import Any

from peelian.pictures.panels import Grid, Heading, Paragraph, Picture
from peelian.pictures.words import english
from peelian.technologies.sensors.register_view import PROMISE, facts_of, register_panels, sensor_panels
from peelian.technologies.sensors.release import Released


def test_the_register_lists_every_sensor_and_draws_them(listed: list[Any]) -> None:
    panels = register_panels(listed, english)
    grid = next(panel for panel in panels if isinstance(panel, Grid))
    assert len(grid.rows) == 4 and [row[5] for row in grid.rows] == ["no", "no", "yes", "no"]
    assert len([panel for panel in panels if isinstance(panel, Picture)]) == 2
    assert any(isinstance(panel, Paragraph) and panel.text == PROMISE for panel in panels)


def test_where_a_search_finds_none_the_page_stands(listed: list[Any]) -> None:
    panels = register_panels(listed, english, listed=[])
    assert not any(isinstance(panel, Heading) and panel.text == "Registration periods" for panel in panels)
    assert [panel.rows for panel in panels if isinstance(panel, Grid)] == [()]


def test_an_empty_register_says_so() -> None:
    assert "No sensor" in str(register_panels([], english)[-1])


def test_a_sensor_without_counts_and_one_with(listed: list[Any]) -> None:
    assert "No counts released yet." in str(sensor_panels(listed[0], [], english))
    assert "does not send counts" in str(sensor_panels(listed[2], [], english))
    day = Released(sensor="square-1", day=date(2026, 3, 1), windows=(None, 20) * 12, total=None)
    panels = sensor_panels(listed[0], [day], english)
    assert "12 of 24 time windows" in str(panels) and "<15 in total" in str(panels)
    assert any(isinstance(panel, Picture) and panel.twin for panel in panels)


def test_a_day_with_gaps_says_so_and_does_not_count_them_as_small(listed: list[Any]) -> None:
    gaps = (3600, 61, *(0,) * 22)
    day = Released(sensor="square-1", day=date(2026, 3, 1), windows=(None, 20) * 12, total=240, gaps=gaps)
    panels = sensor_panels(listed[0], [day], english)
    assert "11 of 24 time windows" in str(panels) and "missing for 62 minutes" in str(panels)
    (grid,) = [one for one in panels if isinstance(one, Grid) and one.titles[0] == "Hour of the day (UTC)"]
    assert [row[1] for row in grid.rows[:3]] == ["gap", "20*", "<15"]


def test_facts_hold_owner_end_and_contact(listed: list[Any]) -> None:
    facts = dict(facts_of(listed[1], english))
    assert facts["Owner"] == "Works" and facts["Renewed"] == "1 times" and facts["State"] == "registered"
