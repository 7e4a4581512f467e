"""Help in the reader's language: one message id a paragraph, French headings set as French is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from typer.testing import CliRunner

from peelian.cli import app
from peelian.cli.spoken_help import first_paragraph, headed, message_id
from peelian.cli.words import speak
from peelian.operations.technology_folders import technologies


@pytest.fixture(autouse=True)
def _english_again() -> Iterator[None]:
    speak("en")
    yield
    speak("en")


def test_a_docstring_is_one_message_a_paragraph() -> None:
    assert message_id("Publish a case.\n\n    Small counts are\n    suppressed.\n") == (
        "Publish a case.\n\nSmall counts are suppressed."
    )
    assert message_id(None) == "" and first_paragraph("One.\n\nTwo.") == "One."


def test_headings_follow_the_language() -> None:
    assert headed("Options") == "Options"
    speak("fr")
    assert headed("Options").endswith("\u00a0")


def test_the_same_command_helps_in_both_languages() -> None:
    runner = CliRunner()
    english = runner.invoke(app, ["publish", "--help"]).output
    french = runner.invoke(app, ["--lang", "fr", "publish", "--help"]).output
    assert "Usage: " in english and "Options:" in english
    assert french != english and "Options\u00a0:" in french and "--json" in french


@pytest.mark.parametrize(("language", "told"), [
    ("en", "accept, change or decline. For a test or a plan: adopt or reject."),
    ("fr", "accept, change ou decline. Pour un test ou un plan\u00a0: adopt ou reject."),
])  # fmt: skip
def test_the_help_of_decide_names_every_choice_there_is(language: str, told: str) -> None:
    helped = CliRunner().invoke(app, ["--lang", language, "decide", "--help"], terminal_width=300).output
    assert told in helped
    for capability in (c for technology in technologies() for c in technology.capabilities):
        assert all(choice in told for choice in capability.asks.choices), capability.id


def test_a_group_names_what_it_is_about_and_a_new_draft_is_no_file_that_is_there() -> None:
    def helped(*words: str) -> str:
        return CliRunner().invoke(app, [*words, "--help"], terminal_width=300).output

    assert "Keys: of people, and of the office." in helped("key")
    assert "a JSON file that `peelian assess new` writes" in helped("assess", "new")
    assert "Language of what is written: en or fr." in helped("case", "report")
    assert "Clés\u00a0: des personnes et du bureau." in helped("--lang", "fr", "key")


def test_an_act_helps_in_the_words_of_its_form() -> None:
    def helped(*words: str) -> str:
        return CliRunner().invoke(app, [*words, "--help"], terminal_width=300).output

    english, french = helped("retention", "hold"), helped("--lang", "fr", "retention", "hold")
    assert "Place a hold.\n" in english and "It covers what was made from a dataset, too." in english
    assert "Poser un gel.\n" in french and "Motif, au moins trois mots" in french
    assert "  hold     Poser un gel." in helped("--lang", "fr", "retention")
