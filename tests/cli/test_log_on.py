"""`peelian log-on`: a code for whoever has the key, while the pages are served; nothing else is said."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from terminal import peelian

from peelian.integrations.login_codes import TICKET
from peelian.operations.office import Office, open_office
from peelian.web.identity.log_on import lobby_of


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Office]:
    peelian("office", "office", "--name", "Town", cwd=tmp_path)
    with open_office(tmp_path / "office") as office:
        yield office


def test_a_code_is_made_while_the_pages_are_served(town: Office, tmp_path: Path) -> None:
    away = peelian("log-on", "--as", "custodian", cwd=tmp_path)
    assert away.returncode == 2 and "peelian serve" in away.stderr and not away.stdout
    first, second = lobby_of(town), lobby_of(town)
    told = json.loads(peelian("log-on", "--as", "custodian", "--json", cwd=tmp_path).stdout)
    first.close()
    assert peelian("log-on", "--as", "custodian", cwd=tmp_path).returncode == 0, "another process serves them still"
    taken = second.authentication.passes.take(told["code"], town.kernel.now())
    assert taken is not None and taken.short == "custodian" and told["minutes"] == 2
    second.close()
    assert peelian("log-on", "--as", "custodian", cwd=tmp_path).returncode == 2


@pytest.mark.parametrize("who", ["nobody", "../log", "A"])
def test_who_has_no_key_has_no_code(town: Office, tmp_path: Path, who: str) -> None:
    lobby = lobby_of(town)
    done = peelian("log-on", "--as", who, cwd=tmp_path)
    assert done.returncode == 2 and not done.stdout and not town.kernel.stores.tickets.all(TICKET)
    lobby.close()
