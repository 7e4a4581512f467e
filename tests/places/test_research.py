"""The library as a whole: light to import, every public name documented, and nothing of an office in it."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
from pathlib import Path

import pytest
from sentences import input_sentences

from peelian import places
from peelian.catalogues import catalogue, needs_words
from peelian.errors import InputError
from peelian.places import research

REFERENCE = (Path(__file__).resolve().parents[2] / "docs" / "reference" / "places.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", places.__all__)
def test_every_public_name_and_member_has_a_docstring_and_stands_in_the_reference(name):
    thing = getattr(places, name)
    assert f"`{name}" in REFERENCE
    if isinstance(thing, str | tuple):
        return
    assert inspect.getdoc(thing)
    for member, value in vars(thing).items():
        if not member.startswith("_") and (callable(value) or isinstance(value, classmethod | property)):
            assert f"{member}" in REFERENCE, member
            assert inspect.getdoc(getattr(thing, member)), member


def test_the_import_brings_no_heavy_library():
    heavy = {"pandas", "geopandas", "matplotlib", "numba", "sqlalchemy", "fastapi"}
    code = f"import sys, peelian.places; print(*sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_a_library_that_is_missing_is_told_with_its_extra(monkeypatch):
    monkeypatch.setattr(research, "find_spec", lambda name: None)
    with pytest.raises(InputError, match="extra plots"):
        research.library("matplotlib.figure")


def test_a_type_checker_reads_its_types():
    assert (Path(places.__file__).parents[1] / "py.typed").exists()


def test_every_error_and_note_has_its_french_at_the_command_line():
    """`peelian challenge` prints them."""
    folder = Path(places.__file__).parent
    known, told = catalogue("fr", ("peelian.web", "peelian.cli", "peelian.places")), set()
    for tree in (ast.parse(path.read_text(encoding="utf-8")) for path in folder.glob("*.py")):
        told |= set(input_sentences(tree))
        told |= {
            text.value
            for one in ast.walk(tree)
            if isinstance(one, ast.Assign) and isinstance(text := one.value, ast.Constant) and " " in str(text.value)
        } - {places.RESEARCH}
    assert len(told) > 60 and sorted(text for text in told if needs_words(text) and text not in known) == []
