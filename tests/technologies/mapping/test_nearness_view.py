"""The page shows the ratios as a picture and a table, and the public page leaves the counts out."""

from __future__ import annotations

from peelian.kernel.model.capability import Context
from peelian.pictures.panels import Grid, Paragraph, Picture
from peelian.pictures.words import english
from peelian.technologies.mapping.nearness import knox_example, run, what_may_be_public
from peelian.technologies.mapping.nearness_view import nearness_view


def test_the_page_and_the_public_page() -> None:
    example = knox_example()
    findings = run(example.params, example.datasets, Context(seed=1, progress=lambda says, share: None))
    panels, public = (nearness_view(one, english) for one in (findings, what_may_be_public(findings)))
    grid, bare = (next(p for p in shown if isinstance(p, Grid)) for shown in (panels, public))
    assert len(grid.rows) == 16 and len(grid.titles) == len(bare.titles) + 2
    assert grid.rows[0][:2] == ("Same place", "0 to 7 days")
    picture = next(p for p in panels if isinstance(p, Picture))
    assert picture.twin is not None and len(picture.twin.rows) == 4
    assert any(isinstance(p, Paragraph) and p.tone == "limit" for p in panels)
