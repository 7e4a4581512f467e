"""Attempts to get a person out as an area, a landmark or a group: labels come from what two people adopted."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from attempts import attempts, disguises, not_seen, persons
from desk import Desk, desk
from hypothesis import given
from hypothesis import strategies as st
from labels import adopt, of_area

from peelian.errors import InputError, OutOfOrder, PeelianError, Refused
from peelian.kernel import verbs
from peelian.kernel.disclosure.label_checks import must_be_known, propose_vocabulary, propose_withdrawal
from peelian.kernel.identity import dual_control, step_up
from peelian.kernel.model.documents import Admission, Declaration
from peelian.kernel.model.formats import Admitted
from peelian.kernel.model.labels import Label, LabelKind, Vocabulary
from peelian.kernel.records.label_register import adopted
from peelian.measure.table import Kind, Table, table
from peelian.measure.vocabularies import LANDMARKS, PEOPLE, is_public_group, is_public_landmark
from peelian.operations.vocabularies import read_vocabulary

DECLARED = Declaration(
    title="A hostile file", purposes=("proof", "advice", "audit"), legal_basis="none", minimisation="none",
    retention_days=30, source="a hostile town",
)  # fmt: skip


@pytest.fixture
def town() -> Desk:
    return desk()


def let_in(town: Desk, made: Table, format: str, groups: str = "") -> Admission:
    taken = Admitted(table=made, facts={"groups": groups})
    return verbs.admit(town.kernel, town.people["custodian"], DECLARED, taken, format=format)


def file(tmp_path: Path, name: str, text: str) -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def areas_file(tmp_path: Path, *names: str, side: float = 0.02, **more: object) -> Path:
    west, south = -79.4, 43.6
    east, north = west + side, south + side
    square = [[[west, south], [east, south], [east, north], [west, north], [west, south]]]
    features = [
        {"type": "Feature", "properties": {"name": name, "population": 4000, **more},
         "geometry": {"type": "Polygon", "coordinates": square}}
        for name in names
    ]  # fmt: skip
    return file(tmp_path, "areas.geojson", json.dumps({"type": "FeatureCollection", "features": features}))


@pytest.mark.parametrize(
    "name", ["Jean Tremblay", "12 Main Street", "Unit 4, 9 Rue Principale", "Zq Wvx", "The Smiths"]
)
def test_an_area_called_after_a_person_or_an_address(town: Desk, tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="not in the register"):
        town.office.admit(town.people["custodian"], areas_file(tmp_path, name), DECLARED)
    assert not town.kernel.state.datasets


def test_a_person_s_name_as_the_area_of_one_incident(town: Desk, tmp_path: Path) -> None:
    rows = "".join(f"2024-01-{d:02d},theft,-79.{d},43.{d},Jean Tremblay\n" for d in range(10, 29))
    path = file(tmp_path, "i.csv", "date,category,longitude,latitude,area\n" + rows)
    with pytest.raises(PeelianError):
        town.office.admit(town.people["custodian"], path, DECLARED, options={"area": "area"})
    assert not town.kernel.state.datasets


def adopt_areas(town: Desk, path: Path) -> None:
    read = read_vocabulary(path, LabelKind.AREA, "a census", town.kernel.technologies, format="areas", options={})
    proposal = propose_vocabulary(town.kernel, town.people["custodian"], read, words="one two three")
    step_up.prove(town.kernel, town.people["board"])
    dual_control.approve(town.kernel, town.people["board"], proposal)


@pytest.mark.parametrize("side", [0.002, 0.0199, 0.04])
def test_a_block_of_homes_under_the_name_of_an_adopted_area(town: Desk, tmp_path: Path, side: float) -> None:
    adopt_areas(town, areas_file(tmp_path, "Riverdale"))
    with pytest.raises(InputError, match=r"row 1, column outline: boundary differs from the register"):
        town.office.admit(town.people["custodian"], areas_file(tmp_path, "Riverdale", side=side), DECLARED)
    assert not town.kernel.state.datasets
    assert town.office.admit(town.people["custodian"], areas_file(tmp_path, "Riverdale"), DECLARED).rows == 1


def test_a_boundary_for_an_area_that_was_adopted_by_name_alone(town: Desk, tmp_path: Path) -> None:
    adopt(town.kernel, town.people["custodian"], town.people["board"], LabelKind.AREA, ["Riverdale"])
    with pytest.raises(InputError, match="boundary differs from the register"):
        town.office.admit(town.people["custodian"], areas_file(tmp_path, "Riverdale"), DECLARED)


@pytest.mark.parametrize("name", ["Riverdale ", "RIVERDALE", "riverdale", "Rivérdale"])
def test_another_spelling_of_an_adopted_area_is_that_area_and_no_other(town: Desk, tmp_path: Path, name: str) -> None:
    adopt_areas(town, areas_file(tmp_path, "Riverdale"))
    assert town.office.admit(town.people["custodian"], areas_file(tmp_path, name), DECLARED).rows == 1
    with pytest.raises(InputError, match="not in the register"):
        town.office.admit(town.people["custodian"], areas_file(tmp_path, name + "2"), DECLARED)


def test_a_letter_of_another_script_in_an_area(town: Desk) -> None:
    faked = Vocabulary(kind=LabelKind.AREA, source="x", labels=(Label(label="R\u0456verdale", people=900),))
    with pytest.raises(InputError, match="row 1"):
        propose_vocabulary(town.kernel, town.people["custodian"], faked, words="one two three")


@pytest.mark.parametrize("people", [0, 1, 3, 99])
def test_an_area_of_few_residents(town: Desk, people: int) -> None:
    home = Vocabulary(kind=LabelKind.AREA, source="x", labels=(Label(label="North end", people=people),))
    with pytest.raises(InputError, match="too few residents"):
        propose_vocabulary(town.kernel, town.people["custodian"], home, words="one two three")


def test_an_invented_public_function_for_a_home(town: Desk) -> None:
    home = Vocabulary(kind=LabelKind.AREA, source="x", labels=(Label(label="North end", function="home of a suspect"),))
    with pytest.raises(InputError, match="unknown public function"):
        propose_vocabulary(town.kernel, town.people["custodian"], home, words="one two three")


@pytest.mark.parametrize("people", [0, 1, 19])
def test_a_group_of_few_people(town: Desk, people: int) -> None:
    group = Vocabulary(kind=LabelKind.GROUP, source="x", labels=(Label(label="Squad", people=people),))
    with pytest.raises(InputError, match="too few people"):
        propose_vocabulary(town.kernel, town.people["custodian"], group, words="one two three")


def test_more_groups_than_there_can_be(town: Desk) -> None:
    many = tuple(Label(label=f"Group {chr(97 + n // 26)}{chr(97 + n % 26)}", people=50) for n in range(41))
    with pytest.raises(InputError, match="list of 41 labels"):
        propose_vocabulary(
            town.kernel, town.people["custodian"], Vocabulary(kind=LabelKind.GROUP, source="x", labels=many),
            words="one two three",
        )  # fmt: skip


def test_a_vocabulary_that_one_person_alone_proposed(town: Desk, tmp_path: Path) -> None:
    one = Vocabulary(kind=LabelKind.AREA, source="x", labels=(of_area("Jean Tremblay"),))
    proposal = propose_vocabulary(town.kernel, town.people["custodian"], one, words="one two three")
    step_up.prove(town.kernel, town.people["custodian"])
    with pytest.raises(Refused):
        dual_control.approve(town.kernel, town.people["custodian"], proposal)
    with pytest.raises(InputError, match="not in the register"):
        town.office.admit(town.people["custodian"], areas_file(tmp_path, "Jean Tremblay"), DECLARED)


def test_a_withdrawal_that_one_person_alone_wants(town: Desk) -> None:
    adopt(town.kernel, town.people["custodian"], town.people["board"], LabelKind.AREA, ["Riverdale"])
    (record,) = adopted(town.kernel).vocabularies
    proposal = propose_withdrawal(town.kernel, town.people["custodian"], record, words="one two three")
    assert record in adopted(town.kernel).vocabularies
    step_up.prove(town.kernel, town.people["board"])
    dual_control.approve(town.kernel, town.people["board"], proposal)
    assert not adopted(town.kernel).vocabularies
    with pytest.raises(OutOfOrder):
        propose_withdrawal(town.kernel, town.people["custodian"], record, words="one two three")


BADGES = ["4711", "4712", "officer-17", "B. Smith", "PC 1138", "unit of Jean", "x7", "badge nine"]


@pytest.mark.parametrize("label", BADGES)
def test_groups_named_like_badge_numbers(town: Desk, tmp_path: Path, label: str) -> None:
    rows = "".join(f"p{n},{n % 10},{n % 2},{label if n % 2 else 'White'}\n" for n in range(200))
    path = file(tmp_path, "r.csv", "pid,score,outcome,team\n" + rows)
    with pytest.raises(InputError, match="not in the register"):
        town.office.admit(
            town.people["auditor"], path, DECLARED, format="risk-cohort",
            options={"score": "score", "outcome": "outcome", "groups": "team"},
        )  # fmt: skip
    assert not town.kernel.state.datasets


def test_a_column_named_after_a_person(town: Desk, tmp_path: Path) -> None:
    rows = "".join(f"p{n},{n % 10},{n % 2},{'yes' if n % 3 else 'no'}\n" for n in range(200))
    path = file(tmp_path, "r.csv", "pid,score,outcome,Jean Tremblay\n" + rows)
    with pytest.raises(InputError, match="not in the register"):
        town.office.admit(
            town.people["auditor"], path, DECLARED, format="risk-cohort",
            options={"score": "score", "outcome": "outcome", "groups": "Jean Tremblay"},
        )  # fmt: skip
    assert not town.kernel.state.datasets


def test_an_adopted_group_with_one_person_in_the_file(town: Desk, tmp_path: Path) -> None:
    adopt(town.kernel, town.people["custodian"], town.people["board"], LabelKind.GROUP, ["Squad", "team"])
    rows = "".join(f"p{n},{n % 10},{n % 2},{'Squad' if n == 7 else 'White'}\n" for n in range(200))
    path = file(tmp_path, "r.csv", "pid,score,outcome,team\n" + rows)
    with pytest.raises(InputError, match="too few people"):
        town.office.admit(
            town.people["auditor"], path, DECLARED, format="risk-cohort",
            options={"score": "score", "outcome": "outcome", "groups": "team"},
        )  # fmt: skip


def test_a_person_s_name_smuggled_in_among_the_groups_of_a_fact(town: Desk) -> None:
    made = table("wells", {"area": (Kind.PLACE, ["North"]), "n": (Kind.COUNT, [40])})
    for smuggled in ("White,Jean Tremblay", "White × Jean Tremblay", "male / Jean Tremblay"):
        with pytest.raises(InputError, match="not in the register"):
            let_in(town, made, "sensor-counts", groups=smuggled)


@pytest.mark.parametrize(
    "kind", ["home_of_suspect_1", "Jean_Tremblay", "12 Main Street", "safehouse", "the usual corner"]
)
def test_landmarks_that_are_homes(town: Desk, tmp_path: Path, kind: str) -> None:
    path = file(tmp_path, "l.csv", f"landmark,longitude,latitude\n{kind},-79.4,43.6\nbar,-79.41,43.61\n")
    with pytest.raises(InputError):
        town.office.admit(town.people["custodian"], path, DECLARED, format="landmarks")
    assert not town.kernel.state.datasets


def test_one_address_per_area(town: Desk, tmp_path: Path) -> None:
    names = [f"{n} Elm Street" for n in range(1, 40)]
    with pytest.raises(InputError, match=r"not in the register|addresses"):
        town.office.admit(town.people["custodian"], areas_file(tmp_path, *names), DECLARED)


words = st.text(st.characters(categories=("L", "Nd", "Zs", "Pd")), min_size=1, max_size=40)


@attempts(300)
@given(words)
def test_no_made_up_word_is_of_a_public_classification(label: str) -> None:
    parts = label.casefold().replace("-", " ").split()
    if is_public_group(label) and any(part.isalpha() and part.isascii() for part in parts):
        assert all(part in PEOPLE or not part.isalpha() for part in parts)
    if is_public_landmark(label):
        assert "_".join(label.casefold().split()).replace("-", "_") in LANDMARKS


@attempts(40)
@given(words)
def test_no_made_up_area_comes_in(closed: Desk, label: str) -> None:
    made = table("areas", {"area": (Kind.PLACE, np.array([label], dtype=object)), "population": (Kind.COUNT, [5000])})
    if label.strip() and label.strip().casefold() not in ("elsewhere", "unknown"):
        with pytest.raises(InputError):
            let_in(closed, made, "areas")
        assert not closed.kernel.state.datasets


OWN = [f"Squad {chr(97 + n // 26)}{chr(97 + n % 26)}" for n in range(160)]


@pytest.fixture(scope="module")
def closed() -> Desk:
    """A town that adopted an area and four lists of forty groups; nothing here may add a dataset to it."""
    made = desk()
    adopt(made.kernel, made.people["custodian"], made.people["board"], LabelKind.AREA, ["Riverdale"])
    for start in range(0, len(OWN), 40):
        adopt(made.kernel, made.people["custodian"], made.people["board"], LabelKind.GROUP, OWN[start : start + 40])
    return made


def of(kind: Kind, labels: list[str], n: list[int] | None = None) -> Table:
    return table("wells", {"who": (kind, labels), "n": (Kind.COUNT, n or [40] * len(labels))})


def turned_away(town: Desk, made: Table, groups: str = "") -> str:
    """What is said of a table that has no way in; no value of its labels is in it."""
    with pytest.raises(InputError) as error:
        let_in(town, made, "sensor-counts", groups=groups)
    assert not town.kernel.state.datasets and error.value.accepted
    assert not [label for label in made.columns[0].values.tolist() if len(label) > 6 and label in str(error.value)]
    return error.value.wrong


@attempts(300)
@given(persons, st.sampled_from(["group", "area", "landmark", "listed", "crossed"]))
def test_no_name_or_number_of_a_person_is_a_label(closed: Desk, label: str, place: str) -> None:
    if place in ("listed", "crossed"):
        listed = f"White,{label}" if place == "listed" else f"White × {label}"
        assert "not in the register" in turned_away(closed, of(Kind.PLACE, ["Riverdale"]), groups=listed)
    else:
        made = of(Kind.PLACE if place == "area" else Kind.GROUP, [label] * 30)
        made = Table(name="landmarks", columns=made.columns) if place == "landmark" else made
        assert "not in the register" in turned_away(closed, made)


@attempts(250)
@given(st.data(), st.sampled_from(["Riverdale", "Squad aa", "White", "25-34", "bus_stop", "Elsewhere"]))
def test_no_other_spelling_of_a_label_is_a_second_one(closed: Desk, data: st.DataObject, label: str) -> None:
    """Of an adopted label none, beside the first; of any label none with a character that is not seen."""
    other, kind = data.draw(disguises(label)), Kind.PLACE if label in ("Riverdale", "Elsewhere") else Kind.GROUP
    if label in ("Riverdale", "Squad aa"):
        turned_away(closed, of(kind, [label, other]))
    if not_seen(other):
        made = of(kind, [other] * 30)
        turned_away(closed, Table(name="landmarks", columns=made.columns) if label == "bus_stop" else made)


@attempts(60)
@given(st.lists(st.integers(20, 60), max_size=6), st.just(19) | st.integers(1, 19), st.booleans(), st.integers(0, 6))
def test_no_group_of_one_to_nineteen_people_comes_in(
    closed: Desk, others: list[int], few: int, counted: bool, at: int
) -> None:
    sizes = [*others[:at], few, *others[at:]]
    labels = OWN[: len(sizes)]
    rows = labels if counted else [label for label, n in zip(labels, sizes, strict=True) for _ in range(n)]
    made = of(Kind.GROUP, rows, sizes if counted else [1] * len(rows))
    assert turned_away(closed, made) == "group of too few people"
    enough = of(Kind.GROUP, labels, [max(n, 20) for n in sizes])
    must_be_known(closed.kernel, Admitted(table=enough, facts={}), frozenset())


@attempts(30)
@given(st.integers(41, 160), st.integers(0, 119), st.booleans())
def test_no_file_has_more_than_forty_groups_of_the_town_s_naming(
    closed: Desk, n: int, start: int, listed: bool
) -> None:
    chosen = (OWN[start:] + OWN[:start])[:n]
    made = of(Kind.PLACE, ["Riverdale"]) if listed else of(Kind.GROUP, chosen)
    assert (
        turned_away(closed, made, groups=",".join(chosen) if listed else "")
        == f"{n} different names of groups in the file, too many to audit"
    )
    must_be_known(closed.kernel, Admitted(table=of(Kind.GROUP, chosen[:40]), facts={}), frozenset())
