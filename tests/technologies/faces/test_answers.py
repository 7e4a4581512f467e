"""Proves that the first page names the worst groups, both denominators, failures and what a sample cannot show."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from peelian.measure.table import Kind, table
from peelian.pictures.panels import Grid, Heading, Picture
from peelian.pictures.words import english
from peelian.technologies.faces.audit import sentences as answers
from peelian.technologies.faces.audit import sentences as notes
from peelian.technologies.faces.audit.audited import audited
from peelian.technologies.faces.audit.declared import AuditParams
from peelian.technologies.faces.audit.page import view
from peelian.technologies.faces.audit.sentences import findings_of
from peelian.technologies.faces.example import example_tables
from peelian.technologies.faces.measure.scores import Cells, built, oriented


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
    for measure, text in (("FMR", answers.WORST), ("FNMR", answers.WORST_MISSED)):
        own = [r for r in rates if r["policy"] == "operational 1" and r["measure"] == measure]
        own = [r for r in own if r["group"] == r["other_group"] and " / " in r["group"]]
        worst = max(own, key=lambda r: r["rate"])
        values = note(findings, text)
        assert (values["group"], values["errors"], values["n"]) == (worst["group"], worst["errors"], worst["n"])
        said = 1 / values["rate"] if measure == "FMR" else values["rate"] / 100
        assert said == pytest.approx(worst["rate"], rel=0.005)


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
    texts = {n.text for n in equal.notes}
    assert answers.TOUCHED not in texts and answers.NOBODY in texts, "chance touches nobody"
    assert answers.TOUCHED in {n.text for n in findings.notes} and answers.NOBODY not in {
        n.text for n in findings.notes
    }


def perfect(*, liar: bool = False, labelled: int = 60, **params: float):
    """The audit of 60 subjects whom a matcher tells apart without an error; a liar matches everybody."""
    rng, who = np.random.default_rng(5), np.arange(60)
    first, second = np.triu_indices(60, 1)
    probe, ref = (np.concatenate([who, part]) for part in (first, second))
    score = np.where(probe == ref, 9.0, 1.0) + rng.random(len(probe)) / 10
    score[liar & (probe != ref) & ((probe == 7) | (ref == 7))] = 9.5
    comparisons = table(
        "comparisons",
        {
            "score": (Kind.AMOUNT, score),
            "genuine": (Kind.COUNT, (probe == ref).astype(np.int8)),
            "failed": (Kind.COUNT, np.zeros(len(probe), dtype=np.int8)),
            "probe": (Kind.PSEUDONYM, probe),
            "ref": (Kind.PSEUDONYM, ref),
        },
    )
    people = {
        "subject": (Kind.PSEUDONYM, who[:labelled]),
        "group": (Kind.GROUP, np.array(["a", "b"] * (labelled // 2))),
    }
    scores = oriented(built([comparisons], table("subjects", people), by=("group",), least=11), "auto")
    return findings_of(audited(AuditParams(replicates=0, **params), scores, seed=1))


def test_a_threshold_looser_than_the_limit_shows_no_fault_of_the_matcher():
    found = perfect(limit_fmr=0.001)
    assert note(found, answers.LOOSER)["subjects"] == 290  # 145 of them make 10,440 pairs: ten matches at 1 in 1,000
    verdicts = note(found, answers.VERDICTS)
    assert verdicts["n"] == verdicts["groups"] == 2 and verdicts["verdict"] == "undetermined"
    assert answers.COST not in {n.text for n in found.notes}
    rates = [r for r in found.table("rates").records() if r["policy"] == "FMR 1e-1" and r["measure"] == "FMR"]
    assert {r["verdict"] for r in rates} <= {"undetermined", "no limit"}
    in_use = perfect(limit_fmr=0.001, thresholds=(5.0,))
    assert answers.LOOSER not in {n.text for n in in_use.notes}


def test_the_headline_is_a_threshold_set_for_the_limit_if_there_is_one():
    comparisons, people = example_tables(360)
    scores = oriented(built([comparisons], people, by=("sex",), least=11), "auto")
    made = audited(AuditParams(limit_fmr=0.0001, replicates=0), scores, seed=1)
    loose = made.thresholds[0]
    assert loose.threshold.policy == "FMR 1e-3" and loose.threshold.looser(0.0001) and not loose.threshold.looser(0.001)
    strict = replace(loose, threshold=replace(loose.threshold, policy="FMR 1e-4"))
    assert replace(made, thresholds=(loose, strict)).headline is strict


def test_where_nobody_set_a_limit_nothing_is_met_or_missed():
    comparisons, people = example_tables(360)
    scores = oriented(built([comparisons], people, by=("sex", "group"), least=11), "auto")
    found = findings_of(audited(AuditParams(thresholds=(2.4,), gallery=100, replicates=0), scores, seed=1))
    assert [n.text for n in found.notes if n.text in {answers.NONE_SET, answers.VERDICTS, answers.VERDICTS_MISSED}] == [
        answers.NONE_SET
    ]
    rates = found.table("rates").records()
    assert {row["verdict"] for row in rates} == {"no limit"}
    assert any(row["high_bound"] > 0 for row in rates), "the bounds are told all the same"
    alone = findings_of(
        audited(AuditParams(thresholds=(2.4,), limit_fnmr=0.05, gallery=100, replicates=0), scores, seed=1)
    )
    texts = {n.text for n in alone.notes}
    assert answers.VERDICTS_MISSED in texts and not texts & {answers.NONE_SET, answers.VERDICTS}


def test_a_threshold_above_every_score_says_nothing_of_wrong_persons_a_day():
    found = perfect(limit_fmr=0.001, thresholds=(5.0,))
    texts = {n.text for n in found.notes}
    assert answers.COST_UNSEEN in texts and answers.COST not in texts
    first = found.table("thresholds").records()[0]
    assert np.isnan(first["false_alerts_per_day"]) and first["price_basis"] == "not known"


def test_what_has_no_figure_is_said_to_have_none():
    found = perfect(thresholds=(5.0,))
    texts = {n.text for n in found.notes}
    assert {answers.EER_UNKNOWN, answers.OVERALL_NONE, answers.OVERALL_MISSED_NONE} <= texts
    assert answers.FEW_ERRING not in texts and notes.UNLABELLED not in texts
    assert notes.UNLABELLED in {n.text for n in perfect(labelled=40, thresholds=(5.0,)).notes}


def test_errors_of_one_subject_are_said_to_rest_on_few():
    values = note(perfect(liar=True, thresholds=(5.0,)), answers.FEW_ERRING)
    assert values == {"errors": 59, "measure": "false match rate", "least": 10}


def test_sentences_come_before_any_table_or_picture(findings):
    panels = list(view(findings, english))
    titles = [p.text for p in panels if isinstance(p, Heading)]
    assert titles[:3] == ["How sure this is", "Whom it touches", "What is not known"]
    first = next(i for i, p in enumerate(panels) if isinstance(p, (Grid, Picture)))
    assert first > next(i for i, p in enumerate(panels) if isinstance(p, Heading) and p.text == "Planned use")
