"""Proves that shares are counted right, no small count can be worked out, and verdicts are Fisher's and Holm's."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

from peelian.errors import NotEnoughData
from peelian.measure.suppression import LOW, Sum, ranges
from peelian.technologies.faces.measure.shares import HIGHER, LOWER
from peelian.technologies.faces.search_log.case import audited_log, example_log, tallied
from peelian.technologies.faces.search_log.declared import (
    ANSWERS,
    ARRESTED,
    ARRESTS,
    COMPARED,
    EVIDENCE,
    NO_EVIDENCE,
    NOT_STATED,
    OUTCOME,
    PURPOSE,
    QUESTIONS,
    SEARCHES,
)

LOG = example_log().table


def test_shares_are_those_of_the_rows():
    overall, _ = audited_log(LOG)
    named = {(s.question, s.answer): s for s in overall}
    n = LOG["n"]
    arrested = np.isin(LOG["outcome"].astype(str), ARRESTS)
    bare = named[(EVIDENCE, NO_EVIDENCE)]
    assert (bare.count, bare.n) == (n[arrested & (LOG["corroborated"] == 0)].sum(), n[arrested].sum())
    unstated = named[(PURPOSE, NOT_STATED)]
    assert (unstated.count, unstated.n) == (n[LOG["purpose"] == NOT_STATED].sum(), n.sum())


def test_verdicts_are_fishers_with_holms_correction():
    tallies = tallied(LOG)
    p, given = [], []
    for tally in tallies:
        for question, answer in COMPARED:
            i, of = ANSWERS.index((question, answer)), ARRESTED if question == EVIDENCE else SEARCHES
            for d in range(len(tally.values)):
                k, n, total_k, total = (int(tally.counts[at, c]) for at in (d, -1) for c in (i, of))
                p.append(stats.fisher_exact([[k, n - k], [total_k - k, total - n - total_k + k]]).pvalue)
                given.append((tally.p_holm[d, i], tally.verdicts[d, i], k / n > total_k / total))
    expected = multipletests(p, method="holm")[1]
    assert np.allclose([found for found, *_ in given], expected, atol=1e-9)
    for corrected, (_, verdict, above) in zip(expected, given, strict=True):
        assert (verdict == HIGHER, verdict == LOWER) == (corrected <= 0.03 and above, corrected <= 0.03 and not above)
    assert any(verdict == HIGHER for _, verdict, _ in given)


@pytest.mark.parametrize("seed", range(6))
def test_no_small_count_is_shown_or_follows(seed):
    rng = np.random.default_rng(seed)
    small = LOG.take(rng.random(len(LOG)) < 0.25)
    overall, tallies = audited_log(small)
    hidden = 0
    for tally in tallies:
        counts, open_ = tally.counts, tally.open
        few = (counts > 0) & (counts < LOW)
        assert not (few & open_).any()
        # The attack: whoever knows every shown count and every total of the log works out ranges of the others.
        wide = counts.shape[1]
        groups = [
            (ARRESTED if q == EVIDENCE else SEARCHES, [i for i, (own, _) in enumerate(ANSWERS) if own == q])
            for q in QUESTIONS
        ]
        groups.append((ARRESTED, [i for i, (q, a) in enumerate(ANSWERS) if q == OUTCOME and a in ARRESTS]))
        sums = [
            Sum(total=r * wide + total, parts=tuple(r * wide + p for p in parts))
            for r in range(len(counts))
            for total, parts in groups
        ]
        place = np.arange(counts.size).reshape(counts.shape)
        sums += [Sum(total=int(line[-1]), parts=tuple(line[:-1].tolist())) for line in place.T]
        low, high = ranges(counts.ravel(), sums, open_.ravel())
        small_cells = few.ravel()
        assert (high[small_cells] >= LOW).all() and (low[small_cells] <= 0.5).all()
        hidden += int(small_cells.sum())
    assert hidden > 20, "there was something to hide"
    assert not any(s.shown and 0 < s.count < LOW for s in overall)


def test_a_question_with_a_small_total_is_not_divided():
    n = LOG["n"].copy()
    bare = np.isin(LOG["outcome"].astype(str), ARRESTS) & (LOG["corroborated"] == 0)
    keep = ~bare
    keep[np.flatnonzero(bare)[:5]] = True
    assert n[bare & keep].sum() < LOW
    overall, tallies = audited_log(LOG.take(keep))
    evidence = [i for i, (q, _) in enumerate(ANSWERS) if q == EVIDENCE]
    assert not any(overall[i].shown for i in evidence)
    assert not any(tally.open[:, evidence].any() for tally in tallies)
    assert any(tally.open.any() for tally in tallies)


def test_a_log_of_a_few_searches_shows_nothing():
    with pytest.raises(NotEnoughData):
        audited_log(LOG.take(np.arange(3)))
