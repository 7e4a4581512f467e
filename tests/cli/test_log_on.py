"""`peelian log-on`: a code for whoever has the key, while the pages are served; nothing else is said."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from terminal import peelian

from peelian.integrations.login_codes import FilePasses


@pytest.fixture
def town(tmp_path: Path) -> Path:
    peelian("office", "office", "--name", "Town", cwd=tmp_path)
    return tmp_path


def test_a_code_is_made_while_the_pages_are_served(town: Path) -> None:
    away = peelian("log-on", "--as", "custodian", cwd=town)
    assert away.returncode == 2 and "peelian serve" in away.stderr and not away.stdout
    passes = FilePasses(town / "office" / "desk", "key")
    told = json.loads(peelian("log-on", "--as", "custodian", "--json", cwd=town).stdout)
    taken = passes.take(told["code"], datetime.now(UTC))
    assert taken is not None and taken.short == "custodian" and told["minutes"] == 2


@pytest.mark.parametrize("who", ["nobody", "../log", "A"])
def test_who_has_no_key_has_no_code(town: Path, who: str) -> None:
    FilePasses(town / "office" / "desk", "key")
    done = peelian("log-on", "--as", who, cwd=town)
    assert done.returncode == 2 and not done.stdout and not list((town / "office" / "desk").glob("*.pass"))
