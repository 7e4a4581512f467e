"""The page of a back-test: verdict first, every criterion with its result, all models, limits last."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from peelian.catalogues import say_in
from peelian.kernel.model.capability import Context, Findings
from peelian.pictures.panels import Grid, Heading, Paragraph, Picture, Say
from peelian.pictures.words import english
from peelian.technologies.mapping.backtest_view import ABOVE_BEST, NO_INTERVAL, backtest_view
from peelian.technologies.mapping.criteria import CRITERIA
from peelian.technologies.mapping.declarations.backtest import BACKTEST
from peelian.technologies.mapping.declarations.scores import REACHED

FRENCH = say_in("fr", ["peelian.pictures", "peelian.technologies.mapping"], strict=True)
EXAMPLE = BACKTEST.arithmetic().example()
CONTEXT = Context(seed=1, progress=lambda says, share: None, authorizations=EXAMPLE.authorizations)
FOUND: Findings = BACKTEST.arithmetic().run(EXAMPLE.params, EXAMPLE.datasets, CONTEXT)


@pytest.mark.parametrize("say", [english, FRENCH], ids=["en", "fr"])
def test_it_is_whole_in_both_languages(say: Say) -> None:
    panels = list(backtest_view(FOUND, say))
    assert isinstance(panels[0], Paragraph) and panels[0].tone == "good"
    assert sum(isinstance(panel, Picture) for panel in panels) == 6
    assert all(panel.twin and panel.alternative for panel in panels if isinstance(panel, Picture))
    last = [panel for panel in panels if isinstance(panel, Heading)][-1]
    assert last.text == say("Limits")


@pytest.mark.parametrize(
    ("low", "high", "explained"),
    [(float("nan"), float("nan"), NO_INTERVAL), (0.01, 1.0, ABOVE_BEST), (0.01, 0.01, None)],
)
def test_a_missing_interval_and_one_above_the_best_possible_are_explained(
    low: float, high: float, explained: str | None
) -> None:
    ends = {"hit_rate_low": low, "hit_rate_high": high}
    hits = FOUND.table("hit_rates")
    columns = (replace(c, values=np.full(len(hits), ends[c.name])) if c.name in ends else c for c in hits.columns)
    tables = {table.name: table for table in FOUND.tables} | {"hit_rates": replace(hits, columns=tuple(columns))}
    panels = backtest_view(replace(FOUND, tables=tuple(tables.values())), english)
    texts = {panel.text for panel in panels if isinstance(panel, Paragraph)}
    assert texts & {NO_INTERVAL, ABOVE_BEST} == ({explained} if explained else set())


def test_every_bar_has_a_title() -> None:
    assert REACHED.columns["criterion"].words.keys() == CRITERIA.keys()


def test_missed_bars_are_said_first() -> None:
    missed = replace(FOUND, facts={**FOUND.facts, "criteria_met": False})
    assert getattr(next(iter(backtest_view(missed, english))), "tone", "") == "warning"


def test_every_table_can_be_saved_and_has_as_many_titles_as_cells() -> None:
    grids = [panel for panel in backtest_view(FOUND, english) if isinstance(panel, Grid)]
    assert len(grids) >= 5
    for grid in grids:
        assert grid.source is not None or grid.caption == "Other models in words"
        assert {len(row) for row in grid.rows} == {len(grid.titles)}


def test_what_is_published_of_a_test_is_shown_without_its_tenths() -> None:
    public = BACKTEST.arithmetic().public(FOUND)
    titles = [panel.text for panel in backtest_view(public, english) if isinstance(panel, Heading)]
    assert "Calibration" not in titles and {"Hit rates", "Limits"} <= set(titles)
    assert "Calibration" in [panel.text for panel in backtest_view(FOUND, english) if isinstance(panel, Heading)]
