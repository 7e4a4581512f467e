"""The audit against other people's toolkits on the same people: scikit-learn, statsmodels, fairlearn, AIF360."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from sizes import FULL, size

from peelian.measure.rates import delong
from peelian.technologies.risk.audit.case import compas
from peelian.technologies.risk.measure.bootstrap import bounds, drawn
from peelian.technologies.risk.measure.calibration import pooled_rates, recalibrated
from peelian.technologies.risk.measure.counts import quadrants, rate, shares
from peelian.technologies.risk.measure.rivals import Joint, logistic
from peelian.technologies.risk.measure.study import Study, study
from peelian.technologies.risk.shared import Plan


@pytest.fixture(scope="module")
def people() -> dict[str, np.ndarray]:
    """COMPAS as rows again: a row per person, for toolkits that need rows."""
    tally = compas()
    n = tally["n"]
    return {name: np.repeat(tally[name], n) for name in ("race", "score", "outcome")}


@pytest.fixture(scope="module")
def found() -> Study:
    return study(compas(), Plan(cut=5))


def test_areas_brier_and_quadrants_agree_with_scikit_learn(found: Study, people: dict[str, np.ndarray]) -> None:
    metrics = pytest.importorskip("sklearn.metrics", reason="scikit-learn (extra models) is not installed")
    area = delong(found.fine[..., 1], found.fine[..., 0])
    promise = pooled_rates(found.effective[0])
    result = recalibrated(found.effective, promise)
    q = quadrants(found.people, found.place)
    for i, group in enumerate(found.nodes.group):
        mine = np.ones(len(people["race"]), dtype=bool) if i == 0 else people["race"] == group
        y, s = people["outcome"][mine], people["score"][mine]
        assert area.value[i] == pytest.approx(metrics.roc_auc_score(y, s), abs=1e-12)
        assert result.brier[i] == pytest.approx(metrics.brier_score_loss(y, promise[s.astype(int) - 1]), abs=1e-12)
        theirs = metrics.confusion_matrix(y, s >= 5, labels=[0, 1]).ravel()
        assert [q.true_low[i], q.false_high[i], q.false_low[i], q.true_high[i]] == theirs.tolist()


def test_recalibration_agrees_with_statsmodels(found: Study, people: dict[str, np.ndarray]) -> None:
    sm = pytest.importorskip("statsmodels.api", reason="statsmodels (extra models) is not installed")
    promise = pooled_rates(found.effective[0])
    result = recalibrated(found.effective, promise)
    for group in ("African-American", "Caucasian", "Hispanic"):
        i = found.nodes.group.index(group)
        mine = people["race"] == group
        p = promise[people["score"][mine].astype(int) - 1]
        logit, y = np.log(p / (1 - p)), people["outcome"][mine]
        slope = sm.GLM(y, sm.add_constant(logit), family=sm.families.Binomial()).fit(tol=1e-12)
        shift = sm.GLM(y, np.ones(len(y)), offset=logit, family=sm.families.Binomial()).fit(tol=1e-12)
        assert result.slope[i] == pytest.approx(slope.params[1], abs=1e-5)
        assert result.slope_error[i] == pytest.approx(slope.bse[1], abs=1e-5)
        assert result.intercept[i] == pytest.approx(shift.params[0], abs=1e-5)
        assert result.intercept_error[i] == pytest.approx(shift.bse[0], abs=1e-5)


def test_rates_per_group_agree_with_fairlearn(found: Study, people: dict[str, np.ndarray]) -> None:
    metrics = pytest.importorskip("fairlearn.metrics", reason="fairlearn (development extra) is not installed")
    from sklearn.metrics import accuracy_score, precision_score

    frame = metrics.MetricFrame(
        metrics={
            "fpr": metrics.false_positive_rate,
            "fnr": metrics.false_negative_rate,
            "high_share": metrics.selection_rate,
            "accuracy": accuracy_score,
            "ppv": precision_score,
        },
        y_true=people["outcome"],
        y_pred=(people["score"] >= 5).astype(int),
        sensitive_features=people["race"],
    )
    mine = {name: rate(share) for name, share in shares(quadrants(found.people, found.place)).items()}
    for name in ("fpr", "fnr", "high_share", "accuracy", "ppv"):
        assert mine[name][0] == pytest.approx(frame.overall[name], abs=1e-12)
        for group, theirs in frame.by_group[name].items():
            assert mine[name][found.nodes.group.index(group)] == pytest.approx(theirs, abs=1e-12)


def test_bootstrap_intervals_agree_with_fairlearns(people: dict[str, np.ndarray]) -> None:
    """Fairlearn draws rows, we draw counts: the same distribution."""
    metrics = pytest.importorskip("fairlearn.metrics", reason="fairlearn (development extra) is not installed")
    found = study(compas(), Plan(cut=5))
    draws = drawn(found.levels, found.nodes, replicates=2000, seed=1)
    low, high = bounds(draws.rates[:, found.place - 1])
    keep = np.isin(people["race"], ["African-American", "Caucasian"])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        frame = metrics.MetricFrame(
            metrics=metrics.false_positive_rate,
            y_true=people["outcome"][keep],
            y_pred=(people["score"][keep] >= 5).astype(int),
            sensitive_features=people["race"][keep],
            n_boot=size(50, 150),
            ci_quantiles=[0.025, 0.975],
            random_state=1,
        )
    theirs_low, theirs_high = frame.by_group_ci
    near = 0.008 if FULL else 0.013  # for the spread of a quantile of so many draws
    for group in ("African-American", "Caucasian"):
        i = found.nodes.group.index(group)
        assert low[i, 0] == pytest.approx(theirs_low[group], abs=near)
        assert high[i, 0] == pytest.approx(theirs_high[group], abs=near)


def test_aif360_agrees_once_its_labels_are_read_plainly(found: Study, people: dict[str, np.ndarray]) -> None:
    """With the favourable label 0 its "false negative rate" is everybody else's false positive rate."""
    datasets = pytest.importorskip("aif360.datasets", reason="aif360 (development extra) is not installed")
    from aif360.metrics import ClassificationMetric

    pd = pytest.importorskip("pandas", reason="pandas (development extra) is not installed")
    keep = np.isin(people["race"], ["African-American", "Caucasian"])
    base = pd.DataFrame(
        {"race": (people["race"][keep] == "Caucasian").astype(float), "y": people["outcome"][keep].astype(float)}
    )
    made: dict[str, Any] = {
        "label_names": ["y"], "protected_attribute_names": ["race"], "favorable_label": 0.0, "unfavorable_label": 1.0,
    }  # fmt: skip
    truth = datasets.BinaryLabelDataset(df=base, **made)
    scored = datasets.BinaryLabelDataset(df=base.assign(y=(people["score"][keep] >= 5).astype(float)), **made)
    metric = ClassificationMetric(truth, scored, unprivileged_groups=[{"race": 0.0}], privileged_groups=[{"race": 1.0}])
    mine = {name: rate(share) for name, share in shares(quadrants(found.people, found.place)).items()}
    for privileged, group in ((True, "Caucasian"), (False, "African-American")):
        i = found.nodes.group.index(group)
        assert metric.false_negative_rate(privileged) == pytest.approx(mine["fpr"][i], abs=1e-12)
        assert metric.false_positive_rate(privileged) == pytest.approx(mine["fnr"][i], abs=1e-12)


def test_the_logistic_rival_agrees_with_scikit_learn() -> None:
    linear = pytest.importorskip("sklearn.linear_model", reason="scikit-learn (extra models) is not installed")
    rng = np.random.default_rng(1)
    a, b = np.repeat([0, 1, 2], 4), np.tile([0, 1, 2, 3], 3)
    n = rng.integers(5_000, 9_000, 12)
    events = rng.binomial(n, 1 / (1 + np.exp(-(-1 + 0.5 * a - 0.3 * b))))
    people = np.stack([n - events, events], axis=1)
    joint = Joint(score=a.astype(float), features=np.array([a, b]), people=people, ordered=(False, False))
    design = np.stack([*(a == k for k in (1, 2)), *(b == k for k in (1, 2, 3))], axis=1).astype(float)
    x, y = np.tile(design, (2, 1)), np.repeat([0, 1], 12)
    fitted = linear.LogisticRegression(C=1.0, tol=1e-10, max_iter=1000).fit(x, y, sample_weight=joint.people.T.ravel())
    assert np.allclose(logistic(joint, (0, 1)), fitted.predict_proba(design)[:, 1], atol=1e-4)
