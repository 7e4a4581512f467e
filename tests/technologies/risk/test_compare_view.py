"""The comparison's tables and pictures: percentages, hidden groups and intervals as readers see them."""

from __future__ import annotations

from peelian.kernel.model.capability import Context
from peelian.pictures.panels import Grid, Picture
from peelian.pictures.words import english
from peelian.technologies.risk.compare.case import ARITHMETIC
from peelian.technologies.risk.compare.page import view


def test_every_group_and_measure_has_its_line() -> None:
    made = ARITHMETIC.example()
    found = ARITHMETIC.run(made.params, made.datasets, Context(seed=1, progress=lambda s, x: None))
    panels = view(found, english)
    grid = next(p for p in panels if isinstance(p, Grid))
    lines = {row[:2]: row for row in grid.rows}
    assert lines["Female", "FPR"][2].endswith("%") and " to " in lines["Female", "FPR"][5]
    assert lines["Everyone", "AUC"][8] == "second higher"
    assert [p.caption for p in panels if isinstance(p, Picture)] == [
        "Difference in AUC",
        "Difference in false positive rate",
    ]
