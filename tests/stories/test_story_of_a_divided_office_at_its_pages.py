"""The story of a divided office at its pages: registrar and pages are two processes, people log on with their key.

They ask, run, decide, publish and take a table home; the pages crash and begin anew; the log verifies. Then the pages'
own user tries, without anybody's key, to say every kind of thing to the registrar.
"""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from broker import free_port
from divided import RunningRegistrar, desk_of, peopled, program
from kinds import kinds_of_the_product
from postgres import must_have_files_of_its_own
from served import REASONS, Pages, send
from toy import COUNT, TOY

import peelian.operations.office
from peelian.errors import PeelianError
from peelian.kernel.model.ports import Entry
from peelian.kernel.registrar.entry_validators import RULES, _told
from peelian.kernel.state.kernel import Kernel
from peelian.operations.office import open_office
from peelian.operations.registrar_process import divide


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
    must_have_files_of_its_own()
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
            assert len(kernel.state.authorization_status.seated) == 3
        living = town.pages.logged_on("board")
        with kernel.lock:
            so_far = [dict(entry) for _, entry in kernel.stores.log.read()]
        tried_without_keys(kernel, so_far)
        assert living.get("/en/desk").status_code == 200

        town.registrar.end(signal.SIGTERM)
        town.registrar.start()
        assert living.get("/en/desk").status_code == 200, "a registrar that begins anew logs nobody off"
        with kernel.lock:
            latest = dict(entries[began[0] - 1])
            with pytest.raises(PeelianError):
                kernel.stores.log.append({**latest, "t": kernel.entry("X", {})["t"]})
    said = subprocess.run(program("verify", str(town.office), "--json"), capture_output=True, text=True, timeout=60)
    assert said.returncode == 0 and json.loads(said.stdout)["holds"] is True, said.stderr[-2000:]


def must_be_refused(kernel: Kernel, entry: Entry) -> None:
    """The registrar does not append it."""
    try:
        kernel.stores.log.append(entry)
    except PeelianError:
        return
    raise AssertionError(f"the registrar took {dict(entry)}")


def tried_without_keys(kernel: Kernel, entries: list[dict[str, Any]]) -> None:
    """Whatever the pages' user says without a person's key is refused, in the name of whoever is logged on, too."""
    with kernel.lock:
        session, board = next(iter(kernel.state.authorization_status.seated.items()))
    n = len(entries)
    for old in entries:  # all that was ever said, again, as it was and as of now
        for entry in (old, {**old, "t": kernel.entry("X", {})["t"]}):
            must_be_refused(kernel, entry)
    harmless = {kind for kind, rule in RULES.items() if rule.judged is _told}
    assert harmless == {"LOG_ON_LOCKED", "MESSAGE_REFUSED", "GATEWAY_CUT", "GATEWAY_BACK", "SWEPT"}
    dataset = next(iter(kernel.state.datasets.values()))
    words = {
        "technology": "toy", "dataset": dataset.dataset, "object": dataset.object, "act": "rotate_keys",
        "case": next(iter(kernel.state.histories)), "before": entries[-1].get("document", "0" * 64), "person": board,
        "warrant": "0" * 64, "partition": "cases.2026q4", "why": "restart", "retention": "cases", "days": 1, "n": 1,
        "how": "key", "outcome": "shown", "action": "read", "milli_epsilon": 1, "authorization": "council_approval",
    }  # fmt: skip
    for kind in sorted(set(kinds_of_the_product()) - harmless):
        rule = RULES.get(kind)
        for by in (board, "office"):
            told = {key: words.get(key, "x") for key in (rule.fields if rule else {"document", "case", "before"})}
            told = {key: value for key, value in told.items() if key not in ("signature", "challenge", "pass")}
            if kind in ("SESSION_ENDED", "NOISE_SPENT"):
                continue  # the office may end any session, and spend from its budget: neither gives anybody anything
            for append in (
                told | {"by": by, "session": session},
                {k: v for k, v in told.items() if k != "session"},
            ):
                if (kind, append.get("session"), by) in {
                    ("EXPORTED", session, board),
                    ("ACCESSED", session, board),
                }:
                    continue  # in a session that was proven just now the pages say what they show: it opens nothing
                must_be_refused(kernel, kernel.entry(kind, append))
    since = {str(entry["kind"]) for at, entry in kernel.stores.log.read() if at >= n}
    assert since <= {"HEARTBEAT"}, "nothing of it is in the log"  # the registrar's own, after a quiet minute
