"""The report as data: the JSON keeps to its schema, the CSV to its header, and neither shows a hidden number."""

from __future__ import annotations

import csv
import json
from importlib.resources import files

import pytest

from peelian.kernel.model.capability import Findings
from peelian.technologies.risk.audit.publication import CSV_HEADER, SCHEMA, long_csv, public, report_json


def _schema() -> dict[str, object]:
    return json.loads((files("peelian.technologies.risk") / "report.schema.json").read_text(encoding="utf-8"))


def test_full_and_public_reports_keep_to_the_schema(found: Findings) -> None:
    jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is not installed")
    for findings in (found, public(found)):
        jsonschema.validate(json.loads(report_json(findings)), _schema())


def test_the_schema_names_the_version_that_is_written(found: Findings) -> None:
    assert json.loads(report_json(found))["schema"] == SCHEMA
    assert SCHEMA in json.dumps(_schema())


def test_hidden_counts_are_null_and_not_0(found: Findings) -> None:
    tables = json.loads(report_json(found))["tables"]
    hidden = [row for row in tables["verdicts"] if row["suppressed"] == "fewer than 10"]
    assert len(hidden) == 7
    assert all(row["n"] is row["events"] is row["others"] is None for row in hidden)
    asian = next(row for row in tables["verdicts"] if row["group"] == "Asian")
    assert asian["n"] == 32
    assert asian["events"] is None


def test_the_long_csv_has_its_header_and_reads_back(found: Findings) -> None:
    rows = list(csv.DictReader(long_csv(found).splitlines()))
    assert tuple(rows[0]) == CSV_HEADER
    fpr = next(r for r in rows if r["group"] == "race: Caucasian" and r["metric"] == "fpr" and r["cell"] == "at 5")
    assert float(fpr["value"]) == pytest.approx(349 / 1488)
    assert (fpr["num"], fpr["den"], fpr["suppressed"]) == ("349", "1488", "no")
    ratio = next(r for r in rows if r["metric"] == "fpr_ratio" and r["group"] == "race: African-American")
    assert ratio["cell"] == "at 5; against Caucasian"
    for row in rows:
        if row["suppressed"] != "no":
            assert row["value"] == row["lo"] == row["hi"] == row["num"] == ""


def test_a_label_that_a_spreadsheet_would_run_is_disarmed(make_tally, run_audit) -> None:
    rows = [(s, o, 100, g) for g in ("=1+1", "b") for s in (1, 2) for o in (0, 1)]
    text = long_csv(run_audit(make_tally(rows, axes=("@sum",))))
    assert "'@sum: =1+1" in text
    assert "\n@sum" not in text
