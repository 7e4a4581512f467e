"""The page of a forecast: a map with its statement, every place with its reasons, exposure, limits; less in public."""

from __future__ import annotations

import re

import pytest

from peelian.catalogues import say_in
from peelian.kernel.model.capability import Context, Findings
from peelian.pictures.panels import Grid, Paragraph, Picture, Say
from peelian.pictures.words import english
from peelian.technologies.mapping.declarations.forecast import FORECAST
from peelian.technologies.mapping.forecast_view import forecast_view

FRENCH = say_in("fr", ["peelian.pictures", "peelian.technologies.mapping"], strict=True)
EXAMPLE = FORECAST.arithmetic().example()
CONTEXT = Context(seed=1, progress=lambda says, share: None, authorizations=EXAMPLE.authorizations)
FOUND: Findings = FORECAST.arithmetic().run(EXAMPLE.params, EXAMPLE.datasets, CONTEXT)


@pytest.mark.parametrize("say", [english, FRENCH], ids=["en", "fr"])
def test_it_is_whole_in_both_languages(say: Say) -> None:
    panels = list(forecast_view(FOUND, say))
    pictures = [panel for panel in panels if isinstance(panel, Picture)]
    assert len(pictures) == 5 and all(picture.twin and picture.alternative for picture in pictures)
    advice = next(panel for panel in panels if isinstance(panel, Grid) and len(panel.titles) == 11)
    assert len(advice.rows) == EXAMPLE.params.advised_cells
    assert any(isinstance(panel, Paragraph) and panel.tone == "limit" for panel in panels)


def test_the_public_page_shows_no_place() -> None:
    panels = list(forecast_view(FORECAST.arithmetic().public(FOUND), english))
    pictures = [panel for panel in panels if isinstance(panel, Picture)]
    assert [picture.caption for picture in pictures] == ["Expected incidents by area", "Residents of selected cells"]
    assert "250:" not in repr(panels)
    exposure = next(panel for panel in panels if isinstance(panel, Grid) and panel.caption.startswith("Exposure"))
    assert exposure.titles[-2:] == ("Ratio to all others", "95% interval") and len(exposure.titles) == 5
    said = [panel.text for panel in panels if isinstance(panel, Paragraph)]
    assert all(re.fullmatch(r"0|\d0*%|0\.0*\d%", row[2]) for row in exposure.rows), "one digit, and shown as one"
    alternative = next(panel.alternative for panel in pictures if panel.caption == "Residents of selected cells")
    assert re.match(r"\d0*% of all residents|0\.0*\d% of all residents", alternative)
    assert all(re.fullmatch(r"–|0\.\d|\d\.\d|\d+", row[3]) for row in exposure.rows)
    assert any("times as often as all others (95% interval" in text for text in said)
