"""NIST's table of October 2020 (240 algorithms): Black women against white men, at a threshold set on white men."""

from __future__ import annotations

import csv
import io
from importlib import resources

import numpy as np
import pytest

from peelian.kernel.model.capability import Context, Dataset
from peelian.measure.table import Column, Kind, Table
from peelian.technologies.faces.formats.own import FORMATS, NIST_COLUMNS
from peelian.technologies.faces.published.case import run
from peelian.technologies.faces.published.declared import PublishedParams


def test_the_median_false_match_rate_of_black_women_is_11_7_times_that_of_white_men() -> None:
    text = (resources.files("peelian.technologies.faces") / "examples" / "frvt_11_gender_race.csv").read_text()
    rows = list(csv.DictReader(io.StringIO(text)))
    columns = tuple(
        Column(name=name, kind=Kind.PERSONAL, values=np.array([row[name] for row in rows], dtype=object))
        for name in NIST_COLUMNS
    )
    convert = next(f for f in FORMATS if f.id == "nist-2020-false-match-rates").convert
    made = convert(Table(name="text", columns=columns), {})
    found = run(
        PublishedParams(),
        {"rates": Dataset(id="nist", format="", digest="", table=made.table)},
        Context(seed=0, progress=lambda says, share: None),
    )
    table = found.table("published")
    by = dict(zip(table["pairing"].tolist(), table["median_fmr"].tolist(), strict=True))
    assert len(rows) == 240
    assert by["Black women"] / by["white men: threshold set here"] == pytest.approx(11.7, abs=0.05)
    assert found.notes[0].values["pairing"] == "Black women"
    (black_women,) = (row for row in table.records() if row["pairing"] == "Black women")
    assert found.notes[0].values["times"] == black_women["median_ratio"], "the sentence and its chart tell one figure"
