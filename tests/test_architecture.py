"""The kernel's rules about itself: first lines, sizes, exemptions that may not rise."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCES = sorted(p for p in (ROOT / "src" / "peelian").rglob("*.py") if "migrations" not in p.parts)  # those are lists
LONGEST_MODULE = 700  # a module is a thing with a name: none is split to please a count
LONGEST_FUNCTION = 50
MOST_NOQA = 12
MOST_TYPE_IGNORES = 6


def test_every_module_says_first_what_it_is_for_and_stays_small() -> None:
    texts = {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in SOURCES}
    assert [name for name, text in texts.items() if not text.startswith('"""')] == [], "the first line says what it is"
    assert [name for name, text in texts.items() if len(text.splitlines()) > LONGEST_MODULE] == []


def test_functions_stay_short() -> None:
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                assert node.end_lineno is not None
                body = node.end_lineno - node.body[0].lineno + 1
                first = node.body[0]
                if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and first.end_lineno:
                    body = node.end_lineno - first.end_lineno
                assert body <= LONGEST_FUNCTION, f"{path.name}: {node.name} has {body} lines"


def test_contributors_are_told_the_same_sizes() -> None:
    told = " ".join((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").split())
    ports = [
        sum(isinstance(each, ast.FunctionDef) for each in node.body)
        for node in ast.walk(ast.parse((ROOT / "src/peelian/kernel/model/ports.py").read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef) and "Protocol" in map(ast.unparse, node.bases)
    ]
    largest, next_largest = sorted(ports, reverse=True)[:2]
    assert f"Ports are Protocols of at most {next_largest} methods (the log's has {largest})" in told
    assert f"Modules have at most {LONGEST_MODULE} lines, functions at most {LONGEST_FUNCTION}." in told


def test_exemptions_do_not_rise() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES)
    assert text.count("# noqa") <= MOST_NOQA
    assert text.count("# type: ignore") <= MOST_TYPE_IGNORES


def test_words_we_do_not_use_stand_nowhere_in_the_product() -> None:
    banned = ("hotspot offender", "risk person", "predictive hit", "unbiased", "debiased", "crime-free", "suspect area")
    for path in SOURCES:
        text = path.read_text(encoding="utf-8").lower()
        assert not [word for word in banned if word in text], path.name


PRIVATE_WORDS = [
    "steady",
    "issued",
    "filed",
    "held",
    "orders",
    "needed",
    "wishes",
    "openings",
    "statutes",
    "facts",
    "at_hand",
    "used_words",
    "standings",
    "registered",
    "watching",
    "making",
    "lost",
    "jumps",
    "drilled",
    "shelving",
    "house",
    "book",
    "track",
    "proofs",
    "desk_passes",
    "doorkeeper",
    "no_dumps",
    "came_back",
    "said_again",
    "found_copies",
    "paper",
    "papers",
    "mark",
    "marks",
    "shelf",
    "shelves",
    "bars",
    "deed",
    "deeds",
    "things",
    "attendance",
    "entrance",
    "enrolling",
    "letting",
    "units",
    "wish",
]
"""Words of the first round that are not the field's (docs/words.md): no file or folder is named with one."""
NAMED_FOR_WHAT_THEY_ARE = frozenset({"measure/units.py", "pictures/bars.py"})  # units of measurement, bar charts


def test_no_file_is_named_with_a_private_word() -> None:
    for path in SOURCES:
        place = path.relative_to(ROOT / "src" / "peelian")
        if str(place) not in NAMED_FOR_WHAT_THEY_ARE and "technologies" not in place.parts[:1]:
            assert not set(place.with_suffix("").parts) & set(PRIVATE_WORDS), place


def test_every_folder_says_first_what_it_is_for() -> None:
    for folder in {path.parent for path in SOURCES}:
        assert (folder / "__init__.py").read_text(encoding="utf-8").startswith('"""'), f"no purpose: {folder}"
