"""The policy refuses by default, gives every reason and remedy, and agrees with one written a second time in Python."""

from __future__ import annotations

import dataclasses
import functools
import itertools
import random
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import cedarpy
import pytest
import rules_oracle
from desk import desk
from rules_oracle import THE_RULES
from sizes import size
from toy import COUNT, TOY
from uses import ASKED, BODY, NOW, PARTS, PEOPLE, authorization, use, wanted, warrant

from peelian.errors import Refused
from peelian.integrations.cedar_engine import open_policies
from peelian.kernel.model.capability import AuthorizationKind, Need, Role
from peelian.kernel.model.documents import Authorization, digest_of
from peelian.kernel.model.people import Person, signature_holds
from peelian.kernel.model.policy_port import Action
from peelian.kernel.policy import entities
from peelian.kernel.policy.authorizer import AUTHORIZATION_FAULTS, Authorizer
from peelian.kernel.policy.engine_port import Bylaw, Engine, Entity, Question
from peelian.operations.office import memory_office

AUTHORIZER = Authorizer(engine=open_policies())
SINGLES = [{part: way} for part, ways in PARTS.items() for way in ways]
PAIRS = [one | two for one, two in itertools.combinations(SINGLES, 2) if not one.keys() & two.keys()]
BYLAW = """@id("no_wells_on_mondays") @says("it is Monday") @remedy("ask tomorrow")
forbid (principal, action == Action::"ask", resource in Technology::"toy") when { context.weekday == "monday" };
"""


def _rules(ways: dict[str, str]) -> set[str]:
    reasons = AUTHORIZER.judge(use(**ways))
    assert all(reason.says and reason.remedy and reason.policy for reason in reasons)
    return {reason.rule for reason in reasons}


@pytest.fixture
def each_signature_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same few authorizations come again and again: each of their signatures is checked once."""
    holds = functools.cache(signature_holds)
    for module in (entities, rules_oracle):
        monkeypatch.setattr(module, "signature_holds", holds)


@pytest.mark.usefixtures("each_signature_once")
def test_the_table_of_uses_is_judged_as_its_parts_say() -> None:
    table = [*SINGLES, *PAIRS]
    assert len(table) >= 200
    for ways in table:
        if ways.get("purpose") == "half a character":
            assert _rules(ways), ways
            continue
        assert _rules(ways) == wanted(**ways), ways


@pytest.mark.parametrize("bylaw", ["", BYLAW])
def test_uses_that_are_judged_together_are_judged_as_each_by_itself(tmp_path: Path, bylaw: str) -> None:
    """Also beside one whose facts nobody can read, and one of the same capability that needs something else."""
    if bylaw:
        (tmp_path / "mondays.cedar").write_text(bylaw)
    authorizer = Authorizer(engine=open_policies(tmp_path))
    uses = [dataclasses.replace(use(**ways), bylaws=authorizer.engine.digest("bylaws")) for ways in ({}, *SINGLES)]
    for asked in (uses, uses[:3]):
        together = authorizer.judge_each(asked)
        assert [one.reasons for one in together] == [authorizer.judge(one) for one in asked]
        for one, judgement in zip(asked, together, strict=True):
            found = [next(authorizer.authorizations(need, one), None) for need in one.needs]
            assert judgement.held == tuple(authorization for authorization in found if authorization)
    assert authorizer.judge_each([]) == []


@pytest.mark.slow
@pytest.mark.usefixtures("each_signature_once")
def test_thousands_of_uses_agree_with_a_policy_written_twice_and_none_slips_through() -> None:
    rng, n = random.Random(20260302), size(1_000, 5_000)
    permitted = refused = 0
    for _ in range(n):
        mostly = rng.random() < 0.5  # half of them nearly good, so that many pass
        ways = {part: rng.choice(list(PARTS[part])) for part in PARTS if not mostly or rng.random() < 0.2}
        asked = use(**ways)
        asked = dataclasses.replace(asked, now=NOW + timedelta(hours=rng.choice((-30, 0, 0, 0, 1, 26, 24 * 40))))
        ours, theirs = AUTHORIZER.judge(asked), THE_RULES.judge(asked)
        if asked.purpose == "\ud800":
            assert ours
            continue
        assert {r.rule for r in ours} == {r.rule for r in theirs}, ways
        permitted, refused = permitted + (not ours), refused + bool(ours)
        if not ours:
            warrants = [
                authorization
                for authorization in asked.authorizations
                if authorization.kind is AuthorizationKind.WARRANT
            ]
            assert asked.purpose == "advice"
            assert all(datetime.fromisoformat(one.ends) > asked.now for one in asked.authorizations)
            assert len(warrants) == 1 and warrants[0].by == "privacy" and warrants[0].body["count"] > 1
            assert "500:1:2" in str(warrants[0].body["cells"]) and "500:1:3" in str(warrants[0].body["cells"])
    assert permitted > 0.03 * n and refused > 0.3 * n


def test_every_fault_of_a_authorization_is_told() -> None:
    told = {reason.policy for ways in SINGLES for reason in AUTHORIZER.judge(use(**ways))}
    seldom = {"the_assessment_is_of_what_is_used", "an_empty_policy_refuses", "a_policy_that_fails_refuses"}
    assert set(AUTHORIZATION_FAULTS) - told <= seldom | {"the_authorization_covers_what_is_asked"}


def test_acts_take_a_role_training_a_second_person_of_another_unit_and_a_step_up() -> None:
    board = Person(
        token="b", name="b", unit="Board", roles=frozenset({Role.BOARD}), public_key="", trained_until="2027-01-01"
    )
    good = Action(
        action="approve",
        rule="the_approver_may_approve",
        person=board,
        roles=frozenset({Role.BOARD, Role.COUNCIL}),
        now=NOW,
        first="a",
        first_unit="city-it",
        proved=NOW - timedelta(minutes=4, seconds=59),
    )
    assert AUTHORIZER.judge_action(good) == ()
    for change, policy in (
        ({"person": None}, "the_person_is_enrolled"),
        ({"person": dataclasses.replace(board, roles=frozenset())}, "the_person_holds_a_role"),
        ({"person": dataclasses.replace(board, trained_until="2026-03-01")}, "the_person_is_trained"),
        ({"first": ""}, "a_second_word_needs_a_first"),
        ({"first": "b"}, "nobody_approves_their_own"),
        ({"first_unit": "board"}, "the_second_person_is_of_another_unit"),
        ({"proved": None}, "the_step_up_is_fresh"),
        ({"proved": NOW - timedelta(minutes=5)}, "the_step_up_is_fresh"),
        ({"proved": NOW + timedelta(minutes=1)}, "the_step_up_is_fresh"),
    ):
        reasons = AUTHORIZER.judge_action(dataclasses.replace(good, **change))
        assert [reason.policy for reason in reasons] == [policy], change
        assert all(reason.says and reason.remedy for reason in reasons)
    nameless = itertools.product(("", "unit", "!!!"), repeat=2)  # in an office of before units had to have a name
    for first, second in nameless:
        act = dataclasses.replace(good, person=dataclasses.replace(board, unit=second), first_unit=first)
        policies = {reason.policy for reason in AUTHORIZER.judge_action(act)}
        assert policies == {"the_second_person_is_of_another_unit"}, (first, second)
    for action in ("open_record", "export"):
        alone = dataclasses.replace(good, action=action, first="", first_unit="")
        assert AUTHORIZER.judge_action(alone) == ()
        assert AUTHORIZER.judge_action(dataclasses.replace(alone, proved=None))
    assert AUTHORIZER.judge_action(dataclasses.replace(good, action="conquer"))[0].rule == "a_policy_that_fails_refuses"


@pytest.mark.slow
def test_thousands_of_second_words_are_never_the_first_person_s_own() -> None:
    rng, n = random.Random(7), size(1_000, 5_000)
    people = [
        Person(token=t, name=t, unit=unit, roles=frozenset(roles), public_key="", trained_until="2027-01-01")
        for t in ("a", "b", "c")
        for unit in ("north", "South ")
        for roles in ((), (Role.BOARD,), (Role.BOARD, Role.CLERK))
    ]
    passed = 0
    for _ in range(n):
        one, two = rng.choice(people), rng.choice(people)
        act = Action(
            action=rng.choice(("decide", "approve")),
            rule="the_decider_may_decide",
            person=two,
            roles=frozenset({Role.BOARD}),
            now=NOW,
            first=one.token,
            first_unit=one.unit.strip().lower(),
            proved=NOW,
        )
        if not AUTHORIZER.judge_action(act):
            passed += 1
            assert one.token != two.token and one.unit != two.unit and Role.BOARD in two.roles
    assert passed > 0.1 * n


@pytest.mark.parametrize(
    ("policies", "rule"),
    [
        ("", "an_empty_policy_refuses"),
        (
            "permit (principal, action, resource); forbid (principal, action, resource) when { 1 + true == 2 };",
            "a_policy_that_fails_refuses",
        ),
    ],
)
def test_no_policy_permits_nothing_and_one_that_fails_refuses(policies: str, rule: str) -> None:
    shipped = open_policies()
    engine = dataclasses.replace(shipped, policies={"": cedarpy.PolicySet.from_str(policies)})
    assert [reason.rule for reason in Authorizer(engine=engine).judge(use())] == [rule]


def test_a_bylaw_tightens_once_it_is_adopted_and_stops_everything_until_then(tmp_path: Path) -> None:
    (tmp_path / "mondays.cedar").write_text(BYLAW)
    strict = Authorizer(engine=open_policies(tmp_path))
    assert strict.digest() != AUTHORIZER.digest()
    monday = use()
    assert {r.rule for r in strict.judge(monday)} == {"the_bylaws_are_adopted", "no_wells_on_mondays"}
    adopted = dataclasses.replace(monday, bylaws=strict.engine.digest("bylaws"))
    (reason,) = strict.judge(adopted)
    assert (reason.rule, reason.says, reason.remedy) == ("no_wells_on_mondays", "it is Monday", "ask tomorrow")
    assert not strict.judge(dataclasses.replace(adopted, now=NOW + timedelta(days=1)))
    for ways in SINGLES:  # whatever was refused without the bylaw is refused with it
        asked = dataclasses.replace(use(**ways), bylaws=strict.engine.digest("bylaws"))
        assert strict.judge(asked) or not AUTHORIZER.judge(use(**ways))
    without = dataclasses.replace(use(), bylaws=strict.engine.digest("bylaws"))
    assert {r.rule for r in AUTHORIZER.judge(without)} == {"the_bylaws_are_adopted"}, "a bylaw taken away is noticed"


def test_a_bylaw_may_stop_one_authorization_or_one_dataset_and_says_why(tmp_path: Path) -> None:
    (tmp_path / "a.cedar").write_text(
        '@id("no_old_wells") @says("the wells were counted too long ago") @remedy("count again")\n'
        'forbid (principal, action == Action::"read", resource)'
        ' when { resource.admitted.offset(duration("12h")) < context.now };'
    )
    strict = Authorizer(engine=open_policies(tmp_path))
    reasons = strict.judge(dataclasses.replace(use(), bylaws=strict.engine.digest("bylaws")))
    assert [reason.rule for reason in reasons] == ["no_old_wells"]


def test_every_reason_is_given_at_once_each_with_its_remedy() -> None:
    town = desk((TOY,))
    with pytest.raises(Refused) as refused:
        town.ask(COUNT, who="clerk", purpose="proof", datasets={"fountains": "x"})
    rules = {reason.rule for reason in refused.value.reasons}
    assert rules == {
        "the_asker_may_ask",
        "the_purpose_is_served",
        "the_data_may_be_used",
        "the_authorizations_are_in_order",
    }
    assert all(reason.says and reason.remedy for reason in refused.value.reasons)
    entry = [entry for _, entry in town.kernel.stores.log.read()][-1]
    assert entry["policy"] == town.kernel.policy.digest()
    assert "only_declared_data_is_read" in str(entry["policies"]).split(",")


def test_a_authorization_of_a_capability_named_as_good_is_good_and_of_another_is_not() -> None:
    other = dataclasses.replace(COUNT, id="toy.other")
    for named, good in (("toy.other", True), ("toy.third", False)):
        needs = tuple(dataclasses.replace(need, or_of=named) for need in COUNT.needs)
        counting = dataclasses.replace(COUNT, needs=needs)
        kept = tuple(counting if c.id == COUNT.id else c for c in TOY.capabilities)
        town = desk((dataclasses.replace(TOY, capabilities=kept),))
        town.authorizations(other)
        if good:
            assert town.ask(counting)
        else:
            with pytest.raises(Refused) as refused:
                town.ask(counting)
            assert {r.rule for r in refused.value.reasons} == {"the_authorizations_are_in_order"}


def test_the_authorizations_of_a_need_come_newest_first() -> None:
    asked = use()
    newer = dataclasses.replace(PARTS["council"]["for the technology"][0])
    asked = dataclasses.replace(asked, authorizations=(*asked.authorizations, newer))
    found = list(AUTHORIZER.authorizations(Need(kind=AuthorizationKind.COUNCIL_APPROVAL), asked))
    assert len(found) == 2 and [authorization.at for authorization in found] == sorted(
        (p.at for p in found), reverse=True
    )
    assert not list(AUTHORIZER.authorizations(Need(kind=AuthorizationKind.CONSENT_MANIFEST), asked))


@dataclasses.dataclass(frozen=True)
class Counted:
    """An engine that notes what it is asked."""

    engine: Engine
    asked: list[Question] = dataclasses.field(default_factory=list)
    bylaws: Mapping[str, Bylaw] = dataclasses.field(default_factory=dict)

    def forbidden_by(self, question: Question, things: Sequence[Entity]) -> frozenset[str]:
        self.asked.append(question)
        return self.engine.forbidden_by(question, things)

    def each_forbidden_by(self, questions: Sequence[Question], things: Sequence[Entity]) -> list[frozenset[str]]:
        self.asked.extend(questions)
        return self.engine.each_forbidden_by(questions, things)

    def digest(self, part: str = "") -> str:
        return self.engine.digest(part)


def test_of_many_authorizations_the_newest_that_serves_is_found_without_asking_about_all() -> None:
    good = PARTS["council"]["good"][0]
    for newest_bad in (0, 3, 20):
        older = [authorization_at(day) for day in range(200, 100, -1)]
        newer = [authorization_at(day, purposes=("proof",)) for day in range(newest_bad)]
        engine = Counted(AUTHORIZER.engine)
        authorizer = Authorizer(engine=engine)
        asked = use()
        asked = dataclasses.replace(
            asked, authorizations=(*older, *newer, *(p for p in asked.authorizations if p is not good))
        )
        assert not authorizer.judge(asked)
        (need, _) = asked.capability.needs
        assert next(authorizer.authorizations(need, asked)).at == max(one.at for one in older)
        relied = [one for one in engine.asked if one.action == "rely" and one.context["kind"] == "council_approval"]
        assert len(relied) == 2 * (newest_bad + 1)


def authorization_at(days_ago: int, **changes: object) -> Authorization:
    return authorization(
        AuthorizationKind.COUNCIL_APPROVAL, "council", at=(NOW - timedelta(days=days_ago)).isoformat(), **changes
    )


def test_where_no_authorization_serves_all_are_looked_at_for_the_reasons() -> None:
    bad = tuple(authorization_at(day, purposes=("proof",)) for day in range(1, 31))
    expired = authorization_at(40, ends=(NOW - timedelta(days=1)).isoformat())
    asked = use(council="none")
    asked = dataclasses.replace(asked, authorizations=(*asked.authorizations, *bad, expired), purpose="safety")
    engine = Counted(AUTHORIZER.engine)
    (reason,) = [one for one in Authorizer(engine=engine).judge(asked) if "council" in one.says]
    assert sum(one.context["kind"] == "council_approval" for one in engine.asked if one.action == "rely") == 31
    assert reason.rule == "the_authorizations_are_in_order"


def test_the_authorizations_of_a_use_are_those_of_that_very_use() -> None:
    good = use()
    other = dataclasses.replace(good, authorizations=())
    for need in good.capability.needs:
        assert list(AUTHORIZER.authorizations(need, good)) and not list(AUTHORIZER.authorizations(need, other))


def test_a_bylaw_may_read_the_time(tmp_path: Path) -> None:
    (tmp_path / "hours.cedar").write_text(
        '@id("not_after_hours") @says("it is late") @remedy("ask tomorrow")'
        ' forbid (principal, action == Action::"rely", resource) when { context.now.toTime() >= duration("18h") };'
    )
    authorizer = Authorizer(engine=open_policies(tmp_path))
    asked = dataclasses.replace(use(), bylaws=authorizer.engine.digest("bylaws"), action="run")
    for hours, refused in ((0, False), (0.001, False), (8.999, False), (9, True)):
        assert bool(authorizer.judge(dataclasses.replace(asked, now=NOW + timedelta(hours=hours)))) == refused


def test_a_warrant_that_ends_is_refused_from_that_millisecond_on() -> None:
    ending = authorization(
        AuthorizationKind.WARRANT, "privacy", body=BODY, ends=(NOW + timedelta(seconds=0.1)).isoformat()
    )
    asked = dataclasses.replace(use(), authorizations=(PARTS["council"]["good"][0], ending))
    for seconds, refused in ((0, False), (0.099, False), (0.1, True), (0.2, True), (0.05, False)):
        reasons = AUTHORIZER.judge(dataclasses.replace(asked, now=NOW + timedelta(seconds=seconds)))
        assert ["expired" in reason.says for reason in reasons] == [True] * refused, seconds


def test_a_provisional_warrant_ends_after_48_hours_to_the_millisecond() -> None:
    fresh = warrant(status="provisional", hours=47.99, **ASKED)
    asked = dataclasses.replace(use(), authorizations=(PARTS["council"]["good"][0], fresh), used={digest_of(fresh): 0})
    start = datetime.fromisoformat(fresh.starts)
    for hours, refused in ((47.99, False), (48 - 1e-6, False), (48, True), (49, True)):
        at = dataclasses.replace(asked, now=start + timedelta(hours=hours))
        (reason,) = AUTHORIZER.judge(at)
        assert ("older than 48 hours" in reason.says) == refused, hours


def test_a_warrant_that_is_used_up_meanwhile_is_refused() -> None:
    twice = warrant(count=2)
    asked = dataclasses.replace(use(), authorizations=(PARTS["council"]["good"][0], twice), action="run")
    for uses, refused in ((0, False), (1, False), (2, True), (3, True)):
        assert bool(AUTHORIZER.judge(dataclasses.replace(asked, used={digest_of(twice): uses}))) == refused


@pytest.mark.parametrize(
    "day", ["", "soon", "2026-02-30", "2027-W01-1", "20270101", "+2027-01-0", "٢٠٢٧-01-01", "9999-99-99", "2027-01-1"]
)
def test_training_until_a_day_that_is_none_is_no_training(day: str) -> None:
    person = dataclasses.replace(PEOPLE["analyst"], trained_until=day)
    assert AUTHORIZER.judge(dataclasses.replace(use(), person=person))
    act = Action(action="act", rule="may", person=person, roles=person.roles, now=NOW)
    for one in (act, dataclasses.replace(act, action="enter", room="cases")):
        assert {reason.rule for reason in AUTHORIZER.judge_action(one)} == {"a_policy_that_fails_refuses"}


def test_an_office_in_memory_is_judged_by_the_shipped_policies() -> None:
    with memory_office(known=(TOY,)) as office:
        assert office.kernel.policy.digest() == AUTHORIZER.digest()
        assert PEOPLE["analyst"].token not in office.kernel.state.people
