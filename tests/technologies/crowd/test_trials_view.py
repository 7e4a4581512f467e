"""Proves the pages show the verdict first, every picture with its numbers, and the limits last, in both languages."""

from __future__ import annotations

import pytest

from peelian.kernel.model.capability import AuthorizationKind, Capability, Context, Findings
from peelian.pictures.panels import Grid, Heading, Paragraph, Picture
from peelian.pictures.words import english
from peelian.technologies.crowd.declarations.counter_trial import COUNTER_TRIAL
from peelian.technologies.crowd.declarations.noise_trial import NOISE_TRIAL

BOTH = pytest.mark.parametrize("capability", [NOISE_TRIAL, COUNTER_TRIAL], ids=lambda c: c.id)


def found(capability: Capability, **bars: float) -> Findings:
    example = capability.arithmetic().example()
    authorizations = {
        AuthorizationKind.ACCEPTANCE_CRITERIA: {**example.authorizations[AuthorizationKind.ACCEPTANCE_CRITERIA], **bars}
    }
    return capability.arithmetic().run(
        example.params,
        example.datasets,
        Context(seed=1, progress=lambda says, share: None, authorizations=authorizations),
    )


@BOTH
def test_the_verdict_comes_first_and_the_limits_last(capability: Capability) -> None:
    for bars, tone in (({}, "good"), ({"min_sensor_days": 1e6}, "warning")):
        panels = capability.arithmetic().shows.view(found(capability, **bars), english)
        assert isinstance(panels[0], Paragraph) and panels[0].tone == tone
        assert isinstance(panels[-1], Paragraph) and panels[-1].tone == "limit"


@BOTH
def test_every_picture_has_words_and_numbers_and_no_style(capability: Capability) -> None:
    panels = capability.arithmetic().shows.view(found(capability), english)
    pictures = [panel for panel in panels if isinstance(panel, Picture)]
    assert len(pictures) >= 2 and any(isinstance(panel, Grid) for panel in panels)
    assert any(isinstance(panel, Heading) for panel in panels)
    for picture in pictures:
        assert picture.alternative and picture.twin is not None and picture.twin.rows
        assert "style=" not in picture.svg and "<script" not in picture.svg
