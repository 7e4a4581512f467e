"""The datasets of the office at the pages: who may see them, and what each page says."""

from __future__ import annotations

import pytest
from authentication import at_pages, logged_on
from desk import Desk, desk
from toy import TOY, example

from peelian.kernel.model.capability import Purpose
from peelian.operations.office import technologies
from peelian.web.app import make_app
from peelian.web.data.datasets import _format


@pytest.fixture
def town() -> Desk:
    return desk((TOY,))


def test_a_dataset_is_listed_with_its_declaration(town: Desk) -> None:
    (data,) = example().datasets.values()
    made = town.admit(data, [Purpose.ADVICE], "wells")
    client = logged_on(make_app(town.office), town.office, "analyst")
    listed = client.get("/en/data").text
    assert made.dataset in listed and "Add data" in listed
    page = client.get(f"/en/data/sets/{made.dataset}").text
    for said in ("To advise a person who decides", "only what the test needs", "400 days after", made.digest):
        assert said in page
    assert client.get("/en/data/sets/none").status_code == 404


def test_a_format_is_listed_by_its_title_and_a_derived_dataset_by_the_use_that_made_it() -> None:
    office = desk(tuple(technologies())).office
    say = office.say("fr")
    for name, title in (
        ("recordings-csv", "Liste des enregistrements\xa0: unit, started, stopped, muted_seconds, reason"),
        ("footage.propose", say("Suggested redactions")),
        ("gone", "gone"),
    ):
        assert _format(office, name, say) == title


def test_who_may_not_import_sees_no_way_in_and_strangers_nothing(town: Desk) -> None:
    app = make_app(town.office)
    assert "Add data" not in logged_on(app, town.office, "board").get("/en/data").text
    assert at_pages(app).get("/en/data").status_code == 401
    assert logged_on(app, town.office, "dispatcher").get("/en/data").status_code == 403
