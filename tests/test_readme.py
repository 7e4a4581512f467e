"""The README cannot lie: its refusal is what the program prints, its files exist, its commands are commands."""

from __future__ import annotations

import re
from pathlib import Path

from terminal import peelian

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
ASK = ["ask", "mapping.forecast", "--purpose", "advice", "--start-day", "2026-11-30", "--as", "analyst"]


def test_the_refusal_is_real_output(tmp_path: Path) -> None:
    peelian("office", "office", "--name", "Town", cwd=tmp_path)
    peelian("enrol", "analyst", "--name", "A", "--unit", "analysis", "--role", "analyst", cwd=tmp_path)
    done = peelian(*ASK, cwd=tmp_path)
    assert done.returncode == 3
    assert f"$ peelian {' '.join(ASK)}\n{done.stderr.strip()}\n" in README


def test_every_linked_page_exists() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert target.startswith("http") or (ROOT / target).exists(), target


def test_every_command_of_the_readme_is_a_command(tmp_path: Path) -> None:
    listed = peelian("--help", cwd=tmp_path).stdout
    named = set(re.findall(r"(?<!from )peelian (\w+)", README))
    assert named
    for command in named:
        assert re.search(rf"^  {command} ", listed, re.MULTILINE), command
