"""The overrides' pictures by group and by score, and what happened then."""

from __future__ import annotations

from peelian.kernel.model.capability import Context
from peelian.pictures.panels import Grid, Picture
from peelian.pictures.words import english
from peelian.technologies.risk.overrides.case import ARITHMETIC
from peelian.technologies.risk.overrides.page import view


def test_both_directions_and_the_scores_are_drawn() -> None:
    made = ARITHMETIC.example()
    found = ARITHMETIC.run(made.params, made.datasets, Context(seed=1, progress=lambda s, x: None))
    panels = view(found, english)
    assert [p.caption for p in panels if isinstance(p, Picture)] == [
        "Low scores overruled upward",
        "High scores overruled downward",
        "Share decided high, by score",
    ]
    overrides, after = (p for p in panels if isinstance(p, Grid))
    lines = {row[:2]: row for row in overrides.rows}
    assert lines["Female", "downward"][8] == "more often" and lines["Everyone", "upward"][4] == "–"
    assert [row[:2] for row in after.rows] == [("low", "low"), ("high", "low")]
