"""The page of trends: the answer, the town's course, every area."""

from __future__ import annotations

from peelian.kernel.model.capability import Context
from peelian.pictures.panels import Grid, Picture
from peelian.pictures.words import english
from peelian.technologies.mapping.trends import ARITHMETIC


def test_the_answer_stands_first_then_the_course_and_every_area():
    given = ARITHMETIC.example()
    found = ARITHMETIC.run(given.params, given.datasets, Context(seed=1, progress=lambda says, share: None))
    panels = ARITHMETIC.shows.view(found, english)
    assert panels[0].text.startswith("In the town 67 incidents")
    assert any(isinstance(p, Picture) and p.caption == "Recorded and expected incidents by period" for p in panels)
    listed = next(p for p in panels if isinstance(p, Grid) and p.caption.startswith("All areas"))
    assert len(listed.rows) == 9
