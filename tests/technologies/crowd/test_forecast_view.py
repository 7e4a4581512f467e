"""Proves the pages give the answer first, the busiest counter's week with its interval, and the limits last."""

from __future__ import annotations

import pytest

from peelian.kernel.model.capability import Capability, Context
from peelian.pictures.panels import Grid, Heading, Paragraph, Picture
from peelian.pictures.words import english
from peelian.technologies.crowd.declarations.forecast import FORECAST
from peelian.technologies.crowd.declarations.forecast_trial import FORECAST_TRIAL


@pytest.mark.parametrize("capability", [FORECAST, FORECAST_TRIAL], ids=lambda one: one.id)
def test_the_page_answers_first_and_ends_with_limits(capability: Capability) -> None:
    example = capability.arithmetic().example()
    context = Context(seed=1, progress=lambda *_: None, authorizations=example.authorizations)
    findings = capability.arithmetic().run(example.params, example.datasets, context)
    panels = capability.arithmetic().shows.view(findings, english)
    assert isinstance(panels[0], Paragraph)
    assert panels[-1].tone == "limit" and [one.text for one in panels if isinstance(one, Heading)][-1] == "Limits"
    grids = {one.caption: one for one in panels if isinstance(one, Grid)}
    assert len(grids["Forecast errors in persons, compared with the same hour last week"].rows) == 2
    pictures = [one for one in panels if isinstance(one, Picture)]
    if capability is FORECAST:
        assert len(pictures) == 1 and "Market Square" in pictures[0].caption
        assert len(grids["Next hour, by counter"].rows) == len(grids["Fullest hour of the next week, by counter"].rows)
    else:
        assert "Acceptance criteria and results" in grids and not pictures
