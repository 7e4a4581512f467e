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
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["mapping.html", "mapping.json"]


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
