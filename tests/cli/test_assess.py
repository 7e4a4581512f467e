"""An assessment at the terminal: begun, answered half-way, gone on with, shown, refused until its level is honoured."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from answer_sets import complete
from terminal import Done, peelian
from typer.testing import CliRunner

from peelian.cli import app

Run = Callable[..., Done]


@pytest.fixture
def do(tmp_path: Path) -> Run:
    return lambda *words: peelian(*words, cwd=tmp_path)


def begun(do: Run, tmp_path: Path) -> Path:
    settings = ("--cell-metres", "500", "--start-day", "2023-12-04", "--category", "break_and_enter")
    done = do("assess", "new", "d.json", "--serves", "mapping.*", "--use", "mapping.forecast", *settings)
    assert done.returncode == 0, done.stderr
    return tmp_path / "d.json"


def test_a_draft_is_begun_with_the_settings_it_is_tied_to(do: Run, tmp_path: Path) -> None:
    draft = json.loads(begun(do, tmp_path).read_text())
    assert draft["uses"][0]["params"]["cell_metres"] == 500
    again = do("assess", "new", "d.json", "--serves", "mapping.*", "--use", "mapping.forecast")
    assert again.returncode == 2 and "this file exists" in again.stderr


def test_answering_can_stop_and_go_on(do: Run, tmp_path: Path) -> None:
    file, runner = begun(do, tmp_path), CliRunner()
    first = runner.invoke(app, ["assess", "answer", str(file)], input="2\n1,2\n9\nq\n")
    assert first.exit_code == 0 and "Saved. To continue" in first.output and "Type a number from 1 to" in first.output
    kept = json.loads(file.read_text())["answers"]
    assert kept == {"projectDetailsPhase": "item2", "businessDrivers1": ["item1", "item2"]}
    cut = runner.invoke(app, ["assess", "answer", str(file), "--language", "fr"], input="1\n")
    assert "Dans quelle mesure" in cut.output and len(json.loads(file.read_text())["answers"]) == 3
    draft = json.loads(file.read_text())
    rest = {k: v if isinstance(v, str) else list(v) for k, v in complete().items() if k != "privacyImplementation7"}
    file.write_text(json.dumps({**draft, "answers": rest}))
    last = runner.invoke(app, ["assess", "answer", str(file)], input="1\n")
    assert last.exit_code == 0 and "Level I: 14 of 167 points" in last.output


def test_missing_and_contradictory_answers_are_shown(do: Run, tmp_path: Path) -> None:
    file = begun(do, tmp_path)
    answers = {**complete(), "aboutDataSource9": "item1-0"}
    del answers["impact6"]
    file.write_text(json.dumps({**json.loads(file.read_text()), "answers": answers}))
    record = json.loads(do("assess", "show", "d.json", "--json").stdout)
    assert not record["complete"] and "level" not in record
    assert {(f["kind"], f["question"]) for f in record["faults"]} == {
        ("missing", "impact6"),
        ("contradictory", "aboutDataSource9"),
    }


def test_the_official_file_asks_the_official_questions(do: Run, tmp_path: Path, shared_data: Path) -> None:
    file = begun(do, tmp_path)
    survey = shared_data / "aia" / "survey-enfr.json"
    told = CliRunner().invoke(app, ["assess", "answer", str(file), "--survey", str(survey)], input="q\n")
    assert "Project Phase" in told.output


@pytest.mark.parametrize("content", ["", "[]", "not json", '{"answers": 3}'])
def test_what_is_no_draft_is_said(do: Run, tmp_path: Path, content: str) -> None:
    (tmp_path / "bad.json").write_text(content)
    done = do("assess", "show", "bad.json")
    assert (done.returncode == 2 and "bad.json" in done.stderr + done.stdout) or "answers" in done.stderr
    assert do("assess", "show", "none.json").returncode == 2


def test_an_unfinished_draft_is_not_submitted(do: Run, tmp_path: Path) -> None:
    begun(do, tmp_path)
    do("office", "office", "--name", "Town")
    do("people", "enrol", "pri", "--name", "pri", "--unit", "privacy", "--role", "privacy_officer")
    done = do("assess", "submit", "d.json", "--as", "pri", "--json")
    assert done.returncode == 2 and json.loads(done.stdout)["error"] == "NotEnoughData"
    assert json.loads(do("assess", "list", "--json").stdout) == []
