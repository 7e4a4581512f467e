"""An office that an earlier version made stays readable: typed sensor ids, areas without outlines, bare admissions."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from desk import Desk
from fastapi.testclient import TestClient
from kept_office import TYPED, kept_office

from peelian.kernel.records.label_register import adopted
from peelian.kernel.records.sensor_register import the_register
from peelian.web.app import make_app

PAGES = ("", "vocabularies", "sensors", "register", *(f"sensors/{id}" for id in TYPED))


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with kept_office(tmp_path_factory.mktemp("kept")) as town:
        yield town


def test_its_log_is_verified_by_the_second_verifier(kept: Desk) -> None:
    verdict = kept.office.verdict()
    assert verdict.ok and verdict.size >= 62, verdict.says


def test_its_registers_say_what_they_said(kept: Desk) -> None:
    assert set(the_register(kept.kernel)) == set(TYPED)
    labels = [one.label for v in adopted(kept.kernel).vocabularies.values() for one in v.labels]
    assert {"Centre", "Riverdale"} <= set(labels)
    shapes = [one.shape for one in kept.kernel.state.datasets.values()]
    assert shapes.count("windows") == 2 and "areas" in shapes


def test_its_pages_are_read_in_both_languages(kept: Desk) -> None:
    with TestClient(make_app(kept.office), base_url="http://localhost") as client:
        for language in ("en", "fr"):
            for page in PAGES:
                assert client.get(f"/{language}/{page}").status_code == 200, page
