"""The page: sections in order, both languages complete, and nothing hidden shows."""

from __future__ import annotations

import pytest

from peelian.adapters.catalogues import say_in
from peelian.governance.capability import Findings
from peelian.measure.table import Table
from peelian.pictures.panels import Grid, Heading, Paragraph, Picture
from peelian.pictures.words import english
from peelian.technologies.risk.params import AuditParams
from peelian.technologies.risk.planner import PLANNER
from peelian.technologies.risk.publication import public
from peelian.technologies.risk.view import SECTIONS, view

PACKAGES = ("peelian.pictures", "peelian.technologies.risk")


def test_every_section_with_figures_is_there_and_in_order(found: Findings) -> None:
    titles = [panel.text for panel in view(found, english) if isinstance(panel, Heading)]
    expected = [title for title, _, _ in SECTIONS if title != "Other checks"]
    assert titles == ["What was found", *expected, "What this cannot tell"]


def test_follow_up_has_its_section(windowed: Table, run_audit) -> None:
    panels = view(run_audit(windowed, AuditParams(cut=5, bootstraps=100)), english)
    assert any(isinstance(p, Grid) and p.caption == "Other checks" and len(p.rows) == 6 for p in panels)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_sentence_has_its_french(found: Findings, windowed: Table, run_audit, language: str) -> None:
    say = say_in(language, PACKAGES, strict=True)
    for findings in (found, public(found), run_audit(windowed, AuditParams(cut=5, bootstraps=100))):
        panels = view(findings, say)
        assert any(isinstance(panel, Paragraph) for panel in panels)
    example = PLANNER.example()
    assert PLANNER.view(PLANNER.run(example.params, {}, None), say)  # type: ignore[arg-type]


def test_pictures_have_their_words_and_their_numbers(found: Findings) -> None:
    pictures = [panel for panel in view(found, english) if isinstance(panel, Picture)]
    assert len(pictures) == 4
    assert all(p.alternative and p.twin is not None and p.twin.rows for p in pictures)
