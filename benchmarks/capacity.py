"""Capacity alarms on made events: who is called over capacity, how soon, and how often falsely.

Counters with 5 % error, each gate and way for itself, and passages missed or counted twice by chance. The levels are
the product's own; the seconds are of a gateway at work in an office in memory. Nothing here is a measurement of a real
crowd: it proves the arithmetic under the stated errors.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "support"))
from evening import evening
from full_events import over, within
from made_meters import published_as_amounts

from figures import Figure, at_least, at_most, finish, flags, plain, show
from peelian.integrations.sensor_gateway import Gateway, Often
from peelian.kernel.model.watch import CAPACITY, Level, Reading
from peelian.operations.live_levels import LiveLevels

OVER = 1.4


def main() -> None:
    """Measure, print, and fail where a bar is missed."""
    given = flags(__doc__ or "").parse_args()
    few = 10 if given.quick else 1
    found = [over(seed, OVER) for seed in range(400 // few)]
    urgent = [one for one in found if one.level == "urgent"]
    figures = [
        show(at_least(f"urgent at {OVER} x capacity (n = {len(found)})", len(urgent) / len(found), "share", 0.95)),
        show(at_least("at least a warning there", sum(one.level != "" for one in found) / len(found), "share", 1.0)),
        show(plain("latest minute after it is fullest", max(one.minutes or 0 for one in urgent), "min")),
    ]
    for share in (1.1, 1.2):
        some = [over(seed, share) for seed in range(200 // few)]
        hits = sum(one.level == "urgent" for one in some)
        figures.append(show(plain(f"urgent at {share} x capacity (n = {len(some)})", hits / len(some), "share")))
    calm = [within(seed) for seed in range(1_000 // few)]
    false = sum(one.level == "urgent" for one in calm)
    figures.append(show(at_most(f"false urgent within capacity (n = {len(calm)})", false / len(calm), "share", 0.02)))
    near = calm[1::2]
    figures.append(
        show(plain("false urgent at .9 to .99", sum(o.level == "urgent" for o in near) / len(near), "share"))
    )
    figures.append(show(plain("warnings within capacity", sum(o.level != "" for o in calm) / len(calm), "share")))
    figures.append(show(_seconds(rounds=3 if given.quick else 20)))
    meters = 1_000 // few
    said = published_as_amounts(range(meters))
    figures.append(show(at_most(f"meters of {meters} whose total was published as an amount", said, "meters", 0)))
    finish(figures, given.json)


def _seconds(rounds: int) -> Figure:
    """From a message to the gateway to the urgent alarm in the log: the longest of so many."""
    longest = 0.0
    for _ in range(rounds):
        e = evening("square", counters=False)
        levels = LiveLevels(e.town.kernel, [e.at.standing])

        def decode(sensor: str, topic: str, body: bytes, e: object = e) -> tuple[Reading, ...]:
            return (Reading(sensor=sensor, time=e.now, what="people", values=VALUES),)  # type: ignore[attr-defined]

        gateway = Gateway(
            e.town.kernel, [e.at.standing], decode, often=Often(judge=levels.judge, show=levels.gather)
        ).start()
        began = time.monotonic()
        gateway.offer("gate-square", "http/gate-square", b"{}", lambda: None)
        while time.monotonic() - began < 30:
            alarms = list(e.town.kernel.state.alarms.floor.alarms.values())
            if any(one.type == CAPACITY and one.level is Level.URGENT for one in alarms):
                break
            time.sleep(0.01)
        longest = max(longest, time.monotonic() - began)
        gateway.stop()
        levels.close()
    return at_most(f"from the reading to urgent in the log, longest of {rounds}", longest, "s", 5)


VALUES = {"count": 1_260.0, "towards": 1_260.0, "away": 0.0, "seconds": 60.0}
"""1.4 times the capacity at once: the low end of its interval is above it."""


if __name__ == "__main__":
    main()
