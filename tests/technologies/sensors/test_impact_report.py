"""The impact report: all sections, what is known filled in, what is not asked for."""

from __future__ import annotations

from typing import Any

from peelian.catalogues import say_in
from peelian.pictures.panels import Heading
from peelian.pictures.words import english
from peelian.technologies.sensors.annual_report import Year, annual_panels
from peelian.technologies.sensors.impact_report import OPEN, SECTIONS, impact_panels, unanswered

FULL = {key: f"The town says of {key}." for key, _, _ in SECTIONS}


def test_every_section_is_there_and_open_ones_are_shown_as_open(listed: list[Any]) -> None:
    panels = impact_panels(listed, {}, english)
    assert [p.text for p in panels if isinstance(p, Heading)] == [title for _, title, _ in SECTIONS]
    assert str(panels).count(OPEN) == len(SECTIONS) == len(unanswered({}))


def test_answers_stand_in_their_sections(listed: list[Any]) -> None:
    told = str(impact_panels(listed, FULL, english))
    assert OPEN not in told and all(text in told for text in FULL.values()) and "All sections answered." in told


def test_only_what_is_registered_now_counts(listed: list[Any]) -> None:
    assert "Registered sensors: 2, of which collecting personal data: 0." in str(impact_panels(listed, {}, english))
    assert impact_panels([], {}, english)


def test_no_sentence_of_either_report_is_left_in_english(listed: list[Any]) -> None:
    packages = ("peelian.pictures", "peelian.web", "peelian.technologies.sensors")
    say = say_in("fr", packages, strict=True)  # raises where a sentence has no French
    year = Year(year=2026, entries=tuple(listed), registered=4, renewed=1, ended=1, warrants=2, breaches=3)
    assert impact_panels(listed, {}, say) and annual_panels(year, {}, say)
