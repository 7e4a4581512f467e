"""Every notebook runs from its first cell to its last, keeps no output, and is shown on the site."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import site_pages

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "docs").rglob("*.ipynb"))
AUDITS = [path for path in NOTEBOOKS if path.stem.startswith("audit")]
STUDIES = [path for path in NOTEBOOKS if path not in AUDITS]


def cells(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return found


def played(path: Path) -> dict[str, Any]:
    """Run the code cells one after the other, as a kernel does; what they leave behind."""
    room: dict[str, Any] = {}
    for number, cell in enumerate(cells(path), start=1):
        if cell["cell_type"] == "code":
            code = "".join(cell["source"])
            exec(compile(code, f"{path.name}, cell {number}", "exec"), room)  # noqa: S102 - the notebook's own words
    return room


def test_there_is_one_for_each_audit_and_two_that_map() -> None:
    assert [path.stem for path in AUDITS] == ["audit-a-matcher", "audit-a-risk-instrument"]
    assert [path.stem for path in STUDIES] == ["compare-forecasts", "map-expected-incidents"]


@pytest.mark.parametrize("path", STUDIES, ids=lambda path: path.stem)
def test_a_notebook_that_maps_runs_and_its_results_say_they_are_for_research(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MPLBACKEND", "Agg")
    left = played(path)
    made = left["scores"].frame if "scores" in left else left["week"]
    assert made.attrs["use"] == "research use: no accuracy report"
    assert len(made) > 10
    assert any("research use" in text.get_text() for text in left["figure"].texts)
    if "held" in left:
        assert 0.9 < left["held"] <= 1


@pytest.mark.parametrize("path", AUDITS, ids=lambda path: path.stem)
def test_a_notebook_runs_and_writes_its_papers(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MPLBACKEND", "Agg")
    left = played(path)
    written = {file.name for file in (tmp_path / "report").iterdir()}
    assert {f"{left['audit'].technology}.html", "model-card.html", "model-card.json", "fria.html"} <= written
    assert left["audit"].conclusions and capsys.readouterr().out.startswith("- ")


def test_the_matcher_notebook_explains_why_its_difference_is_not_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MPLBACKEND", "Agg")
    left, path = played(AUDITS[0]), AUDITS[0]
    prose = " ".join("".join("".join(cell["source"]) for cell in cells(path)).split())
    assert "No difference between groups was shown." in left["audit"].conclusions
    assert "needs 10 errors in every group, and group `one` has 2" in prose
    one = {number for number, label in left["audit"].labels.items() if label == "one"}
    within = left["within"][left["within"]["group"].str.split(" / ").str[-1].isin(one)]
    assert set(within["errors"]) == {2}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_keeps_no_output_and_no_count(path: Path) -> None:
    code = [cell for cell in cells(path) if cell["cell_type"] == "code"]
    assert code and all(cell["outputs"] == [] and cell["execution_count"] is None for cell in code)
    assert len({cell["id"] for cell in cells(path)}) == len(cells(path))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_site_shows_its_text_and_its_code(path: Path) -> None:
    page = path.with_suffix(".md")
    shown = site_pages.page(page, page.read_text(encoding="utf-8"))
    assert shown.startswith("# ") and "```python\n" in shown and path.name in shown
    assert all("".join(cell["source"]) in shown for cell in cells(path) if cell["cell_type"] == "code")


def test_a_cell_that_fails_is_named(tmp_path: Path) -> None:
    broken = tmp_path / "broken.ipynb"
    broken.write_text(json.dumps({"cells": [{"cell_type": "code", "source": ["1 / 0"]}]}))
    with pytest.raises(ZeroDivisionError) as fault:
        played(broken)
    assert fault.traceback[-1].path == Path("broken.ipynb, cell 1") or "cell 1" in str(fault.traceback[-1])
