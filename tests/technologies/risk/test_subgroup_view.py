"""The subgroups' table and picture name each subgroup by its columns and labels."""

from __future__ import annotations

from peelian.kernel.model.capability import Context
from peelian.pictures.panels import Grid, Picture
from peelian.pictures.words import english
from peelian.technologies.risk.subgroups.case import ARITHMETIC
from peelian.technologies.risk.subgroups.page import subgroup_name, view


def test_a_subgroup_is_named_by_its_columns_and_labels() -> None:
    made = ARITHMETIC.example()
    found = ARITHMETIC.run(made.params, made.datasets, Context(seed=1, progress=lambda s, x: None))
    panels = view(found, english)
    grid = next(p for p in panels if isinstance(p, Grid))
    assert grid.rows[0][0] == "sex Male × age 18-24 × charge drug"
    assert [row[0] for row in grid.rows] == [subgroup_name(row) for row in found.table("subgroups").records()]
    assert sum(isinstance(p, Picture) for p in panels) == 1


def test_a_search_without_subgroups_has_no_picture() -> None:
    made = ARITHMETIC.example()
    found = ARITHMETIC.run(made.params, made.datasets, Context(seed=1, progress=lambda s, x: None))
    bare = type(found)(tables=(found.table("subgroups").take([]),), notes=found.notes)
    assert not any(isinstance(p, Picture) for p in view(bare, english))
