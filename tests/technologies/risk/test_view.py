"""The page: sections in order, both languages complete, and nothing hidden shows."""

from __future__ import annotations

import re

import pytest

from peelian.catalogues import say_in
from peelian.kernel.model.capability import Findings
from peelian.measure.table import Table
from peelian.pictures.panels import Grid, Heading, Paragraph, Picture
from peelian.pictures.words import english
from peelian.technologies.risk.audit.declared import AuditParams
from peelian.technologies.risk.audit.page import SECTIONS, view
from peelian.technologies.risk.audit.publication import public
from peelian.technologies.risk.planner.declared import PLANNER

PACKAGES = ("peelian.pictures", "peelian.technologies.risk")


def test_every_section_with_figures_is_there_and_in_order(found: Findings) -> None:
    titles = [panel.text for panel in view(found, english) if isinstance(panel, Heading)]
    expected = [title for title, _, _ in SECTIONS if title != "Other checks"]
    assert titles == ["How sure this is", "Whom it touches", "What is not known", *expected, "Limits"]


def test_the_boards_page_stands_before_any_table_and_is_plain(found: Findings) -> None:
    panels = list(view(found, english))
    page = panels[: next(i for i, panel in enumerate(panels) if isinstance(panel, (Grid, Picture)))]
    sentences = [panel.text for panel in page if isinstance(panel, Paragraph)]
    assert len(sentences) < 30 and all(len(text) < 330 for text in sentences)


def test_a_cut_chosen_by_the_program_is_said_on_the_boards_page(crossed: Table, run_audit) -> None:
    panels = list(view(run_audit(crossed, AuditParams(bootstraps=100)), english))
    headings = [i for i, panel in enumerate(panels) if isinstance(panel, Heading)]
    answer = panels[: headings[0]]
    assert any(isinstance(p, Paragraph) and "The program chose this one" in p.text for p in answer)


def test_every_note_has_its_place_on_the_page_and_none_stands_twice(
    found: Findings, windowed: Table, run_audit
) -> None:
    for findings in (found, run_audit(windowed, AuditParams(bootstraps=100)), public(found)):
        text = "\n".join(p.text for p in view(findings, english) if isinstance(p, Paragraph))
        assert {note.text for note in findings.notes if text.count(english(note.text, **note.values)) != 1} == set()


def test_follow_up_has_its_section(windowed: Table, run_audit) -> None:
    panels = view(run_audit(windowed, AuditParams(cut=5, bootstraps=100)), english)
    assert any(isinstance(p, Grid) and p.caption == "Other checks" and len(p.rows) == 6 for p in panels)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_sentence_has_its_french(found: Findings, windowed: Table, run_audit, language: str) -> None:
    say = say_in(language, PACKAGES, strict=True)
    for findings in (found, public(found), run_audit(windowed, AuditParams(cut=5, bootstraps=100))):
        panels = view(findings, say)
        assert any(isinstance(panel, Paragraph) for panel in panels)
    example = PLANNER.arithmetic().example()
    assert PLANNER.arithmetic().shows.view(PLANNER.arithmetic().run(example.params, {}, None), say)  # type: ignore[arg-type]


def test_pictures_have_their_words_and_their_numbers(found: Findings) -> None:
    pictures = [panel for panel in view(found, english) if isinstance(panel, Picture)]
    assert len(pictures) == 4
    assert all(p.alternative and p.twin is not None and p.twin.rows for p in pictures)


def test_every_interval_on_the_page_runs_from_low_to_high(found: Findings) -> None:
    """Swapped ends anywhere between the tables and the page, pictures and their tables included, fail here."""
    panels = view(found, english)
    grids = [p if isinstance(p, Grid) else p.twin for p in panels if isinstance(p, (Grid, Picture))]
    told = {grid.caption: [ends(cell) for row in grid.rows for cell in row if ends(cell)] for grid in grids if grid}
    assert {caption for caption, found_ in told.items() if found_} >= {
        "Rates at cut-off 5, with interval and n",
        "Calibration curves",
        "Discrimination, calibration and balance",
        "Each group compared with its reference group",
        "False positive and false negative rates by cut-off",
        "How well a variable tells the group (AUC; 0.5 is guessing)",
        "Instrument and two simple models",
        "Three-line rule list",
    }
    assert {caption: pairs for caption, pairs in told.items() if any(low > high for low, high in pairs)} == {}


def ends(cell: str) -> tuple[float, float] | None:
    """The ends of the interval in a cell: "44.9% (42.6% to 47.2%)", "−0.13 to −0.09"."""
    match = re.search(r"(−?[\d.]+)%? to (−?[\d.]+)%?", cell)
    return (float(match[1].replace("−", "-")), float(match[2].replace("−", "-"))) if match else None
