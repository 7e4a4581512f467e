"""Every sentence of oversight that a page may show has its French: evidence, explanations, levels, faults, exports."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import peelian
from peelian.catalogues import catalogue, needs_words
from peelian.oversight.assessment import answers, obligations
from peelian.oversight.compliance import standing
from peelian.oversight.compliance.catalogue import FAMILIES
from peelian.oversight.transparency import inventory
from peelian.web.assessment import pages as assessment
from peelian.web.oversight import compliance
from peelian.web.oversight import inventory as shown

FOLDER = Path(peelian.__file__).parent / "oversight"
MODULES = [
    FOLDER / "compliance" / "checks.py",
    FOLDER / "compliance" / "assessed.py",
    FOLDER / "transparency" / "entries.py",
]
LISTS: dict[str, set[str]] = {
    "families": set(FAMILIES.values()),
    "states": {*inventory.STATES.values(), *compliance.STATUS.values(), *compliance.KINDS.values()},
    "tools": {*shown.TOOL_STATES.values(), *shown.TOOL_LEVELS.values(), *shown.NAMES},
    "parts": {*obligations.PARTS.values(), *obligations.MORE.values()},
    "levels": {text for level in obligations.BY_LEVEL.values() for text in (level.training, level.human)},
    "faults": set(answers.SAYS),
    "evidence": {standing.HELD, standing.BROKEN, standing.NOT_RUN, standing.NOTHING},
    "form": {*assessment.PHASE_NAMES.values(), *(title for _, title in assessment.GROUPS)},
}


def told(path: Path) -> Iterator[str]:
    """Constant sentences assigned to `says`, given as `says=`, passed to `say`, or to `_texts`."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        parts: list[ast.expr] = []
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "says" for t in node.targets):
            parts = [node.value.body, node.value.orelse] if isinstance(node.value, ast.IfExp) else [node.value]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            parts = [k.value for k in node.keywords if k.arg == "says"]
            parts += node.args[:1] if node.func.id == "say" else node.args[1:] if node.func.id == "_texts" else []
        yield from (part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str))


def missing(messages: set[str]) -> list[str]:
    french = catalogue("fr", ("peelian.pictures", "peelian.acts", "peelian.web"))
    return sorted(message for message in messages if message not in french and needs_words(message))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_every_sentence_of_a_module_has_its_french(path: Path) -> None:
    sentences = set(told(path))
    assert len(sentences) >= 5 and missing(sentences) == []


@pytest.mark.parametrize("name", LISTS)
def test_every_word_of_a_list_has_its_french(name: str) -> None:
    assert LISTS[name] and missing(LISTS[name]) == []
