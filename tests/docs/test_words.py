"""Proves that the glossary has every kernel module, every public noun, and the binding words of the architecture."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import peelian

ROOT = Path(__file__).resolve().parents[2]
KERNEL = Path(peelian.__file__).parent / "kernel"
GLOSSARY = (ROOT / "docs" / "words.md").read_text(encoding="utf-8")
BINDING = (
    "kernel", "state", "case history", "authorization", "digest", "retention partition", "intake checks",
    "disclosure control", "acceptance criteria", "policy decision", "action", "entities", "authorization status",
    "object state", "sensor state", "alarm state", "authorization index", "record index", "retention roots",
    "replay guard", "missing documents", "acts", "decryption checks", "session binding", "derivatives",
    "watch checkpoints", "drill due", "clock guard", "maintenance", "authentication", "dual control", "enrolment",
    "revocation", "org units",
)  # fmt: skip


def rows() -> Iterator[list[str]]:
    """The cells of every row of the glossary's tables."""
    for line in GLOSSARY.splitlines():
        if line.startswith("| ") and not re.match(r"\| (word|module|class) \|", line):
            yield [cell.strip() for cell in line.strip().strip("|").split(" | ")]


WORDS = {row[0].strip("`") for row in rows()}


def modules() -> list[Path]:
    return sorted(path for path in KERNEL.rglob("*.py") if path.stem != "__init__")


def public_classes(path: Path) -> list[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [node.name for node in tree.body if isinstance(node, ast.ClassDef) and not node.name.startswith("_")]


@pytest.mark.parametrize("path", modules(), ids=lambda path: path.stem)
def test_a_kernel_module_and_its_public_nouns_are_in_the_glossary(path: Path) -> None:
    assert {path.stem, *public_classes(path)} <= WORDS


def test_the_kernel_was_found() -> None:
    assert len(modules()) > 50


@pytest.mark.parametrize("word", BINDING)
def test_a_binding_word_is_in_the_glossary(word: str) -> None:
    known = {known.lower().replace("_", " ") for known in WORDS} | {
        re.sub(r"(?<=[a-z])(?=[A-Z])", " ", w).lower() for w in WORDS
    }
    assert word in known


def test_nothing_in_the_glossary_is_gone() -> None:
    stems = {path.stem for path in modules()}
    classes = {name for path in modules() for name in public_classes(path)}
    told = [row[0] for row in rows()]
    gone = [word for word in told if word.startswith("`") and word.strip("`") not in classes]
    gone += [word for word in told if "_" in word and word not in stems]
    assert gone == []


def test_every_row_has_a_sentence_and_its_french() -> None:
    for row in rows():
        assert len(row) == 3 and all(row), row
        assert len(row[1].split()) <= 25, row[0]
