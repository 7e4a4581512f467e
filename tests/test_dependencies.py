"""Every range of a dependency ends: a version that nobody here has tried is not installed by itself."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement

HERE = Path(__file__).resolve().parents[1]


def requirements() -> Iterator[Requirement]:
    told = tomllib.loads((HERE / "pyproject.toml").read_text(encoding="utf-8"))
    project = told["project"]
    lists = (
        told["build-system"]["requires"],
        project["dependencies"],
        *project["optional-dependencies"].values(),
        *told["dependency-groups"].values(),
    )
    made = (Requirement(one) for of in lists for one in of)
    return (one for one in made if one.name != project["name"])


def fault(one: Requirement) -> str:
    """What is wrong with a range: no end, or an end that lets in more than the next major version."""
    ends = [s for s in one.specifier if s.operator == "<"]
    starts = [s for s in one.specifier if s.operator == ">="]
    if len(ends) != 1 or len(starts) != 1:
        return "needs one >= and one <"
    least, end = ([int(n) for n in (*s.version.split(".")[:2], "0")[:2] if n.isdigit()] for s in (starts[0], ends[0]))
    if least >= end:
        return "is empty"
    return "lets in 1.0" if least[0] == 0 and end > [1, 0] else ""


@pytest.mark.parametrize("one", list(requirements()), ids=str)
def test_a_range_ends(one: Requirement) -> None:
    assert fault(one) == ""


@pytest.mark.parametrize("text", ["a", "a>=1", "a<2", "a>=2,<2", "a>=0.5,<2", "a>=1,!=2"])
def test_an_open_range_is_found(text: str) -> None:
    assert fault(Requirement(text))
