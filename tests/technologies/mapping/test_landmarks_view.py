"""The score card on a page: a table in both languages, with the warning that it proves no cause."""

from __future__ import annotations

from peelian.kernel.model.capability import Findings
from peelian.pictures.panels import Grid, Paragraph
from peelian.pictures.words import english
from peelian.technologies.mapping.landmarks import card_table
from peelian.technologies.mapping.landmarks_view import card_panels


def test_no_card_no_panel() -> None:
    assert card_panels(Findings(tables=()), english) == []


def test_the_card_is_read_as_sentences() -> None:
    card = card_table({"bus_stop_dense_130_metres": 0.25, "bar_within_260_metres": 2.5})
    _, words, grid = card_panels(Findings(tables=(card,)), english)
    assert isinstance(words, Paragraph) and "not a proven cause" in words.text
    assert isinstance(grid, Grid)
    assert grid.rows == (
        ("bus stop", "high density within 130 m", "0.250"),
        ("bar", "at least one within 260 m", "2.50"),
    )
