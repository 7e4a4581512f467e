"""The residents' page: an area is chosen from adopted ones; nothing but published figures of it is shown."""

from __future__ import annotations

import re

import pytest
import toy
from deciding import read_and_decide
from desk import Desk, desk
from labels import adopt, own_square, register_in_area
from sensing import a_sensor
from starlette.testclient import TestClient

from peelian.errors import Refused
from peelian.kernel import verbs
from peelian.kernel.disclosure.label_checks import propose_vocabulary
from peelian.kernel.identity import dual_control, step_up
from peelian.kernel.model.labels import Label, LabelKind, Vocabulary
from peelian.oversight.transparency.register import case_record, page
from peelian.pictures.moments import moment
from peelian.web.app import make_app
from peelian.web.public import residents
from peelian.web.public.residents import areas, residents_page


@pytest.fixture(scope="module")
def town() -> Desk:
    """An office with a published case about wells by area, an undecided one, and a sensor."""
    made = desk((toy.TOY,))
    made.authorizations(toy.COUNT)
    words = {"reasons": "Because of this.", "other_evidence": "document: And of that."}
    evidence, _ = verbs.run(made.kernel, made.people["analyst"], made.ask(toy.COUNT))
    decision = read_and_decide(made.kernel, made.people["commander"], evidence, choice="accept", **words)
    verbs.publish(made.kernel, made.people["clerk"], decision, statement="")
    verbs.run(made.kernel, made.people["analyst"], made.ask(toy.COUNT))
    register_in_area(made.kernel, made.people, a_sensor(area="Riverdale"))
    areas = [str(name) for name in case_record(made.kernel, evidence.case).public.table("wells")["area"]]  # type: ignore[union-attr]
    adopt(made.kernel, made.people["custodian"], made.people["board"], LabelKind.AREA, areas)
    with pytest.raises(Refused):
        made.ask(toy.PROVE)
    return made


@pytest.fixture(scope="module")
def public(town: Desk) -> TestClient:
    return TestClient(make_app(town.office, public=True), base_url="http://127.0.0.1")


def test_an_area_shows_its_sensors_and_the_published_rows_that_name_it(town: Desk, public: TestClient) -> None:
    name = next(name for name in areas(town.office) if name != "Riverdale")
    shown = residents_page(town.office, "en", name.upper())
    assert shown["chosen"] == name and name in shown["areas"] and shown["sensors"] == []
    (case,) = shown["figures"]  # the undecided one stands nowhere
    assert case["case"] == page(town.kernel, published=True).cases[0].case
    wells = case_record(town.kernel, case["case"]).public.table("wells")  # type: ignore[union-attr]
    assert case["text"] == f"{dict(zip(wells['area'], wells['n'], strict=True))[name]} wells"
    said = public.get("/en/residents", params={"area": name}).text
    assert f"Published figures for {name}" in said and "No sensor is registered in this area" in said
    said = public.get("/fr/residents", params={"area": "riverdale"}).text
    assert a_sensor().title in said and "Aucun dossier publié ne mentionne ce secteur" in said


def test_of_many_areas_those_are_offered_that_hold_a_word(town: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(residents, "MOST_OFFERED", 1)
    shown = residents_page(town.office, "en", "river")
    assert (shown["areas"], shown["near"], shown["chosen"]) == ([], ["Riverdale"], "")


def test_a_stretch_of_road_is_listed_as_a_public_place_and_not_among_where_people_live() -> None:
    town = desk((toy.TOY,))
    roads = Vocabulary(
        kind=LabelKind.AREA,
        source="roads",
        labels=(
            Label(label="107 Quay Street", function="road", ground=own_square("107 Quay Street")),
            Label(label="Riverdale", people=4_000, homes=1_000, ground=own_square("Riverdale")),
        ),
    )
    proposal = propose_vocabulary(town.kernel, town.people["custodian"], roads, words="roads and one area")
    step_up.prove(town.kernel, town.people["board"])
    dual_control.approve(town.kernel, town.people["board"], proposal)
    shown = residents_page(town.office, "en", "quay")
    assert (shown["areas"], shown["places"], shown["near"]) == (["Riverdale"], ["107 Quay Street"], ["107 Quay Street"])
    with TestClient(make_app(town.office, public=True), base_url="http://127.0.0.1") as client:
        said = client.get("/fr/residents").text
    listed = re.search(
        r"<select.*?<option>Riverdale</option><optgroup label=.Lieux publics.><option>107 Quay", said, re.S
    )
    assert listed


def test_no_address_is_asked_for_and_an_unknown_one_is_no_area(public: TestClient) -> None:
    said = public.get("/en/residents").text
    assert "No address is asked for, sent or kept" in said and "<select" in said
    said = public.get("/fr/residents", params={"area": "12 <script>Main Street"})
    assert "Aucun secteur ne porte ce nom" in said.text and "<script>Main" not in said.text
    assert public.get("/en/residents", params={"area": "x" * 121}).status_code == 400


def test_what_was_refused_stands_with_its_reason(public: TestClient) -> None:
    assert "Required authorization missing or not valid" in public.get("/en/residents").text


def test_a_town_without_areas_asks_nobody_to_choose_one() -> None:
    with TestClient(make_app(desk((toy.TOY,)).office, public=True), base_url="http://127.0.0.1") as client:
        said = client.get("/en/residents").text
    assert "How each technology stands in the whole town is listed below." in said and "Choose an area" not in said


def test_a_registration_ends_on_a_day_that_is_written_out(town: Desk) -> None:
    (sensor,) = residents_page(town.office, "fr", "Riverdale")["sensors"]
    assert sensor["until"] == moment(a_sensor().ends, "fr") != a_sensor().ends
