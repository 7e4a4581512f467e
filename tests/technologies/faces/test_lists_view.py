"""Proves that the page on candidate lists shows hit rates only beside FPIR."""

from __future__ import annotations

from peelian.pictures.panels import Grid, Picture
from peelian.pictures.words import english
from peelian.technologies.faces.declarations.lists import LISTS
from peelian.technologies.faces.lists import run
from peelian.technologies.faces.lists_view import view_lists


def test_the_page_holds_rates_prices_and_hit_rates(context):
    example = LISTS.arithmetic().example()
    found = run(example.params, example.datasets, context)
    panels = view_lists(found, english)
    grids = [p for p in panels if isinstance(p, Grid)]
    assert [len(g.titles) for g in grids] == [9, 5, 5, 4]
    sizes, picture = (p for p in panels if isinstance(p, Picture))
    assert sizes.twin is not None and {row[0] for row in sizes.twin.rows} == {"FPIR", "FNIR"}
    assert "FPIR" in picture.caption
    assert any("FPIR" in cell for row in grids[0].rows for cell in row)
