"""The page lists groups in the order of the alphabet and shows every share with its n and its interval."""

from __future__ import annotations

from peelian.kernel.model.capability import Context
from peelian.pictures.panels import Grid
from peelian.pictures.words import english
from peelian.technologies.footage.activation.declared import ACTIVATION, OF_REASONS
from peelian.technologies.footage.sample.declared import SAMPLE
from peelian.technologies.footage.shapes import REASONS

CONTEXT = Context(seed=7, progress=lambda says, share: None)


def test_groups_stand_in_the_order_of_the_alphabet() -> None:
    made = ACTIVATION.arithmetic().example()
    panels = ACTIVATION.arithmetic().shows.view(
        ACTIVATION.arithmetic().run(made.params, made.datasets, CONTEXT), english
    )
    grids = [panel for panel in panels if isinstance(panel, Grid)]
    for grid in grids:
        names = [row[0] for row in grid.rows]
        assert grid.caption == "Recordings by reason" or names == sorted(names)
    assert all(" to " in row[-1] for grid in grids[:3] for row in grid.rows)


def test_the_sample_names_rows_and_every_reason_has_words() -> None:
    made = SAMPLE.arithmetic().example()
    panels = SAMPLE.arithmetic().shows.view(SAMPLE.arithmetic().run(made.params, made.datasets, CONTEXT), english)
    assert any(isinstance(panel, Grid) and len(panel.rows) == 20 for panel in panels)
    assert set(OF_REASONS.columns["reason"].words) == set(REASONS) - {"call_over"}
