"""A lease is one process's until it lets it go or ends; one of a whole process outlives its server's restart."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from broker import until

from peelian.storage import leases
from peelian.storage.database import Database, open_database
from peelian.storage.schema import METADATA

Another = Callable[..., Database]
GONE = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"


def test_a_lease_is_anothers_until_they_let_it_go(database: Database, another: Another) -> None:
    other = another()
    with database.alone("publisher") as held, other.alone("publisher", wait=False) as again:
        assert held and not again
        with other.alone("another thing", wait=False) as free:
            assert free
    with other.alone("publisher", wait=False) as held:
        assert held


def test_a_shared_lease_keeps_out_those_alone_who_do_not_share_it(database: Database, another: Another) -> None:
    other = another()
    with database.alone("serving", shared=True) as one, other.alone("serving", shared=True) as two:
        assert one and two
        with another().alone("serving", wait=False) as nobody:
            assert not nobody
    with other.alone("serving", wait=False) as nobody:
        assert nobody


def test_a_lease_ends_with_its_process(tmp_path: Path) -> None:
    place = tmp_path / "state" / "state.db"
    here = open_database(place, METADATA)
    code = (
        "import sys, time\nfrom pathlib import Path\nfrom peelian.storage.database import open_database\n"
        "from peelian.storage.schema import METADATA\n"
        "with open_database(Path(sys.argv[1]), METADATA).alone('run'):\n"
        "    print('held', flush=True)\n    time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(place)], stdout=subprocess.PIPE) as child:
        assert child.stdout is not None and child.stdout.readline() == b"held\n"
        with here.alone("run", wait=False) as held:
            assert not held
        child.kill()
        child.wait()
    with here.alone("run", wait=False) as held:
        assert held


def test_a_lease_whose_server_went_away_is_let_go_without_a_word(postgres: Any) -> None:
    made = open_database(postgres.place(), METADATA)
    with made.alone("served") as held:
        assert held
        postgres.sql(GONE)
    with made.alone("served", wait=False) as held:
        assert held
    made.close()


def test_a_shared_lease_is_taken_anew_when_its_server_is_back(postgres: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases, "LOOKS_EVERY", 0.05)
    place = postgres.place()
    made, other = open_database(place, METADATA), open_database(place, METADATA)

    def is_free() -> bool:
        with other.alone("serving", wait=False) as nobody:
            return nobody

    with made.alone("serving", shared=True):
        with other.alone("serving", wait=False) as nobody:
            assert not nobody
        for _ in range(2):
            postgres.sql(GONE)
            assert until(lambda: not is_free())
    assert is_free()
    for one in (made, other):
        one.close()
