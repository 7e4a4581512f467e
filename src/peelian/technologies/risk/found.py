"""What an audit computed, from which its notes are drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from peelian.measure.rates import Area
from peelian.measure.table import Table
from peelian.technologies.risk.counts import Floats
from peelian.technologies.risk.followup import FollowUp
from peelian.technologies.risk.promises import Calibrated
from peelian.technologies.risk.rows import Figure
from peelian.technologies.risk.study import Study
from peelian.technologies.risk.verdicts import Judged


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Results of one audit; `promise` [levels] is the expected share at each level.

    `judged.adjusted` has a corrected p for each row of `leakage`, and for the follow-up.
    """

    study: Study
    area: Area
    promise: Floats
    held: Calibrated
    judged: Judged
    figures: Sequence[Figure]
    window: FollowUp | None
    leakage: Table
    rivals: Table
    rates: Table
    chosen_cut: bool
    probability: bool
    disagreement: float
    weighted: bool

    @property
    def window_p(self) -> float:
        """The corrected probability of the difference in follow-up; 1 where there is none."""
        return float(self.judged.adjusted["follow_up"][0]) if "follow_up" in self.judged.adjusted else 1.0

    def figure(self, metric: str) -> Figure:
        """The figure of this metric."""
        return next(one for one in self.figures if one.metric == metric)
