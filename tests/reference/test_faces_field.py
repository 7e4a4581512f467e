"""Reproduces the Metropolitan Police's published year of live facial recognition: both denominators of false alerts.

Live Facial Recognition Annual Report, September 2024 to September 2025: 3,147,436 faces, 2,077 alerts, 10 false; the
report gives 0.0003 % of faces, and 0.48 % of alerts follows from its counts.
"""

from __future__ import annotations

import numpy as np
from statsmodels.stats.proportion import proportion_confint

from peelian.kernel.model.capability import Context
from peelian.measure.table import Kind, table
from peelian.pictures.words import english
from peelian.technologies.faces.example import dataset
from peelian.technologies.faces.field_trial.case import ALERTS_SAY, FACES_SAY, run
from peelian.technologies.faces.field_trial.declared import FieldParams
from peelian.technologies.faces.formats.field import FORMATS

YEAR = {"group": "all", "faces_seen": "3147436", "alerts": "2077", "false_alerts": "10"}


def test_the_published_year():
    text = table("text", {name: (Kind.PERSONAL, np.array([word], dtype=object)) for name, word in YEAR.items()})
    trial = dataset("met", "face-field-trial", FORMATS[0].convert(text, {}).table, {})
    found = run(FieldParams(), {"trial": trial}, Context(seed=1, progress=lambda says, share: None))
    said = {note.text: english(note.text, **note.values) for note in found.notes}
    assert "10 of 3,147,436 faces seen raised a false alert: 0.0003% of faces, one in 314,744" in said[FACES_SAY]
    assert "10 of 2,077 alerts were false: 0.48% of alerts" in said[ALERTS_SAY]
    rows = found.table("field").records()
    for row, n in zip(rows, (3_147_436, 2_077), strict=True):
        assert np.allclose((row["low"], row["high"]), proportion_confint(10, n, method="beta"))
