"""Recordings by the command line: kept, tagged, listed, shown; what is wrong is said and nothing remains."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from terminal import Done, peelian

from peelian.technologies.footage.example import example_clip

RECORDED = "2026-03-01T05:00:00-05:00"
PEOPLE = {"clerk": "clerk", "privacy": "privacy_officer"}


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("town")
    done = peelian("office", "office", "--name", "Town", cwd=folder)
    assert done.returncode == 0, done.stderr
    (folder / "clip.mp4").write_bytes(example_clip())
    (folder / "letter.mp4").write_text("a letter")
    for short, role in PEOPLE.items():
        done = peelian("enrol", short, "--name", short, "--unit", f"u-{short}", "--role", role, cwd=folder)
        assert done.returncode == 0, done.stderr
    define = ("retention", "define", "stop", "--days", "90", "--reason", "as the bylaw says", "--as", "privacy")
    assert peelian(*define, cwd=folder).returncode == 0
    return folder


def stated(*more: str) -> tuple[str, ...]:
    """Nobody can name the people of the example, where a test gives no list."""
    return more if "--people" in more else (*more, "--people-not-known")


def keep(town: Path, file: str, *more: str) -> Done:
    return peelian("footage", "keep", file, "--recorded-at", RECORDED, "--as", "clerk", *stated(*more), cwd=town)


def test_a_recording_is_kept_listed_and_its_history_told(town: Path) -> None:
    kept = keep(town, "clip.mp4", "--category", "stop", "--officer", "BADGE-4711", "--json")
    assert kept.returncode == 0, kept.stderr
    item = json.loads(kept.stdout)["dataset"]
    assert "BADGE-4711" not in kept.stdout
    listed = json.loads(peelian("footage", "library", "--json", cwd=town).stdout)
    assert item in {line["dataset"] for line in listed}
    assert item in peelian("footage", "library", cwd=town).stdout
    told = peelian("footage", "history", item, "--pdf", "h.pdf", cwd=town)
    assert told.returncode == 0 and "encrypted, described and admitted" in told.stdout
    assert (town / "h.pdf").read_bytes().startswith(b"%PDF")
    tagged = peelian(
        "footage", "tag", item, "--category", "stop", "--reason", "it was a stop", "--as", "clerk", cwd=town
    )
    assert tagged.returncode == 0 and "stop" in tagged.stdout
    year = peelian("footage", "year", listed[0]["recorded_at"][:4], cwd=town)
    assert year.returncode == 0 and "admitted" in year.stdout


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("letter.mp4",), "damaged, truncated or of another kind"),
        (("missing.mp4",), "no such file"),
        (("clip.mp4", "--format", "dispatch-csv"), "Unknown format for whole objects"),
        (("clip.mp4", "--category", "unknown"), "unknown category"),
    ],
)
def test_what_is_wrong_is_said(town: Path, words: tuple[str, ...], says: str) -> None:
    done = keep(town, *words)
    assert done.returncode == 2 and says in done.stderr


def test_a_moment_is_needed_and_only_accepted_packages_leave(town: Path) -> None:
    done = peelian("footage", "keep", "clip.mp4", "--people-not-known", "--as", "clerk", cwd=town)
    assert done.returncode == 2 and "recorded_at" in done.stderr
    done = peelian("footage", "deliver", "c-0", "--to", "x.age", "--as", "clerk", cwd=town)
    assert done.returncode == 2 and not (town / "x.age").exists()
    done = peelian("footage", "check", "letter.mp4", cwd=town)
    assert done.returncode == 2 and "not a package" in done.stderr
    assert "--recorded-at" in peelian("footage", "keep", "--help", cwd=town).stdout
