"""Proves that columns of figures say what is hidden and what is unknown, and that dots are drawn of known figures."""

from __future__ import annotations

from peelian.pictures.columns import Columns, dots
from peelian.pictures.words import english

OF = Columns(say=english, percent=lambda row: row["metric"] == "fpr", hidden={"few": "hidden (under 10 people)"})
ROW = {"metric": "fpr", "value": 0.25, "low": 0.2, "high": 0.3, "n": 12345, "verdict": "", "suppressed": "no"}
NAN = float("nan")


def test_a_figure_stands_with_its_interval_and_words_in_the_readers_language() -> None:
    columns = (OF.number("", "value"), OF.interval(""), OF.estimate("", "value"), OF.count("", "n"))
    assert [c.cell(ROW) for c in columns] == ["25.0%", "20.0% to 30.0%", "25.0% (20.0% to 30.0%)", "12,345"]
    assert all(c.numeric for c in columns) and not OF.text("", "metric").numeric
    assert OF.word("", "metric", {"fpr": "False positive rate"}).cell(ROW) == "False positive rate"


def test_what_is_unknown_is_a_dash() -> None:
    unknown = ROW | {"value": NAN, "low": NAN}
    columns = (OF.number("", "value"), OF.interval(""), OF.estimate("", "value"), OF.count("", "absent"))
    assert {c.cell(unknown) for c in (*columns, OF.word("", "verdict"))} == {"–"}
    assert OF.estimate("", "value").cell(ROW | {"low": NAN}) == "25.0%"


def test_one_hidden_figure_says_why_and_a_count_always_does() -> None:
    hidden = ROW | {"value": NAN, "n": 0, "suppressed": "few"}
    shown = [c.cell(hidden) for c in (OF.number("", "value"), OF.number("", "value", why=True), OF.count("", "n"))]
    assert shown == ["–", "hidden (under 10 people)", "hidden (under 10 people)"]


def test_rows_without_a_figure_are_not_drawn() -> None:
    unknown, drawn = ROW | {"value": NAN}, {"value_title": "Rate", "caption": "Rates"}
    label = OF.text("Group", "metric")
    assert dots([unknown], OF, label, "value", lambda shown: "", **drawn) is None
    picture = dots([unknown, ROW], OF, label, "value", lambda shown: f"{len(shown)} row", note="of %(n)d", **drawn)
    assert picture is not None and picture.alternative == "1 row" and picture.twin is not None
    assert picture.twin.rows == (("fpr", "25.0%", "20.0% to 30.0%", "of 12,345"),)
