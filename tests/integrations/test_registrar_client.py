"""The ports over a socket: the same answers as in process, and plain words where the registrar is away."""

from __future__ import annotations

import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from divided import divided_town, lived
from suspending import lift, suspend
from toy import COUNT
from used_openings import alone
from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, unix_serve

from peelian.errors import InputError, IntegrityError, OutOfOrder, PeelianError
from peelian.integrations import registrar_client
from peelian.integrations.registrar_client import Registrar, RemoteArchive, RemoteKeys, RemoteLog
from peelian.integrations.registrar_wire import MOST_BYTES, MOST_TEXT
from peelian.kernel import verbs
from peelian.kernel.records.sensor_register import connection_back
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
        permitted = log.found("case", str(next(e["case"] for _, e in entries if e["kind"] == "PERMITTED")))
        assert permitted and log.receipt(permitted[0][0]).startswith(b"c2sp.org/tlog-proof@v1")
        with pytest.raises(InputError):
            log.found("unit", "x")
        today = town.kernel.partition("cases")
        archive.put("a" * 64, b"kept", partition=today)
        archive.put("a" * 64, b"kept", partition=today)
        assert archive.get("a" * 64) == b"kept"
        with pytest.raises(OutOfOrder):
            archive.put("a" * 64, b"something else", partition=today)
        with pytest.raises(InputError):
            archive.get("b" * 64)
        name = secrets.token_hex(16)
        keys.add(name, secrets.token_bytes(32))
        keys.known(name)
        with pytest.raises(OutOfOrder):
            keys.add(name, secrets.token_bytes(32))
        assert keys.destroy(name) and keys.states()[name] is False and alone(keys) == 1
        with pytest.raises(OutOfOrder):
            keys.unwrapped(name, dataset="wells", intent=0)


def test_two_programs_see_what_the_other_did_before_they_act(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with divided_town(tmp_path, monkeypatch) as (town, _, _), open_office(tmp_path / "office") as other:
        town.authorizations(COUNT)
        permit = town.ask(COUNT)
        suspend(other.kernel, other.operator("board"), "toy")
        with pytest.raises(PeelianError, match="suspended"):
            verbs.run(town.kernel, town.people["analyst"], permit)
        lift(other.kernel, other.operator("privacy-officer"), other.operator("board"), "toy")
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


def test_one_waits_for_a_registrar_that_is_gone_and_the_next_are_told_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, slept, really = tmp_path / "registrar.sock", [], time.sleep
    here = threading.get_ident()  # threads of other tests may still sleep

    def sleep(seconds: float) -> None:
        if threading.get_ident() == here:
            slept.append(seconds)
        really(seconds)

    monkeypatch.setattr(time, "sleep", sleep)
    away = Registrar(path, patience=0.5)
    with pytest.raises(PeelianError, match="See that its service runs"):
        away.hello()
    assert slept
    slept.clear()
    with pytest.raises(PeelianError, match="See that its service runs"):
        away.hello()
    assert not slept


@contextmanager
def pretending(path: Path, answers: Callable[[ServerConnection, dict[str, Any]], None]) -> Iterator[Registrar]:
    """Something that answers on a registrar's socket as it likes, and who asks it."""

    def talk(connection: ServerConnection) -> None:
        with suppress(ConnectionClosed):
            for text in connection:
                answers(connection, json.loads(text))

    with unix_serve(talk, str(path), compression=None, max_size=None) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        asks = Registrar(path, patience=0.3)
        try:
            yield asks
        finally:
            asks.close()
            server.shutdown()
            thread.join()


HELLO = json.dumps({"ok": {"public_key": "k"}})
READ = "answer cannot be read"


@pytest.mark.parametrize(
    ("answer", "match"),
    [
        (("no json",), "See that its service runs"),
        (("[]",), "See that its service runs"),
        (("{}",), "See that its service runs"),
        ((b"bytes alone",), "See that its service runs"),
        (("[" * 100_000,), "See that its service runs"),
        (('{"ok": 1, "bytes": true}', "text"), "See that its service runs"),
        (("x" * (MOST_TEXT + 1),), "See that its service runs"),
        ((json.dumps({"ok": 1, "bytes": True}), bytes(MOST_BYTES + 1)), "See that its service runs"),
        ((), "See that its service runs"),  # it says nothing
        (('{"ok": 1, "bytes": true}', b"no json"), READ),
        (('{"ok": 1, "bytes": true}', b"[" * 100_000), READ),
        (('{"ok": 1, "bytes": true}', b"{}"), READ),
        (('{"ok": 1, "bytes": true}', b'{"size": "many", "entries": []}'), READ),
        (('{"ok": 1, "bytes": true}', b'{"size": 1, "entries": [7]}'), READ),
        (('{"error": 7}',), "error that was told cannot be read"),
    ],
    ids=range(15),
)
def test_a_registrar_that_answers_nonsense_too_much_or_never_ends_in_plain_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: tuple[str | bytes, ...], match: str
) -> None:
    monkeypatch.setattr(registrar_client, "_ANSWERS_WITHIN", 0.2)

    def answers(connection: ServerConnection, head: dict[str, Any]) -> None:
        for part in (HELLO,) if head.get("op") == "hello" else answer:
            connection.send(part)

    with pretending(tmp_path / "socket", answers) as asks:
        log = RemoteLog(asks, memory_database(METADATA), bytes(32))
        with pytest.raises(PeelianError, match=match):
            log.follow_registrar()
        assert log.size() == 0
        with pytest.raises(PeelianError):
            asks.act("peelian.kernel.records.sensor_register.connection_back", {"connection": "c-1"})


def test_an_act_whose_registrar_goes_silent_is_not_done_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registrar_client, "_ANSWERS_WITHIN", 0.2)
    acts: list[str] = []

    def answers(connection: ServerConnection, head: dict[str, Any]) -> None:
        if "act" in head:
            acts.append(head["act"])
        else:
            connection.send(HELLO)

    with pretending(tmp_path / "socket", answers) as asks, pytest.raises(PeelianError, match="whether it was done"):
        asks.act("peelian.kernel.records.sensor_register.connection_back", {"connection": "c-1"})
    assert len(acts) == 1


def test_many_threads_that_act_at_once_have_each_entry_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with divided_town(tmp_path, monkeypatch) as (town, server, _):
        kernel = town.kernel

        def act(n: int) -> None:
            for _ in range(6):
                connection_back(kernel, "mqtt")
                kernel.stores.follow()

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(act, range(8)))
        kernel.stores.follow()
        mine = [dict(entry) for _, entry in kernel.stores.log.read()]
        assert mine == [dict(entry) for _, entry in server._registry.log.read()]
        assert sum(entry["kind"] == "GATEWAY_BACK" for entry in mine) == 48
