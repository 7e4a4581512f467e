"""Comparison of two scores: what differs is said with its direction, what does not with what would have been seen."""

from __future__ import annotations

import numpy as np
import pytest

from peelian.errors import InputError
from peelian.kernel.model.capability import Context, Dataset, Findings
from peelian.measure.rates import delong
from peelian.measure.table import Kind, Table, table
from peelian.technologies.risk.compare.case import example, public, run
from peelian.technologies.risk.compare.declared import COMPARE, CompareParams
from peelian.technologies.risk.compare.words import AUC_BETTER, AUC_SAME, AUC_WORSE, MOVED, UNKNOWN_TO_US


def compared(pair: Table, params: CompareParams | None = None) -> Findings:
    data = Dataset(id="p", format="", digest="", table=pair)
    params = params or CompareParams(cut=6, cut_2=6)
    return run(params, {"pair": data}, Context(seed=1, progress=lambda says, share: None))


def a_pair(n: int, error: float, error_2: float, seed: int = 1, few: int = 0) -> Table:
    rng = np.random.default_rng(seed)
    risk = rng.normal(size=n)
    outcome = (rng.random(n) < 1 / (1 + np.exp(0.4 - risk))).astype(int)
    first, second = (np.clip(np.round(5.5 + 1.7 * (risk + e * rng.normal(size=n))), 1, 10) for e in (error, error_2))
    sex = np.where(np.arange(n) < few, "X", np.where(rng.random(n) < 0.5, "Female", "Male")).astype(object)
    return table(
        "pair",
        {
            "score": (Kind.AMOUNT, first),
            "score_2": (Kind.AMOUNT, second),
            "outcome": (Kind.COUNT, outcome),
            "n": (Kind.COUNT, np.ones(n, dtype=np.int64)),
            "sex": (Kind.GROUP, sex),
        },
    )


def row(found: Findings, group: str, metric: str) -> dict[str, object]:
    rows = found.table("comparison").records()
    return next(r for r in rows if (r["group"], r["metric"]) == (group, metric))


def test_figures_are_those_of_each_score_alone() -> None:
    pair = a_pair(2_000, 1.0, 1.0)
    found = compared(pair)
    auc = row(found, "everyone", "auc")
    for name, key in (("score", "first"), ("score_2", "second")):
        events = np.bincount(pair[name].astype(int), weights=pair["outcome"], minlength=11)
        others = np.bincount(pair[name].astype(int), minlength=11) - events
        assert auc[key] == pytest.approx(float(delong(events, others).value))
    high, high_2, free = pair["score"] >= 6, pair["score_2"] >= 6, pair["outcome"] == 0
    fpr = row(found, "everyone", "fpr")
    assert (fpr["first"], fpr["second"]) == (pytest.approx(high[free].mean()), pytest.approx(high_2[free].mean()))
    assert fpr["n"] == int(free.sum())


@pytest.mark.parametrize(
    ("error", "error_2", "text"), [(2.0, 0.3, AUC_BETTER), (0.3, 2.0, AUC_WORSE), (1.0, 1.0, AUC_SAME)]
)
def test_the_answer_says_which_score_separates_better(error: float, error_2: float, text: str) -> None:
    assert compared(a_pair(3_000, error, error_2)).notes[0].text == text


def test_a_score_compared_with_itself_differs_nowhere() -> None:
    pair = a_pair(1_000, 1.0, 1.0)
    same = Table(name="pair", columns=tuple(c for c in pair.columns if c.name != "score_2"))
    twice = table(
        "pair", {n: (same.column(n).kind, same[n]) for n in same.names} | {"score_2": (Kind.AMOUNT, pair["score"])}
    )
    rows = compared(twice).table("comparison")
    assert (np.nan_to_num(rows["difference"]) == 0).all()
    assert not set(rows["verdict"]) & {"second higher", "second lower"}


def test_turned_scores_give_the_same_answer() -> None:
    pair = a_pair(1_500, 1.5, 0.5)
    turned = table(
        "pair",
        {n: (pair.column(n).kind, 11 - pair[n] if n.startswith("score") else pair[n]) for n in pair.names},
    )
    plain, other = compared(pair), compared(turned, CompareParams(cut=5, cut_2=5, low_is_high_risk=True))
    assert np.nan_to_num(plain.table("comparison")["difference"]).tolist() == pytest.approx(
        np.nan_to_num(other.table("comparison")["difference"]).tolist()
    )


def test_a_small_group_is_hidden_and_cannot_be_computed() -> None:
    rows = compared(a_pair(1_000, 1.0, 1.0, few=6)).table("comparison").records()
    shown = {r["group"] for r in rows if r["n"]}
    assert "X" not in shown and len(shown & {"Female", "Male"}) < 2, "everyone less both others would be six people"


def test_too_few_people_are_said_to_be_too_few() -> None:
    found = compared(a_pair(50, 1.0, 1.0))
    assert found.notes[0].text == UNKNOWN_TO_US and not found.table("comparison")["n"].any()


def test_few_who_change_sides_are_not_counted() -> None:
    pair = a_pair(1_000, 1.0, 1.0)
    second = pair["score"].copy()
    second[np.flatnonzero(second == 5)[:4]] = 6
    columns = {n: (pair.column(n).kind, second if n == "score_2" else pair[n]) for n in pair.names}
    assert MOVED not in {note.text for note in compared(table("pair", columns)).notes}


def test_probabilities_promise_what_they_say() -> None:
    pair = a_pair(2_000, 1.0, 1.0)
    columns = {n: (pair.column(n).kind, pair[n] / 20 if n.startswith("score") else pair[n]) for n in pair.names}
    found = compared(table("pair", columns), CompareParams(cut=0.3, cut_2=0.3, probability=True))
    promise = row(found, "everyone", "expected")
    assert promise["first"] == pytest.approx(float(pair["score"].mean() / 20))
    ratio = row(found, "everyone", "observed_over_expected")
    assert ratio["first"] == pytest.approx(float(pair["outcome"].mean() / promise["first"]))


def test_the_public_sees_no_number_of_a_group() -> None:
    made = example()
    rows = public(run(made.params, made.datasets, Context(seed=1, progress=lambda s, x: None))).table("comparison")
    groups = rows["group"] != "everyone"
    assert np.isnan(rows["first"][groups]).all() and not rows["n"][groups].any() and rows["n"][~groups].all()
    assert "second higher" in rows["verdict"][groups]


@pytest.mark.parametrize(
    "params", [CompareParams(cut=float("nan")), CompareParams(probability=True, low_is_high_risk=True)]
)
def test_impossible_parameters_are_refused(params: CompareParams) -> None:
    with pytest.raises(InputError):
        COMPARE.asks.check(params)


def test_a_cut_that_everybody_passes_names_the_score_it_is_of() -> None:
    with pytest.raises(InputError) as error:
        compared(a_pair(500, 1.0, 1.0), CompareParams(cut=6, cut_2=0))
    assert error.value.column == "cut_2"
