"""How recordings and lists come in: by content and not by name, with moments that know their zone."""

from __future__ import annotations

import dataclasses
import io
from pathlib import Path

import pytest
from desk import desk, entitle

from peelian.errors import InputError, Refused
from peelian.intake.read import admitted
from peelian.kernel.model.documents import Declaration
from peelian.kernel.verbs import custody
from peelian.technologies.footage import TECHNOLOGY
from peelian.technologies.footage.example import example_clip
from peelian.technologies.footage.formats.lists import FORMATS
from peelian.technologies.footage.formats.video import inspect_video, moment

DECLARED = Declaration(
    title="t", purposes=("disclosure",), legal_basis="b", minimisation="m", retention_days=36_500, source="s",
    people="not_known",
)  # fmt: skip
DISPATCH = "event_id,unit,type,dispatched,arrived,cleared\n"
LISTED = "unit,started,stopped,muted_seconds,reason\n"


def test_a_recording_is_described_and_not_shown() -> None:
    seen = inspect_video(io.BytesIO(example_clip()), {"recorded_at": "2026-03-01T05:00:00-05:00", "device": "tok"})
    assert seen.facts["recorded_at"] == "2026-03-01T10:00:00+00:00"
    assert (seen.facts["width"], seen.facts["height"], seen.facts["audio_streams"]) == (64, 48, 1)
    assert seen.facts["device"] == "tok" and len(seen.table) == 1


@pytest.mark.parametrize("wrong", ["", "yesterday", "2026-03-01T05:00:00", "1889-01-01T00:00:00Z"])
def test_a_moment_without_its_zone_or_sense_is_refused(wrong: str) -> None:
    with pytest.raises(InputError, match="not a date and time"):
        moment(wrong, column="recorded_at")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"RIFF" + bytes(100),
        b"#EXTM3U\nhttp://example.org/a.ts\n",
        example_clip()[:400],
        b"%PDF-1.7",
        bytes(5000),
        b"\x00\x00\x00\x20ftypisom" + b"\xff" * 4000,
    ],
)
def test_a_truncated_or_hostile_file_is_turned_away_and_nothing_remains(content: bytes) -> None:
    town = desk()
    entitle(town.kernel, town.people["council"])
    with pytest.raises(InputError):
        custody.keep(
            town.kernel,
            town.people["clerk"],
            DECLARED,
            io.BytesIO(content),
            format="video",
            options={"recorded_at": "2026-03-01T10:00:00Z"},
        )
    assert town.kinds()[-1] == "TURNED_AWAY" and not town.kernel.state.datasets
    name = next(str(e["dataset"]) for _, e in town.kernel.stores.log.read() if e["kind"] == "KEEPING")
    assert town.kernel.stores.vault.found(name) == ()


def test_dispatch_records_keep_no_number_of_a_call(tmp_path: Path) -> None:
    file = tmp_path / "calls.csv"
    file.write_text(
        DISPATCH
        + "E1,east,traffic,2026-03-01T10:00:00Z,2026-03-01T10:05:00Z,2026-03-01T10:20:00Z\n"
        + "E2,east,traffic,2026-03-01T11:00:00Z,,2026-03-01T11:20:00Z\n"
        + "E3,west,,2026-03-01T11:00:00Z,2026-03-01T12:00:00Z,2026-03-01T11:20:00Z\n"
    )
    name, taken = admitted(file, "auto", FORMATS, {})
    assert name == "dispatch-csv" and len(taken.table) == 1
    assert "event_id" not in taken.table and [d.n for d in taken.dropped] == [1, 1]
    assert int(taken.table["cleared"][0] - taken.table["arrived"][0]) == 900


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("east,2026-03-01T10:00:00Z,2026-03-01T11:00:00Z,0,sleepy", "reason"),
        ("east,2026-03-01T10:00:00Z,2026-03-01T11:00:00Z,few,other", "whole number"),
        ("east,2026-03-01 10:00,2026-03-01T11:00:00Z,0,other", "not a date and time"),
        ("east,,2026-03-01T11:00:00Z,0,other", "without start"),
    ],
)
def test_a_list_says_where_it_is_wrong(tmp_path: Path, row: str, says: str) -> None:
    file = tmp_path / "list.csv"
    file.write_text(LISTED + "east,2026-03-01T10:00:00Z,2026-03-01T11:00:00Z,,\n" + row + "\n")
    with pytest.raises(InputError, match=says) as error:
        admitted(file, "recordings-csv", FORMATS, {})
    assert error.value.row == 3 and "sleepy" not in str(error.value).split(". Expected")[0]


@pytest.mark.parametrize("said", ["", "some", "NOT_KNOWN", "nobody"])
def test_no_recording_comes_in_without_a_word_on_its_people(said: str) -> None:
    town, declared = desk((TECHNOLOGY,)), dataclasses.replace(DECLARED, people=said)
    entitle(town.kernel, town.people["council"])
    before = len(list(town.kernel.stores.log.read()))
    with pytest.raises(Refused, match="people concerned not stated"):
        options = {"recorded_at": "2026-03-01T10:00:00Z"}
        file = io.BytesIO(example_clip())
        custody.keep(town.kernel, town.people["clerk"], declared, file, format="video", options=options)
    assert len(list(town.kernel.stores.log.read())) == before


def test_nor_is_one_admitted_that_was_sealed_elsewhere() -> None:
    """The registrar of a divided office is told of what a worker sealed: it asks again."""
    town = desk((TECHNOLOGY,))
    kernel, clerk = town.kernel, town.people["clerk"]
    entitle(kernel, town.people["council"])
    custody.begun(kernel, clerk, "footage-1", format="video")
    with kernel.stores.vault.seal("footage-1") as file:
        file.write(example_clip())
    sealed, declared = file.sealed, dataclasses.replace(DECLARED, people="")
    facts = {"recorded_at": "2026-03-01T10:00:00+00:00"}
    kept = custody.Kept(
        dataset="footage-1", format="video", object=sealed.object, digest=sealed.digest, rows=1, declaration=declared,
        facts=facts, description="0" * 64, size=sealed.size,
    )  # fmt: skip
    with pytest.raises(Refused, match="people concerned not stated"):
        custody.kept_as(kernel, clerk, kept)
