"""Cedar is asked the same once. What is remembered is what it would answer now: time counts where something turns."""

from __future__ import annotations

import dataclasses
import json
import re
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

import cedarpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from told_all import ToldAll, counting
from uses import GOOD_WARRANT, NOW, PARTS, PEOPLE, paper, use, warrant

from peelian.adapters.cedar_engine import CedarEngine, open_policies
from peelian.adapters.cedar_memory import ANSWERS, Asked, Memory
from peelian.governance.capability import Need, Paper, Role, Scalar
from peelian.governance.documents import Admission, mark_of
from peelian.governance.engine import A_POLICY_FAILED
from peelian.governance.issued import Issued, issued
from peelian.governance.policy import Deed, Use
from peelian.governance.statutes import Statutes

SHIPPED = open_policies()
COUNCIL = PARTS["council"]["good"][0]
BYLAWS = {
    "day": 'action == Action::"ask", resource) when { context.weekday == "monday"',
    "noon": 'action == Action::"read", resource) when { context.now.toTime() >= duration("12h")',
    "end": 'action == Action::"rely", resource) when { context.now.offset(duration("1d")) > resource.ends',
    "age": 'action == Action::"read", resource) when { context.today > resource.admitted.offset(duration("20d"))',
    "all": 'action in [Action::"rely", Action::"read"], resource) when { context == context && principal.unit == "a"',
    "one": 'action, resource) when { resource == Dataset::"wells-1" && principal.roles.contains("clerk")',
    "run": 'action == Action::"run", resource) when { principal.enrolled',
    "named": 'action, resource) when { action == Action::"run" && principal.enrolled',
    "capability": 'action == Action::"read", resource) unless { context.capability in Technology::"toy"',
    "somebody": 'action == Action::"ask", resource) when { principal == Person::"somebody"',
    "unit": 'action in [Action::"run", Action::"deed"], resource) when { principal.unit == "b"',
    "young": 'action == Action::"read", resource) when { resource.admitted > datetime("2026-02-20T00:00:00Z")',
    "long": 'action == Action::"read", resource) when { resource.keep_until > datetime("2026-04-20T00:00:00Z")',
    "trained": 'action in [Action::"ask", Action::"enter"], resource) when { principal.trained_until > context.today',
    "until": 'action == Action::"decide", resource) when { principal.trained_until > datetime("2026-03-20T00:00:00Z")',
    "second": 'action == Action::"approve", resource) when { context has first && context.first.person == Person::"x"',
    "first": 'action == Action::"decide", resource) when { context has first && context.first.person.enrolled',
    "court": f'action == Action::"rely", resource) when {{ resource == Paper::"{mark_of(GOOD_WARRANT)}"',
    "council": f'action == Action::"rely", resource) unless {{ [Paper::"{mark_of(COUNCIL)}"].contains(resource)',
    "askers": 'action == Action::"read", resource) when { context.capability.askers.contains("analyst")',
    "fails": 'action == Action::"rely", resource) when { resource has warrant'
    f" && resource.warrant.count * {2**63 - 1} > 1",
    "count": 'action == Action::"rely", resource) when { resource has warrant && resource.warrant.count > 2',
    "used": 'action == Action::"rely", resource) when { resource has warrant && resource.warrant.used + 1 == 2',
    "record": 'action == Action::"rely", resource) when { resource has warrant && resource.warrant == {'
    ' provisional: false, cells: ["500:1:2", "500:1:3"], sensors: ["s-1"], operations: ["read"], count: 1, used: 0 }',
    "room": 'action == Action::"enter", resource) when { [Room::"cases", Room::"desk"].contains(resource)',
    "other": 'action == Action::"read", resource) unless { [Dataset::"wells-1", Dataset::"x"].contains(resource)',
}
WELLS = PARTS["datasets"]["good"][0]["wells"]
TURNS = [
    NOW + timedelta(days=days, hours=hours)  # when papers start and end, and data are past their time
    for days, hours in ((-31, 0), (-1, 0), (0, 0), (1, 0), (29, 0), (30, 0), (0, 24), (0, 0.01), (1, 0.01), (-1, 0.01))
]
EVERYTHING = {part: st.sampled_from(sorted(ways)) for part, ways in PARTS.items()}


def bylaw(name: str) -> str:
    return f'@id("bylaw_{name}") @says("no") @remedy("none") forbid (principal, {BYLAWS[name]} }};\n'


@pytest.fixture(scope="module")
def towns(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[CedarEngine, ToldAll]]:
    """The shipped policies alone, with each of some bylaws, and with all of them; and who is told all of each."""
    made = {"": (SHIPPED, ToldAll(SHIPPED))}
    for names in (*((name,) for name in BYLAWS), tuple(BYLAWS)):
        folder = tmp_path_factory.mktemp("bylaws")
        (folder / "a.cedar").write_text("".join(bylaw(name) for name in names))
        engine = open_policies(folder)
        made["+".join(names)] = (engine, ToldAll(engine, folder))
    return made


WHOEVER = st.fixed_dictionaries(
    {"token": st.sampled_from(["analyst", "somebody", "anybody"]), "unit": st.sampled_from("ab")},
    optional={"trained_until": st.sampled_from(["2026-03-01", "2026-03-02", "2026-03-03", "2026-04-01", "2030-01-01"])},
)


@settings(max_examples=400)
@given(
    bylaws=st.sampled_from(["", "", *BYLAWS, "+".join(BYLAWS)]),
    ways=st.fixed_dictionaries({}, optional=EVERYTHING),
    turn=st.sampled_from(TURNS),
    besides=st.lists(
        st.tuples(
            st.sampled_from([-86_400_000_000, -1_000, -1, 0, 1, 999, 1_000, 60_000_000]),
            st.sampled_from(["ask", "run"]),
        ),
        min_size=1,
        max_size=4,
    ),
    who=WHOEVER,
    admitted=st.sampled_from([0, 1, 11, 29]),
    named=st.sampled_from(["", "x"]),
    used=st.sampled_from([0, 1, 2, 3, 4, 2**63 - 1]),
)
def test_at_any_time_the_answer_is_that_of_an_engine_that_is_told_all_and_remembers_nothing(
    towns: dict[str, tuple[CedarEngine, ToldAll]],
    bylaws: str,
    ways: dict[str, str],
    turn: datetime,
    besides: list[tuple[int, str]],
    who: dict[str, str],
    admitted: int,
    named: str,
    used: int,
) -> None:
    """What was remembered at other times of this test, of other people and of other data, is remembered still."""
    engine, told_all = towns[bylaws]
    statutes = Statutes(engine=engine)
    asked = dataclasses.replace(use(**ways), bylaws=engine.digest("bylaws"))
    person = asked.person and dataclasses.replace(asked.person, **who)
    counted = dict.fromkeys(asked.used, used)
    asked = dataclasses.replace(asked, person=person, datasets=readmitted(asked, admitted, named), used=counted)
    for beside, action in besides:
        same = dataclasses.replace(asked, now=turn + timedelta(microseconds=beside), action=action)
        oracle = Statutes(engine=told_all)
        assert statutes.judge(same) == oracle.judge(same)
        for need in same.capability.needs:
            assert statutes.papers(need, same) == oracle.papers(need, same)


ROLES = st.frozensets(st.sampled_from([Role.ANALYST, Role.CLERK, Role.BOARD]), max_size=2)


@settings(max_examples=400)
@given(
    bylaws=st.sampled_from(["", "", *BYLAWS, "+".join(BYLAWS)]),
    action=st.sampled_from(["deed", "decide", "approve", "open_record", "export", "enter"]),
    who=WHOEVER,
    roles=st.tuples(ROLES, ROLES),
    first=st.one_of(
        st.just(("", "")), st.tuples(st.sampled_from(["analyst", "somebody", "anybody", "x"]), st.sampled_from("abc"))
    ),
    proved=st.sampled_from([None, -301, -300, -299, 0, 1]),
    room=st.sampled_from(["cases", "desk", "week", "nowhere"]),
    days=st.sampled_from([-1, 0, 0, 1, 29, 400]),
    enrolled=st.sampled_from([True, True, True, False]),
)
def test_acts_are_judged_as_by_an_engine_that_is_told_all_and_remembers_nothing(
    towns: dict[str, tuple[CedarEngine, ToldAll]],
    bylaws: str,
    action: str,
    who: dict[str, str],
    roles: tuple[frozenset[Role], frozenset[Role]],
    first: tuple[str, str],
    proved: int | None,
    room: str,
    days: int,
    enrolled: bool,
) -> None:
    now = NOW + timedelta(days=days)
    second = {"first": first[0], "first_unit": first[1]} if action in ("decide", "approve") else {}
    act = deed(
        action=action,
        person=dataclasses.replace(PEOPLE["analyst"], **who, roles=roles[0]) if enrolled else None,
        roles=roles[1],
        now=now,
        proved=None if proved is None else now + timedelta(seconds=proved),
        room=room if action == "enter" else "",
        **second,
    )
    engine, told_all = towns[bylaws]
    assert Statutes(engine=engine).judge_deed(act) == Statutes(engine=told_all).judge_deed(act)


def readmitted(asked: Use, days: int, name: str) -> dict[str, Admission | None]:
    """The data of a use, admitted some days later and under another name, if one is given."""
    data: dict[str, Admission | None] = {}
    for role, one in asked.datasets.items():
        if one is not None:
            at = datetime.fromisoformat(one.at) + timedelta(days=days)
            one = dataclasses.replace(one, at=at.isoformat(), dataset=name or one.dataset)
        data[role] = one
    return data


def test_before_anything_turned_a_paper_is_not_in_force_and_data_are_kept() -> None:
    at = datetime(2, 1, 1, tzinfo=UTC)
    later = paper(Paper.COUNCIL_APPROVAL, "council", starts="0003-01-01T00:00:00+00:00")
    asked = dataclasses.replace(without_a_warrant(), papers=issued((later,)), now=at)
    (reason,) = Statutes(engine=SHIPPED).judge(asked)
    assert "not yet in force" in str(reason.says)
    assert (reason,) == Statutes(engine=ToldAll(SHIPPED)).judge(asked)


def without_a_warrant(**ways: str) -> Use:
    asked = use(warrant="none", **ways)
    return dataclasses.replace(
        asked, capability=dataclasses.replace(asked.capability, needs=asked.capability.needs[:1])
    )


def test_what_is_no_text_is_refused_though_no_policy_says_a_name() -> None:
    person = dataclasses.replace(PEOPLE["analyst"], token="\ud800")
    asked = without_a_warrant()
    unnamed = dataclasses.replace(asked, datasets={"wells": dataclasses.replace(WELLS, dataset="\ud800")})
    for engine in (SHIPPED, ToldAll(SHIPPED)):
        statutes = Statutes(engine=engine)
        assert "the_data_may_be_used" in {one.rule for one in statutes.judge(unnamed)}
        assert statutes.judge(dataclasses.replace(asked, person=person))
        assert statutes.judge_deed(deed(person=person)) and statutes.judge_deed(deed(person=None))


def test_the_papers_of_a_run_are_those_that_its_judgement_found_and_nothing_is_asked_for_them() -> None:
    engine, asked = counting(SHIPPED)
    forgetful = dataclasses.replace(engine, remembered=engine.cedar.answer)
    statutes, run = Statutes(engine=forgetful), dataclasses.replace(without_a_warrant(), action="run")
    (need,) = run.capability.needs
    assert statutes.papers(need, run) == [COUNCIL] and [one.action for one in asked] == ["rely"]
    assert not statutes.judge(without_a_warrant())
    asked.clear()
    assert statutes.papers(need, run) == [COUNCIL] and not asked


def test_a_need_is_known_where_a_capability_that_was_judged_before_has_one_alike() -> None:
    def covers(_: Any) -> dict[str, Scalar]:
        """Of this test alone, so that nobody was asked about such a need before."""
        return {}

    engine, asked = counting(SHIPPED)
    statutes = Statutes(engine=dataclasses.replace(engine, remembered=engine.cedar.answer))
    for _ in range(2):
        need, one = Need(paper=Paper.COUNCIL_APPROVAL, covers=covers), without_a_warrant()
        one = dataclasses.replace(one, capability=dataclasses.replace(one.capability, needs=(need,)))
        assert not statutes.judge(one)
        asked.clear()
        assert statutes.papers(need, one) == [COUNCIL] and not asked


def test_a_run_asks_of_papers_and_data_what_its_request_asked_and_cedar_is_not_asked_again() -> None:
    engine, asked = counting(SHIPPED)
    statutes = Statutes(engine=engine)
    assert not statutes.judge(without_a_warrant())
    assert [one.action for one in asked] == ["rely", "read", "ask"]
    asked.clear()
    later = dataclasses.replace(without_a_warrant(), action="run", now=NOW + timedelta(hours=3))
    assert not statutes.judge(later) and not asked


WHO = [
    'resource) when { principal.unit == "elsewhere"',
    'resource) when { principal has unit && principal.unit == "elsewhere"',
    'resource) when { principal == Person::"somebody-else"',
    'resource) when { Person::"somebody-else" has unit',
    'resource) when { context.capability.askers.containsAny(principal.roles) && principal.unit == "elsewhere"',
]


@pytest.mark.parametrize("condition", WHO)
@pytest.mark.parametrize("action", ["rely", "read"])
def test_papers_and_data_are_the_same_for_everybody_unless_a_bylaw_looks_at_who_asks(
    tmp_path: Path, action: str, condition: str
) -> None:
    other = dataclasses.replace(PEOPLE["analyst"], token="somebody-else", unit="elsewhere")
    plain, asked = counting(SHIPPED)
    assert not Statutes(engine=plain).judge(without_a_warrant())
    asked.clear()
    assert not Statutes(engine=plain).judge(dataclasses.replace(without_a_warrant(), person=other)) and not asked

    (tmp_path / "who.cedar").write_text(
        f'@id("not_them") @says("no") @remedy("none") forbid (principal, action == Action::"{action}", {condition} }};'
    )
    engine = open_policies(tmp_path)
    adopted = dataclasses.replace(without_a_warrant(), bylaws=engine.digest("bylaws"))
    for person, refused in ((PEOPLE["analyst"], False), (other, True), (PEOPLE["analyst"], False)):
        judged = dataclasses.replace(adopted, person=person)
        rules = {reason.rule for reason in Statutes(engine=engine).judge(judged)}
        assert ("not_them" in rules) == refused
        assert rules == {reason.rule for reason in Statutes(engine=ToldAll(engine, tmp_path)).judge(judged)}


def test_what_was_said_of_one_person_holds_for_the_next_in_the_same_roles() -> None:
    engine, asked = counting(SHIPPED)
    statutes, analyst = Statutes(engine=engine), PEOPLE["analyst"]
    assert not statutes.judge(without_a_warrant()) and not statutes.judge_deed(deed())
    assert not statutes.judge_deed(deed(action="enter", room="cases"))
    for change, again in (
        ({"token": "somebody-else", "unit": "elsewhere"}, False),
        ({"token": "another"}, False),
        ({"trained_until": "2029-01-01"}, False),
        ({"roles": frozenset({Role.ANALYST, Role.CLERK})}, True),
        ({"trained_until": "2026-03-02"}, True),  # today, and so the last day
        ({"trained_until": "2026-03-01"}, True),
        ({"trained_until": "2025-03-01"}, False),
    ):
        asked.clear()
        other = dataclasses.replace(analyst, **change)
        refused = other.trained_until < "2026-03-02"
        assert bool(statutes.judge(dataclasses.replace(without_a_warrant(), person=other))) == refused
        assert bool(statutes.judge_deed(deed(person=other))) == refused
        assert bool(statutes.judge_deed(deed(action="enter", room="cases", person=other))) == refused
        assert [one.action for one in asked] == ["ask", "deed", "enter"] * again, change
    text = json.dumps(asked)
    assert "analyst" not in json.dumps([one.person for one in asked]) and '"unit' not in text


def test_a_second_word_is_told_who_said_the_first_and_of_which_units_both_are() -> None:
    engine, asked = counting(SHIPPED)
    statutes, analyst = Statutes(engine=engine), PEOPLE["analyst"]
    other = dataclasses.replace(analyst, token="somebody-else", unit="elsewhere")
    for person, first, unit, rules in (
        (analyst, "somebody-else", "elsewhere", set()),
        (other, "somebody-else", "elsewhere", {"the_asker_may_not_decide"}),
        (other, "analyst", "analyst", set()),
        (analyst, "analyst", "analyst", {"the_asker_may_not_decide"}),
        (analyst, "somebody-else", "analyst", {"the_asker_may_not_decide"}),
        (analyst, "analyst", "elsewhere", {"the_asker_may_not_decide"}),
    ):
        second = deed(action="decide", person=person, first=first, first_unit=unit)
        found = statutes.judge_deed(second)
        assert {reason.rule for reason in found} - {"may"} == rules, (person.token, first, unit)
        assert found == Statutes(engine=ToldAll(SHIPPED)).judge_deed(second)
    assert len(asked) == 6


NOT_THEM = [
    'principal == Person::"somebody-else", action, resource) when { true',
    'principal is Person in Person::"somebody-else", action, resource) when { true',
    'principal, action, resource) when { principal == Person::"somebody-else"',
    'principal, action, resource) when { principal in [Person::"x", Person::"somebody-else"]',
    'principal, action, resource) when { [Person::"somebody-else"].contains(principal)',
    'principal, action, resource) when { {who: Person::"somebody-else"}.who == principal',
    'principal, action, resource) when { principal is Person in Person::"somebody-else"',
    'principal, action, resource) when { if principal.enrolled then principal.unit == "elsewhere" else false',
    'principal, action, resource) when { principal has unit && ["a", "elsewhere"].contains(principal.unit)',
    'principal, action, resource) when { principal.unit like "else*"',
    'principal, action, resource) when { principal.trained_until > datetime("2026-12-31")',
    'principal, action, resource) when { principal.trained_until.durationSince(context.today) > duration("200d")',
    'principal, action, resource) when { context.today.offset(duration("200d")) < principal.trained_until',
]


@pytest.mark.parametrize("policy", NOT_THEM)
def test_a_bylaw_about_one_person_or_one_unit_holds_for_them_and_for_nobody_else(tmp_path: Path, policy: str) -> None:
    (tmp_path / "who.cedar").write_text(f'@id("not_them") @says("no") @remedy("none") forbid ({policy} }};')
    engine = open_policies(tmp_path)
    statutes, oracle = Statutes(engine=engine), Statutes(engine=ToldAll(engine, tmp_path))
    one = dataclasses.replace(PEOPLE["analyst"], trained_until="2026-08-01")
    other = dataclasses.replace(one, token="somebody-else", unit="elsewhere", trained_until="2027-01-01")
    for person in (one, other, one, other):
        judged = dataclasses.replace(without_a_warrant(), person=person, bylaws=engine.digest("bylaws"))
        acts = (deed(person=person), deed(action="enter", room="cases", person=person))
        for found, same in (
            (statutes.judge(judged), oracle.judge(judged)),
            *((statutes.judge_deed(act), oracle.judge_deed(act)) for act in acts),
        ):
            assert ("not_them" in {reason.rule for reason in found}) == (person is other) and found == same


def test_what_was_said_of_data_holds_for_other_data_that_were_declared_alike_until_their_time_is_over() -> None:
    engine, asked = counting(SHIPPED)
    statutes, later = Statutes(engine=engine), NOW + timedelta(days=29, hours=1)
    use_of = without_a_warrant()
    assert not statutes.judge(use_of)
    asked.clear()
    for days in (1, 11, 29):
        assert not statutes.judge(dataclasses.replace(use_of, datasets=readmitted(use_of, days, f"wells-{days}")))
    assert not asked
    for name, days, refused, again in (("", 0, True, True), ("x", -10, True, False), ("x", 1, False, False)):
        asked.clear()
        data = readmitted(use_of, days, name)
        reasons = statutes.judge(dataclasses.replace(use_of, datasets=data, now=later))
        assert bool(reasons) == refused
        assert ("read" in {one.action for one in asked}) == again, name
    asked.clear()
    for change in ({"shape": "springs"}, {"format": "other"}, {"declaration": {**WELLS.declaration, "purposes": []}}):
        data = {"wells": dataclasses.replace(WELLS, **change)}
        other = dataclasses.replace(use_of, datasets=data)
        assert statutes.judge(other) == Statutes(engine=ToldAll(SHIPPED)).judge(other)
    assert [one.action for one in asked if one.action == "read"] == ["read"] * 3


NOT_THESE = [
    'resource == Dataset::"x") when { true',
    'resource is Dataset in Dataset::"x") when { true',
    'resource) when { resource == Dataset::"x"',
    'resource) when { [Dataset::"x"].contains(resource)',
    'resource) when { resource.admitted > datetime("2026-02-20T00:00:00Z")',
    'resource) when { resource.keep_until >= datetime("2026-03-20T00:00:00Z").offset(duration("5d"))',
    'resource) when { resource has keep_until && context.today.offset(duration("25d")) < resource.keep_until',
    'resource) when { context.now.offset(duration("25d")) < resource.keep_until',
    'resource) when { resource.keep_until.durationSince(context.now) > duration("25d")',
    'resource) when { resource.admitted.durationSince(context.today) > duration("-8d")',
]


@pytest.mark.parametrize("policy", NOT_THESE)
def test_a_bylaw_about_one_dataset_or_one_day_holds_for_them_and_for_no_other(tmp_path: Path, policy: str) -> None:
    (tmp_path / "what.cedar").write_text(
        f'@id("not_these") @says("no") @remedy("none") forbid (principal, action == Action::"read", {policy} }};'
    )
    engine = open_policies(tmp_path)
    statutes, oracle = Statutes(engine=engine), Statutes(engine=ToldAll(engine, tmp_path))
    asked = dataclasses.replace(without_a_warrant(), bylaws=engine.digest("bylaws"))
    found = []
    for days, name in ((-14, ""), (-15, "wells-2"), (0, "x"), (-14, ""), (0, "x")):
        data = readmitted(asked, days, name)
        judged = dataclasses.replace(asked, datasets=data)
        reasons = statutes.judge(judged)
        assert reasons == oracle.judge(judged)
        found.append("not_these" in {reason.rule for reason in reasons})
    assert found == [False, False, True, False, True]


@pytest.mark.parametrize("scope", ['principal == Person::"somebody-else"', "principal is Person"])
def test_a_bylaw_whose_scope_names_who_asks_is_told_who_asks(tmp_path: Path, scope: str) -> None:
    (tmp_path / "who.cedar").write_text(
        f'@id("not_them") @says("no") @remedy("none") forbid ({scope}, action == Action::"read", resource);'
    )
    engine = open_policies(tmp_path)
    other = dataclasses.replace(PEOPLE["analyst"], token="somebody-else")
    for person in (PEOPLE["analyst"], other):
        judged = dataclasses.replace(without_a_warrant(), person=person, bylaws=engine.digest("bylaws"))
        rules = {reason.rule for reason in Statutes(engine=engine).judge(judged)}
        assert rules == {reason.rule for reason in Statutes(engine=ToldAll(engine, tmp_path)).judge(judged)}
        assert ("not_them" in rules) == (person is other or scope.endswith("is Person"))


@pytest.mark.parametrize("name", ["run", "named"])
def test_a_bylaw_tells_a_run_from_its_request(tmp_path: Path, name: str) -> None:
    (tmp_path / "a.cedar").write_text(bylaw(name))
    engine, asked = counting(open_policies(tmp_path))
    adopted = dataclasses.replace(without_a_warrant(), bylaws=engine.digest("bylaws"))
    for action, rules in (("ask", set()), ("run", {f"bylaw_{name}"}), ("ask", set())):
        judged = Statutes(engine=engine).judge(dataclasses.replace(adopted, action=action))
        assert {reason.rule for reason in judged} == rules
    assert [one.action for one in asked if one.action in ("ask", "run")] == ["ask", "run"]


@pytest.mark.parametrize(
    ("change", "again"),
    [
        ({"now": NOW + timedelta(days=1)}, set()),  # another day, and nothing turned
        ({"person": dataclasses.replace(PEOPLE["analyst"], trained_until="2026-03-01")}, {"ask"}),
        ({"now": NOW + timedelta(days=29)}, {"read", "ask"}),  # the data are past their time
        ({"now": NOW + timedelta(days=30)}, {"rely", "read", "ask"}),  # and the paper has ended
        ({"person": dataclasses.replace(PEOPLE["analyst"], roles=frozenset())}, {"ask"}),
        ({"purpose": "safety"}, {"rely", "read", "ask"}),
        ({"suspended": frozenset({"toy"})}, {"rely", "read", "ask"}),
        ({"drill_is_recent": False}, {"ask"}),
        ({"bylaws": "adopted"}, {"ask"}),
        ({"issuers": {}}, {"rely", "ask"}),
        ({"papers": Issued()}, {"ask"}),
        ({"datasets": {"wells": None}}, {"ask"}),
    ],
)
def test_whatever_else_is_so_is_asked_anew(change: dict[str, Any], again: set[str]) -> None:
    engine, asked = counting(SHIPPED)
    statutes = Statutes(engine=engine)
    assert not statutes.judge(without_a_warrant())
    asked.clear()
    other = dataclasses.replace(without_a_warrant(), **change)
    assert statutes.judge(other) == Statutes(engine=ToldAll(SHIPPED)).judge(other)
    found = {one.action for one in asked}
    assert found <= again | {"rely"} and bool(found) == bool(again) == bool(found & again)


def test_a_paper_that_ends_is_refused_from_that_moment_on() -> None:
    ending = paper(Paper.COUNCIL_APPROVAL, "council", ends=(NOW + timedelta(seconds=0.1)).isoformat())
    asked = dataclasses.replace(without_a_warrant(), papers=issued((ending,)), action="run")
    statutes = Statutes(engine=SHIPPED)
    for seconds, refused in ((0, False), (0.099, False), (0.1, True), (0.2, True), (0.05, False)):
        later = dataclasses.replace(asked, now=NOW + timedelta(seconds=seconds))
        assert bool(statutes.judge(later)) == refused, seconds


def test_of_a_warrant_no_text_is_kept() -> None:
    engine, asked = counting(SHIPPED)
    assert not Statutes(engine=engine).judge(use()) and [one for one in asked if "warrant" in one.alone]
    kept = [value for value in vars(engine.remembered).values() if isinstance(value, dict)]
    assert kept and all(isinstance(key, bytes) and len(key) == 32 for known in kept for key in known)


def test_a_provisional_warrant_ends_after_48_hours_to_the_millisecond() -> None:
    fresh = warrant(status="provisional", hours=47.99)
    asked = dataclasses.replace(use(), papers=issued((PARTS["council"]["good"][0], fresh)), used={mark_of(fresh): 0})
    start, statutes = datetime.fromisoformat(fresh.starts), Statutes(engine=SHIPPED)
    for hours, refused in ((47.99, False), (48 - 1e-6, False), (48, True), (49, True), (47.99, False)):
        at = dataclasses.replace(asked, now=start + timedelta(hours=hours))
        assert bool(statutes.judge(at)) == refused, hours


def test_a_bylaw_that_reads_the_time_is_told_it_each_time(tmp_path: Path) -> None:
    (tmp_path / "night.cedar").write_text(
        '@id("no_reading_at_noon") @says("it is noon") @remedy("ask later")'
        ' forbid (principal, action == Action::"read", resource)'
        ' when { context.now.toTime() >= duration("12h") && context.now.toTime() < duration("13h") };'
    )
    engine, asked = counting(open_policies(tmp_path))
    statutes = Statutes(engine=engine)
    adopted = dataclasses.replace(without_a_warrant(), bylaws=engine.digest("bylaws"))
    for hours, refused in ((0, False), (3, True), (0, False), (3.5, True), (4, False)):
        asked.clear()
        later = dataclasses.replace(adopted, now=NOW + timedelta(hours=hours))
        rules = {reason.rule for reason in statutes.judge(later)}
        assert ("no_reading_at_noon" in rules) == refused, hours
        assert [one for one in asked if one.action == "read"], "and it is asked each time"


def deed(**changes: Any) -> Deed:
    made = Deed(action="deed", rule="may", person=PEOPLE["analyst"], roles=frozenset({Role.ANALYST}), now=NOW, room="")
    return dataclasses.replace(made, **changes)


def test_an_act_is_asked_once_a_day_and_a_proof_of_presence_each_time() -> None:
    engine, asked = counting(SHIPPED)
    statutes = Statutes(engine=engine)
    for minutes in (0, 1, 600):
        assert not statutes.judge_deed(deed(now=NOW + timedelta(minutes=minutes)))
    assert len(asked) == 1
    for room in ("cases", "cases"):
        assert not statutes.judge_deed(deed(action="enter", room=room))
    assert len(asked) == 2
    for minutes, refused in ((0, False), (4.9, False), (5, True), (0, False)):
        fresh = deed(action="export", proved=NOW, now=NOW + timedelta(minutes=minutes))
        assert bool(statutes.judge_deed(fresh)) == refused
    assert len(asked) == 6
    assert {reason.rule for reason in statutes.judge_deed(deed(action="export"))} == {"the_step_up_is_fresh"}


def test_the_newest_answers_are_remembered_and_no_more() -> None:
    engine, asked = counting(SHIPPED)
    statutes = Statutes(engine=engine)

    def of(n: int) -> int:
        asked.clear()
        statutes.judge_deed(deed(roles=frozenset(role for bit, role in enumerate(Role) if n >> bit & 1)))
        return len(asked)

    assert all(of(n) for n in range(ANSWERS)) and len(engine.remembered) == ANSWERS  # type: ignore[arg-type]
    assert not of(0), "and is the newest now"
    assert of(ANSWERS) and len(engine.remembered) == ANSWERS  # type: ignore[arg-type]
    assert not of(0) and of(1)


def test_what_somebody_wrote_is_not_kept_however_long_it_is() -> None:
    memory = Memory(lambda asked: frozenset({"no"}))
    words = "a purpose that nobody should have written " * 10_000
    tracemalloc.start()
    try:
        for n in range(20):
            assert memory(Asked(("Person", "a"), "ask", ("Capability", "c"), f"{n} {words}", "[]", "")) == {"no"}
        assert tracemalloc.get_traced_memory()[0] < len(words)
    finally:
        tracemalloc.stop()
    assert len(memory) == 20


def test_a_failure_is_asked_about_again_and_what_is_no_text_is_no_question() -> None:
    asked: list[Asked] = []
    memory = Memory(lambda one: asked.append(one) or frozenset({A_POLICY_FAILED}))
    one = Asked(("Person", "a"), "ask", ("Capability", "c"), "{}", "[]", "")
    assert memory(one) == memory(one) == {A_POLICY_FAILED} and len(asked) == 2
    with pytest.raises(ValueError, match="surrogates"):
        memory(one._replace(action="\ud800"))


TIME = {".": {"left": {"Var": "context"}, "attr": "now"}}


def uses_of_the_time(node: Any) -> Iterator[Any]:
    """Each comparison with the time, and the time itself wherever it stands otherwise."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key in ("<", "<=") and TIME in value.values():
                (other,) = (
                    (one for one in value.values() if one != TIME) if value["left"] != value["right"] else (TIME,)
                )
                yield other
                yield from uses_of_the_time(other)
            elif {key: value} == TIME:
                yield TIME
            else:
                yield from uses_of_the_time(value)
    elif isinstance(node, list):
        for one in node:
            yield from uses_of_the_time(one)


def shipped_policies() -> Iterator[Any]:
    for file in files("peelian.governance").joinpath("policies").iterdir():
        if file.name.endswith(".cedar"):
            yield from json.loads(cedarpy.policies_to_json_str(file.read_text(encoding="utf-8")))[
                "staticPolicies"
            ].values()


def actions(policy: Any) -> set[str]:
    scope = policy["action"]
    named = {one["id"] for one in ([scope["entity"]] if "entity" in scope else scope.get("entities", ()))}
    return named or {"rely", "read"}


def test_our_own_policies_of_papers_and_data_compare_the_time_with_what_turns_and_with_nothing_else() -> None:
    """Otherwise the time that is told, the latest turn, might be answered otherwise than the time that it is."""
    found = {}
    for policy in shipped_policies():
        others = list(uses_of_the_time(policy["conditions"]))
        if others and {"rely", "read"} & actions(policy):
            found[policy["annotations"]["id"]] = json.dumps(others)

    def of(attribute: str) -> str:
        return json.dumps([{".": {"left": {"Var": "resource"}, "attr": attribute}}])

    later = {"offset": [json.loads(of("starts"))[0], {"duration": [{"Value": "48h"}]}]}
    assert found == {
        "the_paper_has_not_expired": of("ends"),
        "the_paper_is_in_force": of("starts"),
        "the_data_is_within_its_retention": of("keep_until"),
        "the_provisional_warrant_is_within_48_hours": json.dumps([later]),
    }


def test_our_own_policies_compare_the_end_of_data_with_the_time_and_training_with_the_day_and_neither_else() -> None:
    """Otherwise they could not be told by which is earlier, as the years 2 and 3."""

    def of(variable: str, attribute: str) -> dict[str, Any]:
        return {".": {"left": {"Var": variable}, "attr": attribute}}

    end = {"<": {"left": TIME, "right": of("resource", "keep_until")}}
    trained = {"<": {"left": of("principal", "trained_until"), "right": of("context", "today")}}
    found = [json.dumps(policy["conditions"]) for policy in shipped_policies()]
    for names, comparison, count in ((["keep_until"], end, 1), (["trained_until", '"today"'], trained, 3)):
        for name in names:
            holding = [text for text in found if name in text]
            assert len(holding) == count
            assert all(text.count(name) == 1 and json.dumps(comparison) in text for text in holding), name


def test_our_own_policies_compare_how_often_a_warrant_was_used_with_how_often_it_may_be_and_neither_else() -> None:
    """Otherwise they could not be told by which is smaller, as 0 and 1."""
    record = {".": {"left": {"Var": "resource"}, "attr": "warrant"}}
    used, count = ({".": {"left": record, "attr": name}} for name in ("used", "count"))
    found = [text for policy in shipped_policies() if '"used"' in (text := json.dumps(policy)) or '"count"' in text]
    assert len(found) == 1 and json.dumps({"<": {"left": used, "right": count}}) in found[0]
    assert found[0].count('"used"') == found[0].count('"count"') == 1
    whole = ["".join(json.dumps(policy).split(f'{json.dumps(record)}, "attr"')) for policy in shipped_policies()]
    assert not [text for text in whole if json.dumps(record) in text], "nor the record as a whole"


@pytest.mark.parametrize(
    "day", ["", "soon", "2026-02-30", "2027-W01-1", "20270101", "+2027-01-0", "٢٠٢٧-01-01", "9999-99-99", "2027-01-1"]
)
def test_training_until_a_day_that_is_none_is_no_training(day: str) -> None:
    person = dataclasses.replace(PEOPLE["analyst"], trained_until=day)
    for engine in (SHIPPED, ToldAll(SHIPPED)):
        statutes = Statutes(engine=engine)
        assert statutes.judge(dataclasses.replace(without_a_warrant(), person=person))
        for act in (deed(person=person), deed(action="enter", room="cases", person=person)):
            assert {reason.rule for reason in statutes.judge_deed(act)} == {"a_policy_that_fails_refuses"}


def test_of_contexts_only_the_first_word_speaks_of_a_person() -> None:
    """So wherever it is not told, nothing but who asks is anybody."""
    schema = files("peelian.governance").joinpath("policies/peelian.cedarschema").read_text(encoding="utf-8")
    plain = re.sub(r"//.*", "", schema).replace("principal: [Person]", "")
    assert re.findall(r".*\bPerson\b.*", plain) == ["entity Person {", "type First = { person: Person, unit: String };"]
    assert re.findall(r".*\bFirst\b.*", plain)[1:] == ["    first?: First,           "]


def test_of_acts_only_the_freshness_of_a_proof_reads_the_time() -> None:
    for policy in shipped_policies():
        if list(uses_of_the_time(policy["conditions"])) and not {"rely", "read"} & actions(policy):
            last = policy["conditions"][-1]["body"]["&&"]["left"]["&&"]["left"]
            assert last == {"has": {"left": {"Var": "context"}, "attr": "proved"}}, policy["annotations"]["id"]


def test_no_fact_and_no_context_speaks_of_a_paper_or_a_dataset() -> None:
    """So whoever asks about one need be told of no other."""
    schema = files("peelian.governance").joinpath("policies/peelian.cedarschema").read_text(encoding="utf-8")
    plain = re.sub(r"//.*", "", schema)
    spoken = re.findall(r"\w+\??:\s*([^,;{}]+)", plain)
    assert spoken and not [one for one in spoken if re.search(r"\b(Paper|Dataset)\b", one) and "[" not in one]
    assert not re.search(r"entity \w+ in \[[^\]]*(Paper|Dataset)", plain)


def test_one_fact_that_fits_no_schema_refuses_what_is_asked_about_it_only() -> None:
    broken = dataclasses.replace(PARTS["datasets"]["good"][0]["wells"], shape="\ud800")
    asked = dataclasses.replace(without_a_warrant(), datasets={"wells": broken})
    (reason,) = Statutes(engine=SHIPPED).judge(asked)
    assert reason.rule == "the_data_may_be_used" and "not what the policies can judge" in str(reason.says)


def test_a_warrant_that_is_used_up_meanwhile_is_refused() -> None:
    once = warrant(count=2)
    asked = dataclasses.replace(use(), papers=issued((PARTS["council"]["good"][0], once)), action="run")
    statutes = Statutes(engine=SHIPPED)
    for uses, refused in ((1, False), (2, True), (1, False)):
        assert bool(statutes.judge(dataclasses.replace(asked, used={mark_of(once): uses}))) == refused


def test_one_use_more_of_a_warrant_is_the_same_question_until_it_is_used_up(tmp_path: Path) -> None:
    """Unless a bylaw looks at how often it may be used."""
    (tmp_path / "count.cedar").write_text(bylaw("count"))
    for opened, refusals, questions in ((SHIPPED, 1, 2), (open_policies(tmp_path), 5, 5)):
        engine, asked = counting(opened)
        four = warrant(count=4)
        given = dataclasses.replace(use(), papers=issued((COUNCIL, four)), bylaws=engine.digest("bylaws"))
        uses = [dataclasses.replace(given, used={mark_of(four): used}) for used in range(5)]
        assert sum(bool(Statutes(engine=engine).judge(one)) for one in uses) == refusals
        assert len([one for one in asked if '"count"' in one.alone]) == questions
