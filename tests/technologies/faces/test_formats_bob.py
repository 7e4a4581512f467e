"""Proves that Bob's score files are read as Bob reads them, and that columns in another order are noticed."""

from __future__ import annotations

import gzip
from importlib import resources

import numpy as np
import pytest

from peelian.errors import InputError
from peelian.technologies.faces.formats.bob import FORMATS

BY_ID = {f.id: f for f in FORMATS}
EXAMPLES = resources.files("peelian.technologies.faces") / "examples"


def columns_of(name: str) -> dict[str, list[str]]:
    raw = (EXAMPLES / name).read_bytes()
    lines = (gzip.decompress(raw) if name.endswith(".gz") else raw).decode().splitlines()
    return {str(i + 1): list(column) for i, column in enumerate(zip(*(line.split() for line in lines), strict=True))}


def test_two_columns_as_bob_measure_splits_them(as_text):
    import bob.measure.load

    made = BY_ID["bob-2-columns"].stream([as_text(columns_of("bob_measure_dev-1.txt"))], {}).table
    negatives, positives = bob.measure.load.split(str(EXAMPLES / "bob_measure_dev-1.txt"))
    np.testing.assert_array_equal(made["score"][made["genuine"] == 0], negatives)
    np.testing.assert_array_equal(made["score"][made["genuine"] == 1], positives)


def test_swapped_columns_and_other_labels_are_named(as_text):
    stream = BY_ID["bob-2-columns"].stream
    with pytest.raises(InputError, match="label and score columns swapped"):
        stream([as_text({"1": ["0.3", "0.4"], "2": ["-1", "1"]})], {})
    with pytest.raises(InputError, match="not a label") as error:
        stream([as_text({"1": ["-1", "0"], "2": ["0.1", "0.2"]})], {})
    assert error.value.row == 3


def test_four_and_five_columns_agree(as_text):
    four = as_text({"1": ["c1", "c1"], "2": ["c1", "c2"], "4": ["0.9", "0.1"]})
    five = as_text({"1": ["c1", "c1"], "3": ["c1", "c2"], "5": ["0.9", "0.1"]})
    made = [BY_ID["bob-4-columns"].stream([four], {}), BY_ID["bob-5-columns"].stream([five], {})]
    assert made[0].table.digest() == made[1].table.digest()
    assert made[0].table["genuine"].tolist() == [1, 0]


def test_a_score_in_front_is_noticed(as_text):
    with pytest.raises(InputError, match="the score must be last"):
        BY_ID["bob-4-columns"].stream([as_text({"1": ["0.9"], "2": ["c1"], "4": ["probe7"]})], {})


def test_csv_with_labels_and_missing_scores(as_text):
    text = as_text(
        {
            "probe_subject_id": ["a", "a", "b"],
            "bio_ref_subject_id": ["a", "b", "b"],
            "score": ["0.9", "0.2", "nan"],
            "probe_gender": ["F", "F", "M"],
            "bio_ref_gender": ["F", "M", "M"],
            "probe_race": ["x", "x", "y"],
            "bio_ref_race": ["x", "y", "y"],
        }
    )
    made = BY_ID["bob-csv"].stream([text], {})
    assert made.table["failed"].tolist() == [0, 0, 1]
    assert made.notes[0].values == {"n": 1}
    assert made.table["ref_group"].tolist() == ["female / x", "male / y", "male / y"]


def test_infinite_scores_and_identifying_columns_are_refused(as_text):
    columns = {"probe_subject_id": ["a"], "bio_ref_subject_id": ["b"], "score": ["inf"]}
    with pytest.raises(InputError, match="infinite"):
        BY_ID["bob-csv"].stream([as_text(columns)], {})
    with pytest.raises(InputError, match="identifies a person"):
        BY_ID["bob-csv"].stream([as_text({**columns, "score": ["1"], "date_of_birth": ["x"]})], {})
