"""The example: the counts are those of the shipped file."""

from __future__ import annotations

import doctest

from peelian.measure.table import Table
from peelian.technologies.risk.audit import case as example
from peelian.technologies.risk.audit.declared import AUDIT
from peelian.technologies.risk.measure.counts import counted


def test_the_examples_in_the_docstrings_run() -> None:
    assert doctest.testmod(example).failed == 0


def test_the_literal_counts_are_the_files(race: Table, crossed: Table) -> None:
    literal, shipped = counted(race, ("race",)), counted(crossed, ("race",))
    assert literal.labels == shipped.labels
    assert (literal.people == shipped.people).all()


def test_its_parameters_are_allowed() -> None:
    AUDIT.asks.check(example.example().params)
