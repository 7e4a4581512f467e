"""The program's own processes look for garbage seldom; a program that only uses the package decides for itself."""

from __future__ import annotations

import gc
import subprocess
import sys
from collections.abc import Iterator

import pytest

from peelian.cli import main
from peelian.process import OBJECTS, collect_seldom


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    known = gc.get_threshold()
    yield
    gc.set_threshold(*known)


def test_only_the_first_number_changes_and_garbage_is_still_collected() -> None:
    _, *others = gc.get_threshold()
    collect_seldom()
    assert gc.get_threshold() == (OBJECTS, *others) and gc.isenabled()


def test_the_command_line_sets_it(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["peelian", "--help"])
    with pytest.raises(SystemExit):
        main()
    assert gc.get_threshold()[0] == OBJECTS and "peelian" in capsys.readouterr().out


def test_importing_the_package_changes_nothing() -> None:
    says = "import gc; own = gc.get_threshold(); import peelian.cli, peelian.operations.office; "
    says += "assert gc.get_threshold() == own"
    subprocess.run([sys.executable, "-c", says], check=True)
