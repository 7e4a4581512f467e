"""The runs of a trial: the same findings in a process apart as here, and a fault there is told here."""

from __future__ import annotations

from pathlib import Path

import pytest
from invented import incidents_csv

from peelian.demos.trial import trial
from peelian.demos.trial_runs import run_apart, technology_of
from peelian.errors import InputError
from peelian.technologies.mapping.declarations.backtest import BacktestParams


def test_a_run_apart_finds_what_a_run_here_finds(tmp_path: Path) -> None:
    file = incidents_csv(tmp_path / "incidents.csv", n=2_000)
    files = {"incidents": (file, "auto", {})}
    flags = ["--models", "decayed", "--origins", "30", "--offsets", "1"]
    apart = trial("mapping", files, flags=flags, out=tmp_path / "apart")
    here = trial("mapping", files, flags=[*flags, "--category", "assault"], out=tmp_path / "here")
    one = next(ran for ran in apart.ran if ran.params.category == "assault")
    assert one.evidence.findings == here.ran[0].evidence.findings


def test_a_technology_without_a_trial_is_said_plainly() -> None:
    with pytest.raises(InputError, match="mapping"):
        technology_of("drones")


def test_a_fault_in_a_process_apart_is_told_in_words(tmp_path: Path) -> None:
    file = tmp_path / "bad.csv"
    file.write_text("date,lat,lon\n2022-01-01,north of here,-80.0\n", encoding="utf-8")
    params = [BacktestParams(category=word) for word in ("theft", "assault")]
    with pytest.raises(InputError, match=r"row 2, column lat: not a number"):
        run_apart("mapping", {"incidents": (file, "auto", {})}, params, lambda says, share: None)
