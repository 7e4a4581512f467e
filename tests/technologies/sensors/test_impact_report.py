"""The impact report: all sections, what is known filled in, what is not asked for."""

from __future__ import annotations

from typing import Any

from peelian.pictures.panels import Heading
from peelian.pictures.words import english
from peelian.technologies.sensors.impact_report import OPEN, SECTIONS, impact_panels, unanswered

FULL = {key: f"The town says of {key}." for key, _, _ in SECTIONS}


def test_every_section_is_there_and_open_ones_are_shown_as_open(listed: list[Any]) -> None:
    panels = impact_panels(listed, {}, english)
    assert [p.text for p in panels if isinstance(p, Heading)] == [title for _, title, _ in SECTIONS]
    assert str(panels).count(OPEN) == len(SECTIONS) == len(unanswered({}))


def test_answers_stand_in_their_sections(listed: list[Any]) -> None:
    told = str(impact_panels(listed, FULL, english))
    assert OPEN not in told and all(text in told for text in FULL.values()) and "Every section is answered" in told


def test_only_what_is_registered_now_counts(listed: list[Any]) -> None:
    assert "2 sensors are registered; 0 of them collect personal data" in str(impact_panels(listed, {}, english))
    assert impact_panels([], {}, english)
