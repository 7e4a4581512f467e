"""`peelian data vocabulary`: one proposes labels from a file, another unit approves them, and files may carry them."""

from __future__ import annotations

import json
from pathlib import Path

from labels import areas_csv
from terminal import peelian


def test_labels_are_proposed_approved_listed_and_withdrawn(tmp_path: Path) -> None:
    def run(*words: str, code: int = 0) -> str:
        done = peelian(*words, cwd=tmp_path)
        assert done.returncode == code, done.stderr
        return done.stdout + done.stderr

    run("office", "town", "--name", "Town")
    run(
        "people",
        "enrol",
        "mayor",
        "--name",
        "M",
        "--unit",
        "council",
        "--role",
        "council",
        "--office",
        "town",
        "--as",
        "custodian",
    )
    (tmp_path / "labels.csv").write_text(areas_csv(Riverdale=4000), encoding="utf-8")
    words = ["data", "vocabulary", "labels.csv", "--source", "2021 census", "--office", "town"]
    assert "--propose" in run(*words, code=2)
    proposal = json.loads(run(*words, "--propose", "areas of the census", "--json"))["proposal"]
    assert "No labels adopted" in run("data", "vocabulary", "--office", "town")
    run("proposals", "approve", proposal, "--as", "mayor", "--office", "town")
    (one,) = json.loads(run("data", "vocabulary", "--office", "town", "--json"))["adopted"]
    assert one["source"] == "2021 census" and one["labels"][0]["label"] == "Riverdale"
    again = [
        "data",
        "vocabulary",
        "--withdraw",
        one["record"],
        "--propose",
        "no longer in use",
        "--office",
        "town",
        "--json",
    ]
    run("proposals", "approve", json.loads(run(*again))["proposal"], "--as", "mayor", "--office", "town")
    assert json.loads(run("data", "vocabulary", "--office", "town", "--json"))["adopted"] == []
