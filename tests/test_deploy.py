"""The systemd units: hardened as far as each program allows, and naming commands that there are."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from peelian.cli import app

UNITS = sorted((Path(__file__).parents[1] / "deploy").glob("*.service"))
MOST = 2.0  # of 10, as systemd scores exposure


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_a_unit_is_hardly_exposed(unit: Path) -> None:
    said = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", str(unit)], capture_output=True, text=True, timeout=60
    )
    found = re.search(r"Overall exposure level for \S+: (\d+\.\d)", said.stdout)
    assert found is not None, said.stderr
    assert float(found[1]) <= MOST


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_a_unit_starts_a_command_with_options_that_there_are(unit: Path) -> None:
    (line,) = re.findall(r"^ExecStart=/opt/peelian/bin/peelian (.*)$", unit.read_text(encoding="utf-8"), re.M)
    words = line.split()
    command = [word for word in words[:2] if re.fullmatch(r"[a-z][a-z-]*", word)]
    options = {word for word in words if word.startswith("--")}
    shown = CliRunner().invoke(app, [*command, "--help"], env={"COLUMNS": "200"})
    assert shown.exit_code == 0 and options <= set(re.findall(r"--[a-z-]+", shown.output))
