"""`--help` names every command once, under a heading, with its whole first sentence, in lines that fit a terminal."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.support.terminal import peelian
from typer.models import TyperInfo

from peelian.cli.contents import MODULES, SECTIONS, registered, registered_in

GROUPS = [name for name in MODULES if isinstance(registered(name), TyperInfo)]


def _helped(*words: str, cwd: Path) -> str:
    done = peelian(*words, "--help", cwd=cwd)
    assert done.returncode == 0
    return done.stdout


def test_every_command_stands_under_one_heading(tmp_path: Path) -> None:
    listed = [name for names in SECTIONS.values() for name in names]
    text = _helped(cwd=tmp_path)
    assert len(listed) == len(set(listed))
    for heading, names in SECTIONS.items():
        assert f"\n{heading}:\n" in text
        for name in names:
            assert f"\n  {name} " in text, name
    known = {name for module in set(MODULES.values()) for name in registered_in(module)}
    assert known == set(MODULES), "a new command needs a heading in SECTIONS"


@pytest.mark.parametrize("room", ["", *GROUPS])
def test_no_sentence_is_cut_short_and_every_line_fits(tmp_path: Path, room: str) -> None:
    text = _helped(*room.split(), cwd=tmp_path)
    assert "..." not in text.replace("[ARGS]...", "")
    assert max(map(len, text.splitlines())) <= 80
    for entry in text.split("Options:")[1].split("Commands:" if room else "Getting started:")[1].split("\n  ")[1:]:
        if entry[0] != " ":
            said = text[text.index("\n  " + entry) + 3 :].split("\n\n")[0]
            words = " ".join(line.strip() for line in _of_one(said))
            assert words.endswith((".", ")")), words


def _of_one(text: str) -> list[str]:
    """The lines of one entry: the first, and those that are indented further."""
    first, *rest = text.splitlines()
    lines = [first]
    for line in rest:
        if not line.startswith("    "):
            break
        lines.append(line)
    return lines
