"""An office that an earlier version made stays readable: typed sensor ids, areas without outlines, bare admissions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from deciding import read_and_decide
from desk import Desk
from fastapi.testclient import TestClient
from kept_office import KEPT, TYPED, at_their_desks, kept_office, unpacked, unpacked_on
from labels import adopt, own_square

from peelian.acts.sensors import named
from peelian.errors import InputError
from peelian.kernel import verbs
from peelian.kernel.disclosure.label_checks import must_have_outlines
from peelian.kernel.model.labels import LabelKind
from peelian.kernel.records.label_register import adopted
from peelian.kernel.records.sensor_register import renew, the_register
from peelian.measure.table import Kind, table
from peelian.operations.rebuild import rebuilt
from peelian.operations.released_layout import unlike_released
from peelian.operations.upgrade import upgrade
from peelian.oversight.sensors.register import KINDS
from peelian.oversight.sensors.release import released_rows
from peelian.oversight.transparency.register import case_record
from peelian.pictures.words import english
from peelian.web.app import make_app

PAGES = ("", "vocabularies", "sensors", "register")


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with kept_office(tmp_path_factory.mktemp("kept")) as town:
        yield town


def test_its_log_is_verified_by_the_second_verifier(kept: Desk) -> None:
    verdict = kept.office.verdict()
    assert verdict.ok and verdict.size >= 62, verdict.says


def test_its_registers_say_what_they_said(kept: Desk) -> None:
    assert set(the_register(kept.kernel)) > set(TYPED)
    labels = [one.label for v in adopted(kept.kernel).vocabularies.values() for one in v.labels]
    assert {"Centre", "Riverdale"} <= set(labels)
    shapes = [one.shape for one in kept.kernel.state.datasets.values()]
    assert shapes.count("windows") >= 2 and "areas" in shapes


def test_its_pages_are_read_in_both_languages(kept: Desk) -> None:
    numbers = [one.number for one in the_register(kept.kernel).values()]
    with TestClient(make_app(kept.office), base_url="http://localhost") as client:
        for language in ("en", "fr"):
            for page in (*PAGES, *(f"sensors/{number}" for number in numbers)):
                assert client.get(f"/{language}/{page}").status_code == 200, page


def test_a_typed_name_of_a_sensor_is_shown_nowhere_and_its_number_is(kept: Desk) -> None:
    number = the_register(kept.kernel)[TYPED[0]].number
    assert re.fullmatch(r"s\d{7}", number)
    addresses = ["/en/sensors", f"/en/sensors/{number}", "/fr/sensors", *(f"/data/sensors.{kind}" for kind in KINDS)]
    with TestClient(make_app(kept.office), base_url="http://localhost") as client:
        for id in TYPED:
            assert client.get(f"/en/sensors/{id}").status_code == 404
        for address in addresses:
            got = client.get(address)
            text = got.content.decode(errors="ignore")
            assert got.status_code == 200, address
            assert not [id for id in TYPED if id in text], address
        assert number in client.get("/en/sensors").text
    assert not [row for row in released_rows(kept.kernel, TYPED[0]) if row["sensor"] != number]


def test_nothing_new_is_made_of_an_area_without_an_outline_until_it_is_adopted(kept: Desk) -> None:
    kernel, custodian = kept.kernel, kept.people["custodian"]
    with pytest.raises(InputError, match="area adopted without an outline") as error:
        renew(kernel, custodian, TYPED[0], "2028-12-31")
    assert "Adopt it again" in error.value.accepted
    for area in ("Centre", "Riverdale", TYPED[1]):
        with pytest.raises(InputError, match="area adopted without an outline"):
            must_have_outlines(kernel, [table("windows", {"area": (Kind.PLACE, [area])})])
    adopt(kernel, custodian, kept.people["board"], LabelKind.AREA, ["Centre"], bounds={"Centre": own_square("Centre")})
    assert renew(kernel, custodian, TYPED[0], "2029-01-31").number == the_register(kernel)[TYPED[0]].number


def test_another_day_of_a_typed_sensor_is_released_beside_the_first(kept: Desk) -> None:
    number = the_register(kept.kernel)[TYPED[0]].number
    kept.office.release_counts(kept.people["clerk"], TYPED[0], date(2026, 3, 2), [20] * 96)
    rows = released_rows(kept.kernel, TYPED[0])
    assert {row["day"] for row in rows} == {"2026-03-01", "2026-03-02"} and {row["sensor"] for row in rows} == {number}
    assert list(unlike_released(kept.kernel, repair=False)) == []


def test_a_form_offers_an_old_sensor_by_its_number(kept: Desk) -> None:
    offered = [named(one, english) for one in the_register(kept.kernel).values()]
    assert len(offered) >= len(TYPED) and not [text for text in offered if any(typed in text for typed in TYPED)]


USED = ("faces.published", "footage.activation", "mapping.vendor", "risk.overrides")
TOLD = ("crowd.counter_trial", "sensors.report")  # their data is of areas without outlines, which are adopted first


def test_the_cases_of_all_six_technologies_are_read_and_their_open_permits_used(kept: Desk) -> None:
    kernel = kept.kernel
    published = {one.capability for one in kernel.state.histories.values() if one.state == "PUBLISHED"}
    opened = {one.capability: case for case, one in kernel.state.histories.items() if one.state == "PERMITTED"}
    assert set(opened) == {*USED, *TOLD} <= published
    assert {name.partition(".")[0] for name in opened} == {one.id for one in kernel.technologies}
    for case in kernel.state.histories:
        assert case_record(kernel, case).summary.case == case
    for name, case in opened.items():
        capability, permit = kernel.capability(name), case_record(kernel, case).permit
        assert permit is not None
        asker = kept.people[kept.asker(capability)]
        if name in TOLD:
            with pytest.raises(InputError, match="area adopted without an outline"):
                verbs.run(kernel, asker, permit)
            continue
        evidence, _ = verbs.run(kernel, asker, permit)
        decider = kept.decider(capability, asker.person.unit)
        choice = capability.asks.choices[0]
        words = {
            "reasons": "The residents asked for it.",
            "other_evidence": "document: the yearly report of the police",
        }
        decision = read_and_decide(kernel, decider, evidence, choice=choice, **words)
        verbs.publish(kernel, kept.people["clerk"], decision, statement="Counted.")
    with TestClient(make_app(kept.office), base_url="http://localhost") as client:
        for case in (case for case, one in kernel.state.histories.items() if one.state == "PUBLISHED"):
            for language in ("en", "fr"):
                assert client.get(f"/{language}/register/{case}").status_code == 200
    assert rebuilt(kernel) == [] and kept.office.verdict().ok


@pytest.mark.parametrize("place", ["sqlite", "postgresql"])
def test_an_office_of_format_1_is_opened_used_and_rebuilt(
    place: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """Later rounds upgrade it first, where their format is another."""
    if place == "sqlite":
        path = unpacked(tmp_path, KEPT / "office-format-1.tar.xz")
    else:
        path = unpacked_on(request.getfixturevalue("postgres"), tmp_path, KEPT / "office-format-1-postgresql.tar.xz")
    assert not upgrade(path).is_needed
    with at_their_desks(path) as town:
        kernel = town.kernel
        states = [(one.capability.partition(".")[0], one.state) for one in kernel.state.histories.values()]
        known = {one.id for one in kernel.technologies}
        for state in ("PUBLISHED", "PERMITTED"):
            assert {name for name, found in states if found == state} == known, state
        opened = [case for case, one in kernel.state.histories.items() if one.state == "PERMITTED"]
        case = next(one for one in opened if kernel.state.histories[one].capability == "risk.overrides")
        permit = case_record(kernel, case).permit
        assert permit is not None
        capability = kernel.capability(permit.capability)
        verbs.run(kernel, town.people[town.asker(capability)], permit)
        assert kernel.state.histories[case].state == "RAN"
        assert rebuilt(kernel) == [] and town.office.verdict().ok
