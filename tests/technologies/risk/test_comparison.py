"""Comparison: ratios and differences to the reference group, and none where a group is too small."""

from __future__ import annotations

import numpy as np

from peelian.measure.table import Table
from peelian.technologies.risk.audit.figures import compared_rates
from peelian.technologies.risk.measure.study import study
from peelian.technologies.risk.shared import Plan


def test_ratio_and_difference_say_the_same_in_two_ways(crossed: Table) -> None:
    found = study(crossed, Plan(cut=5, reference=("Caucasian",)))
    figures = {figure.metric: figure for figure in compared_rates(found)}
    ratio, gap = figures["fpr_ratio"], figures["fpr_difference"]
    node = found.nodes.group.index("African-American")
    assert ratio.low[node] < ratio.value[node] < ratio.high[node]
    assert (ratio.low[node] > 1) == (gap.low[node] > 0)
    assert len(figures) == 12


def test_the_reference_group_is_not_compared_with_itself_nor_everyone_with_anybody(crossed: Table) -> None:
    found = study(crossed, Plan(cut=5))
    figure = compared_rates(found)[0]
    assert figure.kept is not None
    assert not figure.kept[0]
    assert not figure.kept[found.nodes.group.index("African-American")]


def test_a_group_with_fewer_than_thirty_others_is_not_compared(crossed: Table) -> None:
    found = study(crossed, Plan(cut=5))
    for figure in compared_rates(found):
        assert not figure.open_[found.nodes.group.index("Asian")]
        assert np.isfinite(figure.value[found.nodes.group.index("Hispanic")])
