"""`peelian data ground`: a town puts its streets under the maps from the terminal."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path

import pytest
from pbf import town
from terminal import peelian

ORIGIN = ("--source", "the town", "--licence", "ODbL 1.0", "--attribution", "© OpenStreetMap contributors")


def test_streets_are_brought_shown_and_a_damaged_file_is_refused(tmp_path: Path) -> None:
    def run(*words: str, code: int = 0) -> str:
        done = peelian(*words, "--office", "town", cwd=tmp_path)
        assert done.returncode == code, done.stderr
        return done.stdout + done.stderr

    assert peelian("office", "town", "--name", "Town", cwd=tmp_path).returncode == 0
    assert "No streets under the maps" in run("data", "ground")
    assert json.loads(run("data", "ground", "--json")) == {}
    if find_spec("pyogrio") is None:
        (tmp_path / "t.osm.pbf").write_bytes(town())
        assert "peelian[geo]" in run("data", "ground", "t.osm.pbf", *ORIGIN, code=2)
        pytest.skip("the extra `geo` is not installed")
    (tmp_path / "t.osm.pbf").write_bytes(town())
    assert "Streets 18, parks 1, water 1, areas 1" in run("data", "ground", "t.osm.pbf", *ORIGIN)
    shown = json.loads(run("data", "ground", "--json"))
    assert shown["streets"] == 18 and shown["attribution"] == ORIGIN[-1] and shown["address"].endswith(".pmtiles")
    (tmp_path / "t.osm.pbf").write_bytes(town()[:-9])
    assert "t.osm.pbf: file damaged or cut off" in run("data", "ground", "t.osm.pbf", *ORIGIN, code=2)
    assert "the attribution is empty" in run("data", "ground", "t.osm.pbf", *ORIGIN[:4], code=2)
    assert json.loads(run("data", "ground", "--json")) == shown and shown["left_out"] == 0
