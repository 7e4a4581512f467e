"""Datasets in partitions at the pages: combined by who may, shown with their partitions, in both languages."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest
from authentication import logged_on, seated, send
from browser import gates, served, visit
from desk import Desk, declared, desk
from parted import PARTED, POINTS, some, write
from playwright.sync_api import Browser

from peelian.kernel.model.documents import Admission
from peelian.web.app import make_app


@pytest.fixture
def town() -> Desk:
    return desk((PARTED,))


@pytest.fixture
def app(town: Desk) -> Any:
    return make_app(town.office)


def admit(town: Desk, folder: Path, n: int, *, partitions: bool = True) -> Admission:
    stated = dataclasses.replace(declared("advice"), title=f"Wells {n}")
    path = write(folder / f"{n}.csv", some(n))
    return town.office.admit(town.people["custodian"], path, stated, format=POINTS.id, partitions=partitions)


def test_a_custodian_combines_datasets_and_their_pages_name_each_other(town: Desk, app: Any, tmp_path: Path) -> None:
    client = logged_on(app, town.office, "custodian")
    nothing = client.get("/en/tasks/data-combine").text.partition("<main")[2].partition("</main")[0]
    assert "nothing to choose from yet" in nothing and "<button" not in nothing
    one = admit(town, tmp_path, 40)
    assert "/tasks/data-combine" not in client.get("/en/data").text
    two, whole = admit(town, tmp_path, 60), admit(town, tmp_path, 80, partitions=False)
    assert "/en/tasks/data-combine" in client.get("/en/data").text
    page = client.get(f"/en/tasks/data-combine?datasets={one.dataset}").text
    assert f'value="{one.dataset}" checked' in page and f'value="{two.dataset}">' in page and "-79.38, 43.7" in page
    assert whole.dataset not in page
    slip = send(client, "/en/tasks/data-combine", datasets=one.dataset, title="Both")
    assert slip.status_code == 400 and "Too few datasets to combine" in slip.text
    assert send(client, "/en/tasks/data-combine", title="Both").status_code == 400
    done = send(client, "/en/tasks/data-combine", datasets=f"{one.dataset},{two.dataset}", title="Both")
    assert done.status_code == 200 and "Combined: 100 rows as" in done.text
    made = next(one for one in town.kernel.state.datasets.values() if one.rows == 100)
    page = client.get(f"/en/data/sets/{made.dataset}").text
    assert "Combined from" in page and one.dataset in page and two.dataset in page and "Combine with" not in page
    assert "<dd>24</dd>" in page
    assert made.dataset not in client.get("/en/tasks/data-combine").text.partition("<form")[2].partition("</form")[0]
    page = client.get(f"/en/data/sets/{one.dataset}").text
    assert "Part of" in page and made.dataset in page and f"/en/tasks/data-combine?datasets={one.dataset}" in page
    assert "Part of" not in client.get(f"/en/data/sets/{whole.dataset}").text


def test_who_may_not_import_combines_nothing(town: Desk, app: Any, tmp_path: Path) -> None:
    one, two = admit(town, tmp_path, 40), admit(town, tmp_path, 60)
    board = logged_on(app, town.office, "board")
    assert "/tasks/data-combine" not in board.get("/en/data").text
    assert "/tasks/data-combine" not in board.get(f"/en/data/sets/{one.dataset}").text
    assert board.get("/en/tasks/data-combine").status_code == 404
    assert send(board, "/en/tasks/data-combine", datasets=f"{one.dataset},{two.dataset}", title="t").status_code == 404
    assert len(town.kernel.state.datasets) == 2


@pytest.mark.browser
@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_pages_pass_every_gate(browser: Browser, app: Any, town: Desk, tmp_path: Path, language: str) -> None:
    one, two = admit(town, tmp_path, 40), admit(town, tmp_path, 60)
    client = logged_on(app, town.office, "custodian")
    send(client, "/en/tasks/data-combine", datasets=f"{one.dataset},{two.dataset}", title="Both")
    made = next(one for one in town.kernel.state.datasets.values() if one.rows == 100)
    with served(app) as here:
        for page in ("data", "tasks/data-combine", f"data/sets/{one.dataset}", f"data/sets/{made.dataset}"):
            with visit(browser, f"{here}/{language}/{page}", **seated(app, town.office, "custodian")) as seen:
                assert not gates(seen, own=(here,)), page
