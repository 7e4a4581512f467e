"""The story of a divided office: the program that people use holds no key and cannot read the log or the keys.

A real registrar runs as one user, the program as another. A whole use goes through it, and what the program's user
tries beyond that is refused by the registrar, whatever the program says.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from divided import SUPPORT, RunningRegistrar, passable, peopled
from toy import TOY

import peelian.operations.office
from peelian.operations.dividing import divide

REGISTRAR, PROGRAM = 61_001, 61_002
TAKES_ANOTHER_USER = pytest.mark.skipif(os.getuid() != 0, reason="needs the administrator, to run as two other users")

USE = """
import sys, pathlib
sys.path.insert(0, {support!r})
import own_keys
import peelian.operations.office
from deciding import read_and_decide
from toy import COUNT, TOY, wells
peelian.operations.office.technologies = lambda: (TOY,)
from peelian.errors import PeelianError
from peelian.kernel import verbs
from peelian.kernel.model.capability import Role
from peelian.operations.office import open_office
import importlib.metadata, multiprocessing.pool  # asked for later, when this user no longer reaches them
import divided

own_keys.give_passphrases()
divided.become({user}, None)
path, registrar = pathlib.Path({office!r}), pathlib.Path({registrar!r})
for secret in ("keys/log.pem", "keys/token.key", "log/checkpoint", "keys/vault/table", "archive"):
    try:
        (registrar / secret).stat()
        raise SystemExit("the program's user reaches " + secret)
    except PermissionError:
        pass
with open_office(path) as office:
    desk = divided.desk_of(office)
    people = desk.people
    desk.authorizations(COUNT)
    permit = desk.ask(COUNT)
    evidence, found = verbs.run(office.kernel, people["analyst"], permit)
    words = dict(reasons="it fits the area", other_evidence="document: the records of the works")
    decision = read_and_decide(office.kernel, people["commander"], evidence, choice="accept", **words)
    verbs.publish(office.kernel, people["clerk"], decision, statement="wells were counted")
    assert found.facts["criteria_met"] and office.verdict().ok
    print("lived", office.kernel.stores.log.size())

    kernel = office.kernel
    data = next(iter(kernel.state.datasets.values()))
    tries = {{
        "an opening without a run": lambda: kernel.append(
            "OPENED", case=permit.case, before=evidence.before, object=data.object, dataset=data.dataset),
        "an opening by nobody's duty": lambda: kernel.append(
            "OPENED", object=data.object, dataset=data.dataset, by=people["analyst"].person.token),
        "a second run": lambda: kernel.append("STARTED", case=permit.case, before=evidence.before),
        "a permit for nothing that was asked": lambda: kernel.signed(permit),
        "evidence of no run": lambda: kernel.signed(evidence),
        "an old opening": lambda: kernel.stores.vault.open(
            data.object, intent=kernel.stores.log.found("case", permit.case)[3][0]),
        "an entry of last year": lambda: kernel.stores.log.append(
            {{"v": 1, "t": "2025-01-01T00:00:00.00Z", "kind": "PROVED"}}),
        "destroying what is in use": lambda: kernel.stores.vault.destroy(data.object),
        "rotating keys alone": lambda: kernel.stores.vault.rotate_keys(),
    }}
    for name, act in tries.items():
        try:
            act()
        except PeelianError:
            print("refused", name)
        else:
            print("DONE", name)
"""

STRANGER = """
import sys, pathlib
sys.path.insert(0, {support!r})
import divided
from peelian.integrations.registrar_client import Registrar
divided.become(61_003, {group})
Registrar(pathlib.Path({socket!r})).hello()
"""


@pytest.fixture
def passage() -> Iterator[Path]:
    with passable() as folder:
        yield folder


@TAKES_ANOTHER_USER
def test_a_whole_use_goes_through_a_registrar_whose_files_the_program_cannot_read(
    passage: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(peelian.operations.office, "technologies", lambda: (TOY,))
    office, folder, run = passage / "office", passage / "registrar", passage / "run"
    peopled(office)
    run.mkdir()
    os.chown(run, REGISTRAR, REGISTRAR)
    run.chmod(0o755)
    divide(office, folder, run / "socket", owner=str(REGISTRAR))
    for path in (office, *office.rglob("*")):
        os.chown(path, PROGRAM, PROGRAM)
    registrar = RunningRegistrar(folder, run / "socket", clients=(str(PROGRAM),), user=REGISTRAR, group=PROGRAM)
    registrar.start()
    try:
        script = USE.format(support=str(SUPPORT), office=str(office), registrar=str(folder), user=PROGRAM)
        said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120)
        assert said.returncode == 0, said.stderr[-2_000:]
        lines = said.stdout.split("\n")
        assert lines[0].startswith("lived ")
        assert [line for line in lines[1:] if line] == [
            f"refused {name}" for name in (
                "an opening without a run", "an opening by nobody's duty", "a second run",
                "a permit for nothing that was asked", "evidence of no run", "an old opening",
                "an entry of last year", "destroying what is in use", "rotating keys alone",
            )
        ]  # fmt: skip
        script = STRANGER.format(support=str(SUPPORT), socket=str(run / "socket"), group=PROGRAM)
        said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
        assert said.returncode != 0 and "user not allowed to ask the registrar" in said.stderr
    finally:
        registrar.end(signal.SIGTERM)
