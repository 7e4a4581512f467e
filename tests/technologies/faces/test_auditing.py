"""Proves that the audit runs on what admission seals: two files, a second file for thresholds, a histogram, lists."""

from __future__ import annotations

import dataclasses
import gzip
from importlib import resources

import numpy as np
import pytest

from peelian.errors import InputError, NotEnoughData
from peelian.kernel.model.capability import Dataset, Purpose
from peelian.technologies.faces.audit.case import run_audit, run_histogram
from peelian.technologies.faces.audit.declared import AUDIT, HISTOGRAM_AUDIT, AuditParams, HistogramParams
from peelian.technologies.faces.declared import SCORES
from peelian.technologies.faces.example import dataset, example_datasets, example_tables
from peelian.technologies.faces.formats import bob as formats_bob
from peelian.technologies.faces.formats import pyeer as formats_pyeer
from peelian.technologies.faces.lists.case import example_candidates

EXAMPLES = resources.files("peelian.technologies.faces") / "examples"


def read(as_text, name: str, formats, format: str, **options: str) -> Dataset:
    raw = (EXAMPLES / name).read_bytes()
    lines = (gzip.decompress(raw) if name.endswith(".gz") else raw).decode().splitlines()
    columns = {str(i + 1): list(c) for i, c in enumerate(zip(*(line.split() for line in lines), strict=True))}
    chosen, text = next(f for f in formats if f.id == format), as_text(columns)
    made = chosen.stream([text], options) if chosen.stream else chosen.convert(text, options)
    return Dataset(id=name, format=format, digest="", table=made.table, facts=made.facts)


def test_pyeer_s_two_files_make_one_audit(as_text, context):
    files = {
        "scores": read(as_text, "pyeer_exp1_true.txt.gz", formats_pyeer.FORMATS, "pyeer-scores", kind="genuine"),
        "more_scores": read(as_text, "pyeer_exp1_false.txt.gz", formats_pyeer.FORMATS, "pyeer-scores", kind="impostor"),
    }
    found = run_audit(AuditParams(), files, context)
    assert (found.facts["genuine"], found.facts["impostor"]) == (2793, 4950)
    assert found.facts["headline"] == "FMR 1e-2"
    with pytest.raises(NotEnoughData, match="no impostor"):
        run_audit(AuditParams(), {"scores": files["scores"]}, context)


def test_bob_s_development_file_sets_what_its_test_file_reports(as_text, context):
    files = {
        "scores": read(as_text, "bob_measure_test-1.txt", formats_bob.FORMATS, "bob-2-columns"),
        "calibration": read(as_text, "bob_measure_dev-1.txt", formats_bob.FORMATS, "bob-2-columns"),
    }
    found = run_audit(AuditParams(), files, context)
    assert set(found.table("thresholds")["set_on"].tolist()) == {"calibration file"}
    assert found.table("thresholds")["fmr_n"][0] == found.facts["impostor"]


def test_a_calibration_file_with_the_same_subjects_is_refused(context):
    files = example_datasets(60)
    with pytest.raises(InputError, match="in both the calibration and the tested file"):
        run_audit(AuditParams(), {**files, "calibration": files["scores"]}, context)
    scores, people = example_tables(200, seed=99)
    apart = {**files, "calibration": dataset("c", SCORES, scores, {})}
    found = run_audit(AuditParams(by=("sex",)), apart, context)
    assert "calibration file" in found.table("thresholds")["set_on"].tolist()
    assert len(people) == 200


def test_candidate_lists_measure_the_price(context):
    files = example_datasets(100)
    files["candidates"] = dataset("l", "peelian-candidates", example_candidates(), {"gallery": 2000})
    found = run_audit(AuditParams(by=("sex",), thresholds=(0.45,)), files, context)
    assert found.table("thresholds")["price_basis"][0] == "measured on searches"


def test_pyeer_s_histogram_with_its_genuine_scores(as_text, context):
    impostor = as_text({"1": [str(max(0, 900 - 3 * i)) for i in range(400)]})
    made = next(f for f in formats_pyeer.FORMATS if f.id == "pyeer-histogram").convert(impostor, {})
    genuine = read(as_text, "pyeer_exp3_true.txt.gz", formats_pyeer.FORMATS, "pyeer-scores", kind="genuine")
    files = {"histogram": Dataset(id="h", format="", digest="", table=made.table), "scores": genuine}
    found = run_histogram(HistogramParams(thresholds=(100.0,)), files, context)
    rates = found.table("rates")
    counts = [max(0, 900 - 3 * i) for i in range(400)]
    assert rates["errors"][0] == sum(counts[100:])
    assert rates["n"][0] == sum(counts)
    assert rates["errors"][rates["measure"] == "FNMR"][0] == (genuine.table["score"] < 100).sum()


def test_the_same_question_has_the_same_answer(context):
    files = example_datasets(100)
    first, second = (run_audit(AuditParams(by=("sex",)), files, context) for _ in range(2))
    assert [t.digest() for t in first.tables] == [t.digest() for t in second.tables]
    other = run_audit(AuditParams(by=("sex",)), files, dataclasses.replace(context, seed=6))
    assert [t.digest() for t in other.tables] != [t.digest() for t in first.tables]


def test_a_small_group_is_closed_and_does_not_stand_alone(context):
    files = example_datasets(100)
    people = files["subjects"].table
    group = people["group"].copy()
    group[:] = np.where(np.arange(100) < 4, "rare", np.where(np.arange(100) < 30, "some", "many"))
    columns = tuple(dataclasses.replace(c, values=group) if c.name == "group" else c for c in people.columns)
    files["subjects"] = dataclasses.replace(files["subjects"], table=dataclasses.replace(people, columns=columns))
    found = run_audit(AuditParams(by=("group",), thresholds=(2.0,)), files, context)
    assert found.facts["groups_suppressed"] == 2
    assert set(found.table("trials")["group"].tolist()) == {"all", "many"}


def test_capabilities_serve_audits_only_and_need_no_authorization_for_files():
    for capability in (AUDIT, HISTOGRAM_AUDIT):
        assert capability.asks.purposes == {Purpose.AUDIT}
        assert capability.needs == ()
