"""Proves that paired scores are read with both matchers' failures, and that contradictions are refused."""

from __future__ import annotations

import numpy as np
import pytest

from peelian.errors import InputError
from peelian.technologies.faces.formats.pairs import FORMATS

(PAIRS,) = FORMATS
GIVEN = {
    "kind": ["genuine", "impostor", "impostor"],
    "probe_subject": ["s1", "s1", "s2"],
    "ref_subject": ["s1", "s2", "s3"],
    "score": ["0.9", "0.1", "0.2"],
    "score_2": ["0.8", "0.3", "0.1"],
}


def test_both_scores_are_kept_without_the_pseudonyms_themselves(as_text):
    made = PAIRS.convert(as_text(GIVEN), {}).table
    assert made["score_2"].tolist() == [0.8, 0.3, 0.1] and made["genuine"].tolist() == [1, 0, 0]
    assert made["probe"].dtype == np.int64 and made["probe"][0] == made["ref"][0]


def test_one_matcher_may_fail_where_the_other_does_not(as_text):
    given = {**GIVEN, "score_2": ["", "0.3", "0.1"], "failure_to_enrol_2": ["1", "0", "0"]}
    made = PAIRS.convert(as_text(given), {}).table
    assert np.isnan(made["score_2"][0]) and made["failed_2"].tolist() == [1, 0, 0] and not made["failed"].any()
    with pytest.raises(InputError) as refused:
        PAIRS.convert(as_text({**GIVEN, "score_2": ["", "0.3", "0.1"]}), {})
    assert (refused.value.row, refused.value.column) == (2, "score_2")


@pytest.mark.parametrize(
    ("changed", "row", "column"),
    [
        ({"kind": ["genuine", "genuine", "impostor"]}, 3, "kind"),
        ({"kind": ["impostor", "impostor", "impostor"]}, 2, "kind"),
        ({"kind": ["genuine", "mated", "impostor"]}, 3, "kind"),
        ({"score_2": ["0.8", "inf", "0.1"]}, 3, "score_2"),
        ({"score_2": ["0.8", "x", "0.1"]}, 3, "score_2"),
        ({"ref_subject": ["s1", "", "s3"]}, 3, ""),
    ],
)
def test_contradictions_are_refused_with_their_row(as_text, changed, row, column):
    with pytest.raises(InputError) as refused:
        PAIRS.convert(as_text({**GIVEN, **changed}), {})
    assert (refused.value.row, refused.value.column) == (row, column)


def test_groups_in_rows_and_names(as_text):
    groups = {"probe_group": ["female"] * 3, "ref_group": ["female", "male", "male"]}
    assert PAIRS.convert(as_text({**GIVEN, **groups}), {}).facts["groups"] == "female,male"
    with pytest.raises(InputError, match="identifies"):
        PAIRS.convert(as_text({**GIVEN, "surname": ["a", "b", "c"]}), {})
