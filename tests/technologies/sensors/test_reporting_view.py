"""The report's page: charts with tables, hidden values shown as hidden, in public as inside."""

from __future__ import annotations

from peelian.kernel.model.capability import Context, Findings
from peelian.pictures.panels import Grid, Picture
from peelian.pictures.words import english
from peelian.technologies.sensors.declarations.reporting import REPORT
from peelian.technologies.sensors.reporting_view import view


def found() -> Findings:
    made = REPORT.arithmetic().example()
    return REPORT.arithmetic().run(made.params, made.datasets, Context(seed=1, progress=lambda says, share: None))


def test_every_measure_has_its_charts_and_every_chart_its_table() -> None:
    panels = view(found(), english)
    pictures = [panel for panel in panels if isinstance(panel, Picture)]
    assert len(pictures) == 4 and all(picture.twin for picture in pictures)
    grids = [panel for panel in panels if isinstance(panel, Grid)]
    assert grids and grids[0].source is not None and len(grids[0].rows) == 40


def test_a_hidden_count_is_shown_as_hidden() -> None:
    open_ = found()
    days = open_.table("days")
    days["count"][days["measure"] == "people"] = 4
    grid = next(panel for panel in view(REPORT.arithmetic().public(open_), english) if isinstance(panel, Grid))
    shown = [row[3] for row in grid.rows]
    assert shown.count("<15") == 20 and "4" not in shown
