"""Rows edited, deleted and set back in an office's database without its keys: which answers change, what is found.

uv run python benchmarks/rows_tamper.py [--quick] [--json FILE] [--postgresql]

Each time the office is opened and asked for all that it knows, and `peelian doctor --rebuild` compares its rows with
the log. Three in ten hide a suspension, a revocation, a used run, an ended session or a spent budget: the entry that
tells of it, the rows that rest on it, or all of them at once, gone or as an older copy has them.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "support"))

from postgres import on_postgresql, postgresql
from row_tamper import Hands, town
from toy import TOY

import peelian.operations.office
from figures import Figure, at_most, finish, flags, plain, show
from peelian.kernel.model.technology import Technology


def measured(folder: Path, edits: int, of: str) -> Iterator[Figure]:
    older = town(folder)
    hands = Hands(folder, older, Random(20261128))
    done, false, unseen = Counter[str](), 0, 0
    for number in range(edits):
        one = hands.hiding() if number % 10 < 3 else hands.by_chance()
        changed, found = hands.judged(one)
        done[one.table if one.way == "hidden" else one.way.replace("_", " ")] += 1
        false += bool(changed)
        unseen += not found
        if changed or not found:
            print(one.says, changed, found, file=sys.stderr, flush=True)
    hands.close()
    for what in sorted(done):
        yield plain(f"{of}: {what}", done[what], "edits")
    yield at_most(f"{of}: of {edits:,} edits, those that change an answer", false, "edits", 0)
    yield at_most(f"{of}: of {edits:,} edits, those that a rebuild does not find", unseen, "edits", 0)


def _toy() -> tuple[Technology, ...]:
    return (TOY,)


def main() -> None:
    """Print every figure."""
    parser = flags(__doc__ or "")
    parser.add_argument("--postgresql", action="store_true", help="on PostgreSQL, too")
    given = parser.parse_args()
    peelian.operations.office.technologies = _toy
    edits, figures = 100 if given.quick else 1_000, []
    memory = Path("/dev/shm")  # noqa: S108 - a private folder is made in it
    tempfile.tempdir = str(memory) if memory.is_dir() else None  # no wait for a disk is measured
    with TemporaryDirectory() as folder, ExitStack() as closing:
        for figure in measured(Path(folder) / "sqlite", edits, "SQLite"):
            figures.append(show(figure))
        if given.postgresql:
            on_postgresql(closing.enter_context(postgresql()))
            for figure in measured(Path(folder) / "server", edits, "PostgreSQL"):
                figures.append(show(figure))
    finish(figures, given.json)


if __name__ == "__main__":
    main()
