"""How often the intervals of occupancy and of the time to capacity hold the truth, on simulated counters.

Each run draws an evening of four gates: who comes and goes is Poisson,
each counter has its own share of counts too many or too few in each direction, and each passage is missed or counted
twice by chance. Nothing here is a measurement of a real counter: it proves the arithmetic under the stated errors, and
shows what becomes of it when a counter is twice as bad as stated.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "support"))
from gate_counters import Share, covers_emptying, covers_people, covers_time, share_of

from figures import Figure, finish, flags, show
from peelian.kernel.model.occupancy import GATE_ERROR


def main() -> None:
    """Print the coverage of each; a bar is missed where its interval does not hold 95 of 100, or more."""
    given = flags(__doc__ or "").parse_args()
    runs = 400 if given.quick else 4_000
    figures = []
    for minutes in (30, 120, 300):
        held = share_of(runs, lambda rng, m=minutes: covers_people(rng, minutes=m, error=GATE_ERROR))  # type: ignore[misc]
        figures.append(show(_held(f"people inside after {minutes} min", held)))
    held = share_of(runs, lambda rng: covers_emptying(rng, error=GATE_ERROR))
    figures.append(show(_held("people inside after filling and emptying", held)))
    held = share_of(runs, lambda rng: covers_time(rng, error=GATE_ERROR))
    figures.append(show(_held("time to capacity", held)))
    held = share_of(runs, lambda rng: covers_people(rng, minutes=120, error=2 * GATE_ERROR))
    figures.append(show(_held("people inside after 120 min, counters twice as bad", held, bar=False)))
    finish(figures, given.json)


def _held(name: str, held: Share, *, bar: bool = True) -> Figure:
    low, high = held.interval
    told = f"{name} (95% interval {100 * low:.1f} to {100 * high:.1f}, n = {held.n:,})"
    at_least = {"bar": "interval reaches 95", "holds": high >= 0.95} if bar else {}
    return Figure(name=told, value=round(100 * held.hits / held.n, 1), unit="%", **at_least)  # type: ignore[arg-type]


if __name__ == "__main__":
    main()
