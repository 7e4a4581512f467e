"""Proves that a first page sorts notes under its four headings and translates words, not the town's own labels."""

from __future__ import annotations

from peelian.kernel.model.capability import Findings, Note
from peelian.pictures.panels import Heading, Paragraph
from peelian.technologies.faces.pages import first_page, word

NOTES = (
    Note(text="found %(group)s", values={"group": "higher"}),
    Note(text="touches"),
    Note(text="method", kind="explanation"),
    Note(text="unknown", kind="caveat"),
)


def test_each_note_stands_under_its_heading():
    panels = first_page(Findings(tables=(), notes=NOTES), lambda t, **v: t % v, whom={"touches"}, words=set())
    said = [(type(p), p.text) for p in panels]
    assert said == [
        (Heading, "Answer"),
        (Paragraph, "found higher"),
        (Heading, "How sure this is"),
        (Paragraph, "method"),
        (Heading, "Whom it touches"),
        (Paragraph, "touches"),
        (Heading, "What is not known"),
        (Paragraph, "unknown"),
    ]


def test_labels_of_the_town_stay():
    assert word("higher / Riverdale", str.upper, {"higher"}) == "HIGHER / Riverdale"
