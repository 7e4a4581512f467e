"""Errors at the terminal: the fault first, then the remedy, in the reader's language; --json stays neutral."""

from __future__ import annotations

import json

import pytest

from peelian.cli.failures import HEADS, tell_error, tell_usage
from peelian.cli.words import speak
from peelian.errors import (
    InputError,
    IntegrityError,
    NotEnoughData,
    OutOfOrder,
    PeelianError,
    Reason,
    Refused,
    Withheld,
    sentence,
)

REASON = Reason(rule="the_asker_may_ask", says="Your role cannot do this.", remedy="Ask a commander.")


@pytest.fixture(autouse=True)
def _english_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["peelian"])
    speak("en")


def printed(error: PeelianError, capsys: pytest.CaptureFixture[str]) -> str:
    tell_error(error)
    captured = capsys.readouterr()
    assert captured.out == "", "what went wrong is no output"
    return captured.err


@pytest.mark.parametrize("error", [Refused([REASON]), Withheld([REASON])])
def test_a_refusal_names_each_fault_and_then_its_remedy(
    error: PeelianError, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = printed(error, capsys).splitlines()
    assert lines[0] == HEADS[type(error).__name__]
    assert lines[1:] == ["  - Your role cannot do this.", "    Remedy: Ask a commander."]
    assert "the_asker_may_ask" not in "".join(lines), "rule ids are for --json"


def test_other_errors_begin_with_what_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert printed(OutOfOrder("Permit expired."), capsys) == "Not possible now: Permit expired.\n"
    assert printed(IntegrityError("A key is missing."), capsys).startswith("Integrity check failed: ")
    told = printed(InputError("not a date", file="a.csv", row=3, accepted="the option order"), capsys)
    assert told.startswith("Not accepted: a.csv, row 3: not a date") and "--option NAME=VALUE" in told


def test_a_fault_of_a_flag_names_the_flag_as_it_was_typed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fault = InputError("out of range", column="cell_metres", accepted="50 to 5000")
    of_a_file = InputError("out of range", file="a.csv", row=3, column="cell_metres")
    assert printed(fault, capsys) == "Not accepted: column cell_metres: out of range. Expected: 50 to 5000\n"
    for words in (["--cell-metres", "12"], ["--cell-metres=12"]):
        monkeypatch.setattr("sys.argv", ["peelian", "ask", *words])
        assert printed(fault, capsys) == "Not accepted: --cell-metres: out of range. Expected: 50 to 5000\n"
        assert "column cell_metres" in printed(of_a_file, capsys)


def test_a_document_for_programs_is_in_english_whatever_the_language(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    speak("fr")
    monkeypatch.setattr("sys.argv", ["peelian", "--json"])
    tell_error(Refused([REASON]))
    told = json.loads(capsys.readouterr().out)
    assert told["error"] == "Refused" and told["reasons"][0]["rule"] == "the_asker_may_ask"
    assert told["reasons"][0]["remedy"] == "Ask a commander."


def test_an_unknown_usage_error_still_says_something(capsys: pytest.CaptureFixture[str]) -> None:
    class Odd:
        def format_message(self) -> str:
            return "Got unexpected extra argument (left over)"

    tell_usage(Odd())
    assert capsys.readouterr().err == "Unexpected: left over\n"


@pytest.mark.parametrize("language", ["en", "fr"])
def test_what_says_itself_that_data_are_too_few_is_not_told_so_twice(
    language: str, capsys: pytest.CaptureFixture[str]
) -> None:
    speak(language)
    says = sentence("Not enough data: %(n)d incidents, %(least)d needed", n=3, least=20)
    told = printed(NotEnoughData(says), capsys).casefold()
    assert told.count("not enough data") + told.count("données insuffisantes") == 1
    alone = printed(NotEnoughData("no row has a score"), capsys).casefold()
    assert alone.count("not enough data") + alone.count("données insuffisantes") == 1
