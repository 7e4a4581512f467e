"""The page of the stress test: three ways over time and by area; the public page leaves the areas out."""

from __future__ import annotations

from peelian.kernel.model.capability import Context
from peelian.pictures.panels import Grid, Picture
from peelian.pictures.words import english
from peelian.technologies.mapping.stressing import run, stress_example, what_may_be_public
from peelian.technologies.mapping.stressing_view import stressing_view


def test_the_page_and_the_public_page() -> None:
    example = stress_example()
    findings = run(example.params, example.datasets, Context(seed=1, progress=lambda says, share: None))
    panels, public = (stressing_view(one, english) for one in (findings, what_may_be_public(findings)))
    assert len([p for p in panels if isinstance(p, Picture)]) == 3
    assert len([p for p in public if isinstance(p, Picture)]) == 1
    grid = next(p for p in panels if isinstance(p, Grid))
    assert grid.rows[0][0] == "Records, uncorrected" and all("%" in row[1] for row in grid.rows)
