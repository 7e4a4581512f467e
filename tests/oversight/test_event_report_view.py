"""Proves the report says everything it holds, in English and in French, and that each finding has its words."""

from __future__ import annotations

import pytest
from event_plans import plan_body
from toy_watch import wells
from watched import stood

from peelian.catalogues import catalogue
from peelian.kernel.alarms import event_plans
from peelian.oversight.watches.event_report import MISSED, OF_ENTRIES, STAGES, event_report, span_of
from peelian.oversight.watches.event_report_view import (
    MINUTE_WORDS,
    MISSED_WORDS,
    SOURCES,
    STAGE_WORDS,
    report_facts,
    report_panels,
)
from peelian.pictures.panels import Grid, Heading


def test_every_stage_and_finding_has_its_words_and_their_french() -> None:
    assert STAGE_WORDS.keys() == set(STAGES)
    assert MISSED_WORDS.keys() == {*MISSED, *OF_ENTRIES, "steps_left", "no_exercise"}
    known = catalogue("fr", ("peelian.web",))
    words = {*STAGE_WORDS.values(), *MISSED_WORDS.values(), *SOURCES.values(), *MINUTE_WORDS.values()}
    assert words <= known.keys()


@pytest.mark.parametrize(("language", "title"), [("en", "Response times"), ("fr", "Délais de réponse")])
def test_the_report_has_its_sections_in_the_readers_language(language: str, title: str) -> None:
    at = stood()
    kernel, people = at.town.kernel, at.town.people
    digest = event_plans.plan_event(kernel, people["dispatcher"], plan_body())
    event_plans.confirm_plan(kernel, people["commander"], digest)
    at.feed(wells([6.0, 6.5]))
    made, say = event_report(kernel, span_of(kernel, "fete-2026", None, None)), at.town.office.say(language)
    panels = report_panels(kernel, made, say)
    assert title in [panel.text for panel in panels if isinstance(panel, Heading)]
    cells = {cell for panel in panels if isinstance(panel, Grid) for row in panel.rows for cell in row}
    assert {"A well is high", "north", "mean 6,25" if language == "fr" else "mean 6.25"} <= cells
    expected = ("Affluence prévue", "1\u202f500") if language == "fr" else ("Expected attendance", "1,500")
    assert expected in report_facts(made, say)
