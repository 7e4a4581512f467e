"""Each command of the Makefile that a newcomer may type first works in a bare clone: `make test-all` tries them."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from sizes import FULL

ROOT = Path(__file__).resolve().parents[1]
FIRST = ("demo SERVE=no", "docs", "check", "test-divided")


@pytest.mark.skipif(not FULL, reason="`make test-all` makes each of them anew")
@pytest.mark.parametrize("target", FIRST)
def test_a_bare_clone_makes_it(target: str, tmp_path: Path) -> None:
    clone, made = tmp_path / "clone", dict(os.environ)
    for name in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS", "VIRTUAL_ENV", "PEELIAN_TESTS_FULL", "PEELIAN_ALL_PARTS"):
        made.pop(name, None)
    subprocess.run(("git", "clone", "--quiet", str(ROOT), str(clone)), check=True)
    assert not (clone / ".venv").exists()
    done = subprocess.run(("make", *target.split()), cwd=clone, env=made, capture_output=True, text=True)
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]
