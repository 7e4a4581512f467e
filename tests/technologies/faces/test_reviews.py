"""Proves the shares of reviewed candidates by hand, and that no small count is published."""

from __future__ import annotations

import numpy as np
import pytest
from statsmodels.stats.proportion import proportion_confint

from peelian.errors import InputError, NotEnoughData
from peelian.kernel.disclosure.complementary_suppression import faults_of_a_release
from peelian.kernel.model.capability import Dataset
from peelian.technologies.faces.formats.own import FORMATS
from peelian.technologies.faces.reviews import case as reviews
from peelian.technologies.faces.reviews.declared import REVIEW_SHARES, ReviewParams

FORMAT = next(f for f in FORMATS if f.id == "peelian-reviews")
ROWS = [
    ("right", "match", "arrest", 60),
    ("right", "no_match", "none", 20),
    ("wrong", "match", "stop", 12),
    ("wrong", "match", "none", 28),
    ("wrong", "no_match", "none", 360),
    ("unknown", "match", "inquiry", 9),
]


def found(as_text, context, rows=ROWS):
    names = ("truth", "verdict", "outcome", "n")
    text = as_text({name: [str(row[i]) for row in rows] for i, name in enumerate(names)})
    made = FORMAT.convert(text, {}).table
    files = {"reviews": Dataset(id="r", format="", digest="", table=made)}
    return reviews.run(ReviewParams(), files, context)


def test_shares_by_hand(as_text, context):
    rows = {r["share"]: r for r in found(as_text, context).table("shares").records()}
    assert [(rows[s]["events"], rows[s]["n"]) for s in REVIEW_SHARES] == [(40, 400), (20, 80), (12, 40), (0, 380)]
    low, high = proportion_confint(40, 400, method="wilson")
    assert (rows[REVIEW_SHARES[0]]["low"], rows[REVIEW_SHARES[0]]["high"]) == pytest.approx((low, high))


def test_nothing_small_is_published(as_text, context):
    whole = found(as_text, context)
    public = reviews.public(whole)
    assert not faults_of_a_release(public)
    assert {t.name for t in public.tables} == {"shares"}
    assert not any(n.text == reviews.TOTAL for n in public.notes), "it states the nine not known"
    few = [("wrong", "match", "stop", 3), ("wrong", "no_match", "none", 300)]
    assert REVIEW_SHARES[0] not in set(reviews.public(found(as_text, context, few)).table("shares")["share"].tolist())


def test_unknown_words_and_nothing_reviewed_are_refused(as_text, context):
    with pytest.raises(InputError, match="accepted words"):
        found(as_text, context, [("right", "perhaps", "none", 3)])
    with pytest.raises(NotEnoughData, match="no reviewed candidate"):
        found(as_text, context, [("right", "match", "none", 0)])
    assert np.isfinite(found(as_text, context).facts["reviewed"])
