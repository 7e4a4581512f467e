"""A registrar under people who mean ill: nonsense, floods, half sentences, a client that dies, and it itself killed."""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import stat
import struct
from contextlib import suppress
from pathlib import Path

import pytest
from broker import until
from divided import RunningRegistrar, desk_of, divided_town, lived, peopled
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from toy import COUNT, TOY

import peelian.operations.office
from peelian.errors import InputError, OutOfOrder, PeelianError
from peelian.integrations import registrar_server
from peelian.integrations.registrar_acts import ACTS
from peelian.integrations.registrar_client import Registrar
from peelian.integrations.registrar_frames import Frame, frame_bytes, read_frame
from peelian.kernel import verbs
from peelian.operations.office import open_office
from peelian.operations.registrar_process import divide

OPS = sorted(ACTS)


def ask(path: Path, data: bytes) -> Frame | None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(60)
        connection.connect(str(path))
        connection.sendall(data)
        return read_frame(connection)


def test_the_socket_is_for_its_user_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with divided_town(tmp_path, monkeypatch) as (_, server, path):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        server._clients = frozenset({os.getuid() + 1})
        with pytest.raises(OutOfOrder, match="user not allowed"):
            Registrar(path).hello()
        server._clients = frozenset({os.getuid()})
    assert not path.exists()


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.sampled_from(OPS),
    st.dictionaries(
        st.sampled_from(
            ["document", "object", "dataset", "intent", "start", "index", "name", "key", "value", "partition", "first"]
        ),
        st.one_of(st.integers(), st.text(max_size=60), st.none(), st.lists(st.integers(), max_size=3)),
    ),
    st.one_of(st.binary(max_size=400), st.just(b"[]"), st.just(b'[{"v":1,"kind":"PROVED"}]'), st.just(b"{}")),
)
def test_no_question_brings_a_registrar_down_or_a_key_out(
    fuzzed: tuple[Path, bytes], op: str, head: dict[str, object], body: bytes
) -> None:
    path, key = fuzzed
    answer = ask(path, frame_bytes(Frame(head={"op": op, **head}, body=body)))
    assert answer is not None and ("ok" in answer.head or "error" in answer.head)
    assert key not in answer.body and "Traceback" not in str(answer.head)
    if op in ("unwrap", "sign", "append", "rotate_vault", "rotate_archive"):
        assert "error" in answer.head


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> object:
    """A registrar with one object in it: its socket, and the object's data key."""
    folder = tmp_path_factory.mktemp("fuzzed")
    with pytest.MonkeyPatch.context() as patch, divided_town(folder, patch) as (town, _, path):
        lived(town)
        key = secrets.token_bytes(32)
        town.kernel.stores.vault.keys.add(secrets.token_hex(16), key)  # type: ignore[attr-defined]
        yield path, key
        assert town.office.verdict().ok


def test_half_sentences_and_floods_leave_it_answering(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = registrar_server.SENTENCE
    with divided_town(tmp_path, monkeypatch) as (town, _, path):
        monkeypatch.setattr(registrar_server, "SENTENCE", 0.5)
        silent = [socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) for _ in range(registrar_server.MOST_CONNECTIONS)]
        for one in silent:
            one.settimeout(60)
            one.connect(str(path))
        halves = silent[: len(silent) // 2]
        for one in halves:
            one.sendall(struct.pack(">II", 100, 60 << 20) + b"{")  # and then nothing
        assert [one.recv(1) for one in halves] == [b""] * len(halves), "they are given up"
        monkeypatch.setattr(registrar_server, "SENTENCE", usual)
        assert town.kernel.stores.log.checkpoint()
        Registrar(path).hello()  # there is room for others again
        for one in silent:
            one.close()
        for wrong in (b"\xff" * 100, b"GET / HTTP/1.1\r\n\r\n", struct.pack(">II", 1 << 31, 1 << 31)):
            with suppress(PeelianError, OSError):
                assert ask(path, wrong) is None
        lived(town)


def test_what_a_client_leaves_when_it_dies_is_cleared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with divided_town(tmp_path, monkeypatch) as (town, _, path):
        name = secrets.token_hex(16)
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as dying:
            dying.connect(str(path))
            dying.sendall(frame_bytes(Frame(head={"op": "add", "object": name}, body=secrets.token_bytes(32))))
            assert read_frame(dying)
            dying.sendall(frame_bytes(Frame(head={"op": "append"}, body=b"[]"))[:-1])
        keys = town.kernel.stores.vault.keys  # type: ignore[attr-defined]
        gone = until(lambda: keys.states().get(name) is False)
        assert gone, "a key that nobody came to log is destroyed"


def test_who_connects_while_the_last_one_s_end_is_tidied_is_not_cleared_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[int] = []
    monkeypatch.setattr(registrar_server, "cleared", lambda kernel: found.append(len(server._threads)))
    another = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    with divided_town(tmp_path, monkeypatch) as (town, server, path), another:
        with server._registry.kernel.lock:
            (leaving,) = server._threads.values()
            town.kernel.stores.log.registrar.close()  # type: ignore[attr-defined]
            assert until(lambda: not server._threads), "it ended, and waits for its turn to tidy"
            another.connect(str(path))
            assert until(lambda: server._threads)
        leaving.join(60)
        assert not found, "somebody was there"
        another.close()
        assert until(lambda: found == [0])


def test_killed_at_any_moment_nothing_acknowledged_is_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peelian.operations.office, "technologies", lambda: (TOY,))
    office, folder, path = tmp_path / "office", tmp_path / "registrar", tmp_path / "socket"
    peopled(office)
    divide(office, folder, path)
    registrar = RunningRegistrar(folder, path)
    registrar.start()
    try:
        with open_office(office) as opened:
            town = desk_of(opened)
            lived(town)
            acknowledged = [opened.kernel.append("GATEWAY_BACK", connection=f"c-{n}") for n in range(20)]
            registrar.end(signal.SIGKILL)
            registrar.start()
            with open_office(office) as again:  # another mirror of the registrar's log
                read = list(again.kernel.stores.log.read())
            kept = {index for index, entry in read if entry["kind"] == "GATEWAY_BACK"}
            assert set(acknowledged) <= kept and opened.verdict().ok
            evidence, _ = verbs.run(town.kernel, town.people["analyst"], town.ask(COUNT))
            assert evidence.findings, "the same office goes on with the registrar that came back"
    finally:
        registrar.end()


def test_a_second_registrar_on_the_same_socket_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with divided_town(tmp_path, monkeypatch) as (_, server, path), pytest.raises(OutOfOrder, match="Another registrar"):
        registrar_server.RegistrarServer(server._registry, path, clients={os.getuid()})


def test_only_the_logs_public_files_can_be_had(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with divided_town(tmp_path, monkeypatch) as (town, _, path):
        asked = Registrar(path)
        names = json.loads(asked.ask("files").body)
        assert {"checkpoint", "log.vkey"} <= set(names) and not {n for n in names if "journal" in n or "lock" in n}
        for name in ("../keys/log.pem", "journal", "/etc/passwd", "tile/../journal", ""):
            with pytest.raises(InputError):
                asked.ask("file", name=name)
        assert town.office.verdict().ok
