"""The page of a sealed trial shows digests and what was asked, in both languages."""

from __future__ import annotations

import pytest

from peelian.catalogues import say_in
from peelian.kernel.model.capability import Context
from peelian.pictures.panels import Grid, Say
from peelian.pictures.words import english
from peelian.technologies.mapping.sealing import run, sealing_example
from peelian.technologies.mapping.sealing_view import sealing_view

FRENCH = say_in("fr", ["peelian.pictures", "peelian.web", "peelian.technologies.mapping"], strict=True)


@pytest.mark.parametrize("say", [english, FRENCH], ids=["en", "fr"])
def test_digests_and_nothing_of_the_forecast(say: Say) -> None:
    made = sealing_example()
    context = Context(seed=1, progress=lambda says, share: None, authorizations=dict(made.authorizations))
    panels = sealing_view(run(made.params, made.datasets, context), say)
    grids = [panel for panel in panels if isinstance(panel, Grid)]
    assert len(grids) == 1 and all(len(row[1]) == 64 for row in grids[0].rows)
