"""Pages: unknown names are errors, times are written for people, the policy's hash is that of the text."""

from __future__ import annotations

import base64
import hashlib

import pytest
from jinja2 import UndefinedError

from peelian.catalogues import say_in
from peelian.pictures.moments import moment, stamp
from peelian.pictures.panels import Grid
from peelian.pictures.words import english
from peelian.web.pages import asset, csp_hash, environment, is_wide, static


def test_a_template_that_misses_a_value_fails_instead_of_showing_a_blank() -> None:
    with pytest.raises(UndefinedError):
        environment().from_string("{{ missing }}").render()


def test_templates_escape_by_default() -> None:
    assert environment().from_string("{{ x }}").render(x="<b>") == "&lt;b&gt;"


def test_times_are_written_in_both_languages_and_other_text_is_left_alone() -> None:
    assert moment("2026-03-02T09:05:00+00:00", "en") == "2 March 2026 at 09:05 UTC"
    assert moment("2026-03-02T09:05:00.10Z", "fr") == "2 mars 2026 à 09 h 05 UTC"
    assert moment("soon", "en") == "soon" and moment("not a date", "fr") == "not a date"
    assert stamp(english, "2026-03-02T09:05:00Z") == "2 March 2026 at 09:05"


def test_the_hash_in_the_policy_is_the_browsers() -> None:
    text = "body { color: red }"
    assert csp_hash(text) == "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def test_the_style_sheet_asks_for_nothing() -> None:
    style = static("peelian.css").decode()
    assert "url(" not in style and "@import" not in style and "http" not in style
    assert asset("peelian.css").startswith("/static/peelian.css?") and asset("peelian.css") != asset("peelian.svg")


@pytest.mark.parametrize(
    ("titles", "row", "wide"),
    [
        (("Parameter", "Value"), ("length of each window", "7 days"), False),
        (
            ("AuthorizationKind", "For", "From", "Until"),
            ("council approval", "mapping.*", "2026-11-24", "2027-11-24"),
            True,
        ),
        (("Item", "Value"), ("Digest", "9f" * 32), False),  # a digest may be broken anywhere
        (("Group", "Interval"), ("all", "0.615% to 3.002% of everybody"), True),
    ],
)
def test_a_table_that_may_not_fit_a_phone_is_known_as_wide(
    titles: tuple[str, ...], row: tuple[str, ...], wide: bool
) -> None:
    numeric = frozenset({1}) if titles[1] == "Interval" else frozenset[int]()
    assert is_wide(Grid(caption="c", titles=titles, rows=(row,), numeric=numeric)) is wide


def test_a_table_writes_its_days_and_times_as_its_sentences_do_and_shows_commands_as_code() -> None:
    cells = ("2026-12-01", "2026-12-01 08:05", "see `peelian demo`")
    grid = Grid(caption="c", titles=("Day", "Time", "What"), rows=(cells,))
    for language, day, time in (
        ("en", "1 December 2026", "1 December 2026 at 08:05"),
        ("fr", "1er décembre 2026", "1er décembre 2026 à 08\u00a0h\u00a005"),
    ):
        say = say_in(language, ["peelian.pictures"])
        module = environment().get_template("panels.html").make_module({"say": say})
        shown = str(module.table(grid, "t"))  # type: ignore[attr-defined]
        assert f">{day}</th>" in shown and f">{time}</td>" in shown and "<code>peelian demo</code>" in shown
