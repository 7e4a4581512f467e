"""Each call of the gate is taken away in turn, and something gets out or in that a probe notices.

The calls are read from the source: a new one without a probe fails here, too.
"""

from __future__ import annotations

import ast
import importlib
from collections.abc import Callable, Iterable, Iterator, Set
from contextlib import ExitStack
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from living_office import METER
from map_town import REASONS
from played_doors import OF_CASES, Play, addresses, is_shown_without

import peelian
from peelian.errors import Reason, Refused
from peelian.kernel import verbs
from peelian.kernel.gate import WatchedFile, enter, found_in
from peelian.kernel.identity.step_up import prove
from peelian.kernel.model.capability import AuthorizationKind, Purpose
from peelian.kernel.model.documents import Decision, Evidence
from peelian.kernel.model.doors import Leaves
from peelian.kernel.records import office_records
from peelian.kernel.state.signed_documents import archived
from peelian.kernel.verbs import authorizations, custody, delivery
from peelian.kernel.verbs import evidence as evidence_of_runs
from peelian.kernel.verbs.redaction_review import must_go_on, opened_review
from peelian.operations import outside_uses
from peelian.oversight.sensors import gate as sensor_gate
from peelian.oversight.sensors.release import release

SOURCE = Path(peelian.__file__).parent
GATE, POLICY = "peelian.kernel.gate", "peelian.kernel.policy.authorize"
OPEN: dict[str, Callable[..., Any]] = {
    "enter": lambda *given, **named: None,
    "leave": lambda kernel, person, case, way: found_in(kernel, case),
    "looked": lambda *given, **named: None,
    "must_not_be_stopped": lambda *given, **named: None,
    "why_not_leave": lambda *given, **named: iter(()),
    "why_stopped": lambda *given, **named: iter(()),
}
"""The gate's questions, and each with the answer of a gate that stands open."""
Call = tuple[str, str]


def calls() -> Iterator[Call]:
    """Each module that asks a question of the gate, and which: those of the gate itself, too."""
    for path in sorted(SOURCE.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        if "why_stopped" in text or "must_not_be_stopped" in text or "kernel.gate" in text:
            module = ".".join((peelian.__name__, *path.relative_to(SOURCE).with_suffix("").parts))
            tree = ast.parse(text)
            top = {name for node in tree.body for name in imported(node)}
            for name in sorted({name for node in ast.walk(tree) for name in imported(node)}):
                yield (module if name in top else GATE, name)


def imported(node: ast.AST) -> Iterator[str]:
    """The gate's questions that a statement imports."""
    if isinstance(node, ast.ImportFrom) and node.module in (GATE, POLICY):
        yield from (alias.name for alias in node.names if alias.name in OPEN)


ELSEWHERE = frozenset(
    {
        ("peelian.kernel.verbs.bulk_export", "why_stopped"),
        ("peelian.kernel.verbs.warrant_lifecycle", "must_not_be_stopped"),
        ("peelian.demos.decisions", "looked"),
        (GATE, "looked"),
    }
)
"""Asked of exports and warrants, which this office has none of: `test_suspension.py` does them. At the terminal, who
took no report is refused the decision: `cli/test_verbs.py`; and of a demonstration nothing would be decided."""
CALLS = sorted(set(calls()) - ELSEWHERE)
EXPORT, PAGES, API = "peelian.kernel.verbs.export", "peelian.web.cases.pages", "peelian.web.api"
TWICE: tuple[frozenset[Call], ...] = (
    frozenset({(API, "leave"), (API, "why_not_leave")}),
    frozenset({(EXPORT, "why_not_leave"), (GATE, "leave"), (PAGES, "leave"), (PAGES, "why_not_leave")}),
)
"""Calls that stand one behind another: a report is judged when it is logged and when it is read (`GATE`: at the
terminal), a page when it is asked what to show and when that is read. They are taken away together."""


def get_out(alive: Play, stopped: Play) -> Iterator[str]:
    """What gets out by a case’s doors: before the decision, and while all is suspended."""
    for play, asking in ((alive, ("analyst", "clerk", "dispatcher")), (stopped, ("analyst", "commander"))):
        cases = (play.living.undecided, play.living.audit)
        for door in OF_CASES:
            for short in asking:
                asks = play is alive and door.leaves is Leaves.LOOK and short != "dispatcher"
                for address in () if asks else addresses(door, play, cases):
                    answer = play.of(short, door).get(address)
                    if play.canaries(answer.content) or (
                        answer.status_code == 200 and not is_shown_without(door, address)
                    ):
                        yield f"{short} at {address}"


class GotThrough(Exception):
    """An act passed every check: nothing of it is logged."""


def only_refusals(log: Any) -> Callable[[Any], list[int]]:
    """What stands for writing to the log: of what probes do it takes refusals."""
    write = log.append_all

    def taken(entries: Any) -> list[int]:
        if {entry["kind"] for entry in entries} != {"REFUSED"}:
            raise GotThrough
        indexes: list[int] = write(entries)
        return indexes

    return taken


def are_done(stopped: Play) -> Iterator[str]:
    """What is done with a suspended technology."""
    kernel, of = stopped.office.kernel, stopped.office.operator
    log: Any = kernel.stores.log
    prove(kernel, of("clerk"))
    for name, act in acts(stopped).items():
        with patch.object(log, "append_all", only_refusals(log)):
            try:
                act()
            except Refused as refused:
                if not any("suspended" in str(reason.says) for reason in refused.reasons):
                    yield f"{name}: refused, and not because it is suspended ({refused})"
            except GotThrough:
                yield name
            else:
                yield name


def acts(stopped: Play) -> dict[str, Callable[[], object]]:
    """What stops, by its name."""
    kernel, living, of = stopped.office.kernel, stopped.living, stopped.office.operator
    evidence = archived(kernel, kernel.state.histories[living.undecided].digests("RAN")[-1], Evidence)
    decision = archived(kernel, kernel.state.histories[living.decided].digests("DECIDED")[-1], Decision)
    day, tomorrow = kernel.now().date() - timedelta(days=1), kernel.now() + timedelta(days=1)
    accepted: Any = (SimpleNamespace(choice="accept", case=living.footage), object(), tomorrow)
    return {
        "decided": lambda: verbs.decide(
            kernel, of("commander"), evidence, choice="accept", also={"exposure": "No patrol is added."}, **REASONS
        ),
        "delivered": lambda: refused_if(delivery._why_not_deliver(kernel, "footage", accepted)),
        "kept": lambda: refused_if(evidence_of_runs._why_not_keep(kernel, "mapping", "")),
        "reviewed": lambda: opened_review(kernel, of("clerk"), living.footage).close(),
        "gone on reviewing": lambda: must_go_on(kernel, living.footage),
        "read on": lambda: WatchedFile(kernel, "footage", BytesIO(b"x")).read(1),
        "published": lambda: verbs.publish(kernel, of("clerk"), decision, statement="Decided."),
        "issued": lambda: authorizations.issue(
            kernel,
            of("council"),
            AuthorizationKind.COUNCIL_APPROVAL,
            serves="mapping.forecast",
            purposes=(Purpose.ADVICE,),
            days=30,
        ),
        "kept whole": lambda: custody.begun(kernel, of("custodian"), "footage-0123456789ab", format="video"),
        "entered": lambda: enter(kernel, "mapping"),
        "collected": lambda: sensor_gate.collect(kernel, of("custodian"), METER, b"{}"),
        "released": lambda: release(kernel, of("clerk"), METER, day, [20] * 24),
        "tried": lambda: office_records.tried(kernel, of("analyst"), "risk", format="x", rows=1, data="0" * 64),
        "used outside": lambda: used_outside(stopped),
    }


def used_outside(stopped: Play) -> None:
    """As the libraries, `challenge` and `try` ask the office that is named."""
    with patch.dict("os.environ", PEELIAN_OFFICE=str(stopped.copy), PEELIAN_AS="analyst"):
        outside_uses.entered("risk")


def refused_if(reasons: Iterable[Reason]) -> None:
    if found := tuple(reasons):
        raise Refused(found)


def looks_are_logged(stopped: Play) -> Iterator[str]:
    """A look of an overseer's that the log does not have."""
    (door,) = (door for door in OF_CASES if door.name == "GET /{language}/cases/{case}")
    stopped.browsers.pop("auditor", None)  # a new session: each is logged once
    for case in stopped.living.hidden.values():
        stopped.of("auditor", door).get(f"/en/cases/{case}")
        newest = [entry["kind"] for _, entry in stopped.office.kernel.stores.log.read()][-3:]
        if "LOOKED" not in newest:
            yield case


def noticed(alive: Play, stopped: Play) -> str:
    """The first thing that a probe notices; "" where the gate stands."""
    probes = (are_done(stopped), looks_are_logged(stopped), get_out(alive, stopped))
    return next((told for probe in probes for told in probe), "")


def test_the_gate_stands(alive: Play, stopped: Play) -> None:
    assert noticed(alive, stopped) == ""


def without(alive: Play, stopped: Play, calls: Set[Call]) -> str:
    """What is noticed when these calls of the gate are taken away, and those that stand behind them."""
    gone = calls.union(*(group for group in TWICE if group & calls))
    with ExitStack() as removed:
        for module, name in sorted(gone):
            removed.enter_context(patch.object(importlib.import_module(module), name, OPEN[name]))
        return noticed(alive, stopped)


@pytest.mark.parametrize("call", CALLS, ids=lambda call: ".".join(call))
def test_a_call_that_is_taken_away_is_noticed(alive: Play, stopped: Play, call: Call) -> None:
    assert without(alive, stopped, {call}) != ""


@settings(max_examples=3, phases=[Phase.generate], suppress_health_check=list(HealthCheck), deadline=None)
@given(some=st.sets(st.sampled_from(CALLS), min_size=2, max_size=4))
def test_no_calls_that_are_taken_away_together_hide_one_another(alive: Play, stopped: Play, some: set[Call]) -> None:
    assert without(alive, stopped, some) != ""


def test_what_is_asked_twice_still_is() -> None:
    """One call of these could go without anything getting out: so each must be there."""
    assert frozenset().union(*TWICE) <= set(CALLS)
