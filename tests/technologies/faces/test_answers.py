"""Proves that the first page names the worst groups, both denominators, failures and what a sample cannot show."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from peelian.pictures.panels import Grid, Heading, Picture
from peelian.pictures.words import english
from peelian.technologies.faces import answers
from peelian.technologies.faces.audit import audited
from peelian.technologies.faces.cells import Cells
from peelian.technologies.faces.example import example_tables
from peelian.technologies.faces.notes import findings_of
from peelian.technologies.faces.params import AuditParams
from peelian.technologies.faces.scores import built, oriented
from peelian.technologies.faces.view import view


@pytest.fixture(scope="module")
def findings():
    comparisons, people = example_tables(360)
    scores = oriented(built([comparisons], people, by=("sex", "group"), least=11), "auto")
    params = AuditParams(thresholds=(2.4,), limit_fmr=0.02, gallery=100, searches_per_day=200.0, mated_share=0.25)
    return findings_of(audited(params, scores, seed=1))


def note(findings, text):
    return next(n.values for n in findings.notes if n.text == text)


def test_the_worst_group_is_named_for_both_errors(findings):
    rates = findings.table("rates").records()
    for measure, text, scale in (("FMR", answers.WORST, 1), ("FNMR", answers.WORST_MISSED, 100)):
        own = [r for r in rates if r["policy"] == "operational 1" and r["measure"] == measure]
        own = [r for r in own if r["group"] == r["other_group"] and " / " in r["group"]]
        worst = max(own, key=lambda r: r["rate"])
        values = note(findings, text)
        assert (values["group"], values["errors"], values["n"]) == (worst["group"], worst["errors"], worst["n"])
        assert values["rate"] == pytest.approx(scale * worst["rate"])


def test_false_alerts_have_both_denominators(findings):
    values, row = note(findings, answers.COST), findings.table("thresholds").records()[0]
    alerts, returned = row["false_alerts_per_day"], row["searches_with_candidate"]
    assert values["of_searches"] == pytest.approx(100 * alerts / 200)
    assert values["of_returned"] == pytest.approx(100 * alerts / (200 * returned))
    assert values["of_returned"] > values["of_searches"]


def test_failures_count_over_genuine_attempts(findings):
    trials = findings.table("trials").records()[0]
    values = note(findings, answers.FAILED)
    assert (values["errors"], values["n"]) == (trials["failed"], trials["genuine"] + trials["failed"])


def test_what_could_go_unseen_is_three_over_the_smallest_group(findings):
    values = note(findings, answers.UNSEEN)
    assert values["subjects"] == 90
    assert values["share"] == pytest.approx(100 * 3 / 90, rel=0.03)


def test_a_gap_is_claimed_only_where_its_interval_excludes_one(findings):
    values = note(findings, answers.GAP_SEEN)
    assert values["low"] > 1
    rng = np.random.default_rng(4)
    comparisons, people = example_tables(360)
    scores = oriented(built([comparisons], people, by=("sex",), least=11), "auto")
    group_of = rng.permutation(scores.group_of)  # groups by lot: equal
    cells = Cells(groups=scores.cells.groups)
    probe, ref = scores.named()
    cell = np.where(
        scores.genuine, cells.impostor_cells + group_of[probe], cells.pairs()[group_of[probe], group_of[ref]]
    )
    shuffled = replace(scores, group_of=group_of, cell=cell.astype(np.int16))
    equal = findings_of(audited(AuditParams(thresholds=(2.4,), replicates=0), shuffled, seed=1))
    assert note(equal, answers.GAP_UNSEEN)["low"] == 1.0


def test_sentences_come_before_any_table_or_picture(findings):
    panels = list(view(findings, english))
    titles = [p.text for p in panels if isinstance(p, Heading)]
    assert titles[:4] == ["Answer", "How sure this is", "Whom it touches", "What is not known"]
    first = next(i for i, p in enumerate(panels) if isinstance(p, (Grid, Picture)))
    assert first > next(i for i, p in enumerate(panels) if isinstance(p, Heading) and p.text == "Planned use")
