"""Drift's pictures: each figure by quarter between its limits, and both tables."""

from __future__ import annotations

from peelian.kernel.model.capability import Context
from peelian.pictures.panels import Grid, Picture
from peelian.pictures.words import english
from peelian.technologies.risk.drift.case import ARITHMETIC
from peelian.technologies.risk.drift.page import view


def test_each_figure_has_a_picture_and_its_limits() -> None:
    made = ARITHMETIC.example()
    found = ARITHMETIC.run(made.params, made.datasets, Context(seed=1, progress=lambda s, x: None))
    panels = view(found, english)
    pictures = {p.caption: p for p in panels if isinstance(p, Picture)}
    assert list(pictures) == [
        f"{name} by quarter" for name in ("Observed/expected", "AUC", "Scored high", "People scored")
    ]
    limited = pictures["AUC by quarter"].twin
    assert limited is not None and {row[0] for row in limited.rows} == {"AUC", "Lower limit", "Upper limit"}
    first, second = (p for p in panels if isinstance(p, Grid))
    assert len(first.rows) == 3 and len(second.rows) == 4 * 12
