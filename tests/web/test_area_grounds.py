"""Maps of areas: what is counted of each at the page of areas and groups, and what a release leaves out at its case."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import pytest
import shapely
from authentication import logged_on
from browser import gates, served, visit
from desk import Desk, desk
from fastapi.testclient import TestClient
from labels import adopt, own_square
from playwright.sync_api import Browser
from two_maps import adopt as adopt_map
from two_maps import publish, scattered, shown, squares, town

from peelian.errors import Withheld
from peelian.kernel.disclosure.map_layers import MOST_NAMED
from peelian.kernel.model.findings import areas_left_out
from peelian.kernel.model.labels import Label, LabelKind, Vocabulary
from peelian.kernel.records.label_register import adopted
from peelian.web.app import make_app
from peelian.web.maps.areas import map_of


def test_what_is_left_out_is_named_and_drawn_in_both_languages() -> None:
    town = desk()
    west, south, east, north = shapely.from_wkt(own_square("Pond Park")).bounds
    pond, house = shapely.box(west, south, east - 0.003, north), shapely.box(east - 0.0002, south, east, south + 0.0002)
    outline = str(shapely.to_wkt(shapely.MultiPolygon([pond, house]), rounding_precision=6))
    people = (town.people["custodian"], town.people["board"])
    adopt(town.kernel, *people, LabelKind.AREA, ["Pond Park", "Riverdale"], bounds={"Pond Park": outline})
    with TestClient(make_app(town.office), base_url="http://localhost") as client:
        page, french = client.get("/en/vocabularies").text, client.get("/fr/vocabularies").text
    assert "adopted, counted in part" in page and "boundary adopted" in page and page.count("<path") >= 3
    assert "What is counted of each area" in page and "Ce qui est compté de chaque secteur" in french
    assert "adoptée, comptée en partie" in french and "écarté" in french
    (record,) = adopted(town.kernel).vocabularies.values()
    made = map_of(record, town.office.say("en"))
    multi = str(shapely.to_wkt(shapely.MultiPolygon([pond]), rounding_precision=6))
    drawn = map_of(dataclasses.replace(record, labels=(Label(label="Pond", ground=multi),)), town.office.say("en"))
    assert drawn is not None and 'd="M' in drawn, "an outline of several polygons is drawn, too"
    assert made is not None and ">2</td>" in made and ">1</td>" in made, "two areas, and one part of one left out"


def test_groups_have_no_map() -> None:
    town = desk()
    groups = Vocabulary(kind=LabelKind.GROUP, source="x", labels=())
    assert map_of(groups, town.office.say("en")) is None


def two_releases(across: int, pairs: int) -> tuple[Desk, str, list[str]]:
    """An office that published wards, and then beats of the same town: of some pairs, one has the ground of one record
    more and the other less. The second case, and what it leaves out."""
    side = 4_000 // across
    wards, points = squares("Ward", side, across), scattered(shapely.box(0, 0, 4_000, 4_000), 3_000)
    beats = {name.replace("Ward", "Beat"): shape for name, shape in wards.items()}
    for k in range(1, 2 * pairs, 2):
        own = wards[f"Ward {k}"]
        house = next(one.buffer(30, cap_style="square") for one in points if own.buffer(-side / 5).contains(one))
        beats[f"Beat {k}"] = shapely.difference(own, house)
        beats[f"Beat {k + 1}"] = shapely.union(wards[f"Ward {k + 1}"], house)
    made = town()
    adopt_map(made, wards)
    adopt_map(made, beats)
    publish(made, wards, points)
    public = publish(made, beats, points)
    case = next(reversed(made.kernel.state.histories))
    assert areas_left_out(public) and set(shown(public)) < set(beats)
    return made, case, sorted(set(beats) - set(shown(public)))


@pytest.fixture(scope="module")
def released() -> tuple[Desk, str, list[str]]:
    return two_releases(4, 1)


@pytest.mark.parametrize(("language", "list_title"), [("en", "Areas left out"), ("fr", "Secteurs omis")])
def test_what_a_release_leaves_out_is_drawn_and_listed_at_its_case(
    released: tuple[Desk, str, list[str]], language: str, list_title: str
) -> None:
    made, case, gone = released
    app = make_app(made.office)
    with TestClient(app, base_url="http://localhost") as client:
        public = client.get(f"/{language}/register/{case}").text
        report = client.get(f"/{language}/register/{case}/report").text
    staff = logged_on(app, made.office, "board").get(f"/{language}/cases/{case}").text
    assert gone and set(gone) <= {"Beat 1", "Beat 2"}
    for page in (public, staff, report):
        section = page[page.index(f">{list_title}<") :] if f">{list_title}<" in page else ""
        assert all(f">{name}</" in section for name in gone) and "Beat 3" not in section.split("</table>")[0]
        assert page.count('class="picture map"') == 1 and page.count("<path") >= 16


def test_more_areas_than_the_sentence_names_are_listed() -> None:
    made, case, gone = two_releases(6, 12)
    assert len(gone) > MOST_NAMED
    with TestClient(make_app(made.office), base_url="http://localhost") as client:
        page = client.get(f"/en/register/{case}").text
    assert all(f">{name}</" in page for name in gone)


def test_the_areas_of_a_release_that_is_withheld_for_them_are_drawn_for_the_people_of_the_office() -> None:
    """Of a third map of the same town and records nothing is public."""
    wards, points = squares("Ward", 1_000, 4), scattered(shapely.box(0, 0, 4_000, 4_000), 3_000)
    beats = {name.replace("Ward", "Beat"): shapely.affinity.translate(one, 0, 500) for name, one in wards.items()}
    thirds = {name.replace("Ward", "Third"): shapely.affinity.translate(one, 500, 0) for name, one in wards.items()}
    made = town()
    for shapes in (wards, beats, thirds):
        adopt_map(made, shapes)
    publish(made, wards, points)
    publish(made, beats, points)
    with pytest.raises(Withheld):
        publish(made, thirds, points)
    case = next(reversed(made.kernel.state.histories))
    page = logged_on(make_app(made.office), made.office, "board").get(f"/en/cases/{case}").text
    assert page.count('class="picture map"') == 1 and page.count("<path") >= 16
    section = page[page.index(">Areas left out<") :].split("</table>")[0]
    assert all(f">{name}</" in section for name in thirds)


def test_a_release_that_leaves_nothing_out_has_no_such_map(released: tuple[Desk, str, list[str]]) -> None:
    made, _, _ = released
    first = list(made.kernel.state.histories)[-2]
    with TestClient(make_app(made.office), base_url="http://localhost") as client:
        assert "left out" not in client.get(f"/en/register/{first}").text


def test_the_pdf_of_such_a_case_is_made(released: tuple[Desk, str, list[str]]) -> None:
    made, case, _ = released
    with TestClient(make_app(made.office), base_url="http://localhost") as client:
        assert client.get(f"/fr/register/{case}/pdf").content.startswith(b"%PDF")


@pytest.fixture(scope="module")
def site(released: tuple[Desk, str, list[str]]) -> Iterator[str]:
    with served(make_app(released[0].office)) as where:
        yield where


@pytest.mark.browser
@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_page_passes_every_gate(
    browser: Browser, site: str, released: tuple[Desk, str, list[str]], language: str
) -> None:
    with visit(browser, f"{site}/{language}/register/{released[1]}", reduced_motion="reduce") as seen:
        assert gates(seen, own=(site,)) == {}
