"""A file of an office on a disk is read by a child process; of one in memory, here."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from children import formats

from peelian.errors import InputError
from peelian.operations.intake_files import read_file


@pytest.mark.parametrize("apart", [True, False])
def test_who_reads_a_file(tmp_path: Path, apart: bool) -> None:
    (tmp_path / "a.csv").write_text("n,m\n4,0\n")
    name, taken = read_file(tmp_path / "a.csv", "auto", formats, {}, apart=apart)
    assert name == "hostile-numbers" and (taken.facts["read_by"] != os.getpid()) == apart


@pytest.mark.parametrize("apart", [True, False])
def test_what_the_environment_allows_counts(tmp_path: Path, apart: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PEELIAN_INTAKE_SECONDS", "none")
    with pytest.raises(InputError, match="PEELIAN_INTAKE_SECONDS"):
        read_file(tmp_path / "a.csv", "auto", formats, {}, apart=apart)
