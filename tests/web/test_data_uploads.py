"""Bringing data at the pages: sent, looked at, declared, imported once; what is wrong is said and nothing is lost."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from authentication import form_of, logged_on, seated
from browser import gates, served, visit
from desk import Desk, desk, entitle
from labels import adopt_labels_of
from playwright.sync_api import Browser
from starlette.testclient import TestClient

from peelian.intake import csv_blocks
from peelian.intake.read import admitted
from peelian.kernel.state.object_state import partitions_of
from peelian.operations import intake_files, office
from peelian.operations.technology_folders import technologies
from peelian.oversight.review.people import lacks_list
from peelian.technologies.footage.example import example_clip
from peelian.technologies.mapping.formats import FORMATS
from peelian.web.app import make_app
from peelian.web.data import uploads as data_uploads
from peelian.web.data.uploads import MOST_PIECE

TORONTO = Path(__file__).parents[2] / "src/peelian/technologies/mapping/examples/toronto"
CSV = (
    "OccurrenceDate,lat,long,category\n"
    + "".join(f"2024-0{1 + n % 9}-1{n % 7} 0{n % 10}:00,43.{600 + 7 * n},-79.{300 + 11 * n},theft\n" for n in range(30))
).encode()
DECLARATION = {
    "title": "Thefts", "purposes": ["proof", "advice"], "legal_basis": "Bylaw 12", "minimisation": "no narratives",
    "source": "the town's records", "retention_days": "90",
}  # fmt: skip


@pytest.fixture(scope="module")
def town() -> Desk:
    return desk(tuple(technologies()))


@pytest.fixture(scope="module")
def app(town: Desk) -> Any:
    return make_app(town.office)


@pytest.fixture
def client(app: Any, town: Desk) -> TestClient:
    return logged_on(app, town.office, "analyst")


def sent(client: TestClient, content: bytes, name: str = "a.csv") -> str:
    """The address of a file that was sent by the plain form."""
    files = {"file": (name, content)}
    got = client.post("/en/data/add", data={"form": form_of(client)}, files=files)
    assert got.status_code == 303, got.text
    return str(got.headers["location"])


def shown(client: TestClient, at: str, **asked: str) -> str:
    """The page once the reading has ended: until then it shows a bar and asks again."""
    while "http-equiv" in (got := client.get(at, params=asked)).text:
        pass
    return str(got.text)


def imported(client: TestClient, at: str, **fields: Any) -> Any:
    """The answer at the end of an import."""
    got = client.post(at, data={**DECLARATION, "form": form_of(client), **fields})
    while got.status_code == 303 and got.headers["location"].startswith(at):
        got = client.get(at)
        if "http-equiv" in got.text:
            got.status_code, got.headers["location"] = 303, at
    return got


def alert(text: str) -> str:
    found = re.search(r'role="alert">(.*?)</div>', text, re.DOTALL)
    return found[1] if found else ""


def test_a_file_is_looked_at_declared_and_imported(town: Desk, client: TestClient) -> None:
    before, at = len(town.kernel.state.datasets), sent(client, CSV)
    page = shown(client, at)
    assert "Recognized as" in page and "<svg" in page and "30" in page and not alert(page)
    assert len(town.kernel.state.datasets) == before, "nothing is kept of what was only looked at"
    got = imported(client, at, format="incidents")
    assert got.status_code == 303, alert(got.text)
    made = town.kernel.state.datasets[got.headers["location"].rpartition("/")[2]]
    assert (made.rows, made.declaration["purposes"], made.declaration["retention_days"]) == (
        30,
        ["proof", "advice"],
        90,
    )
    assert client.get(at).status_code == 409, "the upload is gone once it is imported"


def test_a_slip_in_the_declaration_keeps_what_was_typed_and_logs_nothing(town: Desk, client: TestClient) -> None:
    at = sent(client, CSV)
    shown(client, at)
    size = town.kernel.stores.log.size()
    got = imported(client, at, format="incidents", retention_days="some")
    assert got.status_code == 400 and "Not a number of days" in alert(got.text) and 'value="Bylaw 12"' in got.text
    got = imported(client, at, format="incidents", purposes=[])
    assert got.status_code == 403 and "No purpose stated" in alert(got.text) and 'value="Bylaw 12"' in got.text
    assert town.kernel.stores.log.size() == size
    assert imported(client, at, format="incidents").status_code == 303


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"\0\1\2", "a.csv"),
        (b"%PDF-1.7", "PDF"),
        (b"a,b\n1\n", "row"),
        (b"name;age\nJane Doe;44\n", "a.csv, row 1, column name: column names match no known format"),
        (CSV + b"2024-01-01 00:00,not a number,-79.4,theft\n", "row 32"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_and_never_a_value(client: TestClient, content: bytes, says: str) -> None:
    page = shown(client, sent(client, content))
    assert says.casefold() in alert(page).casefold() and "Jane" not in page and "Read it in another way" in page


def test_a_file_in_pieces_breaks_off_and_goes_on(client: TestClient, town: Desk) -> None:
    token = form_of(client)
    begun = client.post("/en/data/uploads", data={"form": token, "name": "b.csv", "size": str(len(CSV))}).json()
    at, headers = f"/en/data/uploads/{begun['id']}", {"x-form": token}
    assert client.put(f"{at}?at=0", content=CSV[:700], headers=headers).json() == {"taken": 700}
    assert client.put(f"{at}?at=900", content=CSV[900:], headers=headers).status_code == 400
    assert client.get(at).status_code == 409, "a part is missing"
    again = client.post("/en/data/uploads", data={"form": token, "name": "b.csv", "size": str(len(CSV))}).json()
    assert (again["id"], again["taken"]) == (begun["id"], 700)
    assert client.put(f"{at}?at=600", content=CSV[600:], headers=headers).json() == {"taken": len(CSV)}
    assert "Recognized as" in shown(client, at)


def test_what_no_page_of_ours_sends_is_refused(client: TestClient, app: Any, town: Desk) -> None:
    token = form_of(client)
    begun = client.post("/en/data/uploads", data={"form": token, "name": "c.csv", "size": "10"}).json()
    at = f"/en/data/uploads/{begun['id']}?at=0"
    assert client.put(at, content=b"x").status_code == 403
    assert client.put(at, content=b"x", headers={"x-form": token, "origin": "https://evil.example"}).status_code == 403
    assert client.put(at, content=b"x" * (MOST_PIECE + 1), headers={"x-form": token}).status_code == 413
    for size in ("-1", "0", "9" * 15, "9" * 5_000, "many", ""):
        got = client.post("/en/data/uploads", data={"form": token, "name": "c.csv", "size": size})
        assert got.status_code == 400 and got.json()["problem"]
    other = logged_on(app, town.office, "clerk")
    assert (
        other.get(at).status_code == 409 and other.put(at, content=b"x", headers={"x-form": token}).status_code == 403
    )
    board = logged_on(app, town.office, "board")
    got = board.post("/en/data/uploads", data={"form": form_of(board), "name": "c.csv", "size": "10"}).json()
    headers = {"x-form": form_of(board)}
    assert board.put(f"/en/data/uploads/{got['id']}?at=0", content=b"a,b\n1,2\n3,", headers=headers).status_code == 200
    refused = imported(board, f"/en/data/uploads/{got['id']}", format="incidents")
    assert refused.status_code in (400, 403), "who may not admit data admits none"


def test_no_option_names_a_file_of_this_machine(client: TestClient, tmp_path: Path) -> None:
    (tmp_path / "secret.toml").write_text("[columns]\nx = 'Jane'\n")
    at = sent(client, (TORONTO / "neighbourhoods_140.geojson").read_bytes(), "areas.geojson")
    page = shown(client, at, format="areas", **{"option.demographics": str(tmp_path / "secret.toml")})
    assert "Jane" not in page and "secret" not in page and "demographics" not in page


def test_leaving_discards_the_file(client: TestClient) -> None:
    at = sent(client, CSV)
    got = client.post(at, data={"form": form_of(client), "act": "leave"})
    assert got.headers["location"] == "/en/data" and client.get(at).status_code == 409


def test_labels_that_no_two_people_adopted_do_not_come_in(town: Desk, client: TestClient) -> None:
    content = (TORONTO / "neighbourhoods_140.geojson").read_bytes()
    at = sent(client, content, "areas.geojson")
    shown(client, at)
    got = imported(client, at, format="toronto-areas")
    assert got.status_code == 400 and "two people adopted" in alert(got.text)
    _, taken = admitted(TORONTO / "neighbourhoods_140.geojson", "toronto-areas", FORMATS, {})
    adopt_labels_of(town.kernel, town.people, taken, "toronto-areas")
    assert imported(client, at, format="toronto-areas").status_code == 303


def test_a_file_comes_in_by_partitions_where_that_is_asked_for(town: Desk, client: TestClient) -> None:
    at = sent(client, CSV)
    page = shown(client, at)
    assert "By month and region (in partitions)" in page and "Only these uses can read it: " in page
    got = imported(client, at, format="incidents", partitions="yes")
    made = town.kernel.state.datasets[got.headers["location"].rpartition("/")[2]]
    assert len(partitions_of(town.kernel, made)) == 18 and made.rows == 30
    page = client.get(got.headers["location"]).text
    assert "9, from January 2024 to September 2024" in page and "Smallest partition" in page
    got = imported(client, sent(client, CSV), format="incidents")
    assert not partitions_of(town.kernel, town.kernel.state.datasets[got.headers["location"].rpartition("/")[2]])


def test_of_a_large_file_the_head_is_looked_at_and_partitions_come_by_themselves(
    town: Desk, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (data_uploads, intake_files):
        monkeypatch.setattr(module, "LARGE", len(CSV))
    monkeypatch.setattr(office, "HEAD_ROWS", 10)
    monkeypatch.setattr(csv_blocks, "BLOCK_BYTES", 400)
    at = sent(client, CSV + b"2024-01-01 00:00,not a number,-79.4,theft\n")
    page = shown(client, at)
    assert "Rows read so far" in page and "because the file has 1 GiB or more" in page and not alert(page)
    read = re.search(r"Only the first (\d+) rows", page)
    assert read and 10 <= int(read[1]) < 30, "no more than the head is read"
    size = town.kernel.stores.log.size()
    got = imported(client, at, format="incidents")
    assert got.status_code == 400 and "row 32" in alert(got.text) and "Rows read so far" in got.text
    assert town.kernel.stores.log.size() == size, "nothing is kept of a file with one bad row"
    got = imported(client, sent(client, CSV), format="incidents")
    made = town.kernel.state.datasets[got.headers["location"].rpartition("/")[2]]
    assert len(partitions_of(town.kernel, made)) == 18


def test_a_format_without_partitions_says_so(town: Desk, client: TestClient) -> None:
    at = sent(client, (TORONTO / "neighbourhoods_140.geojson").read_bytes(), "areas.geojson")
    assert "in partitions" not in shown(client, at)
    got = imported(client, at, format="toronto-areas", partitions="yes")
    assert got.status_code == 400 and "cannot be sealed in partitions" in alert(got.text)


@pytest.fixture(scope="module")
def here(app: Any) -> Iterator[str]:
    with served(app) as address:
        yield address


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_pages_pass_every_gate(
    browser: Browser, app: Any, town: Desk, here: str, tmp_path: Path, language: str
) -> None:
    (tmp_path / "thefts.csv").write_bytes(CSV)
    with visit(browser, f"{here}/{language}/data/add", **seated(app, town.office, "analyst")) as seen:
        assert not gates(seen, own=(here,)).keys() - {"scripts"}
    with visit(browser, f"{here}/{language}/data/add", **seated(app, town.office, "analyst")) as seen:
        seen.page.set_input_files("#file", tmp_path / "thefts.csv")
        seen.page.click("#upload button")
        seen.page.wait_for_selector("#title", timeout=60_000)
        seen.address = seen.page.url
        assert not gates(seen, own=(here,))
        for name in ("title", "legal_basis", "minimisation"):
            seen.page.fill(f"#{name}", "as declared")
        seen.page.check("input[name=purposes][value=proof]")
        seen.page.click(f"text={ {'en': 'Import and encrypt', 'fr': 'Importer et chiffrer'}[language] }")
        seen.page.wait_for_url("**/data/sets/*", timeout=60_000)
        for page in (seen.page.url, f"{here}/{language}/data"):
            seen.page.goto(page)
            seen.address = page
            assert not gates(seen, own=(here,)), page


@pytest.mark.parametrize("script", [True, False])
def test_a_person_brings_a_file_with_and_without_a_script(
    browser: Browser, app: Any, town: Desk, here: str, tmp_path: Path, script: bool
) -> None:
    (tmp_path / "thefts.csv").write_bytes(CSV)
    with visit(browser, f"{here}/en/data/add", script=script, **seated(app, town.office, "analyst")) as seen:
        page = seen.page
        page.set_input_files("#file", tmp_path / "thefts.csv")
        page.click("#upload button")
        page.wait_for_selector("#title", timeout=60_000)
        for name in ("title", "legal_basis", "minimisation"):
            page.fill(f"#{name}", "as declared")
        page.check("input[name=purposes][value=proof]")
        page.click("text=Import and encrypt")
        page.wait_for_url("**/data/sets/*", timeout=60_000)
        assert "as declared" in page.inner_text("main")


def test_a_recording_comes_in_at_the_pages_with_its_people_or_that_they_are_not_known(app: Any, town: Desk) -> None:
    client, kernel = logged_on(app, town.office, "clerk"), town.kernel
    told = {"format": "video", "option.recorded_at": "2026-03-01T10:00:00Z", "purposes": ["disclosure"]}
    at = sent(client, example_clip(), "clip.mp4")
    assert "no council approval in force" in imported(client, at, **told, people="not_known").text.casefold()
    entitle(kernel, town.people["council"])
    assert 'name="people"' in shown(client, at, format="video")
    wrong: tuple[tuple[dict[str, str], str], ...] = (
        ({}, "People concerned not stated"),
        ({"people": "listed"}, "list of people missing"),
        ({"people": "not_known", "people_list": "identifier,name\nP-1,Jane Roe\n"}, "both listed and not known"),
        ({"people": "listed", "people_list": "identifier,name\n"}, "List without people"),
        ({"people": "<b>"}, "People concerned not stated"),
    )
    before = set(kernel.state.datasets)
    for fields, says in wrong:
        page = imported(client, at, **told, **fields).text
        assert says.casefold() in alert(page).casefold() and "Jane Roe" not in page, page
    assert set(kernel.state.datasets) == before
    imported(client, at, **told, people="listed", people_list="identifier,name\nP-1,Jane Roe\n")
    (made,) = set(kernel.state.datasets) - before
    assert not lacks_list(kernel, made) and kernel.state.datasets[made].declaration["people"] == "listed"


def test_a_list_of_people_with_a_table_is_refused_and_not_dropped(client: TestClient) -> None:
    page = imported(client, sent(client, CSV), people_list="identifier,name\nP-1,Jane Roe\n").text
    assert "ist of people with a file that is no recording" in alert(page) and "Jane Roe" not in page
