"""The PDF: tagged, with title, language and alternative texts; no text is read as Typst; equal reports, equal bytes."""

from __future__ import annotations

import io
import sys
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pypdf
import pytest

from peelian.errors import InputError
from peelian.kernel.model.capability import Capability, Context
from peelian.operations.office import technologies
from peelian.pictures.charts import Interval, Series, intervals, lines
from peelian.pictures.panels import Choice, Grid, Heading, Panel, Paragraph, Picture
from peelian.pictures.words import english
from peelian.web.cases import case_pdf
from peelian.web.pdf import MOST_ROWS, annexed, pdf

HOSTILE = '#eval("1+1") \\") $x$ *b* // <label> @ref `raw` #set page(width: 1pt)'
CHART = lines(
    [Series(name="a", x=[1, 2], y=[1, 2])], x_title="x", y_title="y", caption="Curve", alternative="It rises."
)
MADE = datetime(2026, 3, 2, tzinfo=UTC)


def read(data: bytes) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(data))


def text_of(data: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in read(data).pages).split())


def every(*panels: Panel) -> bytes:
    return pdf("Title", panels, language="en", made=MADE)


def test_it_is_tagged_titled_and_in_its_language() -> None:
    document = read(pdf("Prévision", [Heading(text="Un"), CHART], language="fr", made=MADE))
    root: Any = document.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] and "/StructTreeRoot" in root
    assert root["/Lang"] == "fr" and document.metadata and document.metadata.title == "Prévision"
    assert b"pdfuaid" in root["/Metadata"].get_object().get_data()


def test_the_alternative_text_is_in_the_file() -> None:
    names = []

    def walk(node: Any) -> None:
        node = node.get_object()
        if isinstance(node, dict):
            names.append(str(node.get("/Alt", "")))
            kids = node.get("/K", [])
            for kid in kids if isinstance(kids, list) else [kids]:
                if not isinstance(kid.get_object(), int):
                    walk(kid)

    walk(read(every(CHART)).trailer["/Root"]["/StructTreeRoot"])  # type: ignore[index]
    assert "It rises." in names


@pytest.mark.parametrize(
    "panel",
    [
        Heading(text=HOSTILE),
        Paragraph(text=HOSTILE),
        Paragraph(text=HOSTILE, tone="warning"),
        Grid(caption=HOSTILE, titles=("a",), rows=((HOSTILE,),)),
    ],
)
def test_no_text_is_read_as_markup_or_code(panel: Panel) -> None:
    said = text_of(every(panel))
    for part in ("#eval", "$x$", "*b*", "<label>", "@ref", "`raw`"):
        assert part in said


def test_every_kind_of_panel_is_set() -> None:
    notes = [Paragraph(text=tone, tone=tone) for tone in ("plain", "good", "warning", "limit")]
    grids = tuple(Grid(caption=f"Cut-off {n}", titles=("Group",), rows=(("women",),)) for n in (5, 8))
    choice = Choice(caption="Choose", labels=("5", "8"), grids=grids, chosen=1)
    said = text_of(every(Heading(text="A"), *notes, Heading(text="B", level=3), CHART, choice))
    for part in ("Title", "Limits", "Curve", "Cut-off 8"):
        assert part in said
    assert "Cut-off 5" not in said, "paper shows the one that was chosen"


def test_a_picture_without_alternative_text_is_refused() -> None:
    with pytest.raises(InputError, match="alternative"):
        every(Picture(svg=CHART.svg, alternative=" ", caption="c"))


def test_a_picture_that_does_more_than_draw_is_refused() -> None:
    with pytest.raises(InputError, match="a picture"):
        every(Picture(svg="<svg><script>1</script></svg>", alternative="a", caption="c"))


def test_a_very_long_table_is_cut_and_says_so() -> None:
    rows = tuple((f"row-{i}",) for i in range(MOST_ROWS + 5))
    said = text_of(every(Grid(caption="Long", titles=("a",), rows=rows)))
    assert f"first {MOST_ROWS} of {MOST_ROWS + 5} rows" in said
    assert f"row-{MOST_ROWS - 1}" in said and f"row-{MOST_ROWS} " not in said


def test_equal_reports_are_equal_bytes() -> None:
    assert every(CHART, Paragraph(text="x")) == every(CHART, Paragraph(text="x"))


def test_without_the_extra_the_one_line_that_installs_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "typst", None)
    with pytest.raises(InputError, match=r"pip install \"peelian\[pdf\]\""):
        every()


def test_a_whole_case_becomes_a_pdf_in_both_languages(town: Any) -> None:
    for language, words in (("en", "Decision"), ("fr", "Décision")):
        assert words in text_of(case_pdf(town.desk.office, town.published, language))


FOLDED = Grid(caption="Long table", titles=("n",), rows=(("17",),) * 3, folded=True)
SHORT = Grid(caption="Short table", titles=("n",), rows=(("5",),))


def test_an_annex_has_the_folded_tables_and_the_report_says_where_they_are() -> None:
    picture = replace(CHART, twin=replace(FOLDED, caption="Points of the curve"))
    panels = [Heading(text="One"), SHORT, FOLDED, Heading(text="Two"), SHORT, Heading(text="Three"), picture]
    report = text_of(pdf("Title", panels, language="en", made=MADE, annex="title-annex.pdf"))
    assert "Table in title-annex.pdf: Long table (3 rows)." in report and "Short table" in report
    assert "17" not in report and "Points of the curve" not in report and "Curve" in report
    annex = annexed(panels)
    assert [getattr(panel, "text", None) or panel.caption for panel in annex] == [
        "One", "Long table", "Three", "Points of the curve",
    ]  # fmt: skip
    assert annexed([Heading(text="One"), SHORT]) == []


def test_without_an_annex_everything_is_in_one_file() -> None:
    assert "Long table" in text_of(every(FOLDED))


def test_a_tall_picture_fits_its_page() -> None:
    tall = intervals(
        [Interval(label=f"group {i}", value=i, low=i - 1, high=i + 1, note="n = 1") for i in range(40)],
        value_title="x", caption="Tall", alternative="It is tall.",
    )  # fmt: skip
    assert len(read(every(replace(tall, twin=None))).pages) == 1


def test_a_folded_picture_is_in_the_annex_and_named_where_it_stood() -> None:
    folded = replace(CHART, folded=True, caption="Aside")
    panels: list[Panel] = [Heading(text="One"), CHART, folded]
    main = pdf("T", panels, language="en", made=MADE, annex="annex.pdf")
    assert "Picture in annex.pdf: Aside." in text_of(main)
    assert annexed(panels) == [Heading(text="One"), folded]


MAPPING = [one for technology in technologies() if technology.id == "mapping" for one in technology.capabilities]


@pytest.mark.parametrize("capability", MAPPING, ids=lambda one: one.id)
def test_a_report_of_mapping_has_eight_pages_at_most_and_its_map_on_the_first_two(capability: Capability) -> None:
    arithmetic = capability.arithmetic()
    made = arithmetic.example()
    context = Context(seed=1, progress=lambda says, share: None, authorizations=made.authorizations)
    panels = arithmetic.shows.view(arithmetic.run(made.params, made.datasets, context), english)
    pages = read(pdf("T", panels, language="en", made=MADE, annex="annex.pdf")).pages
    assert len(pages) <= 8
    drawn = [panel.caption for panel in panels if isinstance(panel, Picture) and "picture map" in panel.svg]
    if drawn:
        assert drawn[0] in " ".join(" ".join(page.extract_text().split()) for page in pages[:2])
