"""The Local Law 144 table against Fairlearn on the same people, and against pandas for the median rule."""

from __future__ import annotations

import numpy as np
import pytest
from audited import compas, tally

pd = pytest.importorskip("pandas")
metrics = pytest.importorskip("fairlearn.metrics", reason="fairlearn (group peers) is not installed")


@pytest.fixture(scope="module")
def people() -> pd.DataFrame:
    """COMPAS as rows again: one for each person."""
    counts = tally()
    return counts.loc[np.repeat(counts.index.to_numpy(), counts["n"].to_numpy())].reset_index(drop=True)


def table(id: str, **how: str) -> dict[str, dict[str, float]]:
    document = compas().ll144(sex="sex", race="race", **how)  # type: ignore[arg-type]
    return {row["category"]: dict(row) for part in document.parts if part.id == id for row in part.rows}


@pytest.mark.parametrize(("id", "columns"), [("sex", ["sex"]), ("race", ["race"]), ("intersection", ["race", "sex"])])
@pytest.mark.parametrize("favourable", ["low", "high"])
def test_selection_rates_and_impact_ratios_are_fairlearns(
    id: str, columns: list[str], favourable: str, people: pd.DataFrame
) -> None:
    high = people["decile_score"] >= 5
    chosen = (high if favourable == "high" else ~high).astype(int)
    frame = metrics.MetricFrame(
        metrics={"rate": metrics.selection_rate, "n": metrics.count},
        y_true=people["two_year_recid"],
        y_pred=chosen,
        sensitive_features=people[columns],
    ).by_group
    theirs = {" × ".join(key) if isinstance(key, tuple) else key: row for key, row in frame.iterrows()}
    ours = table(id, favourable=favourable)
    assert set(ours) <= set(theirs)
    kept = {name: row for name, row in ours.items() if row["impact_ratio"] is not None}
    assert len(kept) >= 2
    most = max(theirs[name]["rate"] for name in kept)
    for name, row in ours.items():
        if row["rate"] is not None:
            assert row["rate"] == pytest.approx(theirs[name]["rate"], abs=1e-12) and row["n"] == theirs[name]["n"]
    for name, row in kept.items():
        assert row["impact_ratio"] == pytest.approx(theirs[name]["rate"] / most, abs=1e-12)


@pytest.mark.parametrize("favourable", ["low", "high"])
def test_scoring_rates_are_the_shares_beyond_the_median(favourable: str, people: pd.DataFrame) -> None:
    median = people["decile_score"].median()
    beyond = people["decile_score"] > median if favourable == "high" else people["decile_score"] < median
    for name, row in table("race", favourable=favourable, rate="scoring").items():
        if row["rate"] is not None:
            assert row["rate"] == pytest.approx(beyond[people["race"] == name].mean(), abs=1e-12)
