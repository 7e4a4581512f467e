"""Proves that tallies of a field trial are read with their gaps, and that contradictions are refused with their row."""

from __future__ import annotations

import numpy as np
import pytest

from peelian.errors import InputError
from peelian.technologies.faces.formats.field import FORMATS
from peelian.technologies.faces.measure.scores import EVERYBODY

(TRIAL,) = FORMATS
GIVEN = {
    "group": ["female", "male"],
    "faces_seen": ["1000", ""],
    "alerts": ["50", "40"],
    "false_alerts": ["5", "0"],
    "missed": ["6", "4"],
    "crossers": ["20", "20"],
}


def test_what_is_not_said_is_not_known(as_text):
    trial = TRIAL.convert(as_text(GIVEN), {}).table
    assert np.isnan(trial["faces_seen"][1]) and trial["faces_seen"][0] == 1000
    assert trial["true_alerts"].tolist() == [45, 40], "alerts less the false ones"
    assert trial["crossings"].tolist() == [51, 44], "right alerts and missed passages"
    assert np.isnan(trial["most_passages"]).all()


def test_a_total_row_is_everybody(as_text):
    trial = TRIAL.convert(as_text({"group": ["Total"], "alerts": ["9"], "false_alerts": ["1"]}), {}).table
    assert trial["group"].tolist() == [EVERYBODY]


@pytest.mark.parametrize(
    ("changed", "row", "column"),
    [
        ({"true_alerts": ["45", "41"]}, 3, "alerts"),
        ({"faces_seen": ["49", "1000"]}, 2, "alerts"),
        ({"crossings": ["51", "3"]}, 3, "missed"),
        ({"group": ["male", "male"]}, 3, "group"),
        ({"alerts": ["50", ""]}, 3, "alerts"),
        ({"alerts": ["50", "-1"]}, 3, "alerts"),
        ({"missed": ["1.5", "4"]}, 2, "missed"),
        ({"missed": ["inf", "4"]}, 2, "missed"),
        ({"most_passages": ["0", "4"]}, 2, "most_passages"),
        ({"alerts": ["many", "4"]}, 2, "alerts"),
    ],
)
def test_contradictions_are_refused(as_text, changed, row, column):
    with pytest.raises(InputError) as refused:
        TRIAL.convert(as_text({**GIVEN, **changed}), {})
    assert (refused.value.row, refused.value.column) == (row, column)


def test_groups_are_parts_of_all(as_text):
    rows = {"group": ["all", "female", "male"], "alerts": ["80", "50", "40"], "false_alerts": ["5", "5", "0"]}
    with pytest.raises(InputError, match="more than all"):
        TRIAL.convert(as_text(rows), {})


def test_names_are_refused(as_text):
    with pytest.raises(InputError, match="identifies"):
        TRIAL.convert(as_text({**GIVEN, "name": ["x", "y"]}), {})
