"""Whatever the API's own description allows, or nearly allows, is answered as it says, and never with an error of ours.

Other people's tool (schemathesis) reads the OpenAPI description and sends to every address what fits it and what does
not, with tokens of people of several roles and with none.
"""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import Any

import pytest
import toy
from authentication import HERE, code_for, logged_on, send
from hypothesis import strategies as st
from requests_sent import SENT, fuzz
from starlette.testclient import TestClient

from peelian.web.app import make_app

schemathesis = pytest.importorskip("schemathesis", reason="schemathesis is not installed")
WHO = ("board", "analyst", "clerk", "council", "custodian")


@pytest.fixture(scope="module")
def town(own_town: Any) -> Any:
    own_town.desk.admit(*_wells())
    return own_town


def _wells() -> tuple[Any, Any, str]:
    (dataset,) = toy.PROVE.arithmetic().example().datasets.values()
    return dataset, toy.PROVE.asks.purposes, toy.PROVE.reads[0].shape


@pytest.fixture(scope="module")
def app(town: Any) -> Any:
    return make_app(town.desk.office)


@pytest.fixture(scope="module")
def bearers(town: Any, app: Any) -> list[str]:
    """What is sent as authorization: tokens of several people, each after a step-up; one that is none; none."""
    office, made = town.desk.office, []
    for short in WHO:
        page = send(logged_on(app, office, short), "/en/desk/tokens", role=short, days="30").text
        made.append("Bearer " + page.partition("<code>")[2].partition("</code>")[0])
        client = TestClient(app, base_url=HERE, headers={"authorization": made[-1]})
        assert client.post("/api/step-up", json={"code": code_for(app, office, short)}).status_code == 200
    return [*made, "Bearer peelian_nobody", ""]


def test_no_request_is_an_error_of_ours(town: Any, app: Any, bearers: list[str]) -> None:
    described = TestClient(app, base_url=HERE).get("/api/openapi.json").json()
    schema = schemathesis.openapi.from_dict(described)
    schema.app = app
    operations = [found.ok() for found in schema.get_all_operations()]
    known = st.sampled_from([town.published, town.waiting, town.refused, "toy", "wells"])
    answered, modes = Counter[int](), [schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE]

    def sent(operation: Any, data: st.DataObject) -> None:
        mode = data.draw(st.sampled_from(modes if operation.body or operation.query else modes[:1]))
        case = data.draw(operation.as_strategy(generation_mode=mode))
        if case.path_parameters and data.draw(st.booleans()):
            case.path_parameters = {name: data.draw(known) for name in case.path_parameters}
        bearer = data.draw(st.sampled_from(bearers))
        got = case.call(base_url=HERE, headers={"authorization": bearer} if bearer else {})
        answered[got.status_code] += 1
        assert got.status_code < 500, (operation.label, got.text[:500])
        assert got.status_code in (405, *map(int, operation.definition.raw["responses"])), operation.label
        assert got.headers["content-type"][0].startswith("application/json"), operation.label
        if got.status_code >= 400:
            assert got.json()["status"] == got.status_code, operation.label

    for operation in operations:
        fuzz(len(operations), partial(sent, operation))
    print(f"API: {answered.total():,} requests, answered {dict(sorted(answered.items()))}")  # noqa: T201
    assert answered.total() >= min(SENT, 200) and len(operations) > 20
    assert {200, 400, 401, 403, 404} <= set(answered), "answers of every kind were met"
