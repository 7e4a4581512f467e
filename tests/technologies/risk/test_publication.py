"""The public extract: no crossed groups, no bands, and no count from 1 to 10 by any subtraction."""

from __future__ import annotations

import numpy as np
import pytest
from risk_attack import random_tally

from peelian.errors import InputError
from peelian.kernel.disclosure.complementary_suppression import faults_of_a_release
from peelian.kernel.model.capability import Findings
from peelian.technologies.risk.audit.declared import AuditParams
from peelian.technologies.risk.audit.publication import public
from peelian.technologies.risk.shared import SHOWN


def _quadrants(findings: Findings) -> dict[tuple[str, str], np.ndarray]:
    rows = [dict(zip(findings.table("rates").names, row, strict=True)) for row in findings.table("rates").rows()]
    shown = {(r["axis"], r["group"], r["metric"]): r for r in rows if r["suppressed"] == SHOWN}
    return {
        (axis, group): np.array([r["num"], r["den"] - r["num"], e["num"], e["den"] - e["num"]])
        for (axis, group, metric), r in shown.items()
        if metric == "fpr" and (e := shown.get((axis, group, "fnr")))
    }


def test_compas_keeps_its_large_groups_and_no_crossed_one(found: Findings) -> None:
    out = public(found)
    assert "crossed" not in {axis for table in out.tables[:3] for axis in table["axis"].tolist()}
    assert {"African-American", "Caucasian"} <= {group for _, group in _quadrants(out)}
    assert set(out.table("rates")["metric"]) <= {"base_rate", "high_share", "fpr", "fnr", "ppv", "npv", "accuracy"}
    assert faults_of_a_release(out) == ()


@pytest.mark.parametrize("seed", range(4))
def test_no_count_of_1_to_10_can_be_had_by_subtraction(seed: int, run_audit) -> None:
    rng = np.random.default_rng(seed)
    for _ in range(6):
        try:
            out = public(run_audit(random_tally(rng), AuditParams(bootstraps=100)))
        except InputError:
            continue
        assert faults_of_a_release(out) == ()
        quadrants = _quadrants(out)
        whole = quadrants.pop(("everyone", "everyone"), None)
        for axis in {axis for axis, _ in quadrants}:
            parts = [counts for (a, _), counts in quadrants.items() if a == axis]
            assert whole is not None
            rest = whole - sum(parts)
            assert not ((rest > 0) & (rest < 11)).any()


def test_sentences_that_name_a_hidden_group_stay_inside(make_tally, run_audit) -> None:
    rows = [(1, 0, 400, "a"), (2, 0, 150, "a"), (1, 1, 150, "a"), (2, 1, 400, "a")]
    rows += [(1, 0, 60, "b"), (2, 0, 60, "b"), (1, 1, 5, "b"), (2, 1, 60, "b")]
    found = run_audit(make_tally(rows, axes=("g",)), AuditParams(cut=2, bootstraps=100))
    assert any("b" in note.values.values() for note in found.notes)
    out = public(found)
    assert not any("b" in note.values.values() for note in out.notes)
    verdicts = out.table("verdicts")
    assert verdicts["n"][verdicts["group"] == "b"].tolist() == [0]
    figures = out.table("figures")
    assert np.isnan(figures["value"][figures["group"] == "b"]).all()
    assert "b" in found.table("leakage")["group"].tolist() and "b" not in out.table("leakage")["group"].tolist()
