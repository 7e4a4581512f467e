"""The first minutes at the terminal: try and demo."""

from __future__ import annotations

import json
from pathlib import Path

from invented import incidents_csv
from terminal import peelian


def test_try_writes_two_reports_and_says_what_came_in(tmp_path: Path) -> None:
    incidents_csv(tmp_path / "i.csv")
    words = ["try", "mapping", "i.csv", "--out", "out", "--models", "long_run,decayed", "--json"]
    record = json.loads(peelian(*words, cwd=tmp_path).stdout)
    assert record["rows"] == {"incidents": 4000}
    assert {"mapping.html", "mapping.json"} <= {p.name for p in (tmp_path / "out").iterdir()}


def test_try_says_what_is_wrong(tmp_path: Path) -> None:
    incidents_csv(tmp_path / "i.csv", n=40, weeks=4)
    for words, code in (
        (["try", "drones", "i.csv", "--out", "out"], 2),
        (["try", "mapping", "nothing.csv", "--out", "out"], 2),
        (["try", "mapping", "i.csv", "--out", "out"], 2),
        (["try", "mapping", "i.csv", "--out", "out", "--groups", "renters"], 2),
        (["try", "mapping", "i.csv", "--out", "out", "--cell-metres", "wide"], 2),
        (["try", "mapping", "i.csv", "--out", "out", "--language", "de"], 2),
    ):
        done = peelian(*words, cwd=tmp_path)
        assert done.returncode == code and done.stderr.strip(), words
    assert not (tmp_path / "out").exists()


def test_demonstrations_are_listed_and_unknown_ones_named(tmp_path: Path) -> None:
    assert "mapping" in json.loads(peelian("demo", "--list", "--json", cwd=tmp_path).stdout)
    assert peelian("demo", "drones", cwd=tmp_path).returncode == 2
    listed = peelian("demo", "--list", cwd=tmp_path).stdout.splitlines()
    assert listed and all(line.endswith(".") and len(line) <= 80 for line in listed), "each says what it shows"


def test_try_takes_further_files_by_role_and_picks_the_audit_that_fits(tmp_path: Path) -> None:
    from importlib import resources

    with resources.as_file(resources.files("peelian.technologies.faces") / "examples") as here:
        scores = [
            "try",
            "faces",
            str(here / "pyeer_exp1_true.txt.gz"),
            "--format",
            "pyeer-scores",
            "--option",
            "kind=genuine",
        ]
        more = ["--more", f"more_scores={here / 'pyeer_exp1_false.txt.gz'}", "--format", "more_scores=pyeer-scores"]
        both = [*scores, *more, "--option", "more_scores.kind=impostor", "--out", "a", "--json"]
        rows = json.loads(peelian(*both, cwd=tmp_path).stdout)["rows"]
        assert set(rows) == {"scores", "more_scores"}
        table = ["try", "faces", str(here / "frvt_11_gender_race.csv"), "--out", "b", "--json"]
        assert set(json.loads(peelian(*table, cwd=tmp_path).stdout)["rows"]) == {"rates"}
    stray = peelian(*scores, "--option", "nothing.kind=impostor", "--out", "c", cwd=tmp_path)
    assert stray.returncode == 2 and "role" in stray.stderr
