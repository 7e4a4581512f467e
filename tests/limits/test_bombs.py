"""A file that promises more than it holds ends in an InputError that names it; memory and time stay small, and nothing
is kept of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from bombs import BOMBS, CPU, DESCRIPTIONS, HEADER, MEMORY, ROW, kept_of, same_rows
from clips import written
from recordings import DECLARED
from terminal import peelian

from peelian.errors import InputError
from peelian.kernel.model.capability import Role
from peelian.operations.office import memory_office


@pytest.mark.slow
@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_by_its_name_within_little_memory_and_time(tmp_path: Path, name: str) -> None:
    BOMBS[name](tmp_path / name)
    said = kept_of(tmp_path / name, {})
    assert said.get("file", "").startswith(name) and said["accepted"], said
    assert said["mib"] < MEMORY + 500 and said["seconds"] < CPU, said
    assert "PEELIAN" not in said["accepted"], "it is counted before it is read, and no last resort"


@pytest.mark.parametrize("name", DESCRIPTIONS)
def test_a_hostile_description_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(DESCRIPTIONS[name])
    (tmp_path / "a.csv").write_bytes(HEADER + ROW)
    said = kept_of(tmp_path / "a.csv", {"description": str(tmp_path / name)})
    assert "line too long" in said["wrong"] and "1000 characters" in said["accepted"] and said["seconds"] < CPU, said


def test_nothing_is_kept_of_a_bomb(tmp_path: Path) -> None:
    same_rows(tmp_path / "rows.parquet")
    with memory_office(name="Town") as office:
        clerk = office.enrol("clerk", name="Clerk", unit="town", roles={Role.CUSTODIAN})
        before = office.kernel.stores.log.size()
        with pytest.raises(InputError, match=r"rows\.parquet: the file expands beyond"):
            office.admit(clerk, tmp_path / "rows.parquet", DECLARED)
        assert office.kernel.stores.log.size() == before and not office.kernel.state.datasets


def test_a_trial_of_a_bomb_says_so_in_both_languages_and_leaves_nothing(tmp_path: Path) -> None:
    same_rows(tmp_path / "rows.parquet")
    for language, says in (("en", "possibly a decompression bomb"), ("fr", "bombe de décompression")):
        done = peelian("--lang", language, "try", "mapping", "rows.parquet", "--out", "out", cwd=tmp_path)
        assert done.returncode == 2 and says in done.stderr and "rows.parquet" in done.stderr, done.stderr
        assert "Traceback" not in done.stderr and not (tmp_path / "out").exists()


def test_what_no_count_foresees_ends_at_the_allowance_of_memory(tmp_path: Path) -> None:
    """A file that is large and no bomb, let in with little: the limit is named, with the setting that raises it."""
    with (tmp_path / "a.csv").open("wb") as file:
        file.write(HEADER)
        for n in range(3_000_000):
            file.write(b"2024-01-01 00:00,-79.%07d,43.%07d,theft\n" % (n, n))
    said = kept_of(tmp_path / "a.csv", {}, memory=60)
    assert said["file"] == "a.csv" and said["accepted"] == "at most 60 MiB (PEELIAN_INTAKE_MEMORY)", said
    said = kept_of(tmp_path / "a.csv", {}, seconds=1)
    assert said["file"] == "a.csv" and said["accepted"] == "at most 1 seconds (PEELIAN_INTAKE_SECONDS)", said


@pytest.mark.slow
def test_a_recording_that_takes_too_long_to_look_through(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A damaged recording is decoded from end to end: one that goes on and on ends at the allowance and is not kept."""
    noise = [np.random.default_rng(n).integers(0, 255, (480, 640, 3)).astype(np.uint8) for n in range(4)]
    path = tmp_path / "long.mp4"
    path.write_bytes(written([noise[n % 4] for n in range(400)], crf=10))
    monkeypatch.setenv("PEELIAN_INTAKE_SECONDS", "1")
    options = {"recorded_at": "2026-03-02T14:05:00-05:00", "damaged": "yes"}
    with memory_office(name="Town") as office:
        clerk = office.enrol("clerk", name="Clerk", unit="town", roles={Role.CLERK})
        with pytest.raises(InputError, match=r"long\.mp4: reading the file takes too much .*PEELIAN_INTAKE_SECONDS"):
            office.keep_object(clerk, path, DECLARED, format="video", options=options)
        kinds = [entry["kind"] for _, entry in office.kernel.stores.log.read()]
        assert kinds[-1] == "TURNED_AWAY" and not office.kernel.state.datasets
        monkeypatch.delenv("PEELIAN_INTAKE_SECONDS")
        assert office.keep_object(clerk, path, DECLARED, format="video", options=options).facts["damaged"] == "yes"
