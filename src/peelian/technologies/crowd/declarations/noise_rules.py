"""When a place is much louder than usual: the rule, for each kind of meter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from peelian.kernel.model.watch import Level
from peelian.technologies.crowd.holding import Holds


@dataclass(frozen=True, slots=True, kw_only=True)
class NoiseRule:
    """The detector's fixed numbers for one kind of meter.

    Every `step_seconds` the level exceeded for 90 % of the last `judged` readings is compared with the median of
    `baseline` earlier such levels that end `lag` of them ago (`least` are needed), in units of max(1.4826 MAD,
    `floor_db`). One of them every `remembered_seconds` is kept for that. A meter that told the same for the last
    `window` readings is stuck.
    """

    period_seconds: int
    window: int
    judged: int
    step_seconds: int
    remembered_seconds: int
    baseline: int
    lag: int
    least: int
    floor_db: float = 1.5
    z: float
    bars: tuple[tuple[Level, float, int], ...]  # level, dB above the baseline, seconds it must last: less dB, longer
    clear_seconds: int = 60
    longest_gap_seconds: int
    forgotten_seconds: int = 3_600

    @property
    def holds(self) -> Holds:
        """How long each level's condition must last."""
        levels = tuple((level, seconds) for level, _, seconds in self.bars)
        return Holds(levels=levels, clear_seconds=self.clear_seconds)


TWICE_DB, AREA = 3.0, 180.0  # twice the energy; and dB above that times seconds: 6 dB above the background for a minute


EACH_SECOND = NoiseRule(
    period_seconds=1,
    window=30,
    judged=12,
    step_seconds=5,
    remembered_seconds=15,
    baseline=240,
    lag=20,
    least=120,
    z=2.5,
    bars=(
        *((Level.NOTICE, TWICE_DB + AREA / seconds, seconds) for seconds in (150, 120, 100, 80, 60)),
        (Level.URGENT, 8.0, 30),
    ),
    longest_gap_seconds=5,
)


EACH_MINUTE = NoiseRule(
    period_seconds=60,
    window=1,
    judged=1,
    step_seconds=60,
    remembered_seconds=60,
    baseline=60,
    lag=5,
    least=30,
    z=3.0,
    bars=((Level.NOTICE, 10.0, 180),),
    longest_gap_seconds=150,
)
RULES: Mapping[int, NoiseRule] = {rule.period_seconds: rule for rule in (EACH_SECOND, EACH_MINUTE)}
