"""Recordings by the command line: kept, tagged, listed, shown; what is wrong is said and nothing remains."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from desk import entitle
from terminal import Done, peelian

from peelian.operations.office import open_office
from peelian.oversight.review.people import lacks_list
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
        done = peelian("people", "enrol", short, "--name", short, "--unit", f"u-{short}", "--role", role, cwd=folder)
        assert done.returncode == 0, done.stderr
    define = ("retention", "define", "stop", "--days", "90", "--reason", "as the bylaw says", "--as", "privacy")
    assert peelian(*define, cwd=folder).returncode == 0
    with open_office(folder / "office") as office:
        entitle(office.kernel, office.operator("clerk"))
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
    assert tagged.returncode == 0 and "replaced" in tagged.stdout
    year = peelian("footage", "year", listed[0]["recorded_at"][:4], cwd=town)
    assert year.returncode == 0 and "admitted" in year.stdout


def test_an_office_of_its_own_without_approval_and_assessment_keeps_no_recording(town: Path, tmp_path: Path) -> None:
    assert peelian("office", "office", "--name", "New Town", cwd=tmp_path).returncode == 0
    assert (
        peelian("people", "enrol", "clerk", "--name", "C", "--unit", "u", "--role", "clerk", cwd=tmp_path).returncode
        == 0
    )
    (tmp_path / "clip.mp4").write_bytes((town / "clip.mp4").read_bytes())
    for _ in range(2):
        done = keep(tmp_path, "clip.mp4")
        assert done.returncode == 3, done.stderr
        assert "No council approval in force" in done.stderr and "No privacy assessment in force" in done.stderr
    assert json.loads(peelian("footage", "library", "--json", cwd=tmp_path).stdout) == []
    with open_office(tmp_path / "office") as office:
        assert not office.kernel.state.datasets and not office.kernel.state.unfinished
        assert not any(office.kernel.stores.vault.names().values()), "nothing is sealed"


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


def test_a_recording_needs_its_people_or_that_they_are_not_known(town: Path) -> None:
    bare = ("footage", "keep", "clip.mp4", "--recorded-at", RECORDED, "--as", "clerk")
    before = len(json.loads(peelian("footage", "library", "--json", cwd=town).stdout))
    done = peelian(*bare, cwd=town)
    assert done.returncode == 3 and "People concerned not stated" in done.stderr
    assert "list of people concerned, or state “people not known”" in done.stderr
    (town / "nobody.csv").write_text("identifier,name\n")
    (town / "broken.csv").write_text("identifier,name\nP-1,\n")
    (town / "people.csv").write_text("identifier,name\nP-1,Jane Roe\n")
    for file, says in (("nobody.csv", "without people"), ("broken.csv", "value missing"), ("none.csv", "no such file")):
        wrong = peelian(*bare, "--people", file, cwd=town)
        assert wrong.returncode == 2 and says in wrong.stderr, wrong.stderr
    both = peelian(*bare, "--people", "people.csv", "--people-not-known", cwd=town)
    assert both.returncode == 2 and "both listed and not known" in both.stderr
    assert len(json.loads(peelian("footage", "library", "--json", cwd=town).stdout)) == before, "nothing came in"
    kept = peelian(*bare, "--people", "people.csv", "--place", "City Hall", "--json", cwd=town)
    assert kept.returncode == 0, kept.stderr
    item = json.loads(kept.stdout)["dataset"]
    assert "Jane" not in kept.stdout and "City Hall" not in kept.stdout
    with open_office(town / "office") as office:
        entries = [entry for _, entry in office.kernel.stores.log.read()]
        assert not lacks_list(office.kernel, item)
    (came,) = (one for one in entries if one["kind"] == "ADMITTED" and one["dataset"] == item)
    assert came["people"] == "listed" and not {"Jane", "P-1", "City"} & set(str(entries).replace("'", " ").split())
