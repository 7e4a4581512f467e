"""The gate: whom what a case found leaves for, which way, before and after a decision and during a suspension."""

from __future__ import annotations

import ast
import io
from dataclasses import replace
from pathlib import Path

import pytest
from deciding import read_and_decide
from desk import Desk, desk
from suspending import lift, suspend
from toy import COUNT, PROVE, TOY

import peelian
from peelian.errors import OutOfOrder, Refused
from peelian.kernel import verbs
from peelian.kernel.gate import EVERY, OVERSEERS, WatchedFile, Way, enter, leave, looked, why_not_leave
from peelian.kernel.model.documents import Evidence
from peelian.kernel.retention import retention

WHY = "as two people agreed"
WORDS = {"reasons": "as the evidence shows", "other_evidence": "document: what residents told us"}
ROLES = ("analyst", "commander", "board", "council", "privacy-officer", "auditor", "clerk", "custodian", "dispatcher")


@pytest.fixture
def town() -> Desk:
    return desk((TOY,))


def ran(town: Desk) -> Evidence:
    town.authorizations(PROVE)
    return verbs.run(town.kernel, town.people["analyst"], town.ask(PROVE))[0]


def let(town: Desk, case: str, way: Way) -> set[str]:
    """Whom it leaves for."""
    people = {who: town.people[who].person for who in ROLES}
    return {who for who, person in people.items() if not any(why_not_leave(town.kernel, person, case, way))}


def test_what_nobody_decided_is_looked_at_by_few_taken_home_by_who_decides_and_leaves_as_no_data(town: Desk) -> None:
    case = ran(town).case
    assert let(town, case, Way.LOOK) == {"analyst", "board", "privacy-officer", "auditor"}
    assert let(town, case, Way.FILE) == {"board"}
    assert let(town, case, Way.DATA) == set()
    assert all(any(why_not_leave(town.kernel, None, case, way)) for way in Way), "nor for somebody nobody knows"


def test_who_asked_takes_no_report_of_it_though_they_may_decide_others(town: Desk) -> None:
    town.authorizations(COUNT)
    evidence, _ = verbs.run(town.kernel, town.people["analyst"], town.ask(COUNT))
    deciders = let(town, evidence.case, Way.FILE)
    assert deciders and "analyst" not in deciders
    asker, history = town.people["analyst"].person, town.kernel.state.histories[evidence.case]
    assert history.by == asker.token
    both = {who for who in deciders if town.people[who].person.unit == history.unit}
    assert not both, "nor does anybody of their unit"


def test_findings_of_a_second_run_are_undecided_though_the_first_was_decided(town: Desk) -> None:
    first = ran(town)
    case = first.case
    read_and_decide(town.kernel, town.people["board"], first, choice="decline", **WORDS)
    assert let(town, case, Way.DATA) == set(ROLES)
    second = town.kernel.signed(replace(first, salt="0" * 32))
    town.kernel.record(second, case=case, before=first.before)
    assert let(town, case, Way.DATA) == set()


def test_a_suspension_leaves_a_look_to_who_may_lift_it_and_the_log_says_so_once(town: Desk) -> None:
    evidence, kernel, board = ran(town), town.kernel, town.people["board"]
    read_and_decide(kernel, board, evidence, choice="decline", **WORDS)
    once = town.kinds().count("LOOKED")
    looked(kernel, board, evidence.case, whole=True)
    assert town.kinds().count("LOOKED") == once == 1, "the decider's; no other where nothing is suspended"
    suspend(kernel, board, "toy")
    assert let(town, evidence.case, Way.LOOK) == {"board", "privacy-officer", "auditor"}
    assert let(town, evidence.case, Way.FILE) == let(town, evidence.case, Way.DATA) == set()
    with pytest.raises(Refused, match="suspended"):
        leave(kernel, town.people["analyst"].person, evidence.case, Way.LOOK)
    with pytest.raises(Refused, match="suspended"):
        looked(kernel, town.people["analyst"], evidence.case)
    with pytest.raises(Refused, match="suspended"):
        enter(kernel, "toy")
    assert leave(kernel, board.person, evidence.case, Way.LOOK) is not None
    for who in ("board", "board", "auditor"):
        looked(kernel, town.people[who], evidence.case)
    assert town.kinds().count("LOOKED") == 3, "once a person and suspension"
    assert kernel.state.histories[evidence.case].state == "DECIDED", "a look changes nothing of the case"
    lift(kernel, town.people["auditor"], board, "toy")
    suspend(kernel, board, "toy")
    looked(kernel, board, evidence.case)
    assert town.kinds().count("LOOKED") == 4


def test_what_was_made_from_data_that_are_held_close_leaves_for_few(town: Desk) -> None:
    evidence, kernel = ran(town), town.kernel
    read_and_decide(kernel, town.people["board"], evidence, choice="decline", **WORDS)
    assert let(town, evidence.case, Way.DATA) == set(ROLES)
    (data,) = kernel.state.datasets.values()
    retention.define(kernel, town.people["privacy-officer"], "close", days=0, access="restricted", words=WHY)
    retention.tag(kernel, town.people["clerk"], data.dataset, ("close",), words=WHY)
    for way in Way:
        assert let(town, evidence.case, way) == {"clerk", "privacy-officer", "board", "auditor"}


def test_there_is_nothing_to_leave_of_a_case_that_found_nothing_and_no_such_case(town: Desk) -> None:
    town.authorizations(PROVE)
    permit = town.ask(PROVE)
    assert leave(town.kernel, None, permit.case, Way.DATA) is None
    with pytest.raises(OutOfOrder, match="no case"):
        leave(town.kernel, town.people["board"].person, "c-none", Way.LOOK)


def test_an_open_file_gives_nothing_more_once_its_technology_is_suspended(town: Desk) -> None:
    file = io.BufferedReader(WatchedFile(town.kernel, "toy", io.BytesIO(bytes(range(256)) * 20_000)), EVERY)
    assert file.read(4) == bytes(range(4)) and file.seek(256) == 256 and file.read(1) == b"\0"
    whole = WatchedFile(town.kernel, "toy", io.BytesIO(b"abc"))
    assert (whole.read(), whole.tell(), whole.readable(), whole.seekable()) == (b"abc", 3, True, True)
    suspend(town.kernel, town.people["board"], "toy")
    file.seek(4 * EVERY)
    with pytest.raises(Refused, match="suspended"):
        file.read(1)
    with pytest.raises(Refused):
        whole.read(1)


UNPACKS = {  # earlier attempts are compared with the one that is decided: their figures alone are told
    "kernel/verbs/earlier_attempts.py",
    "kernel/gate.py",  # for readers
    "kernel/verbs/decision.py", "kernel/verbs/decision_checks.py", "kernel/verbs/publication.py", "oversight/drift.py",
    "operations/run_worker.py",  # verbs and what carries them out: nothing of it is shown
    "kernel/verbs/custody.py",  # descriptions of objects
    "kernel/disclosure/noisy_release.py", "kernel/disclosure/editions.py", "kernel/disclosure/edition_piles.py",
    "oversight/transparency/register.py",
    # what is published
    "demos/mapping.py",
}  # fmt: skip
SHOWS_AFTER_ASKING = {
    "oversight/transparency/case_map.py",
    "web/cases/drawn_maps.py",
    "oversight/compliance/footage_checks.py",
}


def test_nothing_but_the_gate_unpacks_findings_for_a_reader() -> None:
    """Whoever adds another place has to say here why nobody sees more for it."""
    root, unpacking, finding = Path(peelian.__file__).parent, set(), set()
    for path in root.rglob("*.py"):
        names = {
            alias.name
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.ImportFrom)
            and node.module in ("peelian.kernel.model.findings", "peelian.kernel.gate")
            for alias in node.names
        }
        unpacking |= {str(path.relative_to(root))} if "unpack" in names else set()
        finding |= {str(path.relative_to(root))} if "found_in" in names else set()
    assert unpacking == UNPACKS
    assert finding == SHOWS_AFTER_ASKING


def test_who_suspends_is_who_looks_meanwhile() -> None:
    assert {role.value for role in OVERSEERS} == {"board", "privacy_officer", "auditor"}
