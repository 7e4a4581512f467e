"""Sentences, titles and exposure read well in both languages and end where there is nothing to show."""

from __future__ import annotations

from peelian.catalogues import say_in
from peelian.kernel.model.capability import Context, Findings, Note
from peelian.pictures.panels import Grid, Heading, Paragraph, Picture
from peelian.pictures.words import english
from peelian.technologies.mapping.backtest import ALL_MET, EVEN
from peelian.technologies.mapping.declarations.backtest import BACKTEST
from peelian.technologies.mapping.declarations.forecast import FORECAST
from peelian.technologies.mapping.declarations.models import TITLES
from peelian.technologies.mapping.models.shares import EXPECTED, RECORDED
from peelian.technologies.mapping.views import (
    category_title,
    data_and_limits,
    exposure_panels,
    figure,
    group_title,
    interval,
    model_title,
    sentences,
    table_of,
)

FRENCH = say_in("fr", ["peelian.pictures", "peelian.technologies.mapping"], strict=True)


def test_every_sentence_and_title_has_its_french() -> None:
    texts = {
        *BACKTEST.arithmetic().messages,
        *FORECAST.arithmetic().messages,
        EXPECTED,
        RECORDED,
        *TITLES.values(),
    }
    for capability in (BACKTEST, FORECAST):
        texts |= {capability.title, capability.about, *capability.asks.choices}
        fields = capability.asks.params.__dataclass_fields__.values()
        texts |= {field.metadata["help"] for field in fields}
    for text in texts:
        assert FRENCH(text)


def test_an_interval_without_an_upper_end_says_or_more() -> None:
    assert interval(english, 1.85, float("inf")) == "1.85 or more"
    assert interval(FRENCH, 1.85, float("inf")) == "1,85 ou plus"
    assert interval(english, float("nan"), float("inf")) == "–"


def test_models_stand_by_their_titles() -> None:
    note = Note(text=ALL_MET, values={"n": 3, "model": "decayed"})
    (told,) = sentences([note], english)
    assert "Decayed counts with smoothing" in told.text and told.tone == "plain"
    assert model_title("unknown", english) == "unknown" and model_title("long_run", FRENCH) == "Moyenne à long terme"


def test_categories_and_groups_read_as_words() -> None:
    assert category_title("all", english) == "All reported incidents"
    assert category_title("robbery", FRENCH) == "Vol qualifié"
    assert (
        group_title("long_settled", english) == "long-settled residents"
        and group_title("everybody", english) == "All residents"
    )


def test_unknown_figures_are_dashes() -> None:
    assert figure(english, float("nan")) == "–" == interval(english, 1.0, float("nan"))
    assert figure(english, 0.25, percent=True) == "25.0%"


def test_limits_are_said_under_their_own_heading_or_not_at_all() -> None:
    found = Findings(tables=(), notes=(Note(text=EVEN, kind="caveat"),))
    heading, told = data_and_limits(found, english)
    assert isinstance(heading, Heading) and isinstance(told, Paragraph) and told.tone == "limit"
    assert data_and_limits(Findings(tables=()), english) == []


def test_exposure_is_a_picture_and_a_table_or_nothing() -> None:
    assert exposure_panels(Findings(tables=()), english) == [] and table_of(Findings(tables=()), "x") is None
    example = FORECAST.arithmetic().example()
    context = Context(seed=1, progress=lambda says, share: None, authorizations=example.authorizations)
    found = FORECAST.arithmetic().run(example.params, example.datasets, context)
    heading, picture, grid = exposure_panels(found, english)
    assert isinstance(heading, Heading) and isinstance(picture, Picture) and isinstance(grid, Grid)
    assert "Group newcomers:" in picture.alternative and picture.twin is not None
    assert [row[0] for row in grid.rows] == ["All residents", "newcomers", "long-settled residents"]
