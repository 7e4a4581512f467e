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


def test_no_count_is_drawn_or_listed_in_public() -> None:
    open_ = found()
    panels = view(REPORT.arithmetic().public(open_), english)
    grid = next(panel for panel in panels if isinstance(panel, Grid))
    assert {row[2] for row in grid.rows} == {"Sound level"} and "People counted" not in repr(panels)
