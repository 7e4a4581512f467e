"""A run in a process of its own: it ends as one in this process does, and a suspension kills it at once."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import workers
from broker import until
from desk import Desk
from divided import SUPPORT, answering, desk_of, peopled
from slow_toy import HERE, SLOW
from suspending import suspend
from toy import COUNT

import peelian.operations.office
from peelian.errors import PeelianError, Refused, Unsure
from peelian.integrations import registrar_client
from peelian.operations import run_worker
from peelian.operations.dividing import divide
from peelian.operations.office import open_office


@dataclass
class Running:
    """A run in a thread of this process, which waits for its worker."""

    town: Desk
    folder: Path
    said: list[tuple[str, float]] = field(default_factory=list)
    ended: list[Any] = field(default_factory=list)

    def begin(self) -> str:
        """Until its arithmetic goes on; the case."""
        self.town.authorizations(COUNT)
        permit = self.town.ask(COUNT)

        def work() -> None:
            try:
                told = lambda says, share: self.said.append((says, share))  # noqa: E731
                analyst = self.town.people["analyst"]
                self.ended.append(run_worker.run(self.town.office, analyst, permit, progress=told))
            except PeelianError as error:
                self.ended.append(error)

        self.thread = threading.Thread(target=work)
        self.thread.start()
        assert until((self.folder / "began").exists) or self.ended
        return permit.case

    def over(self) -> Any:
        """What came of it."""
        self.thread.join(60)
        return self.ended[0]


@pytest.fixture(params=["embedded", "divided"])
def running(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    monkeypatch.setattr(peelian.operations.office, "technologies", lambda: (SLOW,))
    monkeypatch.setattr(run_worker, "WORK", workers.toy)
    folder, office = tmp_path / "of the test", tmp_path / "office"
    folder.mkdir()
    monkeypatch.setenv(HERE, str(folder))
    peopled(office)
    if request.param == "embedded":
        with open_office(office) as opened:
            yield Running(desk_of(opened), folder)
        return
    divide(office, tmp_path / "registrar", tmp_path / "socket")
    with answering(tmp_path / "registrar", tmp_path / "socket"), open_office(office) as opened:
        yield Running(desk_of(opened), folder)


def of_case(town: Desk, case: str) -> list[str]:
    with town.kernel.lock:
        return [str(entry["kind"]) for _, entry in town.kernel.stores.log.found("case", case)]


def test_it_ends_as_a_run_in_this_process_does(running: Running) -> None:
    (running.folder / "go on").touch()
    case = running.begin()
    evidence, found = running.over()
    assert evidence.case == case and found.facts["criteria_met"] and ("Waiting", 0.5) in running.said
    assert of_case(running.town, case) == ["ASKED", "PERMITTED", "STARTED", "OPENED", "RAN"]
    assert running.town.office.verdict().ok


def test_a_suspension_kills_it_and_nothing_is_kept_after_it(running: Running) -> None:
    case = running.begin()
    worker = int((running.folder / "began").read_text())
    suspend(running.town.kernel, running.town.people["board"], "toy")
    error = running.over()
    assert isinstance(error, Refused) and "suspended during the run" in str(error)
    with pytest.raises(ProcessLookupError):
        os.kill(worker, 0)
    (running.folder / "go on").touch()
    assert of_case(running.town, case)[-1] == "REFUSED" and "RAN" not in of_case(running.town, case)


@pytest.mark.parametrize(
    ("running", "how"),
    [
        ("embedded", lambda folder: (folder / "crash").touch()),
        ("divided", lambda folder: os.kill(int((folder / "began").read_text()), 9)),
    ],
    indirect=["running"],
)
def test_a_worker_that_crashes_or_is_killed_is_told_as_failed(running: Running, how: Callable[[Path], object]) -> None:
    case = running.begin()
    how(running.folder)
    error = running.over()
    assert type(error) is PeelianError and str(error) == run_worker.CUT_SHORT and "same use again" in str(error)
    assert of_case(running.town, case)[-1] == "FAILED"
    (running.folder / "crash").unlink(missing_ok=True)
    (running.folder / "began").unlink()
    (running.folder / "go on").touch()
    running.ended.clear()
    running.begin()
    assert running.over()[0].findings, "the next one runs"


def test_a_run_that_loses_its_registrar_is_not_said_to_be_unrecorded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(peelian.operations.office, "technologies", lambda: (SLOW,))
    monkeypatch.setattr(run_worker, "WORK", workers.toy)
    monkeypatch.setattr(registrar_client, "PATIENCE", 1.0)
    monkeypatch.setenv(HERE, str(tmp_path))
    office, folder, socket = tmp_path / "office", tmp_path / "registrar", tmp_path / "socket"
    peopled(office)
    divide(office, folder, socket)
    with answering(folder, socket), open_office(office) as opened:
        running = Running(desk_of(opened), tmp_path)
        case = running.begin()
    error = running.over()
    assert type(error) is Unsure and str(error) == run_worker.CUT_SHORT
    with answering(folder, socket), open_office(office) as opened:
        opened.kernel.stores.follow()
        assert until(lambda: of_case(running.town, case)[-1] == "FAILED")


def test_a_worker_ends_with_whoever_waits_for_it() -> None:
    script = (
        "import os, sys; sys.path.insert(0, sys.argv[1]); import workers\n"
        "from multiprocessing import get_context\n"
        "spawn = get_context('spawn'); _, tells = spawn.Pipe()\n"
        "worker = spawn.Process(target=workers.waiting, args=(tells, {})); worker.start()\n"
        "print(worker.pid, flush=True); worker.join()"
    )
    whoever = subprocess.Popen([sys.executable, "-c", script, str(SUPPORT)], stdout=subprocess.PIPE, text=True)
    assert whoever.stdout is not None
    pid = int(whoever.stdout.readline())
    os.kill(pid, 0)
    whoever.kill()
    whoever.wait(60)
    assert until(lambda: not Path(f"/proc/{pid}").exists() or "Z" in Path(f"/proc/{pid}/stat").read_text().split()[2])
