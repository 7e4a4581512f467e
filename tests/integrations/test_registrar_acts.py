"""What a registrar does when asked: acts by their person's own signature, and nothing in anybody else's name."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from desk import Desk
from divided import divided_town, lived
from hypothesis import given
from hypothesis import strategies as st
from proofs import a_pass, away
from suspending import suspend
from toy import COUNT

from peelian.errors import OutOfOrder, PeelianError, Refused
from peelian.integrations.registrar_acts import QUESTIONS, Asker, Registry, answered
from peelian.integrations.registrar_wire import _types
from peelian.kernel.access.staff_reads import read_by, staff_read
from peelian.kernel.alarms import operator_desk
from peelian.kernel.identity import dual_control, enrolment, revocation, sessions, step_up
from peelian.kernel.model.capability import AuthorizationKind, Role
from peelian.kernel.model.people import Operator
from peelian.kernel.records.office_records import Seen, note_access
from peelian.kernel.retention import retention
from peelian.kernel.state.acts import ACTS
from peelian.kernel.verbs import authorizations, evidence
from peelian.kernel.verbs.custody import looked_into

UNSIGNED = {
    "alarms.watch": {"taken", "sensor_fault", "sensor_well", "rehearsed", "must_still_pass"},  # what a watch saw
    "identity.sessions": {"proved", "session_began", "session_over", "locked"},  # a pass or a passkey proves them
    "records.sensor_register": {"connection_cut", "connection_back", "message_refused"},  # they name nobody
    "verbs.custody": {"left_off"},
    "verbs.delivery": {"undelivered"},
    "verbs.derivatives": {"making"},
    "verbs.evidence": {"opens", "failed", "withheld", "still_permitted", "ran"},  # of a run that its person began
    "verbs.kept_parts": {"keeps_parts", "opens_parts", "parts_damaged"},  # of a run that its person began
    "verbs.warrant_lifecycle": {"collected"},  # what a gateway counts against a warrant in force
    "verbs.worker_sets": {"opens_set"},  # of a run that its person began
}
"""The acts that no person signs: each gives nobody anything, or belongs to what somebody signed. A new one is looked at
before it is added here."""


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Desk, Registry]]:
    with (
        pytest.MonkeyPatch.context() as patch,
        divided_town(tmp_path_factory.mktemp("acts"), patch) as (town, server, _),
    ):
        yield town, server._registry


class Nobody:
    """A connection at which nobody answers."""

    def send(self, message: str | bytes) -> None:
        """Nobody reads it."""

    def recv(self, timeout: float | None = None) -> str | bytes:
        raise AssertionError("nothing was to be asked")


def asked(registry: Registry, head: dict[str, Any], body: bytes = b"") -> dict[str, Any]:
    return answered(Asker(registry=registry, connection=Nobody()), head, body)[0]


def test_the_acts_that_nobody_signs_are_these_and_no_others() -> None:
    unsigned = {name for name, verb in ACTS.items() if not {Operator, Operator | None} & set(_types(verb).values())}
    told = {f"peelian.kernel.{module}.{name}" for module, names in UNSIGNED.items() for name in names}
    assert unsigned == told | {"peelian.oversight.breach.damage.report_damage"}  # the registrar looks for itself


@given(
    st.one_of(st.none(), st.integers(), st.text(max_size=30), st.lists(st.text(), max_size=2)), st.binary(max_size=80)
)
def test_what_is_no_question_is_told_what_would_be(there: tuple[Desk, Registry], op: object, body: bytes) -> None:
    assert "error" in asked(there[1], {"op": op}, body) or op in QUESTIONS
    assert "error" in asked(there[1], {"act": op, "arguments": {}}, body)


@pytest.mark.parametrize("op", sorted(set(QUESTIONS) - {"hello", "checkpoint", "files", "token", "states", "openings"}))
def test_a_question_without_its_words_does_nothing(there: tuple[Desk, Registry], op: str) -> None:
    assert "error" in asked(there[1], {"op": op})


@pytest.mark.parametrize("name", sorted(ACTS))
def test_an_act_without_its_arguments_does_nothing(there: tuple[Desk, Registry], name: str) -> None:
    registry = there[1]
    n = registry.kernel.stores.log.size()
    assert "error" in asked(registry, {"act": name, "arguments": {}})
    assert registry.kernel.stores.log.size() == n


def test_the_public_files_are_no_way_to_others(there: tuple[Desk, Registry]) -> None:
    assert "error" in asked(there[1], {"op": "file", "name": "../keys/log.pem"})


def test_whoever_acts_signs_with_their_own_key_or_nothing_is_done(there: tuple[Desk, Registry]) -> None:
    town, _ = there
    kernel, people = town.kernel, town.people
    board, clerk = people["board"], people["clerk"]
    forged = dataclasses.replace(board, sign=clerk.sign)  # says that it is the board, and has another key
    person = dataclasses.replace(clerk.person, token="t" * 20, roles=frozenset({Role.ANALYST}))
    council = {"serves": COUNT.id, "purposes": tuple(COUNT.asks.purposes), "days": 3}
    for by in (forged, away(board), away(board, session="s-none")):
        for act in (
            lambda by: suspend(kernel, by, "toy"),
            lambda by: authorizations.issue(kernel, by, AuthorizationKind.COUNCIL_APPROVAL, **council),
            lambda by: dual_control.propose(kernel, by, "rotate_keys", words="it is time again"),
            lambda by: enrolment.enrol(kernel, person, by=by),
            lambda by: revocation.retire(kernel, by, clerk.person.token),
            lambda by: retention.define(kernel, by, "minutes", days=3, words="as council decided"),
            lambda by: operator_desk.acknowledge(kernel, by, "a-1"),
            lambda by: step_up.prove(kernel, by),
            lambda by: looked_into(kernel, by, "0" * 32, "wells"),
            lambda by: staff_read(kernel, by, "people"),
            lambda by: note_access(kernel, by, Seen(dataset="d", subjects=["s"], action="read", session="s-none")),
        ):
            n = kernel.stores.log.size()
            with pytest.raises((OutOfOrder, Refused)):
                act(by)
            kernel.stores.follow()
            assert kernel.stores.log.size() == n


def test_a_divided_office_logs_what_its_staff_read_once_a_session(there: tuple[Desk, Registry]) -> None:
    town, registry = there
    kernel, board = town.kernel, town.people["board"]
    sessions.session_began(kernel, board.person.token, "s-reads", how="key", proof=a_pass(kernel, board))
    seated, n = away(board, session="s-reads"), registry.kernel.stores.log.size()
    for _ in range(3):
        read_by(kernel, seated, "incident", of="b-1")
    read_by(kernel, board, "people")  # at the terminal, signed
    entries = [entry for _, entry in registry.kernel.stores.log.read(n)]
    assert [entry["kind"] for entry in entries] == ["STAFF_READ", "STAFF_READ"]
    assert (entries[0]["of"], entries[0]["session"]) == ("b-1", "s-reads") and "signature" not in entries[0]
    assert entries[1]["read"] == "people" and "signature" in entries[1]
    sessions.session_over(kernel, "s-reads", why="off", by=board.person.token)
    with pytest.raises(OutOfOrder, match="not open"):
        read_by(kernel, seated, "incident", of="b-2")


def test_a_session_of_somebody_else_is_nobodys_to_act_in(there: tuple[Desk, Registry]) -> None:
    town, _ = there
    kernel, people = town.kernel, town.people
    clerk, board = people["clerk"], people["board"]
    given = a_pass(kernel, clerk)
    sessions.session_began(kernel, clerk.person.token, "s-clerk", how="key", proof=given)
    with pytest.raises(OutOfOrder, match="belongs to another person"):
        suspend(kernel, dataclasses.replace(board, session="s-clerk"), "toy")
    with pytest.raises(OutOfOrder, match="already in the log"):
        sessions.proved(kernel, clerk.person.token, "s-clerk", proof=given)
    with pytest.raises(OutOfOrder, match="with this person's key"):
        sessions.proved(kernel, clerk.person.token, "s-clerk", proof=a_pass(kernel, board))
    with pytest.raises(OutOfOrder):
        sessions.session_began(kernel, board.person.token, "s-board", how="key", proof=None)
    with pytest.raises(OutOfOrder, match="Only its own person"):
        sessions.session_over(kernel, "s-clerk", why="idle", by=board.person.token)
    with pytest.raises(OutOfOrder, match="with a code or a passkey"):
        sessions.proved(kernel, clerk.person.token, "s-clerk", proof={"signature": "00" * 64})


def test_no_run_goes_on_that_nobody_began(there: tuple[Desk, Registry]) -> None:
    town, _ = there
    decision = lived(town)
    kernel, (case, before) = town.kernel, (decision.case, "0" * 64)
    found = evidence.Found(findings="f" * 64, seed=1, made={})
    n = kernel.stores.log.size()
    for act in (
        lambda: evidence.opens(kernel, case, before, next(iter(kernel.state.datasets))),
        lambda: evidence.failed(kernel, case, before, error="X"),
        lambda: evidence.withheld(kernel, case, before, faults=()),
        lambda: evidence.ran(kernel, case, before, found=found),
        lambda: evidence.still_permitted(kernel, "c-none", before),
    ):
        with pytest.raises(PeelianError):
            act()
    kernel.stores.follow()
    assert kernel.stores.log.size() == n


def test_a_key_is_wrapped_once_and_of_the_right_length(there: tuple[Desk, Registry], tmp_path: Path) -> None:
    registry = there[1]
    assert "error" in asked(registry, {"op": "add", "object": "0" * 32}, b"short")
    assert "ok" in asked(registry, {"op": "add", "object": "0" * 32}, bytes(32))
    assert "error" in asked(registry, {"op": "add", "object": "0" * 32}, bytes(32))
    assert asked(registry, {"op": "destroy", "object": "0" * 32}) == {"ok": True}


@pytest.mark.parametrize(
    "partition", ["", "office", "cases.2999q4", "cases.2020q1", "gossip.{now}", "warrant-" + "ab" * 16]
)
def test_a_document_is_put_where_its_time_will_end(there: tuple[Desk, Registry], partition: str) -> None:
    registry = there[1]
    today = registry.kernel.partition("cases")
    named = partition.format(now=today.partition(".")[2])
    digest = "ab" * 32
    told = asked(registry, {"op": "put", "document": digest, "partition": named}, b"made")
    assert told["error"] and digest not in registry.archive.partitions().get(named, ())
    assert "ok" in asked(registry, {"op": "put", "document": digest, "partition": today}, b"made")
