"""Proves that a file read in parts becomes what it becomes in one piece."""

from __future__ import annotations

import numpy as np
import pytest

from peelian.errors import InputError
from peelian.technologies.faces.formats.own import FORMATS

FORMAT = next(f for f in FORMATS if f.id == "peelian-scores")
ROWS = {
    "kind": ["genuine", "impostor", "mated", "impostor", "genuine"],
    "score": ["0.9", "0.1", "0.3", "0.2", "0.8"],
    "probe_subject": ["s1", "s1", "s1", "s2", "s2"],
    "ref_subject": ["s1", "s2", "s3", "s3", "s2"],
}


def test_parts_join_to_the_whole(as_text):
    whole = FORMAT.stream([as_text(ROWS)], {})
    assert FORMAT.stream is not None
    text = as_text(ROWS)
    parts = [text.take(np.arange(0, 2)), text.take(np.arange(2, 2)), text.take(np.arange(2, 5))]
    streamed = FORMAT.stream(parts, {})
    assert streamed.table.digest() == whole.table.digest()
    assert streamed.facts == whole.facts
    assert [(d.n, d.first_row) for d in streamed.dropped] == [(1, 4)]


def test_no_rows_and_parts_with_different_columns_are_refused(as_text):
    with pytest.raises(InputError, match="file has no comparisons"):
        FORMAT.stream([as_text({k: [] for k in ROWS})], {})
    bare = as_text({"kind": ["impostor"], "score": ["0.1"]})
    with pytest.raises(InputError, match="different columns"):
        FORMAT.stream([as_text(ROWS), bare], {})


def test_a_part_with_an_identifying_column_is_refused(as_text):
    with pytest.raises(InputError, match="identifies a person"):
        FORMAT.stream([as_text({**ROWS, "surname": ["x"] * 5})], {})
