"""A process with raw readings in its memory leaves no core behind, however it dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

CANARY = "57123456.789"
PROGRAM = f"""
import os, signal, sys
from peelian.operations.process_hardening import forbid_dumps
assert forbid_dumps() and forbid_dumps()
reading = [float("{CANARY}")] * 1000
signal.signal(signal.SIGQUIT, signal.SIG_DFL)  # a shell has what it runs in the background pass over it
os.kill(os.getpid(), signal.SIGQUIT)
"""


def test_a_crash_writes_no_core(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], cwd=tmp_path, env={**os.environ, "HOME": str(tmp_path)})
    assert done.returncode == -signal.SIGQUIT, "it died as one does who leaves a core"
    assert not list(tmp_path.rglob("*")), "and left none"


def test_the_limit_cannot_be_raised_again() -> None:
    program = (
        "import resource\nfrom peelian.operations.process_hardening import forbid_dumps\nforbid_dumps()\n"
        "print(resource.getrlimit(resource.RLIMIT_CORE))"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert said.strip() == "(0, 0)"


def test_no_debugger_of_the_same_user_reads_its_memory() -> None:
    """PR_GET_DUMPABLE (3) says 0: ptrace and /proc/PID/mem are then for root alone (prctl(2), ptrace(2))."""
    program = (
        "import ctypes\nfrom peelian.operations.process_hardening import forbid_dumps\nassert forbid_dumps()\n"
        "print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))"
    )
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout == "0\n"
