"""Label bias: what fuller recording would make of PPV and FPR, and where parity lies."""

from __future__ import annotations

import doctest

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from peelian.measure.table import Table
from peelian.technologies.risk.audit import recording as labelbias
from peelian.technologies.risk.audit.recording import corrected, label_bias, largest, parity_of_fpr, parity_of_ppv
from peelian.technologies.risk.measure.counts import Quadrants
from peelian.technologies.risk.measure.study import study
from peelian.technologies.risk.shared import Plan


def _q(*counts: float) -> Quadrants:
    return Quadrants(
        **dict(zip(("true_high", "false_high", "false_low", "true_low"), map(np.float64, counts), strict=True))
    )


def test_the_examples_in_the_docstrings_run() -> None:
    assert doctest.testmod(labelbias).failed == 0


@given(st.lists(st.integers(5, 500), min_size=4, max_size=4), st.floats(0.05, 0.95))
def test_at_parity_the_corrected_rate_is_the_one_aimed_at(counts: list[int], aim: float) -> None:
    q = _q(*counts)
    d = float(parity_of_ppv(q, np.float64(aim)))
    if 1 <= d < 0.999 * float(largest(q)):
        assert float(corrected(q, d).ppv) == pytest.approx(aim)
    d = float(parity_of_fpr(q, np.float64(aim)))
    if np.isfinite(d) and 1 <= d < 0.999 * float(largest(q)):
        assert float(corrected(q, d).fpr) == pytest.approx(aim, abs=1e-9)


def test_full_recording_changes_nothing_and_too_much_is_not_possible() -> None:
    q = _q(50, 30, 20, 60)
    assert float(corrected(q, 1.0).ppv) == 50 / 80
    assert np.isnan(corrected(q, 1.01 * float(largest(q))).ppv)


def test_parity_beyond_what_the_counts_allow_is_not_claimed(make_tally) -> None:
    rows = [(1, 0, 500, "a"), (2, 1, 400, "a"), (1, 1, 50, "a"), (2, 0, 50, "a")]
    rows += [(1, 0, 400, "b"), (2, 1, 50, "b"), (1, 1, 300, "b"), (2, 0, 40, "b")]
    found = study(make_tally(rows, axes=("g",)), Plan(cut=2, reference=("a",)))
    figures = {figure.metric: figure for figure in label_bias(found, (1.5,))}
    node = found.nodes.group.index("b")
    assert np.isfinite(figures["recording_parity_ppv"].value[node])
    assert figures["recording_largest"].value[node] >= figures["recording_parity_ppv"].value[node]


def test_every_factor_asked_for_is_there(race: Table) -> None:
    found = study(race, Plan(cut=5))
    assert {f.at for f in label_bias(found, (1.1, 2.0)) if f.metric == "ppv_if_recorded_less"} == {1.1, 2.0}
