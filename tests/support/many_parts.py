"""The toy technology with a run of six parts, of which the last two wait until the test lets them go."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import secrets
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from changed import changed
from toy import COUNT, TOY

import peelian.operations.office
from peelian.integrations import part_workers
from peelian.kernel.model.capability import Context, Dataset, Findings
from peelian.kernel.model.fan_out import Parts, Progress
from peelian.kernel.verbs import kept_parts
from peelian.operations.run_worker import work

HERE = "PEELIAN_TEST_MANY_PARTS"  # names a folder of the test
PARTS, QUICK = 6, 4
SAYS = "Doing parts"


def part_done(shared: tuple[str, float], part: int, progress: Progress) -> dict[str, Any]:
    """Say that it was done, and make numbers of which each bit counts."""
    folder, seed = Path(shared[0]), shared[1]
    if part >= QUICK:
        (folder / f"at {os.getpid()}").touch()
    while part >= QUICK and not (folder / "go").exists():
        time.sleep(0.02)
    (folder / f"{part} {secrets.token_hex(4)}").touch()
    values = np.random.default_rng(part).normal(seed, 1.0, 50)
    return {"values": values, "gaps": np.where(values > 0, values, np.nan), "shape": 1 / (part + 3)}


def run(params: Any, datasets: Mapping[str, Dataset], context: Context) -> Findings:
    """All parts; the findings say what their bits come to."""
    folder = Path(os.environ[HERE])
    (folder / "worker").write_text(str(os.getpid()))
    shared = (str(folder), context.seed / 7)
    found = context.each(
        Parts(function=part_done, shared=shared, parts=list(range(PARTS)), progress=context.progress, says=SAYS)
    )
    bits = b"".join(one["values"].tobytes() + one["gaps"].tobytes() for one in found)
    facts = {"bits": hashlib.sha256(bits).hexdigest(), "shapes": sum(one["shape"] for one in found)}
    made = COUNT.arithmetic().run(params, datasets, context)
    return dataclasses.replace(made, facts={**made.facts, **facts})


MANY = dataclasses.replace(TOY, capabilities=(changed(COUNT, run=run),))


def done(folder: Path) -> list[int]:
    """How often each part was done."""
    names = [path.name.partition(" ") for path in folder.iterdir()]
    return [sum(part == str(n) for part, blank, _ in names if blank) for n in range(PARTS)]


def works(tells: Any, order: Any) -> None:
    """A run worker that knows this technology and writes each finished part at once."""
    peelian.operations.office.technologies = lambda: (MANY,)
    kept_parts.EVERY, kept_parts.SHARE = 0.0, 1e9
    work(tells, order)


def works_in_haste(tells: Any, order: Any) -> None:
    """The same, which gives a scheduler that is gone up after three seconds."""
    part_workers.ANSWERS_WITHIN = 3.0
    works(tells, order)
