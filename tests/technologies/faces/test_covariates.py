"""Proves that rates by image property are those of its comparisons, and that no bin of few errors is published."""

from __future__ import annotations

import numpy as np

from peelian.kernel.model.capability import Context, Dataset
from peelian.technologies.faces.audit.case import public_audit, public_covariates, run_audit
from peelian.technologies.faces.audit.declared import AuditParams
from peelian.technologies.faces.example import example_tables
from peelian.technologies.faces.formats.own import FORMATS
from peelian.technologies.faces.measure.covariates import BINS, binned
from peelian.technologies.faces.small_counts import SMALLEST

SCORES = next(f for f in FORMATS if f.id == "peelian-scores")


def audited(as_text):
    rng = np.random.default_rng(3)
    comparisons, _ = example_tables(120)
    n = len(comparisons)
    quality = rng.integers(0, 101, n)
    text = as_text(
        {
            "kind": ["genuine" if g else "impostor" for g in comparisons["genuine"].tolist()],
            "score": ["" if f else str(s) for s, f in zip(comparisons["score"], comparisons["failed"], strict=True)],
            "failure_to_enrol": [str(f) for f in comparisons["failed"].tolist()],
            "probe_subject": [f"s{p}" for p in comparisons["probe"].tolist()],
            "ref_subject": [f"s{p}" for p in comparisons["ref"].tolist()],
            "quality": [str(q) for q in quality],
            "image_source": rng.choice(["cctv", "custody", ""], n).tolist(),
        }
    )
    taken = SCORES.stream([text], {})
    files = {"scores": Dataset(id="s", format="", digest="", table=taken.table, facts=taken.facts)}
    params = AuditParams(thresholds=(1.8,), replicates=0)
    return taken.table, run_audit(params, files, Context(seed=1, progress=lambda says, share: None)), quality


def test_a_bin_s_rate_is_that_of_its_comparisons(as_text):
    table, findings, quality = audited(as_text)
    rows = findings.table("covariates").records()
    assert {row["covariate"] for row in rows} == {"image quality", "image source"}
    assert {row["bin"] for row in rows if row["covariate"] == "image quality"} == set(BINS["quality"])
    poor = next(r for r in rows if r["bin"] == "quality 0 to 19" and r["measure"] == "FMR")
    mine = (quality < 20) & (table["genuine"] == 0)
    assert (poor["errors"], poor["n"]) == (int((table["score"][mine] >= 1.8).sum()), int(mine.sum()))
    assert "other" not in {row["bin"] for row in rows}, "no comparison, no row"


def test_bins_that_rest_on_few_errors_are_withheld_together(as_text):
    _, findings, _ = audited(as_text)
    rows = findings.table("covariates")
    small = {(r["covariate"], r["measure"]) for r in rows.records() if 0 < r["errors"] < SMALLEST}
    kept = public_covariates(rows, SMALLEST)
    assert small and not small & {(r["covariate"], r["measure"]) for r in kept.records()}
    assert "errors" not in public_audit(findings).table("covariates")


def test_values_at_an_edge_fall_into_the_upper_bin():
    assert binned("quality", np.array([0, 19.9, 20, 100, np.nan])).tolist() == [0, 0, 1, 4, -1]
    assert binned("lapse", np.array([0.99, 1, 10])).tolist() == [0, 1, 3]
