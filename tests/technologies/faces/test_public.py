"""Proves that what is published holds no small count and nothing from which one can be worked out."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from peelian.kernel.disclosure.complementary_suppression import faults_of_a_release
from peelian.technologies.faces.audit.audited import audited
from peelian.technologies.faces.audit.case import public_audit
from peelian.technologies.faces.audit.declared import AuditParams
from peelian.technologies.faces.audit.sentences import findings_of
from peelian.technologies.faces.declared import HISTOGRAM
from peelian.technologies.faces.example import example_tables
from peelian.technologies.faces.measure.errors import FMR, FNMR
from peelian.technologies.faces.measure.scores import built, oriented
from peelian.technologies.faces.small_counts import SMALLEST, _complement


@pytest.fixture(scope="module")
def findings():
    comparisons, people = example_tables(200)
    scores = oriented(built([comparisons], people, by=("sex", "group"), least=11), "auto")
    return findings_of(audited(AuditParams(thresholds=(2.4, 2.0, 3.2), keep_histogram=True), scores, seed=1))


def test_nothing_small_is_released(findings):
    public = public_audit(findings)
    assert not faults_of_a_release(public)
    assert HISTOGRAM not in {t.name for t in public.tables}
    assert "errors" not in public.table("rates")
    assert "failed" not in public.table("trials")


def test_rates_on_one_to_ten_errors_are_withheld_and_zeros_stay_bounds(findings):
    inside, outside = findings.table("rates"), public_audit(findings).table("rates")
    keys = ("policy", "measure", "group", "other_group")
    known = {tuple(key): rate for *key, rate in _rows(outside, (*keys, "rate"))}
    small = 0
    for *key, errors in _rows(inside, (*keys, "errors")):
        if tuple(key) in known and 0 < errors < SMALLEST:
            small += 1
            assert np.isnan(known[tuple(key)])
        if tuple(key) in known and errors == 0:
            assert known[tuple(key)] == 0
    assert small > 5


def test_no_withheld_count_is_the_total_less_the_rest(findings):
    inside, outside = findings.table("rates"), public_audit(findings).table("rates")
    for policy in set(inside["policy"].tolist()) - {"group-specific"}:
        for measure in (FMR, FNMR):
            total, gone, errors = None, 0, 0
            for group, other, k in _of(inside, policy, measure):
                rate = next(r for g, o, r in _of(outside, policy, measure, "rate") if (g, o) == (group, other))
                if group == "all":
                    total = rate
                elif group != "same group" and np.isnan(rate):
                    gone, errors = gone + 1, errors + k
            if gone:
                assert np.isnan(total) or (gone >= 2 and errors >= SMALLEST)


@settings(max_examples=200)
@given(st.lists(st.integers(0, 30), min_size=1, max_size=8))
def test_what_goes_with_a_small_part_covers_it_or_the_total_goes(counts):
    cells = {(f"g{i}", f"g{i}"): n for i, n in enumerate(counts)}
    parts, total = set(cells), ("all", "all")
    cells[total] = sum(counts)
    gone = {p for p in parts if 0 < cells[p] < SMALLEST}
    more = _complement(cells, parts, gone, total)
    if gone and total not in more:
        hidden = (gone | more) & parts
        assert len(hidden) >= 2
        assert sum(cells[p] for p in hidden) >= SMALLEST


def _rows(table, names):
    return zip(*(table[n].tolist() for n in names), strict=True)


def _of(table, policy, measure, value="errors"):
    for p, m, g, o, v in _rows(table, ("policy", "measure", "group", "other_group", value)):
        if (p, m) == (policy, measure):
            yield g, o, v
