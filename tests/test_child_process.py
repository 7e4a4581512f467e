"""A child process starts anew, ends with its context and with whoever started it, and inherits no secret."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from children import ends, looks_around, waits

from peelian.child_process import START, child


def alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists() and "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2][:3]


def test_it_holds_nothing_of_its_parents_memory_and_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PEELIAN_SECRET", "told to nobody")
    with child(looks_around, "anything", sealed=True) as connection:
        told = connection.recv()
    assert told["order"] == "anything" and "PEELIAN_SECRET" not in told["settings"]
    assert "pytest" not in told["modules"]
    with child(looks_around, None) as connection:
        assert "PEELIAN_SECRET" in connection.recv()["settings"]


def test_it_ends_with_its_context_and_tells_by_its_end() -> None:
    with child(waits, None) as connection:
        pid = connection.recv()
        assert alive(pid)
    assert not alive(pid)
    with child(ends, None) as connection, pytest.raises((EOFError, OSError)):
        connection.recv()


def test_it_ends_with_whoever_started_it() -> None:
    script = (
        "import os, sys\nsys.path.insert(0, sys.argv[1])\nfrom children import waits\n"
        "from peelian.child_process import child\n"
        "with child(waits, None) as connection:\n    print(connection.recv(), flush=True)\n    os._exit(1)\n"
    )
    support = str(Path(__file__).parent / "support")
    said = subprocess.run([sys.executable, "-c", script, support], capture_output=True, text=True, check=False).stdout
    for _ in range(200):
        if not alive(int(said)):
            return
        time.sleep(0.05)
    raise AssertionError("it goes on without its parent")


def test_it_says_nothing_where_whoever_started_it_is_gone_before_it_began() -> None:
    ours, theirs = socket.socketpair()
    with theirs:
        words = [sys.executable, "-c", START, str(theirs.fileno())]
        begun = subprocess.Popen(words, pass_fds=[theirs.fileno()], stderr=subprocess.PIPE, text=True)
    ours.close()
    assert begun.communicate() == (None, "") and begun.returncode == 1


def test_the_callers_own_script_is_not_run_again(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "import sys\nsys.path.insert(0, sys.argv[1])\nprint('once')\nfrom children import looks_around\n"
        "from peelian.child_process import child\nwith child(looks_around, 1) as connection:\n    connection.recv()\n"
    )
    command = [sys.executable, str(script), str(Path(__file__).parent / "support")]
    said = subprocess.run(command, capture_output=True, text=True, check=True, env=dict(os.environ))
    assert said.stdout == "once\n"
