"""The story of a divided office at its pages: registrar and pages are two processes, people log on with their key.

They ask, run, decide, publish and take a table home; the pages crash and begin anew; the log verifies. Then the pages'
own user tries, without anybody's key, to say every kind of thing to the registrar.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from authentication import over
from broker import free_port
from deciding import read_and_decide
from divided import RunningRegistrar, desk_of, peopled, program
from served import REASONS, Pages, send
from suspending import suspend
from toy import COUNT, TOY

import peelian.operations.office
from peelian.errors import OutOfOrder, PeelianError, Refused
from peelian.kernel import verbs
from peelian.kernel.identity import dual_control, revocation, sessions
from peelian.kernel.model.documents import Evidence, Permit
from peelian.kernel.model.people import Operator
from peelian.kernel.policy.authorize import refusal
from peelian.kernel.retention import retention
from peelian.kernel.state.kernel import Kernel
from peelian.kernel.state.signed_documents import archived
from peelian.kernel.verbs import authorizations
from peelian.kernel.verbs.custody import looked_into
from peelian.operations.dividing import divide
from peelian.operations.office import open_office


@dataclass
class Town:
    """The divided office and its two processes."""

    office: Path
    registrar: RunningRegistrar
    pages: Pages


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Town]:
    monkeypatch.setattr(peelian.operations.office, "technologies", lambda: (TOY,))
    office, folder, socket = tmp_path / "office", tmp_path / "registrar", tmp_path / "socket"
    peopled(office)
    divide(office, folder, socket)
    made = Town(office, RunningRegistrar(folder, socket), Pages(office, free_port()))
    made.registrar.start()
    try:
        made.pages.start()
        yield made
    finally:
        made.pages.end()
        made.registrar.end()


def test_people_log_on_with_their_key_and_a_case_goes_all_the_way(town: Town) -> None:
    with open_office(town.office) as opened:  # at the terminal, while the pages are served
        desk = desk_of(opened)
        desk.authorizations(COUNT)
        dataset = desk.admit(COUNT.arithmetic().example().datasets["wells"], COUNT.asks.purposes, "wells").dataset
        kernel = opened.kernel
        analyst, commander, clerk = (town.pages.logged_on(short) for short in ("analyst", "commander", "clerk"))
        purpose = sorted(COUNT.asks.purposes)[0]
        got = send(analyst, f"/en/ask/{COUNT.id}", purpose=purpose, **{"data.wells": dataset, "param.deepest": "30"})
        assert got.status_code == 303, got.text[-3000:]
        case = got.headers["location"].rsplit("/", 1)[1]
        for client, act, fields in (
            (analyst, "run", {}),
            (commander, "decide", {"choice": "accept", **REASONS}),
            (clerk, "publish", {"statement": "wells were counted"}),
        ):
            got = send(client, f"/en/cases/{case}/{act}", **fields)
            assert got.status_code == 303, got.text[-3000:]
            over(client, case)
        assert clerk.get(f"/data/cases/{case}/wells.csv").status_code == 200
        assert httpx.get(f"{town.pages.where}/en/register/{case}", timeout=60).status_code == 200
        with kernel.lock:  # which follows what the pages' process wrote
            entries = [dict(entry) for _, entry in kernel.stores.log.read()]
        began = [n for n, entry in enumerate(entries) if entry["kind"] == "SESSION_BEGAN"]
        assert len(began) == 3
        for n in began:
            proved = entries[n - 1]
            assert proved["kind"] == "PROVED" and "pass" in proved and proved["session"] == entries[n]["session"]
        assert {"ASKED", "PERMITTED", "OPENED", "RAN", "DECIDED", "PUBLISHED", "EXPORTED"} <= {
            e["kind"] for e in entries
        }

        town.pages.end(signal.SIGKILL)  # a crash loses no session
        town.pages.start()
        assert analyst.get("/en/desk").status_code == 200
        with kernel.lock:
            assert len(kernel.state.seated) == 3
        living = town.pages.logged_on("board")
        tried_without_keys(kernel)
        assert living.get("/en/desk").status_code == 200

        town.registrar.end(signal.SIGTERM)
        town.registrar.start()
        assert living.get("/en/desk").status_code == 200, "a registrar that begins anew logs nobody off"
        proved = entries[began[0] - 1]
        proof = {key: proved[key] for key in ("nonce", "code", "at", "pass")}
        with pytest.raises(OutOfOrder, match="already in the log"):
            sessions.proved(kernel, str(proved["by"]), str(proved["session"]), proof=proof)
    said = subprocess.run(program("verify", str(town.office), "--json"), capture_output=True, text=True, timeout=60)
    assert said.returncode == 0 and json.loads(said.stdout)["holds"] is True, said.stderr[-2000:]


def tried_without_keys(kernel: Kernel) -> None:
    """Whatever the pages' user asks for in the name of whoever is logged on, without that person's key, is refused."""
    with kernel.lock:
        seats = dict(kernel.state.seated)
        case = next(history for history in kernel.state.histories.values() if history.digests("RAN"))
        evidence = archived(kernel, case.digests("RAN")[-1], Evidence)
        authorization = next(iter(kernel.state.authorizations.values()))
        dataset, n = next(iter(kernel.state.datasets)), kernel.stores.log.size()
    words = {"choice": "accept", **REASONS}
    for session, token in seats.items():
        by = Operator(person=kernel.state.people[token], sign=_no_key, session=session)
        for act in (
            lambda by: suspend(kernel, by, "toy"),
            lambda by: authorizations.revoke(kernel, by, authorization),
            lambda by: authorizations.issue(
                kernel, by, authorization.kind, serves=COUNT.id, purposes=tuple(COUNT.asks.purposes), days=1
            ),
            lambda by: read_and_decide(kernel, by, evidence, **words),
            lambda by: verbs.run(kernel, by, archived(kernel, evidence.before, Permit)),
            lambda by: dual_control.propose(kernel, by, "rotate_keys", words="it is time again"),
            lambda by: dual_control.rotate_keys(kernel, by, "0" * 64),
            lambda by: revocation.retire(kernel, by, next(iter(kernel.state.people))),
            lambda by: retention.queue(kernel, by, dataset, words="it is not needed"),
            lambda by: looked_into(kernel, by, kernel.state.datasets[dataset].object, dataset),
        ):
            with pytest.raises(PeelianError):
                act(by)
    with kernel.lock:
        since = [str(entry["kind"]) for _, entry in kernel.stores.log.read(n)]
    assert set(since) <= {"HEARTBEAT"}, "nothing of it is in the log"  # the registrar's own, after a quiet minute


def _no_key(message: bytes) -> bytes:
    raise Refused([refusal("the_key_is_at_hand", "it is elsewhere", "sign there")])


PAGES = ("/en/", "/en/desk", "/en/register", "/fr/desk")
SOON = 6  # seconds: the waiting is at most two, the rest is for a busy machine


@pytest.mark.parametrize("with_signal", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "stopped"])
def test_a_dead_registrar_is_told_soon_and_its_return_is_noticed(town: Town, with_signal: signal.Signals) -> None:
    """On every page and command. Nobody begins the pages anew, and nobody logs on again."""
    living, command = town.pages.logged_on("board"), program("people", "--office", str(town.office))
    assert living.get("/en/desk").status_code == 200
    time.sleep(0.1)
    assert town.registrar.process is not None
    pid = town.registrar.process.pid
    if with_signal == signal.SIGKILL:
        town.registrar.end(signal.SIGKILL)
    else:
        os.kill(pid, signal.SIGSTOP)
    try:
        for page in PAGES:
            began = time.monotonic()
            got = living.get(page)
            assert time.monotonic() - began < SOON, page
            assert got.status_code in (200, 503), page
            time.sleep(1.1)  # for whoever comes soon after another one, it is known
        assert "Registrar or database does not answer" in living.get("/en/desk").text
        said = subprocess.run(command, capture_output=True, text=True, timeout=240)
        assert said.returncode == 1 and "The registrar does not answer." in said.stderr
    finally:
        if with_signal == signal.SIGSTOP:
            os.kill(pid, signal.SIGCONT)
    if with_signal == signal.SIGKILL:
        town.registrar.start()
    assert living.get("/en/desk").status_code == 200
    assert subprocess.run(command, capture_output=True, timeout=240).returncode == 0
