"""What a registrar does when asked: each act answers, what lacks a word is told so, names are not overwritten."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from divided import divided_town
from hypothesis import given
from hypothesis import strategies as st

from peelian.integrations.registrar_acts import ACTS, Asker, Registry, answered
from peelian.integrations.registrar_frames import Frame
from peelian.kernel.model.ports import Named


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> object:
    with (
        pytest.MonkeyPatch.context() as patch,
        divided_town(tmp_path_factory.mktemp("acts"), patch) as (_, server, _),
    ):
        yield server._registry


@given(
    st.one_of(st.none(), st.integers(), st.text(max_size=30), st.lists(st.text(), max_size=2)), st.binary(max_size=80)
)
def test_what_is_no_question_is_told_what_would_be(registry: Registry, op: object, body: bytes) -> None:
    told = answered(registry, Asker(), Frame(head={"op": op}, body=body)).head
    assert "error" in told or op in ACTS


@pytest.mark.parametrize("op", sorted(set(ACTS) - {"hello", "append", "checkpoint", "files", "token", "states"}))
def test_an_act_without_its_words_does_nothing(registry: Registry, op: str) -> None:
    told = answered(registry, Asker(), Frame(head={"op": op})).head
    assert "error" in told or op == "openings_used"


def test_a_name_is_kept_once_and_not_overwritten(registry: Registry) -> None:
    def keep(name: str) -> Frame:
        body = json.dumps({"person": "p" * 20, "name": name, "salt": "1"}).encode()
        return answered(registry, Asker(), Frame(head={"op": "keep_name", "document": "m" * 64}, body=body))

    assert "ok" in keep("Ana").head and "ok" in keep("Ana").head and "error" in keep("Bo").head
    assert registry.kernel.stores.directory.known("m" * 64) == Named(person="p" * 20, name="Ana", salt="1")


def test_entries_are_judged_one_by_one_and_those_before_the_wrong_one_stand(registry: Registry) -> None:
    good = {
        "v": 1,
        "t": f"{registry.kernel.now():%Y-%m-%dT%H:%M:%S}.00Z",
        "kind": "GATEWAY_BACK",
        "connection": "broker",
    }
    n = registry.kernel.state.authorization_status.entries
    body = json.dumps([good, {**good, "kind": "PERMITTED"}]).encode()
    assert "error" in answered(registry, Asker(), Frame(head={"op": "append"}, body=body)).head
    assert registry.kernel.state.authorization_status.entries == n + 1


def test_the_public_files_are_no_way_to_others(registry: Registry, tmp_path: Path) -> None:
    told = answered(registry, Asker(), Frame(head={"op": "file", "name": "../keys/log.pem"}))
    assert "error" in told.head and not told.body
