"""Proves that a first page sorts notes under its four headings, and says where one is left out."""

from __future__ import annotations

from peelian.kernel.model.capability import Note
from peelian.kernel.model.first_page import LEFT_OUT, by_kind, by_text, first_page
from peelian.pictures.panels import Heading, Paragraph
from peelian.pictures.words import english

NOTES = (
    Note(text="found %(group)s", values={"group": "higher"}),
    Note(text="touches"),
    Note(text="method", kind="explanation"),
    Note(text="unknown", kind="caveat"),
)
SAID = [
    (Paragraph, "found HIGHER"),
    (Heading, "How sure this is"),
    (Paragraph, "method"),
    (Heading, "Whom it touches"),
    (Paragraph, "touches"),
    (Heading, "What is not known"),
    (Paragraph, "unknown"),
]


def test_each_note_stands_under_its_heading_by_its_kind_or_text():
    texts = (["found %(group)s"], ["method"], ["touches"], ["unknown"])
    for sections in (by_kind(NOTES, {"touches"}), by_text(NOTES, *texts)):
        panels = first_page(sections, english, values=lambda v: {k: str(x).upper() for k, x in v.items()})
        assert [(type(p), p.text) for p in panels] == SAID


def test_a_section_without_sentences_says_why():
    panels = first_page(by_kind((), set()), english)
    assert [p.text for p in panels if isinstance(p, Paragraph)] == [LEFT_OUT] * 4
