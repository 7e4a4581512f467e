"""Proves that the guide to people and authorizations works as it stands: its commands, played in a fresh office."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from terminal import peelian

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "how-to" / "people-and-authorizations.md").read_text("utf-8")
BEFORE = """
peelian office office --name Town
peelian enrol bo --name "Bo Ard" --unit board --role board
peelian enrol council --name "Co Uncil" --unit council --role council --with bo
peelian enrol privacy --name "Pri Vacy" --unit privacy --role privacy_officer --with bo
"""
TRAINED = f"{datetime.now(UTC).year + 2}-06-30"  # the guide's day passes one day


def commands(page: str) -> Iterator[str]:
    """What a reader of the page types, in its order; the provisional warrant anew once the court confirmed it. But for
    a court's exception, which needs a case of what is suspended (`tests/limits/test_suspension.py`)."""
    recorded = ""
    for line in re.findall(r"^peelian (?!propose court_exception).+$", page, re.MULTILINE):
        recorded = line if " warrant " in line else recorded
        if line.startswith("peelian refuse-warrant"):
            yield recorded
        yield re.sub(r"--until \S+", f"--until {TRAINED}", line)


def test_the_commands_of_the_guide_work_in_a_fresh_office(tmp_path: Path) -> None:
    digest, played = "", []
    for line in [*commands(BEFORE), *commands(PAGE)]:
        if line.startswith("peelian bylaws"):
            (bylaw,) = re.findall(r"^@id.+?;$", PAGE, re.MULTILINE | re.DOTALL)
            (tmp_path / "office" / "bylaws").mkdir(exist_ok=True)
            (tmp_path / "office" / "bylaws" / "weekend.cedar").write_text(bylaw, encoding="utf-8")
        done = peelian(*shlex.split(line.replace("DIGEST", digest))[1:], cwd=tmp_path)
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
        digest = next(iter(re.findall(r"^(?:Proposed|Issued \w+): (\w{64})$", done.stdout, re.MULTILINE)), digest)
        played.append(line.split()[1])
    assert {"forget", "revoke", "confirm-warrant", "refuse-warrant", "bylaws", "suspend", "explain-suspension"} <= set(
        played
    )
