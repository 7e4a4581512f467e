"""The annual report: Oakland's eleven parts, what the log knows, and what people must say."""

from __future__ import annotations

from typing import Any

from peelian.pictures.panels import Heading
from peelian.pictures.words import english
from peelian.technologies.sensors.annual_report import PARTS, Year, annual_panels
from peelian.technologies.sensors.impact_report import OPEN


def test_the_eleven_parts_are_there_in_order(listed: list[Any]) -> None:
    year = Year(
        year=2026, entries=tuple(listed), registered=4, renewed=1, ended=1, warrants=2, breaches=3, deliveries=5
    )
    panels = annual_panels(year, {}, english)
    assert [p.text[0] for p in panels if isinstance(p, Heading)] == list("ABCDEFGHIJK")
    told = str(panels)
    assert "Registered: 4. Renewed: 1. Ended: 1." in told and "detailed data: 2" in told and "log: 3" in told
    assert "delivered to recipients: 5" in told, "what left is in the part on sharing"
    assert "lamp post" in told and told.count(OPEN) == len(PARTS)


def test_answers_close_their_parts() -> None:
    told = str(annual_panels(Year(year=2026, entries=()), {key: "Told." for key, _, _ in PARTS}, english))
    assert OPEN not in told and told.count("Told.") == 11
