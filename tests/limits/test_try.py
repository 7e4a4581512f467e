"""Attempts to get a person out by `peelian try`, in an office that nobody sees and that is thrown away."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from attempts import attempts, disguises, persons
from hypothesis import given
from hypothesis import strategies as st
from invented import areas_geojson, incidents_csv
from terminal import peelian

from peelian.demos.labels import Key, numbered
from peelian.demos.trial import OUTSIDE, Tried, trial
from peelian.errors import InputError, PeelianError
from peelian.kernel.model.formats import Admitted
from peelian.kernel.model.labels import LabelKind
from peelian.measure.table import Column, Kind, Table

QUICKLY = ["--models", "long_run,decayed", "--category", "all", "--offsets", "1", "--origins", "24"]
PERSON, BADGES = "Zqwv Tremblaix", ["zq-4711", "zq-4712", "PC zq 1138"]


def audited(tmp_path: Path, groups: list[str], column: str = "team", **more: str) -> Tried:
    rows = "".join(f"p{n},{n % 10},{n % 3 % 2},{groups[n % len(groups)]}\n" for n in range(400))
    file = tmp_path / "scores.csv"
    file.write_text(f"pid,score,outcome,{column}\n" + rows, encoding="utf-8")
    options = {"groups": column, **more}
    return trial("risk", {"tally": (file, "risk-cohort", options)}, out=tmp_path / "out")


def everything_in(folder: Path) -> str:
    """All that a report says; its key is a file of its own, for nobody else to read."""
    files = [path for path in sorted(folder.iterdir()) if not path.name.endswith(".labels.csv")]
    return "\n".join(path.read_bytes().decode("utf-8", "replace") for path in files)


def test_groups_that_are_persons_leave_as_numbers(tmp_path: Path) -> None:
    tried = audited(tmp_path, ["White", "Black", *BADGES])
    told = everything_in(tmp_path / "out")
    assert not [badge for badge in BADGES if badge in told] and "White" in told and "group 01" in told
    assert [path.name for path in tmp_path.iterdir() if path.name != "out"] == ["scores.csv"], "nothing beside the file"
    assert tried.key == tmp_path / "out" / "risk.labels.csv" and tried.key.stat().st_mode & 0o077 == 0
    with tried.key.open(encoding="utf-8") as file:
        assert {row["label"] for row in csv.DictReader(file)} == {*BADGES, "team"}


def test_a_column_called_after_a_person_leaves_as_a_number(tmp_path: Path) -> None:
    audited(tmp_path, ["White", "Black"], column=PERSON)
    assert PERSON not in everything_in(tmp_path / "out")


def test_every_page_says_that_it_was_made_outside_any_office(tmp_path: Path) -> None:
    audited(tmp_path, ["White", "Black"])
    page, record = ((tmp_path / "out" / name).read_text(encoding="utf-8") for name in ("risk.html", "risk.json"))
    assert f'<div class="mark" role="note">{OUTSIDE}</div>' in page
    assert json.loads(record)["made"] == OUTSIDE
    from pypdf import PdfReader

    pages = PdfReader(tmp_path / "out" / "risk.pdf").pages
    assert len(pages) > 1 and all(OUTSIDE in " ".join(one.extract_text().split()) for one in pages)


def test_areas_of_homes_in_a_given_file_leave_as_numbers(tmp_path: Path) -> None:
    incidents = incidents_csv(tmp_path / "incidents.csv")
    areas = areas_geojson(tmp_path / "areas.geojson")
    told = json.loads(areas.read_text(encoding="utf-8"))
    names = []
    for n, feature in enumerate(told["features"]):
        name = next(key for key, value in feature["properties"].items() if isinstance(value, str))
        feature["properties"][name] = f"Zqwv {chr(97 + n)}"
        people = next(key for key in feature["properties"] if key.lower().startswith("pop"))
        feature["properties"][people] = 3 if n else 4000
        names.append(feature["properties"][name])
    areas.write_text(json.dumps(told), encoding="utf-8")
    files = {"incidents": (incidents, "auto", {}), "areas": (areas, "auto", {})}
    tried = trial("mapping", files, flags=QUICKLY, out=tmp_path / "out")
    told_of = everything_in(tmp_path / "out")
    assert not [name for name in names[1:] if name in told_of]
    assert tried.key is not None and set(names[1:]) <= {row[1] for row in csv.reader(tried.key.open(encoding="utf-8"))}


@pytest.mark.parametrize("homes", ["200", "5000"])
def test_energy_of_three_homes_said_to_be_of_many(tmp_path: Path, homes: str) -> None:
    rows = "".join(f"2026-03-{d:02d} {h:02d}:00,2.6\n" for d in range(1, 29) for h in range(24))
    file = tmp_path / "energy.csv"
    file.write_text("time,value\n" + rows, encoding="utf-8")
    options = {"measure": "energy", "homes": homes, "largest_share": "0.05"}
    with pytest.raises(PeelianError, match="does not fit the number of homes"):
        trial("sensors", {"windows": (file, "sensor-counts", options)}, out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_what_somebody_of_an_office_tries_is_in_its_log(tmp_path: Path) -> None:
    assert peelian("office", "town", "--name", "Town", cwd=tmp_path).returncode == 0
    incidents_csv(tmp_path / "i.csv")
    words = ["try", "mapping", "i.csv", "--out", "out", *QUICKLY, "--office", "town"]
    assert peelian(*words, cwd=tmp_path).returncode != 0, "nobody named"
    assert peelian(*words, "--as", "nobody", cwd=tmp_path).returncode != 0
    assert not (tmp_path / "out").exists()
    done = peelian(*words, "--as", "custodian", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    from peelian.operations.office import open_office

    with open_office(tmp_path / "town") as office:
        (tried,) = [entry for _, entry in office.kernel.stores.log.read() if entry["kind"] == "TRIED"]
    assert tried["technology"] == "mapping" and tried["rows"] == 4000 and tried["signature"]
    assert "i.csv" not in str(tried)


def scores_and_subjects(tmp_path: Path, group: str) -> tuple[Path, Path]:
    kinds = [f"genuine,a{n},a{n},{0.9 - n % 7 / 100}" for n in range(80)]
    pairs = [(n, m) for n in range(80) for m in range(n + 1, min(n + 30, 80))]
    kinds += [f"impostor,a{n},a{m},{0.1 + (n + m) % 9 / 100}" for n, m in pairs]
    scores, subjects = tmp_path / "scores.csv", tmp_path / "subjects.csv"
    scores.write_text("kind,probe_subject,ref_subject,score\n" + "\n".join(kinds) + "\n", encoding="utf-8")
    rows = "".join(f"a{n},female,25-34,{group if n % 2 else 'White'}\n" for n in range(80))
    subjects.write_text("subject,sex,age_band,group\n" + rows, encoding="utf-8")
    return scores, subjects


def test_numbered_labels_sort_as_they_count() -> None:
    key = Key()
    numbers = [key.number(LabelKind.GROUP, f"team {n}") for n in range(12)]
    assert numbers[0] == "group 01" and numbers == sorted(numbers)


def test_too_many_names_of_groups_are_told_with_their_column_and_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(
        InputError, match=r"(?s)column (feature_)?team: 45 different names of groups.*at most 40.*Merge"
    ):
        audited(tmp_path, ["White", *(f"Team {chr(65 + n % 26)}{chr(65 + n // 26)}" for n in range(44))])


def test_persons_in_a_second_file_leave_as_numbers(tmp_path: Path) -> None:
    scores, subjects = scores_and_subjects(tmp_path, BADGES[0])
    words = ["try", "faces", scores.name, "--more", f"subjects={subjects.name}", "--out", "out"]
    done = peelian(*words, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    told = everything_in(tmp_path / "out") + done.stdout
    assert BADGES[0] not in told and "group 01" in told and "White" in told


@pytest.mark.parametrize("role", ["persons", "../subjects", "scores_2", "subjects.group"])
def test_a_further_file_under_a_role_that_nobody_declared(tmp_path: Path, role: str) -> None:
    scores, subjects = scores_and_subjects(tmp_path, "Black")
    words = ["try", "faces", scores.name, "--more", f"{role}={subjects.name}", "--out", "out"]
    done = peelian(*words, cwd=tmp_path)
    assert done.returncode == 3 and "does not declare input" in done.stderr, done.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("homes", ["3", "200"])
def test_energy_of_three_homes_as_a_further_file_of_something_else(tmp_path: Path, homes: str) -> None:
    energy = tmp_path / "energy.csv"
    rows = "".join(f"2026-03-{d:02d} {h:02d}:00,2.6\n" for d in range(1, 29) for h in range(24))
    energy.write_text("time,value\n" + rows, encoding="utf-8")
    incidents_csv(tmp_path / "i.csv")
    words = ["try", "mapping", "i.csv", "--more", "areas=energy.csv", "--format", "areas=sensor-counts"]
    options = ["--option", "areas.measure=energy", "--option", f"areas.homes={homes}"]
    done = peelian(*words, *options, "--out", "out", cwd=tmp_path)
    assert done.returncode in (2, 3) and "Traceback" not in done.stderr and not (tmp_path / "out").exists(), done.stdout


@attempts(120)
@given(
    st.lists(persons.filter(lambda label: "," not in label), min_size=1, max_size=5, unique=True),
    st.data(),
    st.integers(0, 99),
)
def test_no_label_of_a_person_is_left_in_what_a_trial_takes_in(
    people: list[str], data: st.DataObject, residents: int
) -> None:
    """As area, group, landmark, column, list and crossed list; and as an area of too few residents."""
    people = [label.replace(",", "") for label in people]
    people = [*people, data.draw(disguises(people[0])).replace(",", "")]
    place, name = data.draw(st.sampled_from(["areas", "landmarks", "tally"])), people[-1]
    values = np.array(people * 3, dtype=object)
    columns = [Column(name=f"group_{name}", kind=Kind.COUNT, values=np.ones(len(values), np.int64))]
    columns += [Column(name="area", kind=Kind.PLACE if place == "areas" else Kind.GROUP, values=values)]
    columns += [Column(name="population", kind=Kind.COUNT, values=np.full(len(values), residents))]
    lists = {"groups": f"White,{','.join(people)}", "axes": f"White × {people[0]}"}
    made = numbered(Admitted(table=Table(name=place, columns=tuple(columns)), facts=lists), (), Key())
    known = {*people}
    assert not known & {*made.table["area"].tolist()}
    if place != "landmarks":  # a file of landmarks has no groups
        left = " ".join([*made.table.names, *map(str, made.facts.values())])
        assert not [label for label in known if len(label) > 4 and label in left]
