"""Proves that examples on pages work: Python blocks run, and every command exists with the options shown."""

from __future__ import annotations

import doctest
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import reference_pages
from peelian.forms import fields_of
from peelian.operations.office import technologies

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    [
        *(p for p in (ROOT / "docs").rglob("*.md") if "_build" not in p.parts),
        *(ROOT / "src").rglob("README.md"),
        *ROOT.glob("*.md"),
    ]
)
_BLOCK = re.compile(r"^```(\S*)([^\n]*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"`peelian ([a-z][a-z-]+)(?: ([a-z][a-z-]+))?")
CAPABILITIES = {c.id: c for t in technologies() for c in (*t.capabilities, *t.watches)}


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def blocks(path: Path) -> Iterator[tuple[str, str, str]]:
    """Language, further words and text of each fenced block of a page. A block with `file=` has a test of its own."""
    yield from _BLOCK.findall(path.read_text(encoding="utf-8"))


def commands(path: Path) -> Iterator[str]:
    """Each line of a page's blocks that calls `peelian`, as a user types it."""
    for language, _, text in blocks(path):
        if language in ("sh", "bash", "console", "text"):
            for line in text.replace("\\\n", " ").splitlines():
                words = line.removeprefix("$ ").removeprefix(".venv/bin/")
                if re.match(r"peelian [a-z]", words):
                    yield words


@pytest.mark.parametrize("path", [p for p in PAGES if any(b[0] == "python" for b in blocks(p))], ids=named)
def test_python_blocks_run_as_they_stand(path: Path) -> None:
    room: dict[str, Any] = {}
    for language, more, text in blocks(path):
        if language != "python" or "no-run" in more or "file=" in more:
            continue
        if ">>>" in text:
            test = doctest.DocTestParser().get_doctest(text, room, named(path), str(path), 0)
            assert doctest.DocTestRunner().run(test, clear_globs=False).failed == 0
            room |= test.globs
        else:
            exec(compile(text, str(path), "exec"), room)  # noqa: S102 - the page's own words


@pytest.mark.parametrize("path", [p for p in PAGES if any(commands(p))], ids=named)
def test_every_command_on_a_page_exists_with_its_options(path: Path) -> None:
    assert {line: faults for line in commands(path) if (faults := wrong_with(line))} == {}


@pytest.mark.parametrize("path", PAGES, ids=named)
def test_every_command_named_in_a_sentence_exists(path: Path) -> None:
    assert unknown_commands(path) == []


def test_every_command_that_the_program_names_exists() -> None:
    """A remedy never sends a person to a command that is not there."""
    sources = [p for ending in ("*.py", "*.html", "*.po") for p in (ROOT / "src").rglob(ending)]
    assert {named(path): found for path in sources if (found := unknown_commands(path))} == {}


def unknown_commands(path: Path) -> list[str]:
    """Commands in backquotes that do not exist."""
    known = reference_pages.command_names()
    groups = {words[1] for words in known if len(words) > 2}
    told = _INLINE.findall(path.read_text(encoding="utf-8"))
    wrong = [first for first, _ in told if not any(words[1] == first for words in known)]
    return wrong + [f"{a} {b}" for a, b in told if b and a in groups and ("peelian", a, b) not in known]


@pytest.mark.parametrize("path", PAGES, ids=named)
def test_every_file_and_module_named_on_a_page_exists(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for name in re.findall(r"`((?:src|tests|benchmarks|deploy|docs|tools)/[\w./-]+)`", text):
        made_by_a_build = name.startswith("docs/_build")
        assert made_by_a_build or (ROOT / name).exists(), name
    for module in re.findall(r"`peelian((?:\.[a-z_]+)+)`", text):
        place = ROOT / "src" / "peelian" / Path(*module.strip(".").split("."))
        assert place.is_dir() or place.with_suffix(".py").exists(), module


def test_every_message_of_the_vault_on_its_page_is_one_of_the_program() -> None:
    program = "\n".join(p.read_text(encoding="utf-8") for p in (ROOT / "src").rglob("*.py")).lower()
    told = re.findall(
        r"^\| \*(.+?)\* \|", (ROOT / "docs" / "explanation" / "vault.md").read_text("utf-8"), re.MULTILINE
    )
    assert len(told) == 11 and [message for message in told if message.lower() not in program] == []


def test_every_log_entry_named_on_a_page_exists() -> None:
    program = "\n".join(p.read_text(encoding="utf-8") for p in (ROOT / "src").rglob("*.py"))
    for path in (ROOT / "docs" / "explanation").glob("*.md"):
        told = re.findall(r"\b[A-Z]+_[A-Z_]+\b", path.read_text(encoding="utf-8"))
        assert [word for word in told if word not in program] == [], named(path)


def test_a_wrong_command_is_found() -> None:
    assert wrong_with("peelian nonsense") == ["there is no command nonsense"]
    assert wrong_with("peelian people list --colour") == ["there is no option --colour"]
    assert wrong_with("peelian people train an --as cu") == ["--until is missing"]
    assert wrong_with("peelian people train an --as cu …") == []
    assert wrong_with("peelian ask mapping.forecast --purpose advice --as an --no-such 1") == [
        "there is no option --no-such"
    ]


def wrong_with(line: str) -> list[str]:
    """What is wrong with a command line: an unknown command or option, or a required option that is missing."""
    words = shlex.split(line, comments=True)[1:]
    command: Any = reference_pages.root()
    while hasattr(command, "list_commands"):
        if not words or words[0].startswith("-"):
            return []
        name = words.pop(0)
        found = command.get_command(command.make_context("peelian", [], resilient_parsing=True), name)
        if found is None:
            return [f"there is no command {name}"]
        command = found
    given = {word.partition("=")[0] for word in words if word.startswith("-")}
    if "--help" in given:
        return []
    known = {word for p in command.params for word in (*p.opts, *p.secondary_opts)}
    declared = CAPABILITIES.get(words[0]) if words else None
    if declared:
        known |= {field.flag for field in fields_of(declared.asks.params)}
    free = command.context_settings.get("ignore_unknown_options") and not declared
    faults = [f"there is no option {word}" for word in sorted(given - known) if not free and "…" not in word]
    if "…" in line or " | " in line:
        return faults
    needed = [p for p in command.params if p.required and p.param_type_name == "option"]
    return faults + [f"{p.opts[0]} is missing" for p in needed if not given & set(p.opts)]
