"""The page of the vendor's audit: ratios around 1, a table with every group, limits."""

from __future__ import annotations

import pytest

from peelian.kernel.model.capability import Context
from peelian.pictures.panels import Grid, Paragraph, Picture
from peelian.pictures.words import english
from peelian.technologies.mapping.vendor import ARITHMETIC, run, vendor_example
from peelian.technologies.mapping.vendor_view import vendor_view


def test_the_page() -> None:
    example = vendor_example()
    findings = run(example.params, example.datasets, Context(seed=1, progress=lambda says, share: None))
    panels = vendor_view(findings, english)
    grid = next(p for p in panels if isinstance(p, Grid))
    assert [row[0] for row in grid.rows] == ["All residents", "newcomers"]
    assert any(isinstance(p, Picture) for p in panels)
    assert any(isinstance(p, Paragraph) and p.tone == "limit" for p in panels)


def test_a_file_with_outlines_has_a_map_without_names_which_is_not_published() -> None:
    example = vendor_example()
    findings = run(example.params, example.datasets, Context(seed=1, progress=lambda says, share: None))
    pictures = [p.caption for p in vendor_view(findings, english) if isinstance(p, Picture)]
    assert pictures[0] == "Predictions by area" and set(findings.table("town_map")["area"].tolist()) == {""}
    assert float(findings.table("town_map")["value"].min()) == pytest.approx(20 / 3.19, rel=0.02), "20 on 3.19 km²"
    assert {t.name for t in ARITHMETIC.public(findings).tables} == {"vendor_exposure"}
