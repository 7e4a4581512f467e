"""The page of the vendor's audit: ratios around 1, a table with every group, limits."""

from __future__ import annotations

from peelian.kernel.model.capability import Context
from peelian.pictures.panels import Grid, Paragraph, Picture
from peelian.pictures.words import english
from peelian.technologies.mapping.vendor import run, vendor_example
from peelian.technologies.mapping.vendor_view import vendor_view


def test_the_page() -> None:
    example = vendor_example()
    findings = run(example.params, example.datasets, Context(seed=1, progress=lambda says, share: None))
    panels = vendor_view(findings, english)
    grid = next(p for p in panels if isinstance(p, Grid))
    assert [row[0] for row in grid.rows] == ["All residents", "newcomers"]
    assert any(isinstance(p, Picture) for p in panels)
    assert any(isinstance(p, Paragraph) and p.tone == "limit" for p in panels)
