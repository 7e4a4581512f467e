"""Proves that the example is made up, repeatable, and shows groups that differ."""

from __future__ import annotations

from peelian.technologies.faces.audit.case import histogram_datasets
from peelian.technologies.faces.example import example_datasets, example_tables, small_scores


def test_it_is_the_same_every_time():
    assert example_tables(40)[0].digest() == example_tables(40)[0].digest()
    assert example_tables(40)[0].digest() != example_tables(40, seed=8)[0].digest()
    assert set(example_datasets(40)) == {"scores", "subjects"}


def test_it_has_groups_failures_and_both_kinds():
    scores = small_scores()
    assert scores.cells.groups == ("female", "male")
    assert scores.genuine.any() and not scores.genuine.all()
    assert len(histogram_datasets()["histogram"].table) > 1000
