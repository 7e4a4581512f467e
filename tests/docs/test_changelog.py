"""Proves that every news fragment reaches the changelog, under a kind that towncrier knows."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("towncrier", reason="the dependency group `docs` is not installed")
ROOT = Path(__file__).resolve().parents[2]
FRAGMENTS = sorted((ROOT / "changelog.d").glob("*.md"))


def test_every_fragment_is_in_the_draft_of_the_changelog() -> None:
    command = [sys.executable, "-m", "towncrier", "build", "--draft", "--version", "0"]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    for fragment in FRAGMENTS:
        assert re.fullmatch(r"\d+\.(added|changed|fixed|removed|security)(\.\d+)?\.md", fragment.name), fragment.name
        assert fragment.read_text(encoding="utf-8").split("\n")[0][:60] in done.stdout
