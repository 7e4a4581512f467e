"""Drift: a real shift is found at its quarter, stable quarters are left in peace, small ones are hidden."""

from __future__ import annotations

import numpy as np
import pytest

from peelian.errors import InputError
from peelian.kernel.disclosure.published_counts import NOT_PEOPLE
from peelian.kernel.model.capability import Context, Dataset, Findings
from peelian.measure.rates import delong
from peelian.measure.table import Kind, Table, table
from peelian.technologies.risk.drift.case import public, run
from peelian.technologies.risk.drift.declared import DRIFT, DriftParams
from peelian.technologies.risk.drift.words import NO_DRIFT_FOUND, NOT_TESTED, SHIFTED


def drifted(quarters: Table, params: DriftParams | None = None) -> Findings:
    data = Dataset(id="q", format="", digest="", table=quarters)
    context = Context(seed=3, progress=lambda says, share: None)
    return run(params or DriftParams(cut=6), {"quarters": data}, context)


def a_series(sizes: list[int], factor: float = 1.0, since: int = 0, seed: int = 1, unknown: int = 0) -> Table:
    """Quarters of these sizes; the outcome is `factor` times as frequent since one; the last ones' are unknown."""
    rng = np.random.default_rng(seed)
    quarter = np.repeat(np.arange(len(sizes)), sizes)
    score = rng.integers(1, 11, len(quarter))
    outcome = rng.random(len(quarter)) < (0.1 + 0.05 * score) * np.where(quarter >= since, factor, 1.0)
    known = quarter < len(sizes) - unknown
    return table(
        "quarters",
        {
            "score": (Kind.AMOUNT, score.astype(float)),
            "outcome": (Kind.COUNT, (outcome & known).astype(np.int64)),
            "outcome_known": (Kind.COUNT, known.astype(np.int64)),
            "quarter": (Kind.TIME, (np.datetime64("2018-01", "M") + 3 * quarter).astype("datetime64[D]")),
            "n": (Kind.COUNT, np.ones(len(quarter), dtype=np.int64)),
        },
    )


def verdicts(found: Findings) -> dict[str, str]:
    return {row["metric"]: row["verdict"] for row in found.table("drift").records()}


def test_a_shift_of_observed_over_expected_is_found_at_its_quarter() -> None:
    found = drifted(a_series([250] * 20, 1.4, 10))
    row = next(r for r in found.table("drift").records() if r["metric"] == "observed_over_expected")
    assert row["verdict"] == "changed" and abs((row["since"].year - 2020) * 12 + row["since"].month - 7) <= 6
    assert row["after"] / row["before"] == pytest.approx(1.4, abs=0.15) and row["lo"] > 0
    assert SHIFTED["observed_over_expected"] in {note.text for note in found.notes}


def test_quarters_of_one_distribution_show_no_drift() -> None:
    found = drifted(a_series([250] * 20))
    assert set(verdicts(found).values()) == {"no drift found"} and found.notes[0].text == NO_DRIFT_FOUND


def test_figures_of_a_quarter_are_its_own() -> None:
    quarters = a_series([200] * 6)
    rows = {
        r["metric"]: r for r in drifted(quarters).table("by_quarter").records() if str(r["quarter"]) == "2018-04-01"
    }
    mine = quarters.take(quarters["quarter"] == np.datetime64("2018-04-01"))
    events = np.bincount(mine["score"].astype(int), weights=mine["outcome"], minlength=11)
    area = delong(events, np.bincount(mine["score"].astype(int), minlength=11) - events)
    assert rows["auc"]["value"] == pytest.approx(float(area.value))
    assert rows["high_share"]["value"] == pytest.approx(float((mine["score"] >= 6).mean()))
    assert rows["people"]["value"] == 200


def test_observed_and_expected_agree_over_the_whole_period() -> None:
    rows = drifted(a_series([150, 250, 350, 250], 1.5, 2)).table("by_quarter").records()
    ratios = [(r["value"], r["n"]) for r in rows if r["metric"] == "observed_over_expected"]
    assert sum(v * n for v, n in ratios) / sum(n for _, n in ratios) == pytest.approx(1, abs=0.03)


def test_small_quarters_are_hidden_and_those_under_thirty_give_no_rate() -> None:
    found = drifted(a_series([300, 7, 20, 300, 300, 300]))
    rows = {(str(r["quarter"]), r["metric"]): r for r in found.table("by_quarter").records()}
    assert rows["2018-04-01", "people"]["n"] == 0 and np.isnan(rows["2018-04-01", "people"]["value"])
    assert rows["2018-07-01", "people"]["n"] == 20 and np.isnan(rows["2018-07-01", "high_share"]["value"])
    told = [value for note in found.notes for value in note.values.values()]
    assert 1227 not in told, "the sum of all would give the hidden quarter away"


def test_quarters_without_known_outcomes_count_for_the_share_scored_high_only() -> None:
    found = drifted(a_series([200] * 10, unknown=3))
    tested = {row["metric"]: row["quarters"] for row in found.table("drift").records()}
    assert tested == {"auc": 7, "observed_over_expected": 7, "high_share": 10}


def test_three_quarters_are_too_few_to_tell() -> None:
    found = drifted(a_series([200] * 3))
    assert set(verdicts(found).values()) == {"too few quarters to tell"}
    assert set(NOT_TESTED.values()) <= {note.text for note in found.notes}


def test_probabilities_are_held_to_their_word() -> None:
    quarters = a_series([300] * 8)
    columns = {n: (quarters.column(n).kind, quarters[n] / 20 if n == "score" else quarters[n]) for n in quarters.names}
    rows = drifted(table("quarters", columns), DriftParams(cut=0.3, probability=True)).table("by_quarter").records()
    ratios = [r["value"] for r in rows if r["metric"] == "observed_over_expected"]
    assert np.mean(ratios) == pytest.approx((0.1 + 0.05 * 5.5) / (5.5 / 20), rel=0.06)


def test_the_public_sees_no_quarter_with_few_scored_high() -> None:
    quarters = a_series([400, 400, 400, 400, 40])
    last = quarters["quarter"] == np.datetime64("2019-01-01")
    scores = np.where(last & (np.cumsum(last) > 5), 1.0, quarters["score"])
    columns = {n: (quarters.column(n).kind, scores if n == "score" else quarters[n]) for n in quarters.names}
    rows = public(drifted(table("quarters", columns))).table("by_quarter").records()
    hidden = next(r for r in rows if r["metric"] == "high_share" and str(r["quarter"]) == "2019-01-01")
    assert hidden["n"] == 0 and np.isnan(hidden["value"])


def test_impossible_parameters_are_refused() -> None:
    for params in (DriftParams(cut=float("inf")), DriftParams(probability=True, low_is_high_risk=True)):
        with pytest.raises(InputError):
            DRIFT.asks.check(params)


def test_a_short_series_may_be_published() -> None:
    column = public(drifted(a_series([200] * 6))).table("drift").column("quarters")
    assert column.unit in NOT_PEOPLE and column.values.tolist() == [6, 6, 6]


@pytest.mark.filterwarnings("error")
def test_quarters_in_which_nothing_happened_are_no_fault() -> None:
    quarters = a_series([100] * 5, 0.0)
    assert verdicts(drifted(quarters))["auc"] == "too few quarters to tell"
