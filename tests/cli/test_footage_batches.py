"""Several recordings by the command line: killed, gone on with, refused, and nothing made twice."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from broker import until
from desk import entitle
from own_keys import credentials
from terminal import peelian

from peelian.operations.office import open_office
from peelian.technologies.footage.example import example_clip


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("town")
    (folder / "clip.mp4").write_bytes(example_clip())
    for command in (
        ("office", "office", "--name", "Town"),
        ("enrol", "clerk", "--name", "clerk", "--unit", "records", "--role", "clerk"),
    ):
        done = peelian(*command, cwd=folder)
        assert done.returncode == 0, done.stderr
    with open_office(folder / "office") as office:
        entitle(office.kernel, office.operator("clerk"))
    return folder


def keep(town: Path) -> str:
    done = peelian("footage", "keep", "clip.mp4", "--recorded-at", "2026-03-01T05:00:00-05:00", "--as", "clerk",
                   "--people-not-known", "--json", cwd=town)  # fmt: skip
    return str(json.loads(done.stdout)["dataset"])


def asked(town: Path) -> bool:
    """Whether somebody asked for a run."""
    with open_office(town / "office") as office:
        return bool(office.kernel.state.histories)


def test_several_are_suggested_killed_and_gone_on_with(town: Path, tmp_path: Path) -> None:
    """The command dies by SIGKILL in the middle; the same command goes on, and nothing is made twice."""
    items = set(map(keep, [town] * 2))
    command = [sys.executable, "-m", "peelian", "footage", "suggest", "--json", "--as", "clerk"]
    known = {**os.environ, **credentials(tmp_path / "known", "clerk")}
    process = subprocess.Popen(command, cwd=town, env=known, stdout=subprocess.DEVNULL)
    assert until(lambda: asked(town))
    time.sleep(0.5)
    process.kill()
    process.wait()
    done = peelian("footage", "suggest", "--json", "--as", "clerk", cwd=town)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)["recordings"]
    assert items <= {one["item"] for one in told} and all(one["made"] for one in told)
    again = peelian("footage", "suggest", *items, "--as", "clerk", cwd=town)
    assert "done before" in again.stdout and again.returncode == 0
    plain = peelian("footage", "suggest", *items, "--threshold", "0.3", "--json", "--as", "clerk", cwd=town)
    assert not json.loads(plain.stdout)["recordings"][0]["earlier"]
    assert json.loads(peelian("footage", "redact", "--json", "--as", "clerk", cwd=town).stdout)["left_out"] >= 1
    wrong = peelian("footage", "suggest", "not-one", "--as", "clerk", cwd=town)
    assert wrong.returncode != 0 and "not-one is not a recording" in wrong.stderr
