"""Proves that the glossary has the words that people meet, and no word that they meet nowhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

import peelian

ROOT = Path(__file__).resolve().parents[2]
GLOSSARY = (ROOT / "docs" / "words.md").read_text(encoding="utf-8")
BINDING = (
    "authorization", "digest", "intake checks", "disclosure control", "acceptance criteria", "enrolment", "case",
    "decision", "edition", "hold", "warrant", "watch", "withheld", "retention partition", "accuracy report",
    "impact assessment", "recorded incident", "exposure by group",
)  # fmt: skip
"""Words that code, pages and docs use in one sense alone."""


def rows() -> Iterator[list[str]]:
    """The cells of every row of the glossary's table."""
    for line in GLOSSARY.splitlines():
        if line.startswith("| ") and not line.startswith("| word |"):
            yield [cell.strip() for cell in line.strip().strip("|").split(" | ")]


def met() -> str:
    """Everything that people read: sentences of pages and commands, and the docs beside the glossary."""
    catalogues = Path(peelian.__file__).parent.rglob("fr*.po")
    said = [str(one.id) for file in catalogues for one in read_po(file.open("rb")) if one.id]
    pages = [page.read_text(encoding="utf-8") for page in (ROOT / "docs").rglob("*.md") if page.name != "words.md"]
    return " ".join(" ".join([*said, *pages]).casefold().split())


@pytest.mark.parametrize("word", BINDING)
def test_a_binding_word_is_in_the_glossary(word: str) -> None:
    assert word in {row[0] for row in rows()}


def test_every_word_of_the_glossary_is_met_somewhere() -> None:
    read = met()
    assert [row[0] for row in rows() if not any(part.casefold() in read for part in row[0].split(", "))] == []


def test_the_glossary_names_no_module_and_no_class() -> None:
    assert [row[0] for row in rows() if "_" in row[0] or "`" in row[0] or re.search(r"[a-z][A-Z]", row[0])] == []


def test_every_row_has_a_sentence_and_its_french() -> None:
    for row in rows():
        assert len(row) == 3 and all(row), row
        assert len(row[1].split()) <= 25, row[0]
