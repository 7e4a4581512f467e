"""Who waits to write to a SQLite database is served in order, and a place that nobody keeps holds nobody up."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from peelian.storage import waiting_line
from peelian.storage.database import open_database
from peelian.storage.schema import METADATA
from peelian.storage.turns import begin
from peelian.storage.waiting_line import FILE, PLACES, WaitingLine

WRITES = """
import sys
from pathlib import Path
from peelian.storage.database import open_database
from peelian.storage.schema import ANSWERS, METADATA
made = open_database(Path(sys.argv[1]), METADATA)
print("ready", flush=True)
sys.stdin.readline()
with made.writing() as connection:
    connection.execute(ANSWERS.insert(), {"question": sys.argv[2], "answer": "1"})
print("done", flush=True)
"""


def writer(place: Path, question: str) -> subprocess.Popen[str]:
    """A process that is about to write once it is told a line."""
    command = [sys.executable, "-c", WRITES, str(place), question]
    made = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # our own interpreter
    assert made.stdout is not None and made.stdout.readline() == "ready\n"
    return made


def told(process: subprocess.Popen[str], folder: Path) -> None:
    """Have it write, and wait until it waits."""
    assert process.stdin is not None
    process.stdin.write("go\n")
    process.stdin.flush()
    while waiting(folder) == 0:
        time.sleep(0.01)


def waiting(folder: Path) -> int:
    """How many wait."""
    return WaitingLine(folder).before()


def test_they_stand_in_the_order_in_which_they_came(tmp_path: Path) -> None:
    one, two, three = (WaitingLine(tmp_path) for _ in range(3))
    assert (two.before(), one.before(), three.before(), two.before()) == (0, 1, 2, 0)
    two.leave()
    assert (one.before(), three.before(), two.before(), one.before()) == (0, 1, 2, 0)
    one.close()
    three.leave()
    two.leave()


def test_a_place_that_is_not_kept_is_lost_and_whoever_goes_on_stands_at_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [10**12]
    monkeypatch.setattr(waiting_line, "monotonic_ns", lambda: now[0])
    stopped, other = WaitingLine(tmp_path), WaitingLine(tmp_path)
    assert stopped.before() == 0
    for _ in range(3):
        now[0] += waiting_line.LEASE // 2
        ahead = other.before()
    assert ahead == 0
    assert (stopped.before(), other.before()) == (1, 0)


def test_more_than_there_are_places_and_a_damaged_line_hold_nobody_up(tmp_path: Path) -> None:
    lines = [WaitingLine(tmp_path) for _ in range(PLACES + 2)]
    assert lines[0].before() == 0 and lines[-1].before() == 0 and lines[PLACES - 1].before() == 1
    lines[-1].leave()
    (tmp_path / FILE).write_bytes(b"\xff" * 21)
    assert [line.before() for line in lines[:3]] == [0, 1, 2]


@pytest.mark.parametrize("by", [signal.SIGSTOP, signal.SIGKILL], ids=["stopped", "killed"])
def test_a_writer_that_is_stopped_while_it_is_first_holds_nobody_up_and_writes_when_it_goes_on(
    tmp_path: Path, by: signal.Signals
) -> None:
    place = tmp_path / "state.db"
    made = open_database(place, METADATA)
    first, second = writer(place, "first"), writer(place, "second")
    with made.engine.connect() as holds:
        begin(holds, wait=0)
        told(first, tmp_path)
        os.kill(first.pid, by)
        told(second, tmp_path)
        holds.exec_driver_sql("COMMIT")
    assert second.communicate(timeout=60)[0] == "done\n", "it went on past the first"
    assert first.poll() in (None, -signal.SIGKILL)
    if by == signal.SIGSTOP:
        os.kill(first.pid, signal.SIGCONT)
        assert first.communicate(timeout=60)[0] == "done\n"
    with made.reading() as connection:
        found = connection.exec_driver_sql("SELECT question FROM answers ORDER BY rowid").scalars().all()
    assert found == ["second", "first"][: 2 if by == signal.SIGSTOP else 1]
    made.close()
