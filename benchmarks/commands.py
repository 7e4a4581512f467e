"""What commands that only look cost: CPU seconds of `peelian --help`, of each group's help, and of listings.

Each command runs as a user's does: a new interpreter, its bytecode compiled before. The least of several runs counts:
other work on the machine only adds to it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from figures import at_most, finish, flags, show
from peelian.cli.contents import entries
from peelian.integrations.person_keys import ThrownAway
from peelian.operations.office import new_office

LISTINGS = (("case", "capabilities"), ("people", "list", "--as", "custodian"), ("case", "list"), ("doctor",))
WATCHER = """
import os, subprocess, sys
with subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL) as process:
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
print(process.returncode, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)
"""


def main() -> None:
    asked = flags(__doc__ or "").parse_args()
    with TemporaryDirectory() as folder:
        office, runs = Path(folder) / "office", 3 if asked.quick else 9
        if asked.quick:
            new_office(office, name="Town").asking(ThrownAway()).close()
        else:
            cost(("demo", "--only", "mapping", "--out", str(office), "--json"), office, runs=0)
        figures = []
        for words, bar in (
            (("--help",), 0.3),
            (("--lang", "fr", "--help"), 0.4),
            *(((name, "--help"), 0.4) for name, entry in entries().items() if entry.about),
            *((words, 0.8) for words in LISTINGS),
        ):
            seconds, _ = cost(words, office, runs=runs)
            figures.append(show(at_most(f"peelian {' '.join(words)}", seconds, "s CPU", bar)))
    finish(figures, asked.json)


def cost(words: tuple[str, ...], office: Path, *, runs: int) -> tuple[float, float]:
    """The least user and system seconds of several runs of a command, after one that compiles what it imports; and
    the greatest peak of its memory in MB."""
    seconds, megabytes = zip(*[_spent(words, office) for _ in range(1 + runs)], strict=True)
    return min(seconds[1:], default=seconds[0]), max(megabytes)


def _spent(words: tuple[str, ...], office: Path) -> tuple[float, float]:
    """Seconds and MB of one run, started by a small process: a child's memory begins as its parent's."""
    environment = {k: v for k, v in os.environ.items() if k not in ("PYTHONDONTWRITEBYTECODE", "PEELIAN_LANG")}
    environment |= {"PYTHONPYCACHEPREFIX": str(office.parent / "bytecode"), "PEELIAN_OFFICE": str(office)}
    started = [sys.executable, "-c", WATCHER, sys.executable, "-m", "peelian", *words]
    said = subprocess.run(started, env=environment, stdout=subprocess.PIPE, check=True, text=True).stdout
    code, seconds, megabytes = said.split()
    if code not in ("0", "1"):  # doctor exits with 1 where it found a fault
        raise SystemExit(f"peelian {' '.join(words)} failed")
    return float(seconds), float(megabytes)


if __name__ == "__main__":
    main()
