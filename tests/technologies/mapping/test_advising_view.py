"""The page of the frontier: a curve, tables of points, groups and places, and the other responses."""

from __future__ import annotations

from peelian.kernel.model.capability import Context
from peelian.pictures.panels import Grid, Heading, Paragraph, Picture
from peelian.pictures.words import english
from peelian.technologies.mapping.advising import limits_example, run, what_may_be_public
from peelian.technologies.mapping.advising_view import advising_view
from peelian.technologies.mapping.responses import ASK


def test_the_page_and_the_public_page() -> None:
    example = limits_example()
    context = Context(seed=1, progress=lambda says, share: None, authorizations=example.authorizations)
    findings = run(example.params, example.datasets, context)
    panels, public = (advising_view(one, english) for one in (findings, what_may_be_public(findings)))
    captions = [p.caption for p in panels if isinstance(p, Grid)]
    assert "Cells at each limit" in captions
    assert "Cells at each limit" not in [p.caption for p in public if isinstance(p, Grid)]
    assert any(isinstance(p, Picture) for p in panels)
    assert any(isinstance(p, Paragraph) and p.text == ASK for p in panels)
    assert [p.text for p in panels if isinstance(p, Heading)][-1] == "Limits"
