"""`peelian try`: a stranger's file in, a proof out, and never a forecast."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from importlib import resources
from pathlib import Path

import pytest
from invented import areas_geojson, incidents_csv
from pypdf import PdfReader

from peelian.demos import trial_runs
from peelian.demos.trial import OUTSIDE, attempt, documents, trial, trial_lines, write_documents
from peelian.errors import InputError, NotEnoughData
from peelian.operations.office import memory_office


@pytest.fixture(autouse=True)
def one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs apart are done one after the other: tests/demos/test_trial_runs.py has two processes at once."""
    monkeypatch.setattr(trial_runs, "AT_ONCE", 1)


def test_a_towns_own_file_is_proven_in_two_languages(tmp_path: Path) -> None:
    file = incidents_csv(tmp_path / "incidents.csv")
    areas = areas_geojson(tmp_path / "areas.geojson")
    files = {"incidents": (file, "auto", {}), "areas": (areas, "auto", {"groups": "renters"})}
    flags = ["--models", "uniform,long_run,decayed", "--offsets", "1"]
    tried = trial("mapping", files, flags=flags, out=tmp_path / "out", language="fr")
    page, record = ((tmp_path / "out" / name).read_text(encoding="utf-8") for name in ("mapping.html", "mapping.json"))
    assert {path.suffix for path in tried.files} == {".html", ".json", ".pdf"}
    assert 'lang="fr"' in page and "http" not in page.split("<body")[1].replace("http://www.w3.org", "")
    found = json.loads(record)
    assert found["capability"] == "mapping.backtest" and found["admitted"]["incidents"]["rows"] == 4000
    runs = found["runs"]
    assert {run["params"]["category"] for run in runs} == {"assault", "break_and_enter"}, "one proof a category"
    for run in runs:
        assert run["params"]["origins"] == 50, "half of a hundred weeks is held out"
        assert {"renters", "everybody"} <= {row["group"] for row in run["tables"]["exposure"]}
        assert not [name for name in run["tables"] if "forecast" in name]
    assert len(tried.says) == 3 and all("moyenne à long terme" in said for said in tried.says)
    assert "Aucun organisme n’a fixé de critères" in tried.says[-1]


def test_a_category_with_too_little_is_left_out_with_its_figures(tmp_path: Path) -> None:
    file = incidents_csv(tmp_path / "incidents.csv", n=2_000)
    rare = [
        f"2023-01-0{1 + i % 9} 12:00,44.001,-80.001,{kind}" for i, kind in enumerate(["Robbery"] * 12 + ["Drugs"] * 4)
    ]
    file.write_text(file.read_text(encoding="utf-8") + "\n".join(rare) + "\n", encoding="utf-8")
    flags = ["--models", "decayed", "--offsets", "1", "--origins", "24"]
    french = attempt("mapping", {"incidents": (file, "auto", {})}, flags=flags, language="fr")
    assert dict(french.told_left_out)["Vol qualifié"].startswith(
        "Données insuffisantes\u00a0: 12 incidents sur 400 requis"
    )
    english = replace(french, language="en", say=memory_office().say("en", "mapping"))
    left = dict(english.told_left_out)
    assert left["Robbery"].startswith("Not enough data: 12 incidents, 400 needed. Widen")
    assert "found by police" in left["Drugs"]
    write_documents(english, tmp_path / "out")
    assert "Left out of this trial" in (tmp_path / "out" / "mapping.html").read_text(encoding="utf-8")


def test_where_no_category_holds_enough_all_are_tried_together_and_too_little_is_said(tmp_path: Path) -> None:
    file = incidents_csv(tmp_path / "incidents.csv", n=2_000)
    flags = ["--models", "decayed", "--offsets", "1", "--origins", "24"]
    tried = attempt("mapping", {"incidents": (file, "auto", {})}, flags=flags)
    assert [ran.params.category for ran in tried.ran] == ["all"] and len(tried.left_out) == 2


def test_nothing_is_written_where_it_fails(tmp_path: Path) -> None:
    file = incidents_csv(tmp_path / "few.csv", n=30, weeks=10)
    with pytest.raises(NotEnoughData) as error:
        trial("mapping", {"incidents": (file, "auto", {})}, out=tmp_path / "out")
    assert "needed" in str(error.value) and not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        ("name,street\nJane Example,12 Main Street\n", "column names"),
        ("date;lat;lon;category\n2022-01-01;44.0;-80.0;Theft\n2022-13-45;44.0;-80.0;Theft\n", "row 3"),
        ("date,lat,lon,category\n2022-01-01,44.0,-80.0,Theft\n2022-01-02,4875000,630000,Theft\n", "row 3"),
        ("date,lat,lon\n2022-01-01,north of here,-80.0\n", "row 2"),
    ],
)
def test_bad_files_name_where_and_what_and_show_no_value(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "bad.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as error:
        trial("mapping", {"incidents": (file, "auto", {})}, out=tmp_path / "out")
    assert says in str(error.value), str(error.value)
    for value in ("Jane", "Main Street", "4875000", "north of here"):
        assert value not in str(error.value)


def test_an_audit_leaves_a_page_a_pdf_a_long_table_and_json_that_any_reader_takes(tmp_path: Path) -> None:
    from importlib import resources

    with resources.as_file(resources.files("peelian.technologies.risk") / "examples") as here:
        files = {"tally": (here / "compas_two_year_tally.csv", "auto", {})}
        tried = trial("risk", files, flags=["--bootstraps", "100"], out=tmp_path, language="fr")
    names = {"risk.html", "risk.pdf", "risk-annex.pdf", "risk.audit.json", "risk.csv", "risk.json"}
    assert {path.name for path in tried.files} == names
    assert len(PdfReader(tmp_path / "risk.pdf").pages) <= 8, "a board reads it; the tables are in the annex"
    page, annex = (PdfReader(tmp_path / name).pages for name in ("risk.pdf", "risk-annex.pdf"))
    assert "Le score distingue" in " ".join(page[0].extract_text()[:600].split())
    assert "risk-annex.pdf" in "".join(one.extract_text() for one in page)
    assert "Groupes croisés" in "".join(one.extract_text() for one in annex)
    assert (
        (tmp_path / "risk.csv")
        .read_text(encoding="utf-8")
        .startswith("group,cell,metric,value,lo,hi,num,den,suppressed")
    )

    def none(text: str) -> None:
        raise AssertionError(f"{text} is no JSON")

    for name in ("risk.audit.json", "risk.json"):
        json.loads((tmp_path / name).read_text(encoding="utf-8"), parse_constant=none)


def test_a_plain_cohort_is_audited_without_any_option_and_no_message_is_about_dates(tmp_path: Path) -> None:
    file = tmp_path / "cohort.csv"
    rows = "".join(f"{1 + i % 10},{int(i * 7 % 13 < 1 + i % 10)},{'ab'[i % 3 > 0]}\n" for i in range(600))
    file.write_text("risk_score,two_year_recid,gender\n" + rows, encoding="utf-8")
    tried = trial("risk", {"tally": (file, "auto", {})}, flags=["--bootstraps", "100"], out=tmp_path / "out")
    assert tried.facts["people"] == 600
    assert tried.admissions["tally"].format == "risk-columns"
    file.write_text("risk_score,came_back,gender\n" + rows, encoding="utf-8")
    with pytest.raises(InputError) as error:
        trial("risk", {"tally": (file, "auto", {})}, out=tmp_path / "out")
    assert "date" not in str(error.value)
    assert error.value.accepted == "option outcome=COLUMN, COLUMN one of: risk_score, came_back, gender"


def test_dates_after_today_are_said(tmp_path: Path) -> None:
    file = incidents_csv(tmp_path / "incidents.csv", n=2_000)
    file.write_text(file.read_text(encoding="utf-8").replace("\n202", "\n208"), encoding="utf-8")
    flags = ["--models", "decayed", "--offsets", "1", "--category", "all"]
    tried = attempt("mapping", {"incidents": (file, "auto", {})}, flags=flags)
    notes = [note["text"] for note in tried.admissions["incidents"].notes]
    assert any("after the import date" in text for text in notes)


def test_a_french_trial_tells_the_terminal_in_french_and_its_time_as_people_write_it(tmp_path: Path) -> None:
    file = incidents_csv(tmp_path / "incidents.csv", n=2_000)
    flags = ["--category", "all", "--models", "decayed", "--offsets", "1", "--origins", "24"]
    tried = trial("mapping", {"incidents": (file, "auto", {})}, flags=flags, out=tmp_path / "fr", language="fr")
    lines = trial_lines(tried)
    assert any(line.startswith("Écrit\u00a0: ") for line in lines)
    assert not any("Written" in line or "admitted" in line for line in lines)
    assert any("bits par incident" in line for line in lines), "what was found"
    assert not any(re.match(r"[a-z_]+: ", line) for line in lines), "no setting by its name in the code"
    page = (tmp_path / "fr" / "mapping.html").read_text(encoding="utf-8")
    assert " h " in page and "UTC" in page and "+00:00" not in page


def test_areas_of_another_town_are_named_by_their_file(tmp_path: Path) -> None:
    file, areas = incidents_csv(tmp_path / "incidents.csv", n=2_000), tmp_path / "elsewhere.geojson"
    ring = [[10.0, 50.0], [10.1, 50.0], [10.1, 50.1], [10.0, 50.1], [10.0, 50.0]]
    feature = {"type": "Feature", "properties": {"name": "Far"}, "geometry": {"type": "Polygon", "coordinates": [ring]}}
    areas.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
    files = {"incidents": (file, "auto", {}), "areas": (areas, "areas", {})}
    flags = ["--category", "all", "--models", "decayed", "--offsets", "1", "--origins", "24"]
    with pytest.raises(InputError, match=r"^elsewhere\.geojson: .*Expected: areas of the same town"):
        trial("mapping", files, flags=flags, out=tmp_path / "out")


def test_an_attempt_writes_nothing_until_its_documents_are_written(tmp_path: Path) -> None:
    counts = Path(str(resources.files("peelian.technologies.risk") / "examples" / "compas_two_year_tally.csv"))
    made = attempt("risk", {"tally": (counts, "auto", {})}, flags=["--bootstraps", "100"])
    assert not list(tmp_path.iterdir()) and made.left_out == () and len(made.ran) == 1
    written = write_documents(made, tmp_path / "out")
    assert {path.name for path in written} == {path.name for path in (tmp_path / "out").iterdir()}
    assert json.loads((tmp_path / "out" / "risk.json").read_text(encoding="utf-8"))["made"] == OUTSIDE


def test_a_report_from_outside_an_office_leaves_no_decision_to_a_board(tmp_path: Path) -> None:
    file = incidents_csv(tmp_path / "incidents.csv", n=2_000)
    flags = ["--category", "all", "--models", "decayed", "--offsets", "1", "--origins", "24"]
    made = attempt("mapping", {"incidents": (file, "auto", {})}, flags=flags)
    ran = made.ran[0]
    met = replace(ran.findings, facts={**ran.findings.facts, "criteria_met": True})
    made = replace(made, ran=(replace(ran, findings=met),))
    french = replace(made, language="fr", say=memory_office().say("fr", "mapping"))
    page, french_page = (str(documents(one)["mapping.html"]) for one in (made, french))
    assert "Only an office can adopt a model" in page and "board decides" not in page
    assert "Seul un bureau peut adopter un modèle" in french_page


def test_the_first_answer_is_a_whole_report_and_the_others_come_to_it(tmp_path: Path) -> None:
    file = incidents_csv(tmp_path / "incidents.csv", n=2_000)
    out, seen, heard = tmp_path / "out", [], []

    def look(line: str) -> None:
        heard.append(line)
        seen.append(json.loads((out / "mapping.json").read_text(encoding="utf-8")))
        assert (out / "mapping.html").read_text(encoding="utf-8").rstrip().endswith("</html>")

    flags = ["--models", "uniform,decayed", "--offsets", "1", "--origins", "30"]
    trial("mapping", {"incidents": (file, "auto", {})}, flags=flags, out=out, heard=look)
    first, last = seen[0], seen[-1]
    assert [row["model"] for row in first["tables"]["scores"]] == ["long_run", "decayed"] and len(first["waiting"]) == 2
    assert len(seen) == 3 and len(last["runs"]) == 2 and not last["waiting"]
    assert "so far. Still to come" in heard[0] and "is complete" in heard[-1]
    assert not list(out.glob(".*")), "nothing unfinished is left"


def test_several_categories_fill_eight_pages_at_most_and_begin_with_answer_map_and_chart(tmp_path: Path) -> None:
    with resources.as_file(resources.files("peelian.technologies.mapping") / "examples" / "toronto") as here:
        files = {
            "incidents": (here / "toronto_mci_2014_2021.parquet", "auto", {}),
            "areas": (here / "neighbourhoods_140.geojson", "auto", {}),
        }
        flags = ["--models", "uniform,long_run,moving,density,decayed", "--offsets", "1", "--origins", "13"]
        flags += ["--cell-metres", "500", "--train-from", "2020-01-01"]
        write_documents(attempt("mapping", files, flags=flags), tmp_path)
    pages = [" ".join(page.extract_text().split()) for page in PdfReader(tmp_path / "mapping.pdf").pages]
    assert len(pages) <= 8
    assert (
        "Recorded incidents by area" in pages[0] + pages[1]
        and "Models against the long-run average" in pages[0] + pages[1]
    )
    assert len(PdfReader(tmp_path / "mapping-annex.pdf").pages) > len(pages)


def test_a_vendors_predictions_are_audited(tmp_path: Path) -> None:
    file = resources.files("peelian.technologies.mapping") / "examples" / "predpol" / "elgin.geojson"
    with resources.as_file(file) as elgin:
        by_shape = trial("mapping", {"incidents": (elgin, "auto", {})}, out=tmp_path / "a")
        by_name = trial("mapping.vendor", {"predictions": (elgin, "auto", {})}, out=tmp_path / "b")
    assert by_shape.capability.id == by_name.capability.id == "mapping.vendor"
    assert "Predictions by area" in (tmp_path / "a" / "mapping.html").read_text(encoding="utf-8")
