"""The page of hot spots: the finding first, then map, kinds and list."""

from __future__ import annotations

from peelian.kernel.model.capability import Context
from peelian.pictures.panels import Grid, Picture
from peelian.pictures.words import english
from peelian.technologies.mapping.hotspots import ARITHMETIC


def test_the_finding_stands_first_and_every_spot_in_a_table():
    given = ARITHMETIC.example()
    found = ARITHMETIC.run(given.params, given.datasets, Context(seed=3, progress=lambda says, share: None))
    panels = ARITHMETIC.shows.view(found, english)
    assert "hot spots over all 6 periods" in panels[0].text
    assert [panel.caption for panel in panels if isinstance(panel, Picture)][1:] == ["What became of the hot spots"]
    listed = next(panel for panel in panels if isinstance(panel, Grid) and panel.caption.startswith("All hot spots"))
    assert len(listed.rows) == len(found.table("hot_spots"))
