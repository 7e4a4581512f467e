"""A registrar under people who mean ill: nonsense, floods, half sentences, a client that dies, and it itself killed."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import resource
import secrets
import signal
import socket
import stat
import threading
import time
from contextlib import ExitStack, closing, suppress
from pathlib import Path

import pytest
from broker import until
from divided import RunningRegistrar, desk_of, divided_town, lived, peopled
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from suspending import lift, suspend
from toy import COUNT, TOY
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import unix_connect

import peelian.operations.office
from peelian.errors import InputError, OutOfOrder, PeelianError
from peelian.integrations import registrar_acts, registrar_server
from peelian.integrations.registrar_acts import QUESTIONS
from peelian.integrations.registrar_client import Registrar
from peelian.integrations.registrar_wire import MOST_BYTES, MOST_TEXT, hear, send_message
from peelian.kernel import verbs
from peelian.kernel.records.sensor_register import connection_back
from peelian.operations.dividing import divide
from peelian.operations.office import open_office

OPS = sorted(QUESTIONS)


def ask(path: Path, head: dict[str, object], body: bytes = b"") -> tuple[dict[str, object], bytes]:
    """One question over a connection of its own."""
    with unix_connect(str(path), "ws://registrar/", compression=None, max_size=None) as connection:
        send_message(connection, head, body)
        return hear(connection, 60)


def test_the_socket_is_for_its_user_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with divided_town(tmp_path, monkeypatch) as (_, server, path):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        server._clients = frozenset({os.getuid() + 1})
        with pytest.raises(InputError, match="user not allowed"):
            Registrar(path).hello()
        server._clients = frozenset({os.getuid()})
    assert not path.exists()


def test_the_folder_of_the_socket_is_made_for_those_who_may_reach_it_or_named(tmp_path: Path) -> None:
    for name, group, mode in (("own", -1, 0o700), ("shared", os.getgid(), 0o750)):
        with closing(registrar_server._listening(tmp_path / name / "socket", 0o600, group)):
            made = (tmp_path / name).stat()
            assert stat.S_IMODE(made.st_mode) == mode and made.st_gid == os.getgid()
    named = re.escape(str(tmp_path / "not" / "there"))
    with pytest.raises(InputError, match=f"socket's folder {named} cannot be made: No such file.*install -d"):
        registrar_server._listening(tmp_path / "not" / "there" / "socket", 0o600, -1)
    with pytest.raises(InputError, match="socket cannot be created"):
        registrar_server._listening(tmp_path / ("x" * 120), 0o600, -1)


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
    answer, data = ask(path, {"op": op, **head}, body)
    assert "ok" in answer or "error" in answer
    assert key not in data and "Traceback" not in str(answer)
    if op == "unwrap":
        assert "error" in answer


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


def _is_given_up(one: socket.socket) -> bool:
    """Whether the other side closed; what it had not read resets the connection."""
    try:
        return b"101" not in one.recv(1 << 16)
    except ConnectionResetError:
        return True


def test_half_sentences_and_floods_leave_it_answering(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registrar_server, "OPENS_WITHIN", 0.5)
    with divided_town(tmp_path, monkeypatch) as (town, _, path):
        silent = [socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) for _ in range(registrar_server.MOST_CONNECTIONS)]
        for one in silent:
            one.settimeout(60)
            one.connect(str(path))
        for one in silent[: len(silent) // 2]:
            one.sendall(b"GET / HTTP/1.1\r\nUpgrade: websocket\r\n")  # and then nothing
        assert Registrar(path).hello(), "others are answered meanwhile"
        assert all(_is_given_up(one) for one in silent)
        for one in silent:
            one.close()
        for wrong in (b"\xff" * 100, b"GET / HTTP/1.1\r\n\r\n", b"POST / HTTP/1.1\r\nHost: x\r\n\r\n"):
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection, suppress(OSError):
                connection.settimeout(60)
                connection.connect(str(path))
                connection.sendall(wrong)
                assert b"101" not in connection.recv(1 << 16)
        for wrong in ("no json", "[]", b"bytes", "{" * 9_999):
            with unix_connect(str(path), "ws://registrar/") as connection, pytest.raises(ConnectionClosed):
                connection.send(wrong)
                connection.recv(60)
        for wrong in ("x" * (MOST_TEXT + 1), json.dumps({"op": "token", "of": "x" * MOST_TEXT}), bytes(MOST_BYTES + 1)):
            with unix_connect(str(path), "ws://registrar/") as connection, pytest.raises(ConnectionClosed):
                connection.send(wrong)
                connection.recv(60)
        lived(town)


def test_who_knocks_while_no_descriptor_is_left_does_not_end_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever reaches the socket may open more connections than a process may hold files."""
    with divided_town(tmp_path, monkeypatch) as (_, _, path), socket.socket(socket.AF_UNIX) as one:
        before, taken = resource.getrlimit(resource.RLIMIT_NOFILE), list[int]()
        resource.setrlimit(resource.RLIMIT_NOFILE, (256, before[1]))
        try:
            with suppress(OSError):
                while True:
                    taken.append(os.dup(one.fileno()))
            one.connect(str(path))
            time.sleep(0.3)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, before)
            for number in taken:
                os.close(number)
        assert taken and Registrar(path, patience=5).hello()


def test_workers_and_strangers_take_no_client_s_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with divided_town(tmp_path, monkeypatch) as (_, server, path), ExitStack() as there:
        me, nobody = frozenset({os.getuid()}), frozenset[int]()
        server._clients, server._workers = nobody, me
        for _ in range(registrar_server.MOST_OF_WORKERS):
            there.enter_context(unix_connect(str(path), "ws://registrar/"))
        with pytest.raises(InvalidStatus, match="503"):
            there.enter_context(unix_connect(str(path), "ws://registrar/"))
        next(iter(server._there[True])).close()
        large = there.enter_context(unix_connect(str(path), "ws://registrar/", compression=None))
        large.send(bytes(MOST_TEXT + 1))  # what a worker asks is short
        with pytest.raises(ConnectionClosed, match="1009"):
            large.recv(60)
        for kind in ((nobody, me), (nobody, nobody)):
            server._clients, server._workers = kind
            raw = [
                there.enter_context(socket.socket(socket.AF_UNIX)) for _ in range(2 * registrar_server.MOST_HALF_OPEN)
            ]
            for one in raw:
                one.settimeout(60)
                _knocks(one, path)
            assert raw[-1].recv(1) == b"", "there is no room for more, and it is closed unheard"
        server._clients, server._workers = me, nobody
        assert Registrar(path, patience=5).hello()


def _knocks(one: socket.socket, path: Path) -> None:
    """Connect, once there is room among those that wait to be let in."""
    assert until(lambda: one.connect_ex(str(path)) == 0)


def test_an_act_that_was_recorded_or_altered_on_its_way_is_not_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever has the socket, and saw what the board once signed there, has nothing of it."""
    with divided_town(tmp_path, monkeypatch) as (town, _, path):
        board, signatures = town.people["board"], list[bytes]()

        def sign(message: bytes) -> bytes:
            signatures.append(board.sign(message))
            return signatures[-1]

        suspend(town.kernel, dataclasses.replace(board, sign=sign), "toy")
        lift(town.kernel, town.people["privacy-officer"], board, "toy")
        by = {"person": board.person.token, "session": ""}
        suspends = "peelian.kernel.verbs.authorizations.suspend"
        n = town.kernel.stores.log.size()
        for technology, signature in (
            ("toy", signatures[0]),
            ("other", signatures[0]),
            ("toy", bytes(64)),
            ("toy", b""),
        ):
            with unix_connect(str(path), "ws://registrar/", compression=None) as connection:
                send_message(
                    connection,
                    {"act": suspends, "arguments": {"by": by, "technology": technology, "reason": "precaution"}},
                )
                while "sign" in (answer := hear(connection, 60)[0]):
                    send_message(connection, {}, signature)
            assert answer["error"] in ("OutOfOrder", "InputError"), answer
        town.kernel.stores.follow()
        assert town.kernel.stores.log.size() == n and "toy" not in town.kernel.state.suspended


def test_whoever_does_not_sign_in_time_does_not_keep_the_others_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registrar_acts, "SIGNS_WITHIN", 0.3)
    with divided_town(tmp_path, monkeypatch) as (town, _, path):
        board = town.people["board"].person.token
        given = {"by": {"person": board, "session": ""}, "technology": "toy", "reason": "precaution"}
        with unix_connect(str(path), "ws://registrar/") as slow:
            send_message(slow, {"act": "peelian.kernel.verbs.authorizations.suspend", "arguments": given})
            assert "sign" in hear(slow, 60)[0]
            with pytest.raises(ConnectionClosed):
                slow.recv(60)
        assert "toy" not in town.kernel.state.suspended
        lived(town)


def test_clients_that_never_sign_do_not_keep_a_suspension_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever came to run code in the pages' process begins act after act, over many connections, and signs none."""
    monkeypatch.setattr(registrar_acts, "SIGNS_WITHIN", 1.0)
    monkeypatch.setattr(registrar_acts, "LEAST", 0.05)
    with divided_town(tmp_path, monkeypatch) as (town, _, path), ExitStack() as there:
        given = {
            "by": {"person": town.people["board"].person.token, "session": ""},
            "technology": "toy",
            "reason": "precaution",
        }
        for _ in range(20):
            one = there.enter_context(unix_connect(str(path), "ws://registrar/", compression=None))
            send_message(one, {"act": "peelian.kernel.verbs.authorizations.suspend", "arguments": given})
        began = time.monotonic()
        suspend(town.kernel, town.people["board"], "toy")
        assert time.monotonic() - began < 10, "1 second for the first, and not for each"
        assert "toy" in town.kernel.state.suspended


def test_bytes_that_come_later_than_their_question_are_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        divided_town(tmp_path, monkeypatch) as (_, _, path),
        unix_connect(str(path), "ws://registrar/", compression=None) as slow,
    ):
        slow.send(json.dumps({"op": "add", "object": secrets.token_hex(16), "bytes": True}))
        time.sleep(4 * registrar_server._LOOKS)
        slow.send(secrets.token_bytes(32))
        assert hear(slow, 60)[0] == {"ok": None}


def test_what_a_client_leaves_when_it_dies_is_cleared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with divided_town(tmp_path, monkeypatch) as (town, _, path):
        name = secrets.token_hex(16)
        assert ask(path, {"op": "add", "object": name}, secrets.token_bytes(32))[0] == {"ok": None}
        keys = town.kernel.stores.vault.keys  # type: ignore[attr-defined]
        gone = until(lambda: keys.states().get(name) is False)
        assert gone, "a key that nobody came to log is destroyed"


def test_who_connects_while_the_last_one_s_end_is_tidied_is_not_cleared_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[int] = []
    monkeypatch.setattr(registrar_server, "cleared", lambda kernel: found.append(len(server._there[False])))
    with divided_town(tmp_path, monkeypatch) as (town, server, path):
        with server._registry.kernel.lock:
            town.kernel.registrar.registrar.close()  # type: ignore[union-attr]
            assert until(lambda: not server._there[False]), "it ended, and waits for its turn to tidy"
            another = Registrar(path)
            waiting = threading.Thread(target=another.hello)
            waiting.start()
            assert until(lambda: server._there[False])
        waiting.join(60)
        assert until(lambda: found in ([], [0])), "somebody was there, or nobody any more"


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
            for _ in range(20):
                connection_back(opened.kernel, "mqtt")
            registrar.end(signal.SIGKILL)
            registrar.start()
            with open_office(office) as again:  # another mirror of the registrar's log
                read = list(again.kernel.stores.log.read())
            assert [entry["kind"] for _, entry in read].count("GATEWAY_BACK") == 20 and opened.verdict().ok
            evidence, _ = verbs.run(town.kernel, town.people["analyst"], town.ask(COUNT))
            assert evidence.findings, "the same office goes on with the registrar that came back"
    finally:
        registrar.end()


def test_killed_in_the_middle_of_an_act_nothing_of_it_is_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peelian.operations.office, "technologies", lambda: (TOY,))
    office, folder, path = tmp_path / "office", tmp_path / "registrar", tmp_path / "socket"
    peopled(office)
    divide(office, folder, path)
    registrar = RunningRegistrar(folder, path)
    registrar.start()
    try:
        with open_office(office) as opened:
            town = desk_of(opened)
            board, n = town.people["board"], opened.kernel.stores.log.size()

            def sign(message: bytes) -> bytes:
                registrar.end(signal.SIGKILL)
                registrar.start()
                return board.sign(message)

            with pytest.raises(PeelianError, match="look there before doing it again"):
                suspend(opened.kernel, dataclasses.replace(board, sign=sign), "toy")
            opened.kernel.stores.follow()
            assert opened.kernel.stores.log.size() == n and "toy" not in opened.kernel.state.suspended
            suspend(opened.kernel, board, "toy")
            assert "toy" in opened.kernel.state.suspended and opened.verdict().ok
    finally:
        registrar.end()


def test_a_second_registrar_on_the_same_socket_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with divided_town(tmp_path, monkeypatch) as (_, server, path), pytest.raises(OutOfOrder, match="Another registrar"):
        registrar_server.RegistrarServer(server._registry, path, clients={os.getuid()})


def test_only_the_logs_public_files_can_be_had(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with divided_town(tmp_path, monkeypatch) as (town, _, path):
        asked = Registrar(path)
        names = json.loads(asked.ask("files")[1])
        assert {"checkpoint", "log.vkey"} <= set(names) and not {n for n in names if "journal" in n or "lock" in n}
        for name in ("../keys/log.pem", "journal", "/etc/passwd", "tile/../journal", ""):
            with pytest.raises(InputError):
                asked.ask("file", name=name)
        assert town.office.verdict().ok
