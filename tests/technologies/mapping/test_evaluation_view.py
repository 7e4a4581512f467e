"""The pages of an evaluation and of its plan: the verdict first, then the pictures it rests on."""

from __future__ import annotations

from peelian.kernel.model.capability import Context, Findings
from peelian.pictures.panels import Grid, Paragraph, Picture
from peelian.pictures.words import english
from peelian.technologies.mapping.evaluation import ARITHMETIC, PLAN_ARITHMETIC


def made(arithmetic) -> Findings:
    given = arithmetic.example()
    context = Context(seed=3, progress=lambda says, share: None, authorizations=given.authorizations)
    return arithmetic.run(given.params, given.datasets, context)


def test_the_verdict_comes_first_and_is_shown_among_what_happens_without_treatment():
    panels = ARITHMETIC.shows.view(made(ARITHMETIC), english)
    assert isinstance(panels[0], Paragraph)
    assert "No effect is shown" in panels[0].text
    captions = [panel.caption for panel in panels if isinstance(panel, Picture)]
    assert captions == [
        "Change at the treated areas",
        "Change by area",
        "Where the treated areas stand among comparable places and times",
        "Incidents before and after",
        "What this evaluation can find",
    ]


def test_the_public_page_has_no_table_by_area():
    panels = ARITHMETIC.shows.view(ARITHMETIC.public(made(ARITHMETIC)), english)
    assert not any(isinstance(panel, Grid) and panel.caption == "Incidents by area" for panel in panels)
    assert any(isinstance(panel, Picture) for panel in panels)


def test_a_plan_says_what_will_be_found():
    panels = PLAN_ARITHMETIC.shows.view(made(PLAN_ARITHMETIC), english)
    assert "will be found" in panels[0].text
    assert any(isinstance(panel, Picture) and panel.caption == "What this evaluation can find" for panel in panels)
