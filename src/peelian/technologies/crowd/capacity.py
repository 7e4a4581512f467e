"""People inside a zone against its bars: notice and warning by the estimate, urgent by the low end of its interval."""

from __future__ import annotations

from collections.abc import Sequence

from peelian.kernel.model.capacity import Bars
from peelian.kernel.model.occupancy import Occupancy
from peelian.kernel.model.watch import Level
from peelian.technologies.crowd.holding import Change, Held, Holds, held

CLEARS_UNDER = 0.95  # of the lowest bar, by every estimate
RUNNING = 3  # readings of an occupancy sensor, of which the least counts: one alone is often wrong
HOLDS = Holds(levels=((Level.NOTICE, 0), (Level.WARNING, 0), (Level.URGENT, 0)))


def conditions(bars: Bars, inside: Occupancy) -> tuple[bool, bool, bool]:
    """Whether one figure is a notice, a warning, urgent.

    >>> from peelian.kernel.model.capacity import bars_at
    >>> conditions(bars_at(1_800), Occupancy(people=1_900, low=1_750, high=2_050))
    (True, True, False)
    """
    return inside.people >= bars.notice, inside.people >= bars.warning, inside.low >= bars.urgent


def step(bars: Bars, before: Held, at: int, figures: Sequence[Occupancy]) -> tuple[Held, Change | None]:
    """Take in what is known of a zone at `at` seconds, by its gates and by each sensor over it: the alarm's new state,
    and whether it was raised, rose or cleared.

    Each figure counts by itself, for none can see too few people by being too sure. An alarm only rises, until every
    estimate was under 95 % of the lowest bar for a minute. O(figures).
    """
    now = [conditions(bars, inside) for inside in figures]
    any_of = tuple(any(one[n] for one in now) for n in range(len(HOLDS.levels)))
    quiet = bool(figures) and all(inside.people < CLEARS_UNDER * bars.least for inside in figures)
    return held(HOLDS, before, at, any_of, quiet)


def telling(bars: Bars, level: Level, figures: Sequence[Occupancy]) -> Occupancy:
    """The figure that an alarm of a level tells: the surest of those that are of that level, else the highest."""
    nth = [one for one, _ in HOLDS.levels].index(level)
    reach = [inside for inside in figures if conditions(bars, inside)[nth]]
    return max(reach or figures, key=lambda inside: (inside.low, inside.people) if reach else (inside.people, 0.0))
