"""Proves the made-up sensors are the same every time and carry the facts that an admission would."""

from __future__ import annotations

import numpy as np

from peelian.technologies.crowd import example


def test_the_example_is_the_same_every_time() -> None:
    assert example.levels().table.digest() == example.levels().table.digest()
    assert example.counts().table.digest() == example.counts().table.digest()
    assert (example.square(3) != example.square(3, seed=4)).any()


def test_the_facts_agree_with_the_tables() -> None:
    levels, counts = example.levels(), example.counts()
    assert levels.facts["n"] == len(levels.table) and np.diff(levels.table["second"]).tolist() == [1] * (
        len(levels.table) - 1
    )
    assert counts.facts["n"] == len(counts.table) and counts.facts["to_day"] == str(counts.table["hour"].max())[:10]
