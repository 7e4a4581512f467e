"""The tables of the page: figures with intervals and n, and words where a figure is hidden."""

from __future__ import annotations

import numpy as np

from peelian.kernel.model.capability import Findings
from peelian.measure.table import Kind
from peelian.pictures.words import english
from peelian.technologies.risk.audit import publication
from peelian.technologies.risk.audit.page import (
    comparison_grid,
    crossed_grid,
    error_grid,
    price_grid,
    rule_grid,
    verdict_grid,
)
from peelian.technologies.risk.audit.words import COUNTED, COUNTED_AGAIN


def test_rates_stand_with_interval_and_n(found: Findings) -> None:
    grid = error_grid(found, english)
    assert grid is not None
    caucasian = next(row for row in grid.rows if row[0] == "Caucasian")
    assert caucasian[3] == "23.5% (21.4% to 25.7%); n = 1,488"


def test_hidden_counts_are_words(found: Findings) -> None:
    grid = verdict_grid(found, english)
    assert grid is not None
    asian = next(row for row in grid.rows if row[1] == "Asian")
    assert asian[2:] == (
        "too few to tell",
        "not validated for this group",
        "32",
        "hidden (would reveal a small group)",
        "hidden (would reveal a small group)",
    )
    crossed = crossed_grid(found, english)
    assert crossed is not None
    assert sum(row[2] == "hidden (under 10 people)" for row in crossed.rows) == 7


def test_the_price_has_a_row_per_cut(found: Findings) -> None:
    grid = price_grid(found, english)
    assert grid is not None
    assert [row[0] for row in grid.rows] == [str(cut) for cut in range(2, 11)]


def test_comparisons_name_whom_with(found: Findings) -> None:
    grid = comparison_grid(found, english)
    assert grid is not None
    row = next(row for row in grid.rows if row[0] == "African-American")
    assert row[1] == "Caucasian"
    assert row[2].startswith("1.91 ")


def test_the_rule_list_reads_as_rules(found: Findings) -> None:
    grid = rule_grid(found, english)
    assert grid is not None
    assert grid.rows[0][1].startswith("if ")
    assert grid.rows[-1][1] == "otherwise"


def test_people_and_assessments_stand_side_by_side_where_people_have_several(make_tally, run_audit) -> None:
    rows = [(s, o, 40, sex) for sex in "fm" for person in range(120) for s, o in ((1 + person % 3, person % 2),)]
    once = np.ones(240, dtype=int)
    extra = {"fold": (Kind.COUNT, np.arange(240) % 50), "persons": (Kind.COUNT, once), "distinct": (Kind.COUNT, once)}
    found = run_audit(make_tally(rows, ("sex",), extra))
    texts = {note.text for note in found.notes}
    assert COUNTED_AGAIN in texts and COUNTED not in texts
    grid = verdict_grid(found, english)
    assert grid is not None
    assert grid.titles[4:7] == ("Assessments", "With outcome", "Without outcome")
    assert grid.titles[7:] == ("People", "People with outcome", "People without outcome")
    assert grid.rows[0][4:] == ("4,800", "2,400", "2,400", "120", "60", "60")
    public = publication.public(found)
    assert not any(metric.startswith("persons") for metric in public.table("figures")["metric"])
