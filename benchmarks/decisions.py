"""Are findings decided that the decider has not opened? Random sequences of looks, reruns and decisions.

uv run python benchmarks/decisions.py [--quick] [--json FILE]

Each of 10,000 sequences takes a case of the toy technology, in memory, through eight steps drawn by lot: one of five
people opens all of its findings, opens a part of them, or decides; or it is run again. Bars: no decision without a
look at these very findings, and nobody who looked and may decide is kept from it.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "support"))

from decided_by_lot import by_lot
from desk import desk
from toy import COUNT, TOY

from figures import at_most, finish, flags, plain, show


def main() -> None:
    given = flags(__doc__).parse_args()
    sequences = 500 if given.quick else 10_000
    town = desk((TOY,))
    town.authorizations(COUNT)
    start = time.perf_counter()
    told = by_lot(town, sequences, seed=7)
    of = f"in {sequences:,} random sequences"
    figures = [
        show(at_most(f"decisions without a look {of}", told["unseen"], "decisions", 0)),
        show(at_most(f"decisions refused after a look {of}", told["kept"], "decisions", 0)),
        show(plain(f"decisions taken {of}", told["decided"], "decisions")),
        show(plain(f"decisions refused {of}", told["refused"], "decisions")),
        show(plain("a sequence of eight steps", 1e3 * (time.perf_counter() - start) / sequences, "ms")),
    ]
    finish(figures, given.json)


if __name__ == "__main__":
    main()
