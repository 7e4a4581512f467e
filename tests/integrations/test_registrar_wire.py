"""What crosses the registrar's socket: every act's values, errors in either language, and nothing else."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from desk import desk
from hypothesis import given as given_by
from hypothesis import strategies as st

from peelian.errors import InputError, OutOfOrder, PeelianError, Reason, sentence
from peelian.integrations import registrar_wire as wire
from peelian.kernel.model.people import Operator
from peelian.kernel.state.acts import ACTS
from peelian.operations.registrar_process import learn_acts

learn_acts()


class Line:
    """Both ends of a connection in one process."""

    def __init__(self, *messages: str | bytes) -> None:
        self.waiting = list(messages)

    def send(self, message: str | bytes) -> None:
        self.waiting.append(message)

    def recv(self, timeout: float | None = None) -> str | bytes:
        return self.waiting.pop(0)


def nobody(person: str, session: str, name: str) -> Operator:
    raise OutOfOrder(f"nobody {person} {session} {name}")


@pytest.mark.parametrize("name", sorted(ACTS))
def test_every_act_takes_and_returns_plain_values(name: str) -> None:
    types = wire._types(ACTS[name])
    for one in types.values():
        if one not in (Operator, Operator | None):
            msgspec.json.Decoder(one)
    msgspec.json.Decoder(wire._hints(ACTS[name]).get("return", None))
    assert not [
        p for p in inspect.signature(ACTS[name]).parameters.values() if p.kind in (p.VAR_KEYWORD, p.VAR_POSITIONAL)
    ]
    with pytest.raises(InputError, match="arguments of this act"):
        wire.taken(ACTS[name], {"no such argument": 1}, nobody)


@given_by(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=20,
    ),
    st.sampled_from(sorted(ACTS)),
)
def test_whatever_is_said_in_an_acts_place_ends_in_a_plain_error_or_is_its_value(value: Any, name: str) -> None:
    verb = ACTS[name]
    for argument in wire._types(verb):
        try:
            wire.taken(verb, {argument: value}, nobody)
        except (PeelianError, KeyError, TypeError):
            continue  # `answered` turns the last two into an error of ours


@pytest.mark.parametrize(
    "messages", [(b"bytes",), ("no json",), ("[]",), ("[" * 50_000,), ('{"bytes": true}', "text"), ("x" * (2 << 20),)]
)
def test_what_is_no_message_ends_the_connection(messages: tuple[str | bytes, ...]) -> None:
    with pytest.raises(wire.Gone):
        wire.hear(Line(*messages))


@given_by(st.dictionaries(st.text(), st.integers()), st.binary(max_size=200))
def test_a_message_arrives_as_it_was_sent(head: dict[str, int], body: bytes) -> None:
    line = Line()
    wire.send_message(line, head, body)
    got, data = wire.hear(line)
    assert data == body and {key: value for key, value in got.items() if key != "bytes"} == {
        key: value for key, value in head.items() if key != "bytes"
    }


def test_words_of_any_kind_cross_and_are_judged_on_the_other_side() -> None:
    said = [{"text": "half a sign \ud800"}, {"text": "Hélène"}]
    for head in said:
        line = Line()
        wire.send_message(line, head)
        assert wire.hear(line) == (head, b"")
    told = (Reason(rule="a_rule", says=sentence("%(t)s is too small", t="toy"), remedy="Ask."),)
    verb = ACTS["peelian.kernel.verbs.evidence.withheld"]
    plain = wire.given(verb, {"case": "c-1", "before": "0", "faults": told})
    assert wire.taken(verb, json.loads(json.dumps(plain)), nobody)["faults"] == told


def test_what_is_larger_than_either_side_reads_is_not_sent() -> None:
    large: list[tuple[dict[str, Any], bytes]] = [({"x": "y" * (1 << 20)}, b""), ({}, bytes(wire.MOST_BYTES + 1))]
    for head, body in large:
        line = Line()
        with pytest.raises(InputError, match="too large"):
            wire.send_message(line, head, body)
        assert not line.waiting


def test_of_whoever_acts_nothing_crosses_but_who_they_are_and_where() -> None:
    clerk = desk(()).people["clerk"]
    verb: Callable[..., Any] = ACTS["peelian.kernel.identity.step_up.prove"]
    assert wire.given(verb, {"by": clerk}) == {"by": {"person": clerk.person.token, "session": ""}}
