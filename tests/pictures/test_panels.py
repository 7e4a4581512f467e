"""Panels are plain nouns: immutable, keyword-only, with sensible silence."""

from __future__ import annotations

import dataclasses

import pytest

from peelian.pictures.panels import Grid, Heading, Paragraph


def test_panels_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Paragraph(text="a").text = "b"  # type: ignore[misc]


def test_a_heading_is_a_section_and_a_grid_is_text_unless_told_otherwise() -> None:
    assert Heading(text="a").level == 2
    assert Grid(caption="c", titles=("a",), rows=()).numeric == frozenset()
