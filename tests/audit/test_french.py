"""Every sentence of the library has its French, and `import peelian` stays light."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

from sentences import glued, told_in

import peelian.audit
from peelian.catalogues import catalogue, needs_words

HERE = Path(peelian.audit.__file__).parent
TREES = {path.name: ast.parse(path.read_text(encoding="utf-8")) for path in HERE.glob("*.py")}


def said() -> set[str]:
    """What is passed to `say`, and what errors tell."""
    calls = [node for tree in TREES.values() for node in ast.walk(tree) if isinstance(node, ast.Call)]
    texts = [c.args[0] for c in calls if isinstance(c.func, ast.Name) and c.func.id == "say" and c.args]
    told = {str(node.value) for node in texts if isinstance(node, ast.Constant)}
    return told | {text for tree in TREES.values() for text in told_in(tree)}


def test_every_sentence_has_its_french_and_none_is_glued() -> None:
    known = catalogue("fr", ("peelian.cli", "peelian.pictures", "peelian.web", "peelian.audit"))
    assert len(said()) > 100 and sorted(t for t in said() if t not in known and needs_words(t)) == []
    assert {name: lines for name, tree in TREES.items() if (lines := list(glued(tree)))} == {}


def test_no_french_is_left_over() -> None:
    assert sorted(set(catalogue("fr", ("peelian.audit",))) - said()) == []


def test_import_peelian_loads_no_audit() -> None:
    code = "import sys, peelian; print([m for m in sys.modules if m.startswith(('peelian.', 'pyarrow', 'numpy'))])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_package_is_typed() -> None:
    assert (HERE.parent / "py.typed").is_file()
