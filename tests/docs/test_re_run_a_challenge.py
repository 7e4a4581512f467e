"""Proves that the guide re-runs a challenge like NIJ's of 2017: its script and its commands, as they stand."""

from __future__ import annotations

import csv
import re
import shlex
import subprocess
import sys
from pathlib import Path

from terminal import peelian

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "how-to" / "re-run-a-challenge.md").read_text(encoding="utf-8")


def run_script(name: str, text: str, folder: Path) -> None:
    (folder / name).write_text(text, encoding="utf-8")
    done = subprocess.run([sys.executable, name], cwd=folder, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_the_commands_of_the_guide_run_and_score_five_windows(tmp_path: Path) -> None:
    scripts = dict(re.findall(r"```python file=(\S+)\n(.*?)```", PAGE, re.DOTALL))
    run_script("make_town.py", scripts["make_town.py"], tmp_path)
    blocks = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    for block in blocks:
        done = peelian(*shlex.split(block.replace("\\\n", " "))[1:], cwd=tmp_path)
        assert done.returncode == 0, done.stderr
    with (tmp_path / "nij" / "scores.csv").open(encoding="utf-8") as file:
        scores = list(csv.DictReader(file))
    windows = ["1WK", "2WK", "1MO", "2MO", "3MO"]
    assert [one["window"] for one in scores] == [window for window in windows for _ in range(2)]
    assert all(float(one["pai"]) > 1 for one in scores if one["window"] == "3MO")
    run_script("from_python.py", scripts["from_python.py"], tmp_path)
    assert (tmp_path / "from-python" / "scores.csv").read_bytes() == (tmp_path / "nij" / "scores.csv").read_bytes()
    with (tmp_path / "beside" / "scores.csv").open(encoding="utf-8") as file:
        assert [one["entry"] for one in csv.DictReader(file)][-1].startswith("hotspots-2017-03-01")
    with (tmp_path / "streets" / "scores.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [one["area"] for one in rows] == ["1 %", "3 mi"] and float(rows[1]["street_km"]) <= 3 * 1.609344
    run_script("on_streets.py", scripts["on_streets.py"], tmp_path)
    told = re.findall(r"`(\w+)`", PAGE.partition("| column |")[2].partition("Hot spots are")[0])
    assert len(blocks) == 4 and set(told) <= set(scores[0])
