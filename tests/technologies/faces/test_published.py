"""Proves that a published table is summarised over algorithms, zeros apart."""

from __future__ import annotations

import numpy as np
import pytest

from peelian.errors import NotEnoughData
from peelian.measure.table import Table
from peelian.pictures.panels import Picture
from peelian.pictures.words import english
from peelian.technologies.faces.example import dataset
from peelian.technologies.faces.published.case import ZEROS, example_published, run
from peelian.technologies.faces.published.declared import PUBLISHED_RATES, PublishedParams
from peelian.technologies.faces.published.page import view


def test_medians_and_quartiles_over_algorithms(context):
    made = example_published()
    found = run(PublishedParams(), {"rates": dataset("p", "nist", made, {})}, context)
    rows = found.table("published")
    ratio = made["fb_fb"] / made["mw_mw"]
    assert rows["median_ratio"][4] == pytest.approx(np.median(ratio))
    assert rows["worse_tenfold"][4] == pytest.approx((ratio >= 10).mean())
    assert rows["median_ratio"][0] == 1
    assert PUBLISHED_RATES.arithmetic().public(found) is found
    assert [p for p in view(found, english) if isinstance(p, Picture)]


def test_zeros_are_left_out_and_said(context):
    made = example_published()
    made["fb_fb"][0] = 0.0
    found = run(PublishedParams(), {"rates": dataset("p", "nist", made, {})}, context)
    assert found.table("published")["worse_tenfold_n"].tolist() == [12, 12, 12, 12, 11, 12]
    assert next(n for n in found.notes if n.text == ZEROS).values == {"n": 1}


def test_two_algorithms_are_too_few(context):
    made = example_published().take(np.array([0, 1]))
    assert isinstance(made, Table)
    with pytest.raises(NotEnoughData):
        run(PublishedParams(), {"rates": dataset("p", "nist", made, {})}, context)
