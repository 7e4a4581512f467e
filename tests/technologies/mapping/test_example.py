"""The made-up town is the same every time and holds what its shapes promise."""

from __future__ import annotations

import numpy as np

from peelian.measure.categories import CATEGORIES
from peelian.technologies.mapping.example import CATEGORY, WEEKS, areas, incidents


def test_it_is_the_same_every_time() -> None:
    assert incidents().table.digest() == incidents().table.digest()
    assert areas().table.digest() == areas().table.digest()
    assert incidents(seed=8).table.digest() != incidents().table.digest()


def test_it_holds_its_shapes() -> None:
    made, town = incidents(), areas()
    assert CATEGORY in CATEGORIES and set(made.table["category"]) == {CATEGORY}
    spread = made.table["start_hour"].max() - made.table["start_hour"].min()
    assert spread < np.timedelta64(WEEKS * 7 * 24, "h")
    for group in str(town.facts["groups"]).split(","):
        assert (town.table[f"group_{group}"] <= town.table["population"]).all()
