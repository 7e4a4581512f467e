"""The ground at the pages: ranges of its tiles as maps ask for them, hostile ranges, and names beside cells."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from desk import declared
from fastapi.testclient import TestClient
from pbf import incidents, town
from standing_office import office_at

from peelian.operations.ground import Ground, bring_ground
from peelian.operations.office import Office
from peelian.pictures.panels import Grid, Heading, Paragraph
from peelian.pictures.words import english
from peelian.web.app import make_app
from peelian.web.framing import frame
from peelian.web.maps.ground import MEDIA, with_names

pytestmark = pytest.mark.skipif(find_spec("pyogrio") is None, reason="the extra `geo` is not installed")
ORIGIN = {"source": "the town", "licence": "ODbL 1.0", "attribution": "© <b>OpenStreetMap</b> contributors"}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Office, Ground]]:
    place = tmp_path_factory.mktemp("pages")
    made, desk = office_at(place / "office")
    (place / "town.osm.pbf").write_bytes(town())
    with made:
        ground, _ = bring_ground(
            made, desk.people["custodian"], [("", place / "town.osm.pbf")], ORIGIN, lambda says, share: None
        )
        yield made, ground


@pytest.fixture(scope="module")
def client(office: tuple[Office, Ground]) -> TestClient:
    return TestClient(make_app(office[0]), base_url="http://localhost")


def test_a_map_reads_ranges_of_the_tiles(client: TestClient, office: tuple[Office, Ground]) -> None:
    ground = office[1]
    whole = client.get(ground.address)
    content = ground.tiles.read_bytes()
    assert (whole.status_code, whole.content, whole.headers["content-type"]) == (200, content, MEDIA)
    assert "immutable" in whole.headers["cache-control"] and whole.headers["accept-ranges"] == "bytes"
    for asked, expected in (("0-126", content[:127]), ("127-", content[127:]), ("-5", content[-5:])):
        part = client.get(ground.address, headers={"range": f"bytes={asked}"})
        assert (part.status_code, part.content) == (206, expected)
        assert part.headers["content-range"].endswith(f"/{len(content)}")
    assert not {"content-encoding"} & {*whole.headers, *part.headers}, "ranges are of the file as it is"
    assert part.headers["etag"] == whole.headers["etag"] == f'"{ground.digest}"'


def test_what_a_browser_has_is_not_sent_again(client: TestClient, office: tuple[Office, Ground]) -> None:
    again = client.get(office[1].address, headers={"if-none-match": f'W/"x", "{office[1].digest}"'})
    assert (again.status_code, again.content) == (304, b"")
    other = client.get(office[1].address, headers={"range": "bytes=0-9", "if-range": '"another"'})
    assert (other.status_code, len(other.content)) == (200, office[1].tiles.stat().st_size)


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ("bytes=99999999-", {416}),
        ("bytes=9-3", {400, 416, 200}),
        ("bytes=" + ",".join("0-1" for _ in range(500)), {416}),
        ("bytes=0-0,-1", {416}),
        ("bytes=" + "9" * 4000 + "-", {400, 416}),
        ("bytes=-0", {200, 400, 416}),
        ("bytes=a-b", {200, 400, 416}),
        ("lines=0-1", {200, 400, 416}),
        ("bytes=", {200, 400, 416}),
        ("\x00", {200, 400, 416}),
    ],
)
def test_a_hostile_range_is_no_fault_and_makes_no_large_answer(
    client: TestClient, office: tuple[Office, Ground], asked: str, status: set[int]
) -> None:
    found = client.get(office[1].address, headers={"range": asked})
    assert found.status_code in status and len(found.content) <= office[1].tiles.stat().st_size


@pytest.mark.parametrize("name", ["0" * 64, "..%2f..%2fkeys%2flog", "%00", "osm", "<script>"])
def test_no_other_file_is_there(client: TestClient, office: tuple[Office, Ground], name: str) -> None:
    assert client.get(f"/data/ground/{name}.pmtiles").status_code == 404
    assert client.get(f"/data/ground/{office[1].names.name}").status_code == 404


def test_the_public_page_names_origin_and_licence(client: TestClient, office: tuple[Office, Ground]) -> None:
    for language in ("en", "fr"):
        page = client.get(f"/{language}/vocabularies").text
        assert "© &lt;b&gt;OpenStreetMap&lt;/b&gt; contributors" in page and office[1].address in page


def test_cells_of_a_page_have_names_beside_them_as_plain_text_with_whom_to_credit(
    office: tuple[Office, Ground], tmp_path: Path
) -> None:
    (tmp_path / "i.csv").write_text(incidents(), encoding="utf-8")
    by = office[0].operator("custodian")
    data = {"incidents": office[0].admit(by, tmp_path / "i.csv", declared("proof")).dataset}
    cells = tuple((str(k), f"250:0:{k}", "0.1") for k in range(-8, 8))
    grid = Grid(caption="Cells", titles=("Rank", "Cell", "Expected"), rows=cells, numeric=frozenset({0, 2}))
    other = Grid(caption="No cells", titles=("Cell",), rows=(("Riverdale",),))
    heading, named, credit, same = with_names(office[0], data, [Heading(text="Cells"), grid, other], english)
    assert isinstance(named, Grid) and named.titles == ("Rank", "Cell", "Near", "Expected")
    assert named.numeric == {0, 3} and [row[:2] for row in named.rows] == [row[:2] for row in cells] and same is other
    assert isinstance(credit, Paragraph) and ORIGIN["attribution"] in credit.text
    html = frame([heading, named, credit], english).html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; " in html and "<script>" not in html
    assert with_names(office[0], {}, [grid], english) == [grid]


def test_an_office_without_ground_says_so(tmp_path: Path) -> None:
    made, _ = office_at(tmp_path / "office")
    with made:
        client = TestClient(make_app(made), base_url="http://localhost")
        assert "/data/ground/" not in client.get("/en/vocabularies").text
        assert client.get(f"/data/ground/{'0' * 64}.pmtiles").status_code == 404
