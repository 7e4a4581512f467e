"""Framing: panels become HTML with anchors, captions and scopes; nothing a picture may not hold gets through."""

from __future__ import annotations

import dataclasses
import re

import numpy as np
import pytest

from peelian.errors import InputError
from peelian.measure.table import Kind, table
from peelian.pictures.charts import Series, lines
from peelian.pictures.panels import Choice, Grid, Heading, Panel, Paragraph, Picture
from peelian.pictures.words import english
from peelian.web.framing import Link, checked, frame

HOSTILE = '<script>alert("x")</script>'
SMALL = Grid(caption="Twin", titles=("a", "b"), rows=(("1", "2"),), numeric=frozenset({1}))


def framed(*panels: Panel) -> str:
    return str(frame(panels, english).html)


@pytest.mark.parametrize(
    "panel",
    [
        Heading(text=HOSTILE),
        Paragraph(text=HOSTILE),
        Paragraph(text=HOSTILE, tone="limit"),
        Grid(caption=HOSTILE, titles=(HOSTILE, HOSTILE), rows=((HOSTILE, HOSTILE),)),
        Picture(svg="<svg></svg>", alternative=HOSTILE, caption=HOSTILE, twin=SMALL),
        Choice(caption=HOSTILE, labels=(HOSTILE,), grids=(SMALL,)),
    ],
)
def test_text_is_escaped_wherever_it_stands(panel: Panel) -> None:
    html = framed(panel)
    assert "<script" not in html and "&lt;script&gt;" in html


@pytest.mark.parametrize(
    "svg",
    [
        "<svg><script>1</script></svg>",
        '<svg onload="x()"></svg>',
        '<svg><g STYLE="fill:red"></g></svg>',
        '<svg><image href="https://example.org/x.png"/></svg>',
        '<svg><image xlink:href="data:text/html,x"/></svg>',
        '<svg><rect fill="url(https://example.org/#a)"/></svg>',
        "<svg><foreignObject></foreignObject></svg>",
        "<svg><style>a{}</style></svg>",
        "<svg><a></a></svg>",
        "<svg><animate/></svg>",
        "<!DOCTYPE svg><svg></svg>",
        "<?xml version='1.0'?><svg></svg>",
        "</svg><iframe></iframe>",
    ],
)
def test_a_picture_that_does_more_than_draw_is_refused(svg: str) -> None:
    with pytest.raises(InputError, match="a picture"):
        frame([Picture(svg=svg, alternative="", caption="")], english)


def test_our_own_pictures_pass_unchanged() -> None:
    svg = lines([Series(name="a", x=[1, 2], y=[1, 2])], x_title="x", y_title="y", caption="c", alternative="a").svg
    assert checked(svg) == svg
    assert svg in framed(Picture(svg=svg, alternative="a", caption="c", twin=SMALL))


def test_headings_make_the_contents_and_deep_ones_do_not() -> None:
    made = frame([Heading(text="A"), Heading(text="B", level=3), Heading(text="C", level=4)], english)
    assert [(entry.text, entry.level) for entry in made.contents] == [("A", 2), ("B", 3)]
    assert all(f'id="{entry.anchor}"' in made.html for entry in made.contents)
    assert "<h4" in made.html


def test_a_table_has_caption_scopes_and_right_aligned_numbers() -> None:
    html = framed(SMALL)
    assert re.search(r'<caption id="s1"><span>Twin</span></caption>', html)
    assert '<th scope="col">a</th><th scope="col" class="number">b</th>' in html
    assert '<th scope="row">1</th><td class="number">2</td>' in html
    assert "tabindex" not in html


def test_a_wide_table_scrolls_in_a_group_that_a_keyboard_reaches() -> None:
    html = framed(Grid(caption="c", titles=("a",) * 5, rows=(("longer words",) * 5,)))
    assert 'role="group" tabindex="0" aria-labelledby="s1"' in html


def test_a_table_with_a_source_is_linked() -> None:
    source = table("wells", {"n": (Kind.COUNT, np.array([1]))})
    grid = Grid(caption="c", titles=("n",), rows=(("1",),), source=source)
    html = frame([grid], english, links=lambda t: [Link(href=f"/{t.name}.csv", text="CSV")]).html
    assert '<a href="/wells.csv">CSV</a>' in html
    assert "<a " not in framed(grid)


def test_notes_of_one_tone_share_a_frame_and_say_what_they_are() -> None:
    html = framed(Paragraph(text="x", tone="limit"), Paragraph(text="y", tone="limit"), Paragraph(text="z"))
    assert html.count("Limits") == 1
    assert "<li>x</li><li>y</li>" in html and "<p>z</p>" in html


def test_a_folded_table_opens_at_its_caption_without_a_script_and_keeps_its_links() -> None:
    source = table("t", {"n": (Kind.COUNT, [1])})
    grid = Grid(caption="Long", titles=("n",), rows=(("1",),) * 60, source=source, folded=True)
    html = str(frame([grid], english, links=lambda t: [Link(href="/x", text="csv")]).html)
    assert html.startswith("<details><summary>Long: 60 rows</summary>") and html.count("<tr>") == 61
    assert 'href="/x"' in html and "<details" not in framed(dataclasses.replace(grid, folded=False))


def test_days_are_held_together_in_sentences() -> None:
    html = str(frame([Paragraph(text="from 2018-01-01 to 2019-12-29 <now>")], english).html)
    assert html.count('<span class="whole">') == 2 and "&lt;now&gt;" in html
