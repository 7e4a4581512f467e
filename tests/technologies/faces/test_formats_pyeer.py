"""Proves that pyeer's genuine, impostor, histogram and candidate files are read as pyeer reads them."""

from __future__ import annotations

import gzip
from importlib import resources

import numpy as np
import pytest

from peelian.errors import InputError
from peelian.technologies.faces.formats.pyeer import FORMATS

BY_ID = {f.id: f for f in FORMATS}
EXAMPLES = resources.files("peelian.technologies.faces") / "examples"


def columns_of(name: str) -> dict[str, list[str]]:
    lines = gzip.decompress((EXAMPLES / name).read_bytes()).decode().splitlines()
    return {str(i + 1): list(column) for i, column in enumerate(zip(*(line.split() for line in lines), strict=True))}


def test_the_score_is_the_last_column_and_the_kind_an_option(as_text):
    text = as_text({"1": ["a", "b"], "2": ["c", "d"], "3": ["0.25", "0.5"], "4": ["", ""]})
    made = BY_ID["pyeer-scores"].stream([text], {"kind": "genuine"}).table
    assert made["score"].tolist() == [0.25, 0.5]
    assert made["genuine"].tolist() == [1, 1]
    with pytest.raises(InputError, match="The score must be in the last column"):
        BY_ID["pyeer-scores"].stream([as_text({"1": ["0.25"], "2": ["c"]})], {"kind": "genuine"})
    with pytest.raises(InputError, match="kind"):
        BY_ID["pyeer-scores"].stream([text], {})


def test_the_examples_are_read_whole(as_text):
    made = BY_ID["pyeer-scores"].stream([as_text(columns_of("pyeer_exp1_false.txt.gz"))], {"kind": "impostor"})
    assert made.facts == {"comparisons": 4950, "genuine": 0}


def test_a_histogram_s_line_is_its_score(as_text):
    made = BY_ID["pyeer-histogram"].convert(as_text({"1": ["0", "3", "0", "2"]}), {}).table
    assert made["score"].tolist() == [1.0, 3.0]
    assert made["n"].tolist() == [3, 2]
    for bad in (["0", "0"], ["-1"], ["0.5"]):
        with pytest.raises(InputError):
            BY_ID["pyeer-histogram"].convert(as_text({"1": bad}), {})


def test_candidates_and_true_pairs_join(as_text):
    lists = BY_ID["pyeer-candidates"].convert(as_text(columns_of("pyeer_cmc_exp1_scores.txt.gz")), {})
    mates = BY_ID["pyeer-true-pairs"].convert(as_text(columns_of("pyeer_cmc_exp1_tp.txt.gz")), {})
    assert lists.facts["searches"] == mates.facts["searches"] == 85
    assert np.isin(mates.table["mate"], lists.table["candidate"]).all()
    assert mates.table["mated"].all()


def test_a_dash_says_that_a_person_is_not_enrolled(as_text):
    made = BY_ID["pyeer-true-pairs"].convert(as_text({"1": ["q1", "q2"], "2": ["t1", "-"]}), {}).table
    assert made["mated"].tolist() == [1, 0]


def test_columns_in_another_order_are_noticed(as_text):
    with pytest.raises(InputError, match=r"column 3: .* Check the column order"):
        BY_ID["pyeer-candidates"].convert(as_text({"1": ["0.5"], "2": ["q"], "3": ["t"]}), {})
