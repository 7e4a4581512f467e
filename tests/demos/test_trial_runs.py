"""The runs of a trial: the same findings in a process apart as here, and a fault there is told here."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest
from invented import incidents_csv

from peelian.demos.trial import attempt, trial
from peelian.demos.trial_runs import run_apart, technology_of
from peelian.errors import InputError
from peelian.technologies.mapping.declarations.backtest import BacktestParams


def test_a_run_apart_finds_what_a_run_here_finds(tmp_path: Path) -> None:
    file = incidents_csv(tmp_path / "incidents.csv", n=2_000)
    files = {"incidents": (file, "auto", {})}
    flags = ["--models", "decayed", "--origins", "30", "--offsets", "1"]
    apart = attempt("mapping", files, flags=flags)
    here = attempt("mapping", files, flags=[*flags, "--category", "assault"])
    one = next(ran for ran in apart.ran if ran.params.category == "assault")
    assert one.evidence.findings == here.ran[0].evidence.findings


def test_a_technology_without_a_trial_is_said_plainly() -> None:
    with pytest.raises(InputError, match="crowd, faces, footage, mapping, risk, sensors"):
        technology_of("drones")


def test_a_fault_in_a_process_apart_is_told_in_words(tmp_path: Path) -> None:
    file = tmp_path / "bad.csv"
    file.write_text("date,lat,lon\n2022-01-01,north of here,-80.0\n", encoding="utf-8")
    params = [BacktestParams(category=word) for word in ("theft", "assault")]
    with pytest.raises(InputError, match=r"row 2, column lat: not a number"):
        list(run_apart("mapping", {"incidents": (file, "auto", {})}, params, lambda says, share: None))


def test_a_capability_is_tried_by_its_id(tmp_path: Path) -> None:
    assert technology_of("risk.subgroups")[1].capability == "risk.subgroups"
    assert technology_of("risk.audit")[1] == technology_of("risk")[1]
    for name in ("risk.nothing", "risk.plan", "mapping.advice", "drones.find"):
        with pytest.raises(InputError):
            technology_of(name)
    rows = "".join(f"{n % 7},{n % 3 % 2},{('White', 'Black')[n % 2]}\n" for n in range(900))
    file = tmp_path / "scores.csv"
    file.write_text("score,outcome,n,race\n" + rows.replace(",White", ",1,White").replace(",Black", ",1,Black"))
    tried = trial("risk.subgroups", {"tally": (file, "auto", {})}, out=tmp_path / "out")
    assert tried.capability.id == "risk.subgroups" and "searched" in tried.facts


@pytest.mark.parametrize(
    ("file", "capability"),
    [
        ("invented_pair.csv", "risk.compare"),
        ("invented_quarters.csv", "risk.drift"),
        ("invented_overrides.csv", "risk.overrides"),
    ],
)
def test_a_file_s_columns_say_which_audit_it_is_for(tmp_path: Path, file: str, capability: str) -> None:
    path = Path(str(files("peelian.technologies.risk") / "examples" / file))
    tried = trial("risk", {"tally": (path, "auto", {})}, out=tmp_path, language="fr")
    assert tried.capability.id == capability and not tried.key
    page = (tmp_path / "risk.html").read_text(encoding="utf-8")
    assert "Degré de certitude" in page and "How sure" not in page


@pytest.mark.parametrize(
    ("capability", "flags"),
    [("mapping.scan", ["--simulations", "99"]), ("mapping.hotspots", ["--periods", "6"])],
)
def test_what_names_places_is_tried_without_its_places(tmp_path: Path, capability: str, flags: list[str]) -> None:
    file = incidents_csv(tmp_path / "incidents.csv", n=2_000)
    tried = trial(capability, {"incidents": (file, "auto", {})}, flags=flags, out=tmp_path / "out", language="fr")
    (one,) = tried.ran
    assert tried.capability.id == capability and one.findings.notes and not one.findings.tables
    (page,) = (tmp_path / "out").glob("*.html")
    assert "Ce rapport ne nomme aucun lieu" in page.read_text(encoding="utf-8")


def test_near_repeats_are_tried_without_an_office(tmp_path: Path) -> None:
    file = incidents_csv(tmp_path / "incidents.csv", n=2_000)
    tried = trial(
        "mapping.knox", {"incidents": (file, "auto", {})}, flags=["--permutations", "319"], out=tmp_path / "out"
    )
    assert tried.capability.id == "mapping.knox" and "repeats" in tried.facts
