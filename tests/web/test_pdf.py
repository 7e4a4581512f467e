"""The PDF: tagged, with title, language and alternative texts; no text is read as Typst; equal reports, equal bytes."""

from __future__ import annotations

import io
import sys
from dataclasses import replace
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

import pypdf
import pytest
from deciding import read_and_decide
from desk import declared, desk
from labels import adopt_labels_of
from whole_case import whole_case

from peelian.catalogues import say_in
from peelian.errors import InputError
from peelian.intake.read import admitted
from peelian.kernel import verbs
from peelian.kernel.model.capability import Capability, Context, Purpose
from peelian.kernel.model.technology import Technology
from peelian.operations.office import technologies
from peelian.pictures.charts import Interval, Series, intervals, lines
from peelian.pictures.panels import Choice, Grid, Heading, Panel, Paragraph, Picture
from peelian.pictures.words import english
from peelian.web.cases.case import case_annex, case_pdf
from peelian.web.pdf import MOST_PAGES, MOST_ROWS, annexed, in_two, pdf

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
        assert words in text_of(case_pdf(town.desk.office, whole_case(town.desk.kernel, town.published), language))


FOLDED = Grid(caption="Long table", titles=("n",), rows=(("17",),) * 3, folded=True)
SHORT = Grid(caption="Short table", titles=("n",), rows=(("5",),))


def test_an_annex_has_the_folded_tables_and_the_report_says_where_they_are() -> None:
    picture = replace(CHART, twin=replace(FOLDED, caption="Points of the curve"))
    panels = [Heading(text="One"), SHORT, FOLDED, Heading(text="Two"), SHORT, Heading(text="Three"), picture]
    report = text_of(pdf("Title", panels, language="en", made=MADE, annex="title-annex.pdf"))
    assert "Table in title-annex.pdf: Long table (3 rows)." in report and "Short table" in report
    assert "17" not in report and report.count("Points of the curve") == 1 and "Curve" in report
    annex = annexed(panels)
    assert [getattr(panel, "text", None) or panel.caption for panel in annex] == [
        "One", "Long table", "Three", "Points of the curve",
    ]  # fmt: skip
    assert annexed([Heading(text="One"), SHORT]) == []


def test_the_last_line_of_a_report_says_what_the_annex_holds() -> None:
    panels, say = [FOLDED, replace(FOLDED, caption="Other")], say_in("fr", ["peelian.web"])
    said = text_of(pdf("Title", panels, language="fr", say=say, made=MADE, annex="title-annex.pdf"))
    assert said.startswith("Title Annexe title-annex.pdf")
    assert "Tableaux dans title-annex.pdf : Long table; Other." in said[-70:]


AUDITS = [
    (technology, capability)
    for technology in technologies()
    for capability in technology.capabilities
    if Purpose.AUDIT in capability.asks.purposes
]


@pytest.mark.parametrize(("technology", "capability"), AUDITS, ids=[capability.id for _, capability in AUDITS])
def test_a_board_reads_eight_pages_of_an_audit_and_its_long_tables_are_in_the_annex(
    technology: Technology, capability: Capability
) -> None:
    town = desk((technology,))
    town.authorizations(capability)
    evidence, findings = verbs.run(town.kernel, town.people[town.asker(capability)], town.ask(capability))
    main = case_pdf(town.office, whole_case(town.kernel, evidence.case), "fr")
    annex = case_annex(town.office, whole_case(town.kernel, evidence.case), "fr")
    say = town.office.say("fr", technology.id)
    folded = [p.caption for p in annexed(capability.arithmetic().shows.view(findings, say)) if isinstance(p, Grid)]
    assert len(read(main).pages) <= 8 and bool(folded) is (annex is not None)
    if annex:
        words, held = text_of(main), text_of(annex)
        assert f"{evidence.case}-fr-annex.pdf" in words and all(" ".join(caption.split()) in held for caption in folded)


def test_an_audit_of_eleven_groups_by_three_axes_is_read_in_eight_pages_too() -> None:
    """COMPAS's published counts, with crossed groups, to the last step of a case."""
    risk = next(t for t in technologies() if t.id == "risk")
    audit = next(c for c in risk.capabilities if c.id == "risk.audit")
    path = Path(str(files("peelian.technologies.risk") / "examples" / "compas_two_year_tally.csv"))
    name, taken = admitted(path, "auto", risk.formats(), {}, lambda says, share: None)
    town = desk((risk,))
    adopt_labels_of(town.kernel, town.people, taken, name)
    sealed = verbs.admit(
        town.kernel, town.people["custodian"], declared(*audit.asks.purposes), taken, format=name
    ).dataset
    params = replace(audit.arithmetic().example().params, axes=(), reference=(), bootstraps=100)
    asked = town.ask(audit, params=params, datasets={"tally": sealed})
    evidence, _ = verbs.run(town.kernel, town.people[town.asker(audit)], asked)
    told = {
        "choice": "accept",
        "reasons": "The criteria were met. " * 9,
        "other_evidence": "document: Residents were heard. " * 9,
    }
    decision = read_and_decide(town.kernel, town.people["board"], evidence, **told)
    verbs.publish(town.kernel, town.people["clerk"], decision, statement="Adopted for one year.")
    for public in (False, True):
        assert len(read(case_pdf(town.office, whole_case(town.kernel, evidence.case), "fr", public=public)).pages) <= 8


def test_a_longer_report_folds_its_last_long_tables_until_eight_pages_are_left() -> None:
    tables = [Grid(caption=f"Table {i}", titles=("n",), rows=(("5",),) * 60) for i in range(9)]
    long = [Heading(text="Answer"), Paragraph(text="It is so."), *tables, SHORT, FOLDED]
    main, annex = in_two("Title", long, annex="title-annex.pdf", language="en", say=english, made=MADE)
    assert annex is not None and len(read(main).pages) == MOST_PAGES
    said, held = text_of(main), text_of(annex)
    assert "Table in title-annex.pdf: Table 8 (60 rows)." in said and "Table 8" in held and "Short table" in said
    assert "Table in title-annex.pdf: Table 0" not in said and "Table 0" not in held
    words = [Paragraph(text="Words fold nowhere. " * 400) for _ in range(9)]
    assert len(read(in_two("Title", [*words, FOLDED], annex="a.pdf", language="en", say=english)[0]).pages) > MOST_PAGES
    alone, none = in_two("Title", [*words, SHORT], annex="a.pdf", language="en", say=english)
    assert none is None and "Short table" in text_of(alone)


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
