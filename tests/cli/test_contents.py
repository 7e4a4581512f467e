"""`--help` names every first word once, under a heading, with its whole sentence, in lines that fit a terminal."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.support.terminal import peelian

from peelian.cli.contents import SECTIONS, commands_of, entries, every_command
from peelian.cli.former import FORMER, UNTIL, now_called

GROUPS = [name for name, entry in entries().items() if entry.about]


def _helped(*words: str, cwd: Path) -> str:
    done = peelian(*words, "--help", cwd=cwd)
    assert done.returncode == 0
    return done.stdout


def test_every_first_word_stands_under_one_heading_and_they_are_few(tmp_path: Path) -> None:
    listed = [name for names in SECTIONS.values() for name in names]
    text = _helped(cwd=tmp_path)
    assert len(listed) == len(set(listed)) <= 30
    for heading, names in SECTIONS.items():
        assert f"\n{heading}:\n" in text
        for name in names:
            assert f"\n  {name} " in text, name
    assert set(entries()) == set(listed), "a new word needs a heading in SECTIONS"


def test_every_command_belongs_to_a_group_or_is_a_word_of_its_own() -> None:
    for name in entries():
        assert commands_of(name), name
        assert all(words.startswith(f"{name} ") is (name in GROUPS) for words in commands_of(name)), name


@pytest.mark.parametrize("room", ["", *GROUPS])
def test_no_sentence_is_cut_short_and_every_line_fits(tmp_path: Path, room: str) -> None:
    text = _helped(*room.split(), cwd=tmp_path)
    assert "..." not in text.replace("[ARGS]...", "")
    assert max(map(len, text.splitlines())) <= 80
    for entry in text.split("Options:")[1].split("Commands:" if room else "Getting started:")[1].split("\n  ")[1:]:
        if entry[0] != " ":
            said = text[text.index("\n  " + entry) + 3 :].split("\n\n")[0]
            words = " ".join(line.strip() for line in _of_one(said))
            assert words.endswith((".", ")")), words


def _of_one(text: str) -> list[str]:
    """The lines of one entry: the first, and those that are indented further."""
    first, *rest = text.splitlines()
    lines = [first]
    for line in rest:
        if not line.startswith("    "):
            break
        lines.append(line)
    return lines


def test_each_former_spelling_leads_to_a_command_that_is_there_and_shadows_none() -> None:
    known = {one.words for one in every_command()}
    assert {now for now in FORMER.values() if now not in known} == set()
    assert {former for former in FORMER if former in known} == set()
    assert {former for former in FORMER if now_called(former.split(" ")) != (former, FORMER[former])} == set()


@pytest.mark.parametrize(
    ("typed", "now", "told"),
    [
        (("formats",), "data formats", "public"),
        (("capabilities", "risk.audit", "--json"), "case capabilities", '"risk.audit"'),
        (("witness", "run", "--help"), "machine run-witness", "Usage: "),
    ],
)
def test_a_former_spelling_still_does_it_and_says_what_it_is_called_now(
    tmp_path: Path, typed: tuple[str, ...], now: str, told: str
) -> None:
    done = peelian(*typed, cwd=tmp_path)
    assert done.returncode == 0 and told in done.stdout
    assert f"is `peelian {now}` now. Until {UNTIL} both are understood." in done.stderr
    assert "both are understood" not in peelian(*now.split(" "), *typed[-1:], cwd=tmp_path).stderr


def test_a_former_command_whose_word_is_a_group_now_is_told_from_its_commands(tmp_path: Path) -> None:
    assert peelian("office", "office", "--name", "Town", cwd=tmp_path).returncode == 0
    former = peelian("people", "--as", "custodian", cwd=tmp_path)
    assert former.returncode == 0 and "`peelian people list` now" in former.stderr
    listed = peelian("people", "list", "--as", "custodian", cwd=tmp_path)
    assert listed.stdout == former.stdout and listed.stderr == ""
    assert "Commands:" in peelian("people", "--help", cwd=tmp_path).stdout
    wrong = peelian("poeple", cwd=tmp_path)
    assert wrong.returncode == 2 and "people" in wrong.stderr, "what is no word at all has its nearest"
