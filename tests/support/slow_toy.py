"""The toy technology with a run that waits: until a file is there, and however long that takes."""

from __future__ import annotations

import dataclasses
import os
import signal
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from changed import changed
from toy import COUNT, TOY

from peelian.kernel.model.capability import Context, Dataset, Findings

HERE = "PEELIAN_SLOW_TOY"  # names a folder of the test


def run(params: Any, datasets: Mapping[str, Dataset], context: Context) -> Findings:
    """Say that it began, then do what the test's folder says: crash, go on or wait."""
    folder = Path(os.environ[HERE])
    context.progress("Waiting", 0.5)
    (folder / "begins").write_text(str(os.getpid()))
    (folder / "begins").rename(folder / "began")  # whole for whoever waits for it
    while not (folder / "go on").exists():
        if (folder / "crash").exists():
            os.kill(os.getpid(), signal.SIGSEGV)
        time.sleep(0.02)
    (folder / "go on").unlink(missing_ok=True)
    return COUNT.arithmetic().run(params, datasets, context)


SLOW = dataclasses.replace(TOY, capabilities=(changed(COUNT, run=run),))
