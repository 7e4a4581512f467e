"""The published figures of COMPAS, from the shipped counts, to the precision they are known to.

Counts: ProPublica's cohort (propublica/compas-analysis at bafff5d). Follow-up error: Barenstein 2019. Stated precision:
0.01 points for rates, 1e-4 for areas, 1e-5 for logits where five digits are known.
"""

from __future__ import annotations

from importlib.resources import as_file, files

import numpy as np
import pytest

from peelian.intake.read import admitted
from peelian.kernel.model.capability import Context, Dataset, Findings
from peelian.measure.table import Table
from peelian.technologies.risk.audit.case import run as audit
from peelian.technologies.risk.audit.declared import AuditParams
from peelian.technologies.risk.audit.rows import Row, rows
from peelian.technologies.risk.formats.tally import FORMATS

AA, C, ALL = "African-American", "Caucasian", "everyone"


def _read(name: str, **options: str) -> Table:
    with as_file(files("peelian.technologies.risk") / "examples" / name) as path:
        return admitted(path, "auto", FORMATS, options)[1].table


def _audit(tally: Table, **params: object) -> Findings:
    chosen = AuditParams(**{"cut": 5.0, "reference": (C,), "bootstraps": 400, **params})  # type: ignore[arg-type]
    dataset = Dataset(id="t", format="", digest="", table=tally)
    return audit(chosen, {"tally": dataset}, Context(seed=1, progress=lambda says, share: None))


@pytest.fixture(scope="module")
def full() -> Findings:
    return _audit(_read("compas_counts_race.csv"))


def _row(findings: Findings, table: str, metric: str, group: str, at: float | None = None) -> Row:
    found = [r for r in rows(findings, table) if r.metric == metric and r.group == group and (at is None or r.at == at)]
    assert len(found) == 1
    return found[0]


def _percent(findings: Findings, metric: str, group: str, at: float = 5.0) -> float:
    return 100 * _row(findings, "rates", metric, group, None if metric == "base_rate" else at).value


def test_the_four_counts_of_everyone_and_of_two_groups(full: Findings) -> None:
    expected = {ALL: (2681, 1282, 1216, 2035), AA: (990, 805, 532, 1369), C: (1139, 349, 461, 505)}
    for group, (tn, fp, fn, tp) in expected.items():
        fpr, fnr = (_row(full, "rates", metric, group, 5.0) for metric in ("fpr", "fnr"))
        assert (fpr.den - fpr.num, fpr.num, fnr.num, fnr.den - fnr.num) == (tn, fp, fn, tp)


@pytest.mark.parametrize(
    ("group", "at", "fpr", "fnr", "ppv"),
    [
        (ALL, 5, 32.35, 37.40, 61.35),
        (AA, 5, 44.85, 27.99, 62.97),
        (C, 5, 23.45, 47.72, 59.13),
        (AA, 8, 15.82, 61.02, 72.29),
        (C, 8, 5.44, 79.81, 70.65),
    ],
)
def test_rates_at_two_cuts(full: Findings, group: str, at: float, fpr: float, fnr: float, ppv: float) -> None:
    found = [_percent(full, metric, group, at) for metric in ("fpr", "fnr", "ppv")]
    assert found == pytest.approx([fpr, fnr, ppv], abs=0.01)


@pytest.mark.parametrize(
    ("group", "metric", "low", "high"),
    [(AA, "fpr", 42.6, 47.2), (AA, "fnr", 26.0, 30.0), (C, "fpr", 21.4, 25.7), (C, "fnr", 44.6, 50.9)],
)
def test_intervals_of_the_error_rates(full: Findings, group: str, metric: str, low: float, high: float) -> None:
    row = _row(full, "rates", metric, group, 5.0)
    assert (100 * row.low, 100 * row.high) == pytest.approx((low, high), abs=0.05)


def test_ratio_of_false_positive_rates(full: Findings) -> None:
    assert _row(full, "figures", "fpr_ratio", AA).value == pytest.approx(1.912, abs=0.0005)


def test_areas_their_interval_and_their_difference(full: Findings) -> None:
    overall = _row(full, "figures", "auc", ALL)
    assert (overall.value, overall.low, overall.high) == pytest.approx((0.7022, 0.6902, 0.7141), abs=1e-4)
    assert _row(full, "figures", "auc", AA).value == pytest.approx(0.6918, abs=1e-4)
    assert _row(full, "figures", "auc", C).value == pytest.approx(0.6931, abs=1e-4)
    assert _row(full, "figures", "auc_difference_p", AA).value == pytest.approx(0.92, abs=0.005)


def test_propublicas_filter_leaves_6172_people() -> None:
    filtered = _audit(_read("compas_counts_race.csv", only="in_filter"))
    assert filtered.facts["people"] == 6172
    assert _row(filtered, "figures", "auc", ALL).value == pytest.approx(0.7098, abs=1e-4)


@pytest.mark.parametrize(
    ("group", "intercept", "slope", "ratio"), [(AA, 0.047, 0.986, 1.021), (C, -0.043, 1.014, 0.977)]
)
def test_recalibration(full: Findings, group: str, intercept: float, slope: float, ratio: float) -> None:
    found = [
        _row(full, "figures", metric, group).value
        for metric in ("calibration_intercept", "calibration_slope", "observed_over_expected")
    ]
    assert found == pytest.approx([intercept, slope, ratio], abs=0.0005)


def test_the_hispanic_slope(full: Findings) -> None:
    row = _row(full, "figures", "calibration_slope", "Hispanic")
    assert row.value == pytest.approx(0.691, abs=0.0005)
    assert _row(full, "figures", "calibration_slope_error", "Hispanic").value == pytest.approx(0.118, abs=0.0005)
    assert row.high < 1


def test_the_follow_up_error() -> None:
    tally = _read("compas_counts_race.csv")
    findings = _audit(tally)
    incomplete = _row(findings, "rates", "incomplete_events", ALL)
    assert (incomplete.num, _row(findings, "rates", "incomplete_others", ALL).num) == (998, 0)
    before = [_percent(findings, metric, ALL) for metric in ("base_rate", "ppv", "fpr")]
    assert before == pytest.approx([45.06, 61.35, 32.35], abs=0.01)
    after = [100 * _row(findings, "rates", f"{m}_complete", ALL).value for m in ("base_rate", "ppv", "fpr")]
    assert after == pytest.approx([36.25, 52.41, 32.35], abs=0.01)
    complete = _audit(tally, complete_window_only=True)
    assert _percent(complete, "ppv", ALL) == pytest.approx(52.41, abs=0.01)


def test_label_bias(full: Findings) -> None:
    assert 100 * _row(full, "figures", "ppv_if_recorded_less", C, 1.25).value == pytest.approx(73.9, abs=0.05)
    # From the other side of the pair: the factor at which the two PPVs would be equal.
    assert 1 / _row(full, "figures", "recording_parity_ppv", AA).value == pytest.approx(1.065, abs=0.001)


def test_the_identity_with_compas_own_numbers(full: Findings) -> None:
    from peelian.technologies.risk.audit.recording import forced_fpr

    for group in (ALL, AA, C):
        p, ppv, fnr = (_percent(full, m, group) / 100 for m in ("base_rate", "ppv", "fnr"))
        assert 100 * float(forced_fpr(p, ppv, fnr)) == pytest.approx(_percent(full, "fpr", group), abs=1e-9)


def test_crossed_groups_of_the_two_year_tally() -> None:
    findings = _audit(_read("compas_two_year_tally.csv"))
    verdicts = findings.table("verdicts")
    crossed = verdicts["axis"] == "crossed"
    assert crossed.sum() == 34
    assert (verdicts["suppressed"][crossed] == "fewer than 10").sum() == 7
    # Fourteen of them count fewer than thirty: the seven, three that protect them, and four that print no rate.
    base = [r for r in rows(findings, "rates") if r.metric == "base_rate" and r.axis == "crossed"]
    assert sum(not r.shown for r in base) >= 14
    assert np.isnan([r.value for r in base if not r.shown]).all()
