"""Proves that the page of a search log says shares, small numbers and differences, and begins with its answer."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from peelian.catalogues import say_in
from peelian.measure.suppression import LOW
from peelian.measure.table import Kind, table
from peelian.pictures.panels import Grid, Heading, Paragraph, Picture
from peelian.pictures.words import english
from peelian.technologies.faces.search_log.case import (
    ALL_EVIDENCE,
    BARE_FEW,
    FEW_ARRESTS,
    NO_DIFFERENCES,
    NOT_DIVIDED,
    example_log,
    run,
    view,
)
from peelian.technologies.faces.search_log.declared import ARRESTS, NOT_STATED, SearchLogParams


def found_in(context, keep=None, log=None):
    data = log or example_log()
    if keep is not None:
        import dataclasses

        data = dataclasses.replace(data, table=data.table.take(keep(data.table)))
    return run(SearchLogParams(), {"log": data}, context)


def test_the_first_page_comes_first_then_pictures_then_folded_tables(context):
    panels = view(found_in(context), english)
    heads = [p.text for p in panels if isinstance(p, Heading)]
    assert heads == ["How sure this is", "Whom it touches", "What is not known", "Figures"]
    kinds = [type(p) for p in panels if isinstance(p, (Picture, Grid))]
    assert kinds == sorted(kinds, key=[Picture, Grid].index) and kinds.count(Picture) == 4
    assert all(p.folded for p in panels if isinstance(p, Grid))
    said = [p.text for p in panels if isinstance(p, Paragraph)]
    assert any(text.startswith("south: “purpose not stated”") and "higher than the rest" in text for text in said)


def test_an_offence_class_that_differs_is_named_in_the_readers_language(context):
    log = example_log()
    offence, purpose = log.table["offence"], log.table["purpose"]
    columns = {c.name: (c.kind, c.values) for c in log.table.columns}
    columns["purpose"] = (columns["purpose"][0], np.where(offence == "fraud", NOT_STATED, purpose))
    found = found_in(context, log=replace(log, table=table(log.table.name, columns)))
    say = say_in("fr", ["peelian.pictures", "peelian.web", "peelian.technologies.faces"])
    for language, start in ((english, "Fraud: "), (say, "Fraude : ")):
        said = [p.text.replace("\xa0", " ") for p in view(found, language) if isinstance(p, Paragraph)]
        assert any(text.startswith(start) for text in said)


def test_no_released_count_is_small(context):
    found = found_in(context, lambda log: np.arange(len(log)) % 5 == 0)
    for one in found.tables:
        for column in one.columns:
            if column.kind is Kind.COUNT:
                assert not ((column.values > 0) & (column.values < LOW)).any()
    for note in found.notes:
        assert not any(0 < note.values.get(name, 0) < LOW for name in ("k", "n")) or note.text.startswith(
            "%(n)d further"
        )


@pytest.mark.parametrize(
    ("bare", "text"), [(0, ALL_EVIDENCE), (4, BARE_FEW)], ids=["none without evidence", "few without evidence"]
)
def test_few_and_none_are_said_without_their_number(context, bare, text):
    def keep(log):
        without = np.isin(log["outcome"].astype(str), ARRESTS) & (log["corroborated"] == 0)
        kept = ~without
        kept[np.flatnonzero(without)[:bare]] = True
        return kept

    (note,) = [n for n in found_in(context, keep).notes if n.text in (ALL_EVIDENCE, BARE_FEW)]
    assert note.text == text and set(note.values) == {"n"}


def test_a_log_without_arrests_says_so(context):
    found = found_in(context, lambda log: ~np.isin(log["outcome"].astype(str), ARRESTS))
    assert any(n.text == FEW_ARRESTS for n in found.notes)


def test_a_log_of_equals_and_a_log_of_one(context):
    equal = found_in(context, lambda log: (log["unit"] == "north") & (log["offence"] == "fraud"))
    assert any(n.text == NO_DIFFERENCES for n in equal.notes)
    one = found_in(
        context,
        lambda log: (log["unit"] == "north") & (log["offence"] == "fraud") & (log["quarter"] == log["quarter"].min()),
    )
    assert any(n.text == NOT_DIVIDED for n in one.notes)
