"""Results of a test run are read from pytest's own file, and from nothing else."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from peelian.errors import InputError
from peelian.oversight.compliance.results import read_results


def test_what_pytest_writes_is_read(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_a.py").write_text(
        "import pytest\n"
        "def test_good(): pass\n"
        "def test_bad(): assert False\n"
        "@pytest.mark.skip\ndef test_left(): pass\n"
        "@pytest.mark.parametrize('n', [1])\ndef test_each(n): pass\n"
    )
    file = tmp_path / "results.xml"
    run = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={file}", "tests"]
    subprocess.run(run, cwd=tmp_path, check=False, capture_output=True)
    assert read_results(file.read_bytes()) == {
        "tests/test_a.py::test_good": True,
        "tests/test_a.py::test_bad": False,
        "tests/test_a.py::test_left": False,
        "tests/test_a.py::test_each[1]": True,
    }


@pytest.mark.parametrize("content", [b"", b"<html/>", b"\xff\xfe", b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'])
def test_anything_else_is_named_as_such(content: bytes) -> None:
    with pytest.raises(InputError, match=r"mine\.xml"):
        read_results(content, name="mine.xml")
