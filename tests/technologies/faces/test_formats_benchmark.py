"""Proves that benchmark sets and consent manifests are read, and refused where they are incomplete."""

from __future__ import annotations

import pytest

from peelian.errors import InputError
from peelian.measure.table import Kind
from peelian.technologies.faces.formats_benchmark import FORMATS

BENCHMARK, CONSENT = FORMATS
DIGEST = "ab" * 32


def test_images_stay_personal_and_subjects_pseudonyms(as_text):
    made = BENCHMARK.convert(as_text({"subject": ["s1"], "sha256": [DIGEST], "image": ["QUJD"]}), {})
    kinds = {c.name: c.kind for c in made.table.columns}
    assert kinds == {"subject": Kind.PSEUDONYM, "sha256": Kind.DIGEST, "image": Kind.PERSONAL}


@pytest.mark.parametrize(
    "row",
    [
        {"sha256": ["short"], "consent_ref": ["c1"], "until": ["2027-01-01"]},
        {"sha256": [DIGEST], "consent_ref": [""], "until": ["2027-01-01"]},
        {"sha256": [DIGEST], "consent_ref": ["c1"], "until": ["soon"]},
        {"sha256": [DIGEST] * 2, "consent_ref": ["c1"] * 2, "until": ["2027-01-01"] * 2},
        {"sha256": [DIGEST], "consent_ref": ["c1"], "until": ["2027-01-01"], "name": ["x"]},
    ],
)
def test_a_manifest_with_a_gap_is_refused(as_text, row):
    with pytest.raises(InputError):
        CONSENT.convert(as_text(row), {})


def test_a_manifest_is_read(as_text):
    made = CONSENT.convert(as_text({"sha256": [DIGEST], "consent_ref": ["c1"], "until": ["2027-01-01"]}), {})
    assert made.facts == {"images": 1}
    with pytest.raises(InputError, match="subject missing"):
        BENCHMARK.convert(as_text({"subject": [""], "sha256": [DIGEST], "image": ["QUJD"]}), {})
