"""What the red-team suite shows: how many attempts there are, and that structure stops nearly all of them."""

from __future__ import annotations

import ast
from pathlib import Path

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "limits.md"


def attempts() -> dict[str, bool]:
    """Every named attempt, and whether a word heuristic alone stops it."""
    made = {}
    for path in sorted(HERE.glob("test_*.py")):
        if path.name != "test_the_suite.py":
            for node in ast.parse(path.read_text(encoding="utf-8")).body:
                if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                    made[f"{path.stem}.{node.name}"] = "second_line" in map(_mark, node.decorator_list)
    return made


def _mark(node: ast.expr) -> str:
    node = node.func if isinstance(node, ast.Call) else node
    return node.attr if isinstance(node, ast.Attribute) else ""


def test_there_are_sixty_attempts_and_structure_stops_nine_of_ten() -> None:
    found = attempts()
    assert len(found) >= 60 and sum(found.values()) <= 0.1 * len(found)


def test_every_file_of_attempts_stands_in_the_page_on_limits() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert [p.name for p in sorted(HERE.glob("test_*.py")) if p != Path(__file__) and p.name not in text] == []


def properties(path: Path) -> set[str]:
    """The tests of a file that generate more attempts, without `test_`."""
    tests = [node for node in ast.parse(path.read_text(encoding="utf-8")).body if isinstance(node, ast.FunctionDef)]
    given = [one for one in tests if any(ast.unparse(mark).startswith("given(") for mark in one.decorator_list)]
    return {one.name.removeprefix("test_") for one in given}


def test_every_file_of_attempts_generates_more_and_the_page_names_each_in_its_row() -> None:
    made = {path.name: properties(path) for path in sorted(HERE.glob("test_*.py")) if path != Path(__file__)}
    assert [name for name, found in made.items() if not found] == []
    for part in PAGE.read_text(encoding="utf-8").split("\n## ")[1:-1]:
        rows = [row.split("|")[-2] for row in part.splitlines() if row.startswith("| ")][1:]
        named = {word.strip("` ") for row in rows for word in row.split(",") if word.strip().startswith("`")}
        assert named == set().union(*(found for name, found in made.items() if name in part)), part.splitlines()[0]
