"""Proves that every sentence and word of this room that a reader may see has its French, with the same places."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import fields
from importlib import resources
from pathlib import Path

import pytest

from peelian.catalogues import catalogue, say_in
from peelian.technologies import faces
from peelian.technologies.faces.engine import TrialParams
from peelian.technologies.faces.formats import bob as formats_bob
from peelian.technologies.faces.formats import own as formats_own
from peelian.technologies.faces.formats.shapes import SEXES

FOLDER = Path(str(resources.files("peelian.technologies.faces")))
FRENCH = catalogue("fr", ("peelian.pictures", "peelian.web", "peelian.technologies.faces"))
PLACES = re.compile(r"%\((\w+)\)[^a-zA-Z]*([a-zA-Z])")


def said() -> set[str]:
    """Every text that a view passes through `say`, read from the code itself."""
    found = set()
    for file in FOLDER.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "say" and node.args:
                found |= {node.args[0].value} if isinstance(node.args[0], ast.Constant) else set()
            if isinstance(node, ast.GeneratorExp) and getattr(getattr(node.elt, "func", None), "id", "") == "say":
                source = node.generators[0].iter
                found |= {e.value for e in getattr(source, "elts", []) if isinstance(e, ast.Constant)}
    return found


def sentences() -> Iterator[str]:
    yield from said()
    yield faces.TECHNOLOGY.title
    for capability in faces.CAPABILITIES:
        yield from (
            capability.title,
            capability.about,
            *capability.arithmetic().messages,
            *capability.arithmetic().vocabulary,
        )
    for kind in (*(one.asks.params for one in faces.CAPABILITIES), TrialParams):
        yield from (f.metadata[key] for f in fields(kind) for key in ("help", "unit") if key in f.metadata)
    for known in faces.TECHNOLOGY.formats():
        yield from (known.title, *known.options.values())
    yield from (formats_own.SEARCH_ROWS, formats_own.COMPARISON_ROWS, formats_own.ITSELF, formats_bob.FAILED)
    yield from SEXES.values()


def test_everything_said_has_its_french():
    assert len(said()) > 80, "the collection itself works"
    assert sorted({s for s in sentences() if s} - set(FRENCH)) == []


def test_the_french_fills_the_same_places():
    for english, french in FRENCH.items():
        assert sorted(PLACES.findall(english)) == sorted(PLACES.findall(french)), english


@pytest.mark.parametrize("capability", faces.CAPABILITIES, ids=lambda c: c.id)
def test_pages_can_be_shown_in_strict_french(capability, context):
    example = capability.arithmetic().example()
    found = capability.arithmetic().run(example.params, example.datasets, context)
    say = say_in("fr", ["peelian.pictures", "peelian.technologies.faces"], strict=True)
    assert capability.arithmetic().shows.view(found, say)
    assert capability.arithmetic().shows.view(capability.arithmetic().public(found), say)
