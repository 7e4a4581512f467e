"""What commands that only look cost: CPU seconds of `peelian --help` and of listings on the office of a demonstration.

Each command runs as a user's does: a new interpreter, its bytecode compiled before. The middle of several runs counts.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from figures import at_most, finish, flags, show

LISTINGS = ("capabilities", "people", "cases", "doctor")
PEELIAN = (sys.executable, "-m", "peelian")


def main() -> None:
    asked = flags(__doc__ or "").parse_args()
    with TemporaryDirectory() as folder:
        here = Path(folder)
        made = (
            ("office", "office", "--name", "Town") if asked.quick else ("demo", "mapping", "--out", "office", "--json")
        )
        spent(made, here)
        runs = 3 if asked.quick else 7
        figures = [show(at_most("peelian --help", middle(("--help",), here, runs), "s CPU", 0.3))]
        figures += [
            show(at_most("peelian --lang fr --help", middle(("--lang", "fr", "--help"), here, runs), "s CPU", 0.4))
        ]
        for name in LISTINGS:
            figures.append(show(at_most(f"peelian {name}", middle((name,), here, runs), "s CPU", 1.0)))
    finish(figures, asked.json)


def middle(words: tuple[str, ...], here: Path, runs: int) -> float:
    """The middle of the CPU seconds of several runs, after one that compiles what it imports."""
    spent(words, here)
    return statistics.median(spent(words, here) for _ in range(runs))


def spent(words: tuple[str, ...], here: Path) -> float:
    """User and system seconds of one command in the folder `here`."""
    environment = {k: v for k, v in os.environ.items() if k not in ("PYTHONDONTWRITEBYTECODE", "PEELIAN_LANG")}
    environment |= {"PYTHONPYCACHEPREFIX": str(here / "bytecode"), "PEELIAN_OFFICE": str(here / "office")}
    with subprocess.Popen((*PEELIAN, *words), cwd=here, env=environment, stdout=subprocess.DEVNULL) as process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):  # doctor exits with 1 where it found a fault
        raise SystemExit(f"peelian {' '.join(words)} failed")
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
