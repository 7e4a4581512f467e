"""The list of mutations is of this tree: none is stale. Whether each is killed: `make mutations`."""

from __future__ import annotations

import importlib.util
import sys
from collections import Counter
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def mutations() -> ModuleType:
    found = importlib.util.spec_from_file_location("mutations", ROOT / "tools" / "mutations.py")
    assert found is not None and found.loader is not None
    module = importlib.util.module_from_spec(found)
    sys.modules["mutations"] = module  # its dataclasses look themselves up
    found.loader.exec_module(module)
    return module


def test_each_is_of_a_line_that_is_there_once_and_of_tests_that_are_there(mutations: ModuleType) -> None:
    assert [f"{one}: {why}" for one in mutations.listed() if (why := mutations.stale(one))] == []


def test_each_leaves_a_file_that_python_reads(mutations: ModuleType) -> None:
    for one in mutations.listed():
        compile((ROOT / one.file).read_text(encoding="utf-8").replace(one.before, one.after), one.file, "exec")


def test_there_are_many_and_of_every_room(mutations: ModuleType) -> None:
    rooms = Counter(Path(one.file).parts[2] for one in mutations.listed())
    assert rooms.total() >= 150
    assert rooms.keys() >= {"kernel", "storage", "oversight", "operations", "web", "technologies"}


def test_a_stale_one_and_one_that_survives_are_told(mutations: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "a.py").write_text("x = 1\nx = 1\n")
    one = mutations.Mutation("src/a.py", "x = 1", "x = 2", ("tests/none.py",))
    assert mutations.stale(one, tmp_path) == "its text before stands there 2 times"
    assert mutations.stale(mutations.Mutation("src/b.py", "x", "y", ("t",)), tmp_path) == "no such file"
    (tmp_path / "src" / "a.py").write_text("x = 1\n")
    assert mutations.stale(one, tmp_path) == "no such tests: tests/none.py"
    listed = tmp_path / "mutations.toml"
    listed.write_text('[[mutations]]\nfile = "a"\nbefore = "b"\nafter = "b"\ntests = ["t"]\n')
    with pytest.raises(ValueError, match="not a mutation"):
        mutations.listed(listed)
