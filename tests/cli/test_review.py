"""`peelian review` says at once what is wrong, and gives an address whose key nobody can guess."""

from __future__ import annotations

from pathlib import Path

import pytest
from terminal import peelian


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    where = tmp_path_factory.mktemp("review")
    made = peelian("office", "office", "--name", "A town", cwd=where)
    assert made.returncode == 0, made.stderr
    return where


def test_an_unknown_person_and_an_unknown_case_are_told(place: Path) -> None:
    for case, by in (("c-0000000000", "nobody"), ("c-0000000000", "custodian")):
        done = peelian("review", case, "--as", by, cwd=place)
        assert done.returncode == 2 and done.stderr.strip()
