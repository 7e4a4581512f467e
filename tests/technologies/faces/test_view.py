"""Proves that the report has the sections of a commissioned evaluation, says "indicative" and bounds zeros."""

from __future__ import annotations

import pytest

from peelian.pictures.panels import Grid, Heading, Paragraph
from peelian.pictures.words import english
from peelian.technologies.faces.audit.audited import audited
from peelian.technologies.faces.audit.case import public_audit
from peelian.technologies.faces.audit.declared import AuditParams
from peelian.technologies.faces.audit.page import view
from peelian.technologies.faces.audit.sentences import findings_of
from peelian.technologies.faces.example import example_tables
from peelian.technologies.faces.measure.scores import built, oriented
from peelian.technologies.faces.shown import rate_text


@pytest.fixture(scope="module")
def findings():
    comparisons, people = example_tables(160)
    scores = oriented(built([comparisons], people, by=("sex", "group"), least=11), "auto")
    return findings_of(audited(AuditParams(thresholds=(2.4, 3.6), system_digest="ab" * 32), scores, seed=1))


@pytest.mark.parametrize("released", [False, True])
def test_the_sections_of_a_commissioned_evaluation(findings, released):
    panels = view(public_audit(findings) if released else findings, english)
    titles = [p.text for p in panels if isinstance(p, Heading)]
    wanted = [
        "How sure this is",
        "Whom it touches",
        "What is not known",
        "Planned use",
        "System, images and people",
        "Groups, subjects and comparisons",
        "Thresholds and expected errors",
        "Error rates",
        "Differences between groups",
        "Sample size",
        "Method",
        "Sign-off",
    ]
    assert [t for t in titles if t in wanted] == wanted
    assert any(isinstance(p, Paragraph) and "ab" * 32 in p.text for p in panels)


def test_no_zero_is_printed_bare_and_few_errors_are_called_by_their_name(findings):
    rows = findings.table("rates").records()
    for row in rows:
        text = rate_text(row, english)
        if row["n"] and row["errors"] == 0:
            assert text.startswith("≤ ")
        elif row["errors"] < 10:
            assert text == "undetermined"
        elif row["errors"] < 30:
            assert text.endswith("indicative")
    assert {row["errors"] == 0 for row in rows} == {True, False}


def test_every_table_has_as_many_cells_as_titles(findings):
    grids = [p for p in view(findings, english) if isinstance(p, Grid)]
    assert len(grids) >= 5
    assert all(len(row) == len(grid.titles) for grid in grids for row in grid.rows)


def test_nothing_is_told_of_a_smallest_group_where_there_are_no_groups_and_no_need_of_nobody():
    comparisons, _ = example_tables(160)
    bare = view(
        findings_of(audited(AuditParams(), oriented(built([comparisons], None, by=(), least=11), "auto"), seed=1)),
        english,
    )
    grids = {panel.caption: panel for panel in bare if isinstance(panel, Grid)}
    (sizes,) = (grid for grid in grids.values() if "Comparisons available" in grid.titles)
    assert not {"Smallest group", "Comparisons in smallest group"} & set(sizes.titles)
    rates = grids["Error rates by threshold and group"]
    assert {row[rates.titles.index("Subjects needed")] for row in rates.rows} == {"–"}
