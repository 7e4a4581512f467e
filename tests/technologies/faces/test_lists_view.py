"""Proves that the page on candidate lists shows hit rates only beside FPIR."""

from __future__ import annotations

from peelian.kernel.model.first_page import LEFT_OUT
from peelian.pictures.panels import Grid, Heading, Paragraph, Picture
from peelian.pictures.words import english
from peelian.technologies.faces.lists.case import NO_WORST, WORST, public_lists, run, view
from peelian.technologies.faces.lists.declared import LISTS
from peelian.technologies.faces.measure.scores import EVERYBODY
from peelian.technologies.faces.measure.uncertainty import NOT_DETERMINABLE


def test_the_page_holds_rates_prices_and_hit_rates(context):
    example = LISTS.arithmetic().example()
    found = run(example.params, example.datasets, context)
    panels = view(found, english)
    grids = [p for p in panels if isinstance(p, Grid)]
    assert [len(g.titles) for g in grids] == [9, 5, 5, 4]
    sizes, picture = (p for p in panels if isinstance(p, Picture))
    assert sizes.twin is not None and {row[0] for row in sizes.twin.rows} == {"FPIR", "FNIR"}
    assert "FPIR" in picture.caption
    assert any("FPIR" in cell for row in grids[0].rows for cell in row)


def test_the_first_page_answers_and_the_public_one_names_no_group(context):
    example = LISTS.arithmetic().example()
    found = run(example.params, example.datasets, context)
    titles = [p.text for p in view(found, english) if isinstance(p, Heading)]
    assert titles[:3] == ["How sure this is", "Whom it touches", "What is not known"]
    worst = [n for n in found.notes if n.text == WORST]
    rows = [r for r in found.table("searches").records() if r["measure"] == "FNIR" and r["group"] != EVERYBODY]
    told = [r for r in rows if r["policy"] == rows[0]["policy"] and r["errors"] and r["adequacy"] != NOT_DETERMINABLE]
    assert [n.values["group"] for n in worst] == [max(told, key=lambda r: r["rate"])["group"]] if told else not worst
    public = public_lists(found)
    assert not any(n.text == WORST for n in public.notes)
    left_out = [p for p in view(public, english) if isinstance(p, Paragraph) and p.text in (LEFT_OUT, NO_WORST)]
    assert len(left_out) == 1
