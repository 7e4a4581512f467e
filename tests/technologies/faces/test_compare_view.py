"""Proves that the page of a comparison says what was found or would have been, and that small counts stay inside."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from peelian.errors import InputError
from peelian.measure.table import Kind, table
from peelian.pictures.panels import Grid, Heading, Paragraph, Picture
from peelian.pictures.words import english
from peelian.technologies.faces.compare.case import (
    DIFFERS,
    GROUP_DIFFERS,
    NO_GROUPS,
    NOT_FOUND,
    TIES,
    UNDETERMINED,
    example_pairs,
    public_compare,
    run,
    view,
)
from peelian.technologies.faces.compare.declared import COMPARE, CompareParams

PARAMS = CompareParams(by=("sex", "group"))


def changed(second=None, scores=lambda values: values, subjects=240):
    """The example with other scores of the second matcher, or both changed."""
    given = example_pairs(subjects)
    pairs = given["pairs"].table
    columns = {c.name: (c.kind, c.values) for c in pairs.columns}
    if second is not None:
        columns["score_2"] = (Kind.AMOUNT, second(pairs))
    columns |= {name: (Kind.AMOUNT, scores(columns[name][1])) for name in ("score", "score_2")}
    return given | {"pairs": dataclasses.replace(given["pairs"], table=table(pairs.name, columns))}


def texts(found):
    return {note.text for note in found.notes}


def test_the_first_page_comes_first_and_tables_are_folded(context):
    panels = view(run(PARAMS, example_pairs(), context), english)
    heads = [p.text for p in panels if isinstance(p, Heading)]
    assert heads == ["How sure this is", "Whom it touches", "What is not known", "Figures"]
    kinds = [type(p) for p in panels if isinstance(p, (Picture, Grid))]
    assert kinds == [Picture, Picture, Grid, Grid]
    assert all(p.folded for p in panels if isinstance(p, Grid))
    assert any("lower with the second matcher" in p.text for p in panels if isinstance(p, Paragraph))


def test_no_difference_says_what_would_have_been_found(context):
    rng = np.random.default_rng(8)
    found = run(PARAMS, changed(lambda pairs: pairs["score"] + 0.3 * rng.standard_normal(len(pairs))), context)
    (note,) = [n for n in found.notes if n.text == NOT_FOUND]
    assert note.values["would"] > abs(note.values["difference"])
    assert note.values["would"] > (note.values["high"] - note.values["low"]) / 2


def test_matchers_that_hardly_differ_are_undetermined(context):
    assert UNDETERMINED in texts(run(PARAMS, changed(lambda pairs: pairs["score"] + 0.0), context))


def test_distances_are_turned(context):
    forward, turned = run(PARAMS, example_pairs(), context), run(PARAMS, changed(scores=np.negative), context)
    assert np.allclose(forward.table("differences")["difference"], turned.table("differences")["difference"])
    assert np.allclose(forward.table("operating")["threshold"], -turned.table("operating")["threshold"])


def test_ties_are_said(context):
    assert TIES in texts(run(PARAMS, changed(scores=lambda values: np.round(values)), context))
    assert TIES not in texts(run(PARAMS, example_pairs(), context))


def test_without_groups(context):
    data = {"pairs": example_pairs()["pairs"]}
    found = run(CompareParams(), data, context)
    assert NO_GROUPS in texts(found) and set(found.table("differences")["group"]) == {"all"}


def test_the_public_sees_no_rate_on_few_errors(context):
    found = run(PARAMS, example_pairs(), context)
    public = public_compare(found)
    full = found.table("differences").records()
    few = [0 < r["errors"] < 11 or 0 < r["errors_2"] < 11 for r in full]
    assert any(few) and not all(few)
    rows = public.table("differences")
    assert "errors" not in rows and "errors_2" not in rows and "failed" not in public.table("operating")
    for row, hidden in zip(rows.records(), few, strict=True):
        assert np.isnan(row["rate"]) >= hidden and np.isnan(row["difference"]) == np.isnan(row["rate"])
    told = {(n.values["measure"], n.values["group"]) for n in public.notes if n.text == GROUP_DIFFERS}
    assert not told & {(r["measure"], r["group"]) for r, hidden in zip(full, few, strict=True) if hidden}
    assert DIFFERS in texts(public)


@pytest.mark.parametrize(("name", "value"), [("target_fmr", 0.5), ("by", ("age",)), ("direction", "up")])
def test_parameters_are_checked(name, value):
    with pytest.raises(InputError) as refused:
        COMPARE.asks.check(CompareParams(**{name: value}))
    assert refused.value.column == name
