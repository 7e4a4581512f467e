"""Point tables: the grammar, and what does not fit it."""

from __future__ import annotations

import doctest

import numpy as np
import pytest

from peelian.errors import InputError
from peelian.technologies.risk.formats import layout as points
from peelian.technologies.risk.formats.layout import point_table, points_of


def test_the_examples_in_the_docstrings_run() -> None:
    assert doctest.testmod(points).failed == 0


def test_the_first_rule_that_fits_counts() -> None:
    item = point_table("age_band: 18-24=3; 25-45=1; unknown=0.5; *=-1")[0]
    found = points_of(item, ["18-24", "20", "25-45", "unknown", "70", ""])
    assert found[:5].tolist() == [3, 3, 1, 0.5, -1]
    assert np.isnan(found[5])


def test_a_value_that_no_rule_fits_has_no_points() -> None:
    assert np.isnan(points_of(point_table("priors: 0=0; 1-3=2")[0], ["9"])).all()


@pytest.mark.parametrize("bad", ["priors", "priors:", ": 0=1", "priors: 0", "priors: =2", "priors: 0=much"])
def test_a_table_that_cannot_be_read_says_which_item(bad: str) -> None:
    with pytest.raises(InputError, match="item 1"):
        point_table(bad)
