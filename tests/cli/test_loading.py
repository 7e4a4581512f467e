"""Commands load what they need: help and listings import no arithmetic, no server and no other command's module."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = ("numpy", "pyarrow", "scipy", "shapely", "pyproj", "fastapi", "starlette", "uvicorn", "alembic", "rich", "h3")
SHOW = """
import sys
from peelian.cli import main
sys.argv = ["peelian", *{words!r}]
try:
    main()
except SystemExit:
    pass
print(*sorted(sys.modules), file=sys.stderr)
"""


def loaded(*words: str, cwd: Path) -> set[str]:
    """The modules that a command has imported when it ends."""
    code = SHOW.format(words=list(words))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=cwd, check=True)
    return set(done.stderr.splitlines()[-1].split())


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    here = tmp_path_factory.mktemp("town")
    assert loaded("office", "office", "--name", "Town", cwd=here)
    return here


@pytest.mark.parametrize("words", [("--help",), ("--lang", "fr", "--help"), ("people", "--help"), ("--nonsense",)])
def test_help_loads_no_arithmetic_no_office_and_nothing_for_colour(words: tuple[str, ...], tmp_path: Path) -> None:
    modules = loaded(*words, cwd=tmp_path)
    assert sorted(modules & {*HEAVY, "peelian.operations.office", "cryptography"}) == []


def test_a_command_loads_no_other_commands_module(tmp_path: Path) -> None:
    modules = loaded("people", "--help", cwd=tmp_path)
    assert "peelian.cli.setup" in modules and not {"peelian.cli.watch", "peelian.cli.breach"} & modules


@pytest.mark.parametrize("name", ["capabilities", "people", "cases", "doctor"])
def test_a_listing_loads_no_arithmetic_and_no_server(name: str, town: Path) -> None:
    assert sorted(loaded(name, cwd=town) & set(HEAVY)) == []


@pytest.mark.parametrize("name", ["people", "cases"])
def test_what_judges_nothing_opens_no_policies(name: str, town: Path) -> None:
    assert "cedarpy" not in loaded(name, cwd=town)


@pytest.mark.parametrize("words", [("capabilities",), ("capabilities", "risk.audit"), ("formats",)])
def test_what_the_program_itself_knows_is_told_without_an_office(words: tuple[str, ...], tmp_path: Path) -> None:
    assert sorted(loaded(*words, cwd=tmp_path) & {"peelian.operations.office", "sqlalchemy", "cryptography"}) == []


@pytest.mark.parametrize(
    ("words", "technologies"), [(("people",), set()), (("doctor",), set()), (("capabilities", "risk.audit"), {"risk"})]
)
def test_a_command_loads_only_the_technology_that_it_names(
    words: tuple[str, ...], technologies: set[str], town: Path
) -> None:
    known = {name.split(".")[2] for name in loaded(*words, cwd=town) if name.startswith("peelian.technologies.")}
    assert known == technologies
