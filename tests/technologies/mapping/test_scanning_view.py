"""The page of the scan: a table of what stands out, with its p; none in public."""

from __future__ import annotations

from peelian.kernel.model.capability import Context
from peelian.pictures.panels import Grid
from peelian.pictures.words import english
from peelian.technologies.mapping.scanning import run, scan_example, what_may_be_public
from peelian.technologies.mapping.scanning_view import scanning_view


def test_the_page_and_the_public_page() -> None:
    example = scan_example()
    findings = run(example.params, example.datasets, Context(seed=1, progress=lambda says, share: None))
    panels, public = (scanning_view(one, english) for one in (findings, what_may_be_public(findings)))
    grid = next(p for p in panels if isinstance(p, Grid))
    assert len(grid.rows) == 5 and grid.titles[0] == "Rank" and grid.titles[-1] == "p"
    assert not [p for p in public if isinstance(p, Grid)]
