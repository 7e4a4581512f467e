"""The audit as a whole: everything a report holds is there, and bad or thin data are said, not guessed around."""

from __future__ import annotations

import numpy as np
import pytest

from peelian.errors import InputError, NotEnoughData
from peelian.kernel.model.capability import Findings
from peelian.measure.table import Table
from peelian.technologies.risk.audit import words as v
from peelian.technologies.risk.audit.declared import AuditParams

RATES = {"base_rate", "high_share", "fpr", "fnr", "ppv", "npv", "accuracy", "observed"}
FIGURES = {
    "auc", "auc_difference", "auc_difference_p", "calibration_intercept", "calibration_slope", "observed_over_expected",
    "brier", "mean_score_events", "mean_score_others", "fpr_ratio", "fpr_difference", "forced_fpr",
    "recording_parity_ppv", "score_tells_group", "high_per_thousand", "nij_index", "people_for_slope",
}  # fmt: skip


def test_everything_an_audit_prints_is_there(found: Findings) -> None:
    assert set(found.table("rates")["metric"]) >= RATES
    assert set(found.table("figures")["metric"]) >= FIGURES
    assert [t.name for t in found.tables] == ["verdicts", "rates", "figures", "leakage", "rivals", "rules"]


def test_the_same_seed_gives_the_same_audit(race: Table, run_audit) -> None:
    one, two = (run_audit(race, AuditParams(cut=5, bootstraps=100), seed=3) for _ in range(2))
    assert [t.digest() for t in one.tables] == [t.digest() for t in two.tables]
    assert one.notes == two.notes


def test_the_order_of_the_rows_does_not_matter(race: Table, run_audit) -> None:
    turned = race.take(np.random.default_rng(1).permutation(len(race)))
    params = AuditParams(cut=5, bootstraps=100)
    assert run_audit(race, params).table("rates").digest() == run_audit(turned, params).table("rates").digest()


def test_only_complete_windows_may_be_asked_for(windowed: Table, race: Table, run_audit) -> None:
    found = run_audit(windowed, AuditParams(cut=5, bootstraps=100, complete_window_only=True))
    assert found.facts["people"] == 7214 - 998
    with pytest.raises(InputError, match="complete follow-up"):
        run_audit(race, AuditParams(complete_window_only=True))


def test_one_class_only_is_not_enough(make_tally, run_audit) -> None:
    for outcome in (0, 1):
        with pytest.raises(NotEnoughData, match="one outcome"):
            run_audit(make_tally([(1, outcome, 50), (2, outcome, 50)]))


def test_scores_that_all_tie_are_refused(make_tally, run_audit) -> None:
    with pytest.raises(NotEnoughData, match="same"):
        run_audit(make_tally([(3, 0, 50), (3, 1, 50)]))


@pytest.mark.parametrize("turned", [False, True])
def test_a_score_equal_to_its_outcome_is_told_as_a_leak(make_tally, run_audit, turned: bool) -> None:
    equal = run_audit(make_tally([(int(o != turned), o, 300) for o in (0, 1)]), AuditParams(bootstraps=50))
    assert equal.notes[0].text == v.LEAK
    but_one = [(0, 0, 300), (1, 1, 300), (1, 0, 1)]
    assert v.LEAK not in {note.text for note in run_audit(make_tally(but_one), AuditParams(bootstraps=50)).notes}


def test_no_axes_at_all_is_an_audit_of_everyone(make_tally, run_audit) -> None:
    found = run_audit(make_tally([(s, o, 100 + 50 * s * o) for s in (1, 2, 3) for o in (0, 1)]))
    assert set(found.table("verdicts")["group"]) == {"everyone"}
    assert len(found.table("leakage")) == 0


def test_an_absent_group_does_not_stop_the_bootstrap(make_tally, run_audit) -> None:
    rows = [(s, o, 200, "a") for s in (1, 2) for o in (0, 1)] + [(1, 0, 1, "b"), (2, 1, 0, "c")]
    found = run_audit(make_tally(rows, axes=("g",)), AuditParams(cut=2, bootstraps=100))
    verdicts = found.table("verdicts")
    assert "c" not in verdicts["group"].tolist(), "a group of nobody is no group"
    assert verdicts["n"].tolist()[0] in (0, 801)


def test_a_missing_column_is_named(make_tally, run_audit) -> None:
    tally = make_tally([(1, 0, 50), (2, 1, 50)])
    short = Table(name="tally", columns=tuple(c for c in tally.columns if c.name != "n"))
    with pytest.raises(InputError) as error:
        run_audit(short)
    assert error.value.column == "n"


def test_an_instrument_that_counts_down_gives_the_mirrored_audit(make_tally, run_audit) -> None:
    rows = [(s, o, 100 + 80 * (s if o else 4 - s)) for s in (1, 2, 3) for o in (0, 1)]
    up = run_audit(make_tally(rows), AuditParams(cut=2, bootstraps=100)).table("rates")
    turned = [(4 - s, o, n) for s, o, n in rows]
    down = run_audit(make_tally(turned), AuditParams(cut=2, bootstraps=100, low_is_high_risk=True)).table("rates")
    for metric in ("fpr", "ppv"):
        pick = [t["value"][(t["metric"] == metric) & (t["at"] == 2)].tolist() for t in (up, down)]
        assert pick[0] == pick[1]


def test_thousands_of_scores_are_audited_and_said(make_tally, run_audit) -> None:
    rng = np.random.default_rng(2)
    score = rng.random(6000)
    outcome = (rng.random(6000) < score).astype(int)
    rows = [(s, int(o), 1, "ab"[i % 2]) for i, (s, o) in enumerate(zip(score.tolist(), outcome, strict=True))]
    params = AuditParams(cut=0.5, probability=True, bootstraps=100)
    found = run_audit(make_tally(rows, axes=("g",)), params)
    figures = found.table("figures")
    slope = figures["value"][(figures["metric"] == "calibration_slope") & (figures["axis"] == "everyone")]
    assert slope[0] == pytest.approx(1, abs=0.1)
    assert v.BINNED in {note.text for note in found.notes}


def test_weights_widen_intervals_and_are_said(make_tally, with_column, run_audit) -> None:
    from peelian.measure.table import Kind

    rows = [(s, o, 100) for s in (1, 2) for o in (0, 1) for _ in range(2)]
    tally = make_tally(rows)
    w = np.array([1.0, 4.0] * 4)
    tally = with_column(with_column(tally, "weight", Kind.AMOUNT, 100 * w), "weight_squares", Kind.AMOUNT, 100 * w * w)
    found = run_audit(tally, AuditParams(cut=2, bootstraps=100))
    plain = run_audit(make_tally(rows), AuditParams(cut=2, bootstraps=100))
    width = [t.table("rates")["hi"][0] - t.table("rates")["lo"][0] for t in (found, plain)]
    assert width[0] > 1.1 * width[1]
    assert any("weighted" in note.text for note in found.notes)


def intervals_of(findings: Findings) -> list[tuple[str, float, float, float]]:
    """(where, low, value, high) of every interval in the tables."""
    found = []
    for name, value, low, high in (
        ("rates", "value", "lo", "hi"),
        ("figures", "value", "lo", "hi"),
        ("leakage", "auc", "lo", "hi"),
        ("rivals", "auc", "lo", "hi"),
        ("rivals", "difference", "difference_lo", "difference_hi"),
        ("rules", "share", "lo", "hi"),
    ):
        made = findings.table(name)
        what = made["metric"] if "metric" in made else [name] * len(made)
        rows = zip(what, made[low], made[value], made[high], strict=True)
        found += [(f"{name} {w}", *map(float, ends)) for w, *ends in rows if np.isfinite(ends).all()]
    return found


def test_every_interval_of_every_table_has_its_ends_in_order(found: Findings, windowed: Table, run_audit) -> None:
    told = [*intervals_of(found), *intervals_of(run_audit(windowed, AuditParams(cut=5, bootstraps=100)))]
    names = {where for where, *_ in told}
    assert {"rates fpr", "rivals rivals", "rules rules", "leakage leakage", "figures score_tells_group"} <= names
    assert {"figures auc", "figures mean_score_events", "figures mean_score_events_difference"} <= names
    assert [one for one in told if not one[1] < one[3]] == [], "an interval ends below where it starts"
    inside = [one for one in told if "calibration" not in one[0] and "brier" not in one[0]]
    assert [one for one in inside if not one[1] - 1e-9 <= one[2] <= one[3] + 1e-9] == [], "a value beside its interval"


def test_intervals_are_in_order_where_scores_are_probabilities_and_outcomes_unknown(
    make_tally, with_column, run_audit
) -> None:
    from peelian.measure.table import Kind

    rows = [(p, o, round(1000 * (p if o else 1 - p))) for p in (0.2, 0.4, 0.6, 0.8) for o in (0, 1)]
    tally = make_tally([*rows, (0.4, 0, 50), (0.8, 0, 50)])
    tally = with_column(tally, "outcome_known", Kind.COUNT, [1] * len(rows) + [0, 0])
    told = intervals_of(run_audit(tally, AuditParams(cut=0.5, probability=True, bootstraps=100)))
    names = {where for where, *_ in told}
    assert {"figures fpr_bounds", "figures calibration_slope", "figures observed_over_expected"} <= names
    assert [one for one in told if not one[1] < one[3]] == []
