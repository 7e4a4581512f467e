"""Proves that our own files and candidate lists are read, and that everything wrong with one is named."""

from __future__ import annotations

import csv
import io
from importlib import resources

import numpy as np
import pytest

from peelian.errors import InputError
from peelian.technologies.faces.formats.own import FORMATS, NIST_COLUMNS

BY_ID = {f.id: f for f in FORMATS}
SCORES = {
    "kind": ["genuine", "impostor", "genuine", "nonmated"],
    "probe_id": ["p1", "p1", "p2", "p9"],
    "ref_id": ["r1", "r2", "p2", "r1"],
    "probe_subject": ["s1", "s1", "s2", "s9"],
    "ref_subject": ["s1", "s2", "s2", "s1"],
    "score": ["0.9", "0.1", "0.99", "0.2"],
    "failure_to_enrol": ["0", "", "0", "0"],
}


def test_comparisons_are_kept_and_the_rest_is_dropped_with_reasons(as_text):
    made = BY_ID["peelian-scores"].stream([as_text(SCORES)], {})
    assert made.table["score"].tolist() == [0.9, 0.1]
    assert sorted((d.n, d.first_row) for d in made.dropped) == [(1, 4), (1, 5)]
    assert made.facts["comparisons"] == 2


def test_failures_to_enrol_have_no_score(as_text):
    text = {**SCORES, "failure_to_enrol": ["1", "0", "0", "0"], "score": ["", "0.1", "0.99", "0.2"]}
    made = BY_ID["peelian-scores"].stream([as_text(text)], {}).table
    assert made["failed"].tolist() == [1, 0]
    assert np.isnan(made["score"][0])
    with pytest.raises(InputError, match="missing"):
        BY_ID["peelian-scores"].stream([as_text({**text, "failure_to_enrol": ["0"] * 4})], {})


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"kind": ["genuine", "genuine", "genuine", "nonmated"]}, "subjects differ"),
        ({"kind": ["impostor", "impostor", "genuine", "nonmated"]}, "subjects are the same"),
        ({"kind": ["genuine", "friend", "genuine", "nonmated"]}, "not one of the accepted words"),
        ({"probe_subject": ["s1", "", "s2", "s9"]}, "subject missing"),
        ({"score": ["0.9", "inf", "0.99", "0.2"]}, "infinite"),
        ({"score": ["0.9", "much", "0.99", "0.2"]}, "not a number"),
    ],
)
def test_rows_that_contradict_themselves_are_named(as_text, change, says):
    with pytest.raises(InputError, match=says) as error:
        BY_ID["peelian-scores"].stream([as_text({**SCORES, **change})], {})
    assert error.value.row in (2, 3)


def test_candidate_rows_with_an_empty_list(as_text):
    text = {
        "kind": ["mated", "mated", "nonmated"],
        "probe_id": ["q1", "q1", "q2"],
        "ref_id": ["r1", "r2", ""],
        "probe_subject": ["s1", "s1", "s2"],
        "ref_subject": ["s1", "s3", ""],
        "score": ["0.9", "0.4", ""],
        "gallery_n": ["500", "500", "500"],
        "rank": ["1", "2", ""],
    }
    made = BY_ID["peelian-candidates"].convert(as_text(text), {})
    assert made.facts == {"searches": 2, "gallery": 500}
    assert made.table["hit"].tolist() == [1, 0, 0]
    with pytest.raises(InputError, match="not a rank"):
        BY_ID["peelian-candidates"].convert(as_text({**text, "rank": ["0", "2", ""]}), {})
    two = BY_ID["peelian-candidates"].convert(as_text({**text, "gallery_n": ["500", "500", "600"]}), {})
    assert two.table["gallery"].tolist() == [500, 500, 600]
    with pytest.raises(InputError, match="search in two galleries"):
        BY_ID["peelian-candidates"].convert(as_text({**text, "gallery_n": ["500", "600", "600"]}), {})


def test_candidate_lists_with_and_without_a_header_agree(as_text):
    rows = [["q1", "q1"], ["1", "2"], ["t1", "t2"], ["0.9", "0.2"]]
    names = ("search_id", "rank", "candidate_id", "score")
    made = BY_ID["candidate-list"].convert(as_text(dict(zip(names, rows, strict=True))), {"gallery": "40"})
    bare = BY_ID["candidate-list-columns"].convert(as_text(dict(zip("1234", rows, strict=True))), {})
    assert made.table.digest() == bare.table.digest()
    assert made.facts["gallery"] == 40
    with pytest.raises(InputError, match="Check the column order"):
        BY_ID["candidate-list-columns"].convert(as_text({"1": ["q"], "2": ["t"], "3": ["1"], "4": ["0.5"]}), {})
    with pytest.raises(InputError, match="gallery"):
        BY_ID["candidate-list"].convert(as_text(dict(zip(names, rows, strict=True))), {"gallery": "many"})


def test_subjects_carry_bands_and_labels_only(as_text):
    made = BY_ID["peelian-subjects"].convert(
        as_text({"subject": ["s1", "s2"], "sex": ["F", "M"], "age_band": ["18-24", "65+"], "group": ["a", "b"]}), {}
    )
    assert made.table["sex"].tolist() == ["female", "male"]
    assert "female / 18-24 / a" in made.facts["groups"]
    with pytest.raises(InputError, match="identifies a person"):
        BY_ID["peelian-subjects"].convert(as_text({"subject": ["s1"], "sex": ["F"], "name": ["x"]}), {})
    with pytest.raises(InputError, match="not an age band"):
        BY_ID["peelian-subjects"].convert(as_text({"subject": ["s1"], "age_band": ["41"]}), {})


def test_the_histogram_that_was_kept_is_read_back(as_text):
    text = {"kind": ["genuine", "impostor"], "group": ["a", "a"], "other_group": ["a", "b"]}
    made = BY_ID["peelian-histogram"].convert(as_text({**text, "score": ["0.5", "0.1"], "n": ["7", "9"]}), {})
    assert made.facts == {"comparisons": 16, "bins": 2, "groups": "a,b"}


def test_nist_s_table_is_read(as_text):
    raw = (resources.files("peelian.technologies.faces") / "examples" / "frvt_11_gender_race.csv").read_text()
    rows = list(csv.DictReader(io.StringIO(raw)))
    text = {name: [row[name] for row in rows] for name in NIST_COLUMNS}
    made = BY_ID["nist-2020-false-match-rates"].convert(as_text(text), {})
    assert made.facts == {"algorithms": 240}
    with pytest.raises(InputError, match="not a rate"):
        BY_ID["nist-2020-false-match-rates"].convert(as_text({n: ["1.5"] for n in NIST_COLUMNS}), {})
