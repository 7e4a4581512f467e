"""Follow-up symmetry: compare incomplete follow-up between people with and without the outcome.

If people with the outcome are kept despite a window cut short, and others are not, base rate and PPV are too high while
FPR is unchanged: Barenstein 2019, ProPublica's COMPAS data revisited.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from peelian.measure.rates import two_sided_p
from peelian.measure.table import Table
from peelian.technologies.risk.counts import Floats, counted, known
from peelian.technologies.risk.errors_at import Quadrants, Share, quadrants, shares
from peelian.technologies.risk.replicates import without_each
from peelian.technologies.risk.rows import Rate
from peelian.technologies.risk.study import Study
from peelian.technologies.risk.suppression import small


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """Effect of dropping people with incomplete follow-up; `open_` says whether its counts may be shown.

    `p`: the probability of this difference in incomplete follow-up, events against others, if there is none.
    """

    rates: tuple[Rate, ...]
    dropped: int
    dropped_events: int
    p: float
    open_: bool


def follow_up(tally: Table, study: Study) -> FollowUp | None:
    """The figures of everyone with and without incomplete windows; None where the tally has no `full_window`. O(rows).

    Groups are left out on purpose: a second set of counts per group could be subtracted from the first.
    """
    if "full_window" not in tally:
        return None
    rows = known(tally)
    complete = rows.take(rows["full_window"] == 1)
    if not len(complete) or not complete["n"].sum():
        return None
    before = quadrants(study.people[0], study.place)
    after = _at(complete, study)
    gone = _minus(before, after)
    open_ = not small(np.array([gone.events, gone.others, gone.high, gone.low])).any()
    found = _followed(before, after)
    left = _left(rows, complete, study)
    share, events, others = float(gone.n / before.n), max(float(before.events), 1.0), max(float(before.others), 1.0)
    spread = share * (1 - share) * (1 / events + 1 / others) * float(study.design_effect[0])
    gap = float(gone.events) / events - float(gone.others) / others
    rates = [_rate(study, metric, share, open_, left.get(metric)) for metric, share in found.items()]
    return FollowUp(
        rates=tuple(rates),
        dropped=int(gone.n),
        dropped_events=int(gone.events),
        p=float(two_sided_p(gap, spread)) if spread > 0 else 1.0,
        open_=bool(open_),
    )


def _followed(before: Quadrants, after: Quadrants) -> dict[str, Share]:
    """Shares with incomplete follow-up, and rates of those with complete follow-up."""
    gone, complete = _minus(before, after), shares(after)
    return {
        "incomplete_events": (gone.events, before.events),
        "incomplete_others": (gone.others, before.others),
        **{f"{metric}_complete": complete[metric] for metric in ("base_rate", "fpr", "fnr", "ppv")},
    }


def _left(rows: Table, complete: Table, study: Study) -> dict[str, Share]:
    """The same without each replicate group, [F]; empty where nobody has several assessments."""
    if study.replicates is None:
        return {}
    sides = []
    for part in (rows, complete):
        counts = counted(part, edges=[study.cut], sign=study.counts.sign)
        place = _place(counts.scores, study.cut * study.counts.sign)
        cells = without_each(part, counts, [0, place], study.replicates.count, weighted=False)
        sides.append(quadrants(cells[:, 0], 1))
    return _followed(*sides)


def _at(rows: Table, study: Study) -> Quadrants:
    counts = counted(rows, edges=[study.cut], sign=study.counts.sign)
    return quadrants(counts.people[0].astype(np.float64), _place(counts.scores, study.cut * study.counts.sign))


def _place(scores: Floats, cut: float) -> int:
    return int(np.searchsorted(scores, cut, side="left"))


def _minus(a: Quadrants, b: Quadrants) -> Quadrants:
    return Quadrants(
        true_high=a.true_high - b.true_high,
        false_high=a.false_high - b.false_high,
        false_low=a.false_low - b.false_low,
        true_low=a.true_low - b.true_low,
    )


def _rate(study: Study, metric: str, share: Share, open_: bool, left: Share | None) -> Rate:
    """A rate of everyone alone: node 0."""
    size = len(study.nodes.group)
    only = np.arange(size) == 0
    num, den = (np.where(only, float(part), 0.0) for part in share)
    return Rate(
        metric=metric,
        people=(num, den),
        effective=(num, den),
        open_=only & open_,
        at=study.cut,
        kept=only,
        left=left and (left[0][:, None] * only, left[1][:, None] * only),
    )
