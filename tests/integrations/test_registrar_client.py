"""The ports over a socket: the same answers as in process, and plain words where the registrar is away."""

from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from divided import divided_town, lived
from toy import COUNT

from peelian.errors import InputError, IntegrityError, OutOfOrder, PeelianError
from peelian.integrations.registrar_client import Registrar, RemoteArchive, RemoteKeys, RemoteLog
from peelian.kernel import verbs
from peelian.kernel.records.sensor_register import connection_back
from peelian.kernel.verbs import authorizations
from peelian.operations.office import open_office
from peelian.storage.database import memory_database
from peelian.storage.schema import METADATA


def mirror(path: Path, patience: float | None = None) -> RemoteLog:
    """The registrar's log as another program of the office has it."""
    return RemoteLog(Registrar(path, patience=patience), memory_database(METADATA), bytes(32))


def test_log_archive_and_keys_answer_as_they_do_in_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with divided_town(tmp_path, monkeypatch) as (town, _, path):
        lived(town)
        log, archive, keys = mirror(path), RemoteArchive(Registrar(path)), RemoteKeys(Registrar(path))
        log.follow_registrar()
        entries = list(log.read())
        assert [index for index, _ in entries] == list(range(len(entries))) and next(log.read(5))[0] == 5
        permitted = log.find("case", str(next(e["case"] for _, e in entries if e["kind"] == "PERMITTED")))
        assert permitted and log.receipt(permitted[0]).startswith(b"c2sp.org/tlog-proof@v1")
        with pytest.raises(InputError):
            log.find("unit", "x")
        archive.put("a" * 64, b"kept")
        archive.put("a" * 64, b"kept")
        assert archive.get("a" * 64) == b"kept"
        with pytest.raises(OutOfOrder):
            archive.put("a" * 64, b"something else")
        with pytest.raises(InputError):
            archive.get("b" * 64)
        name = secrets.token_hex(16)
        keys.add(name, secrets.token_bytes(32))
        keys.known(name)
        with pytest.raises(OutOfOrder):
            keys.add(name, secrets.token_bytes(32))
        assert keys.destroy(name) and keys.states()[name] is False and keys.openings_used() == 1
        with pytest.raises(OutOfOrder):
            keys.unwrapped(name, dataset="wells", intent=0)


def test_two_programs_see_what_the_other_did_before_they_act(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with divided_town(tmp_path, monkeypatch) as (town, _, _), open_office(tmp_path / "office") as other:
        town.authorizations(COUNT)
        permit = town.ask(COUNT)
        authorizations.suspend(other.kernel, other.operator("board"), "toy")
        with pytest.raises(PeelianError, match="suspended"):
            verbs.run(town.kernel, town.people["analyst"], permit)
        authorizations.resume(other.kernel, other.operator("board"), "toy")
        again = town.ask(COUNT)
        verbs.run(town.kernel, town.people["analyst"], again)
        with other.kernel.lock:
            assert other.kernel.state.histories[again.case].state == "RAN"


def test_where_nobody_answers_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    away = Registrar(tmp_path / "nothing", patience=0.3)
    with pytest.raises(PeelianError, match="See that its service runs"):
        away.hello()
    with pytest.raises(PeelianError, match="See that its service runs"):
        mirror(tmp_path / "nothing", patience=0.3).follow_registrar()
    with divided_town(tmp_path, monkeypatch) as (_, _, path):
        asked = Registrar(path)
        asked.hello()
        asked._key = "another"
        asked.close()
        with pytest.raises(IntegrityError, match="Another office's registrar"):
            asked.hello()


def test_many_threads_that_act_at_once_have_each_entry_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with divided_town(tmp_path, monkeypatch) as (town, server, _):
        kernel = town.kernel

        def act(n: int) -> None:
            for k in range(6):
                connection_back(kernel, f"c-{n}-{k}")
                kernel.stores.follow()

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(act, range(8)))
        kernel.stores.follow()
        mine = [dict(entry) for _, entry in kernel.stores.log.read()]
        assert mine == [dict(entry) for _, entry in server._registry.log.read()]
        assert sum(entry["kind"] == "GATEWAY_BACK" for entry in mine) == 48
