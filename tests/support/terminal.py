"""The command line in this process: as a user types it, without the price of a new interpreter for each command."""

from __future__ import annotations

import contextlib
import io
import sys
from dataclasses import dataclass
from pathlib import Path

from peelian.cli import main


@dataclass(frozen=True, slots=True)
class Done:
    """What a command left behind."""

    returncode: int
    stdout: str
    stderr: str


def peelian(*words: str, cwd: Path) -> Done:
    """Run `peelian WORDS` in the folder `cwd`."""
    out, err, kept = io.StringIO(), io.StringIO(), sys.argv
    sys.argv = ["peelian", *words]
    code: object = 0
    try:
        with contextlib.chdir(cwd), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            main()
    except SystemExit as end:
        code = end.code or 0
    finally:
        sys.argv = kept
    return Done(returncode=int(str(code)), stdout=out.getvalue(), stderr=err.getvalue())
