"""The page of street segments: the finding first, then map, shares, clustering and every listed segment."""

from __future__ import annotations

from peelian.kernel.model.capability import Context
from peelian.pictures.panels import Grid, Picture
from peelian.pictures.words import english
from peelian.technologies.mapping.streets import ARITHMETIC


def test_the_finding_stands_first_and_every_listed_segment_in_a_table():
    given = ARITHMETIC.example()
    found = ARITHMETIC.run(given.params, given.datasets, Context(seed=3, progress=lambda says, share: None))
    panels = ARITHMETIC.shows.view(found, english)
    assert "hold 50% of the incidents" in panels[0].text
    pictures = [panel.caption for panel in panels if isinstance(panel, Picture)]
    assert pictures[1:] == ["Pairs of incidents within a distance along the streets"]
    shares, listed = (panel for panel in panels if isinstance(panel, Grid))
    assert len(shares.rows) == 2
    assert len(listed.rows) == len(found.table("street_segments"))
    assert ARITHMETIC.shows.view(ARITHMETIC.public(found), english)
