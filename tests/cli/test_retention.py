"""Retention by the command line: the list, holds, the queue, the daily job."""

from __future__ import annotations

import json
from pathlib import Path

from desk import entitle
from terminal import peelian

from peelian.operations.office import open_office
from peelian.technologies.footage.example import example_clip

WHY = ("--reason", "as the bylaw says")


def test_a_dataset_goes_through_its_whole_end(tmp_path: Path) -> None:
    def run(*words: str) -> dict[str, object]:
        done = peelian(*words, "--json", cwd=tmp_path)
        assert done.returncode == 0, done.stderr + done.stdout
        found: dict[str, object] = json.loads(done.stdout)
        return found

    run("office", "office", "--name", "Town")
    run("people", "enrol", "clerk", "--name", "c", "--unit", "records", "--role", "clerk")
    run("people", "enrol", "po", "--name", "p", "--unit", "privacy", "--role", "privacy_officer")
    run("retention", "define", "stop", "--days", "30", *WHY, "--as", "po")
    (tmp_path / "clip.mp4").write_bytes(example_clip())
    refused = peelian("footage", "keep", "clip.mp4", "--people-not-known", "--as", "clerk", cwd=tmp_path)
    assert refused.returncode == 3 and "council approval" in refused.stderr and "assessment" in refused.stderr
    with open_office(tmp_path / "office") as office:
        entitle(office.kernel, office.operator("clerk"))
    recorded = ("--recorded-at", "2020-01-01T00:00:00Z", "--people-not-known")
    item = str(run("footage", "keep", "clip.mp4", *recorded, "--as", "clerk")["dataset"])
    assert item in run("retention", "list", "--as", "po")["need_a_decision"]  # type: ignore[operator]
    assert "Needs a decision" in peelian("retention", "list", "--as", "po", cwd=tmp_path).stdout
    run("footage", "tag", item, "--category", "stop", *WHY, "--as", "clerk")
    hold = str(run("retention", "hold", item, *WHY, "--as", "clerk")["hold"])
    assert run("retention", "run")["queued"] == []
    assert run("retention", "list", "--as", "po")["holds"] == [{"dataset": item, "hold": hold, "why": "legal"}]
    nothing = peelian("retention", "hold", "a-none", *WHY, "--as", "clerk", cwd=tmp_path)
    assert nothing.returncode == 2 and "The dataset, alarm or watch is unknown" in nothing.stderr
    refused = peelian("retention", "release", hold, *WHY, "--as", "clerk", cwd=tmp_path)
    assert refused.returncode == 3 and "Who placed a hold cannot release it" in refused.stderr
    run("retention", "release", hold, *WHY, "--as", "po")
    assert item in str(run("retention", "list", "--as", "po")["coming"])
    assert run("retention", "run")["queued"] == [item]
    run("retention", "recover", item, *WHY, "--as", "custodian")
    archive = {"partitions": [], "documents": 0, "carried": 0}
    assert run("retention", "run") == {"queued": [], "destroyed": [], "archive": archive, "waited": 0}
    classes = peelian("retention", "classes", cwd=tmp_path).stdout
    assert "Days after their quarter" in classes and "2557" in classes and "Records of the office" in classes
    run("retention", "queue", item, *WHY, "--as", "clerk")
    refused = peelian("retention", "queue", item, *WHY, "--as", "clerk", cwd=tmp_path)
    assert refused.returncode == 2 and "already queued for destruction or destroyed" in refused.stderr
