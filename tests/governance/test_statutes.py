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
from toy import COUNT, TOY
from uses import BODY, NOW, PARTS, PEOPLE, paper, use, wanted, warrant

from peelian.adapters.cedar_engine import open_policies
from peelian.errors import Refused
from peelian.governance import facts
from peelian.governance.capability import Need, Paper, Role
from peelian.governance.documents import Authority, mark_of
from peelian.governance.engine import Bylaw, Engine, Question, Thing
from peelian.governance.issued import Issued, issued
from peelian.governance.people import Person, signature_holds
from peelian.governance.policy import Deed
from peelian.governance.statutes import PAPER_FAULTS, Statutes
from peelian.office import memory_office

STATUTES = Statutes(engine=open_policies())
SINGLES = [{part: way} for part, ways in PARTS.items() for way in ways]
PAIRS = [one | two for one, two in itertools.combinations(SINGLES, 2) if not one.keys() & two.keys()]
BYLAW = """@id("no_wells_on_mondays") @says("it is Monday") @remedy("ask tomorrow")
forbid (principal, action == Action::"ask", resource in Technology::"toy") when { context.weekday == "monday" };
"""


def _rules(ways: dict[str, str]) -> set[str]:
    reasons = STATUTES.judge(use(**ways))
    assert all(reason.says and reason.remedy and reason.policy for reason in reasons)
    return {reason.rule for reason in reasons}


def test_the_table_of_uses_is_judged_as_its_parts_say() -> None:
    table = [*SINGLES, *PAIRS]
    assert len(table) >= 200
    for ways in table:
        if ways.get("purpose") == "half a character":
            assert _rules(ways), ways
            continue
        assert _rules(ways) == wanted(**ways), ways


@pytest.mark.slow
def test_ten_thousand_uses_agree_with_a_policy_written_twice_and_none_slips_through(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    holds = functools.cache(signature_holds)  # the same few papers again and again: each signature is checked once
    for module in (facts, rules_oracle):
        monkeypatch.setattr(module, "signature_holds", holds)
    rng = random.Random(20260302)
    permitted = refused = 0
    for _ in range(10_000):
        mostly = rng.random() < 0.5  # half of them nearly good, so that many pass
        ways = {part: rng.choice(list(PARTS[part])) for part in PARTS if not mostly or rng.random() < 0.2}
        asked = use(**ways)
        asked = dataclasses.replace(asked, now=NOW + timedelta(hours=rng.choice((-30, 0, 0, 0, 1, 26, 24 * 40))))
        ours, theirs = STATUTES.judge(asked), THE_RULES.judge(asked)
        if asked.purpose == "\ud800":
            assert ours
            continue
        assert {r.rule for r in ours} == {r.rule for r in theirs}, ways
        permitted, refused = permitted + (not ours), refused + bool(ours)
        if not ours:
            warrants = [paper for paper in asked.papers if paper.paper is Paper.WARRANT]
            assert asked.purpose == "advice"
            assert all(datetime.fromisoformat(one.ends) > asked.now for one in asked.papers)
            assert len(warrants) == 1 and warrants[0].by == "privacy" and warrants[0].body["count"] > 1
            assert "500:1:2" in str(warrants[0].body["cells"]) and "500:1:3" in str(warrants[0].body["cells"])
    assert permitted > 300 and refused > 3_000


def test_every_fault_of_a_paper_is_told() -> None:
    told = {reason.policy for ways in SINGLES for reason in STATUTES.judge(use(**ways))}
    seldom = {"the_assessment_is_of_what_is_used", "an_empty_policy_refuses", "a_policy_that_fails_refuses"}
    assert set(PAPER_FAULTS) - told <= seldom | {"the_paper_covers_what_is_asked"}


def test_acts_take_a_role_training_a_second_person_of_another_unit_and_a_step_up() -> None:
    board = Person(
        token="b", name="b", unit="Board", roles=frozenset({Role.BOARD}), public_key="", trained_until="2027-01-01"
    )
    good = Deed(
        action="approve",
        rule="the_approver_may_approve",
        person=board,
        roles=frozenset({Role.BOARD, Role.COUNCIL}),
        now=NOW,
        first="a",
        first_unit="city-it",
        proved=NOW - timedelta(minutes=4, seconds=59),
    )
    assert STATUTES.judge_deed(good) == ()
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
        reasons = STATUTES.judge_deed(dataclasses.replace(good, **change))
        assert [reason.policy for reason in reasons] == [policy], change
        assert all(reason.says and reason.remedy for reason in reasons)
    nameless = itertools.product(("", "unit", "!!!"), repeat=2)  # in an office of before units had to have a name
    for first, second in nameless:
        deed = dataclasses.replace(good, person=dataclasses.replace(board, unit=second), first_unit=first)
        policies = {reason.policy for reason in STATUTES.judge_deed(deed)}
        assert policies == {"the_second_person_is_of_another_unit"}, (first, second)
    for action in ("open_record", "export"):
        alone = dataclasses.replace(good, action=action, first="", first_unit="")
        assert STATUTES.judge_deed(alone) == ()
        assert STATUTES.judge_deed(dataclasses.replace(alone, proved=None))
    assert STATUTES.judge_deed(dataclasses.replace(good, action="conquer"))[0].rule == "a_policy_that_fails_refuses"


@pytest.mark.slow
def test_ten_thousand_second_words_are_never_the_first_person_s_own() -> None:
    rng = random.Random(7)
    people = [
        Person(token=t, name=t, unit=unit, roles=frozenset(roles), public_key="", trained_until="2027-01-01")
        for t in ("a", "b", "c")
        for unit in ("north", "South ")
        for roles in ((), (Role.BOARD,), (Role.BOARD, Role.CLERK))
    ]
    passed = 0
    for _ in range(10_000):
        one, two = rng.choice(people), rng.choice(people)
        deed = Deed(
            action=rng.choice(("decide", "approve")),
            rule="the_decider_may_decide",
            person=two,
            roles=frozenset({Role.BOARD}),
            now=NOW,
            first=one.token,
            first_unit=one.unit.strip().lower(),
            proved=NOW,
        )
        if not STATUTES.judge_deed(deed):
            passed += 1
            assert one.token != two.token and one.unit != two.unit and Role.BOARD in two.roles
    assert passed > 1_000


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
    engine = dataclasses.replace(shipped, policies=cedarpy.PolicySet.from_str(policies))
    assert [reason.rule for reason in Statutes(engine=engine).judge(use())] == [rule]


def test_a_bylaw_tightens_once_it_is_adopted_and_stops_everything_until_then(tmp_path: Path) -> None:
    (tmp_path / "mondays.cedar").write_text(BYLAW)
    strict = Statutes(engine=open_policies(tmp_path))
    assert strict.digest() != STATUTES.digest()
    monday = use()
    assert {r.rule for r in strict.judge(monday)} == {"the_bylaws_are_adopted", "no_wells_on_mondays"}
    adopted = dataclasses.replace(monday, bylaws=strict.engine.digest("bylaws"))
    (reason,) = strict.judge(adopted)
    assert (reason.rule, reason.says, reason.remedy) == ("no_wells_on_mondays", "it is Monday", "ask tomorrow")
    assert not strict.judge(dataclasses.replace(adopted, now=NOW + timedelta(days=1)))
    for ways in SINGLES:  # whatever was refused without the bylaw is refused with it
        asked = dataclasses.replace(use(**ways), bylaws=strict.engine.digest("bylaws"))
        assert strict.judge(asked) or not STATUTES.judge(use(**ways))
    without = dataclasses.replace(use(), bylaws=strict.engine.digest("bylaws"))
    assert {r.rule for r in STATUTES.judge(without)} == {"the_bylaws_are_adopted"}, "a bylaw taken away is noticed"


def test_a_bylaw_may_stop_one_paper_or_one_dataset_and_says_why(tmp_path: Path) -> None:
    (tmp_path / "a.cedar").write_text(
        '@id("no_old_wells") @says("the wells were counted too long ago") @remedy("count again")\n'
        'forbid (principal, action == Action::"read", resource)'
        ' when { resource.admitted.offset(duration("12h")) < context.now };'
    )
    strict = Statutes(engine=open_policies(tmp_path))
    reasons = strict.judge(dataclasses.replace(use(), bylaws=strict.engine.digest("bylaws")))
    assert [reason.rule for reason in reasons] == ["no_old_wells"]


def test_every_reason_is_given_at_once_each_with_its_remedy() -> None:
    town = desk((TOY,))
    with pytest.raises(Refused) as refused:
        town.ask(COUNT, who="clerk", purpose="proof", datasets={"fountains": "x"})
    rules = {reason.rule for reason in refused.value.reasons}
    assert rules == {"the_asker_may_ask", "the_purpose_is_served", "the_data_may_be_used", "the_papers_are_in_order"}
    assert all(reason.says and reason.remedy for reason in refused.value.reasons)
    entry = [entry for _, entry in town.house.log.read()][-1]
    assert entry["policy"] == town.house.policy.digest()
    assert "only_declared_data_is_read" in str(entry["policies"]).split(",")


def test_a_paper_of_a_capability_named_as_good_is_good_and_of_another_is_not() -> None:
    other = dataclasses.replace(COUNT, id="toy.other")
    for named, good in (("toy.other", True), ("toy.third", False)):
        needs = tuple(dataclasses.replace(need, or_of=named) for need in COUNT.needs)
        counting = dataclasses.replace(COUNT, needs=needs)
        kept = tuple(counting if c.id == COUNT.id else c for c in TOY.capabilities)
        town = desk((dataclasses.replace(TOY, capabilities=kept),))
        town.papers(other)
        if good:
            assert town.ask(counting)
        else:
            with pytest.raises(Refused) as refused:
                town.ask(counting)
            assert {r.rule for r in refused.value.reasons} == {"the_papers_are_in_order"}


def test_the_papers_of_a_need_come_newest_first() -> None:
    asked = use()
    newer = dataclasses.replace(PARTS["council"]["for the technology"][0])
    asked = dataclasses.replace(asked, papers=issued((*asked.papers, newer)))
    found = list(STATUTES.papers(Need(paper=Paper.COUNCIL_APPROVAL), asked))
    assert len(found) == 2 and [paper.at for paper in found] == sorted((p.at for p in found), reverse=True)
    assert not list(STATUTES.papers(Need(paper=Paper.CONSENT_MANIFEST), asked))


@dataclasses.dataclass(frozen=True)
class Counted:
    """An engine that notes what it is asked."""

    engine: Engine
    asked: list[Question] = dataclasses.field(default_factory=list)
    bylaws: Mapping[str, Bylaw] = dataclasses.field(default_factory=dict)

    def forbidden_by(self, question: Question, things: Sequence[Thing]) -> frozenset[str]:
        self.asked.append(question)
        return self.engine.forbidden_by(question, things)

    def digest(self, part: str = "") -> str:
        return self.engine.digest(part)


def test_of_many_papers_the_newest_that_serves_is_found_without_asking_about_all() -> None:
    good = PARTS["council"]["good"][0]
    for newest_bad in (0, 3, 20):
        older = [paper_at(day) for day in range(200, 100, -1)]
        newer = [paper_at(day, purposes=("proof",)) for day in range(newest_bad)]
        engine = Counted(STATUTES.engine)
        statutes = Statutes(engine=engine)
        asked = use()
        asked = dataclasses.replace(asked, papers=issued((*older, *newer, *(p for p in asked.papers if p is not good))))
        assert not statutes.judge(asked)
        (need, _) = asked.capability.needs
        assert next(statutes.papers(need, asked)).at == max(one.at for one in older)
        relied = [one for one in engine.asked if one.action == "rely" and one.context["kind"] == "council_approval"]
        assert len(relied) == 2 * (newest_bad + 1)


def paper_at(days_ago: int, **changes: object) -> Authority:
    return paper(Paper.COUNCIL_APPROVAL, "council", at=(NOW - timedelta(days=days_ago)).isoformat(), **changes)


def test_where_no_paper_serves_all_are_looked_at_for_the_reasons() -> None:
    bad = tuple(paper_at(day, purposes=("proof",)) for day in range(1, 31))
    expired = paper_at(40, ends=(NOW - timedelta(days=1)).isoformat())
    asked = use(council="none")
    asked = dataclasses.replace(asked, papers=issued((*asked.papers, *bad, expired)), purpose="safety")
    engine = Counted(STATUTES.engine)
    (reason,) = [one for one in Statutes(engine=engine).judge(asked) if "council" in one.says]
    assert sum(one.context["kind"] == "council_approval" for one in engine.asked if one.action == "rely") == 31
    assert reason.rule == "the_papers_are_in_order"


def test_the_papers_of_a_use_are_those_of_that_very_use() -> None:
    good = use()
    other = dataclasses.replace(good, papers=Issued())
    for need in good.capability.needs:
        assert list(STATUTES.papers(need, good)) and not list(STATUTES.papers(need, other))


def test_a_bylaw_may_read_the_time(tmp_path: Path) -> None:
    (tmp_path / "hours.cedar").write_text(
        '@id("not_after_hours") @says("it is late") @remedy("ask tomorrow")'
        ' forbid (principal, action == Action::"rely", resource) when { context.now.toTime() >= duration("18h") };'
    )
    statutes = Statutes(engine=open_policies(tmp_path))
    asked = dataclasses.replace(use(), bylaws=statutes.engine.digest("bylaws"), action="run")
    for hours, refused in ((0, False), (0.001, False), (8.999, False), (9, True)):
        assert bool(statutes.judge(dataclasses.replace(asked, now=NOW + timedelta(hours=hours)))) == refused


def test_a_warrant_that_ends_is_refused_from_that_millisecond_on() -> None:
    ending = paper(Paper.WARRANT, "privacy", body=BODY, ends=(NOW + timedelta(seconds=0.1)).isoformat())
    asked = dataclasses.replace(use(), papers=issued((PARTS["council"]["good"][0], ending)))
    for seconds, refused in ((0, False), (0.099, False), (0.1, True), (0.2, True), (0.05, False)):
        reasons = STATUTES.judge(dataclasses.replace(asked, now=NOW + timedelta(seconds=seconds)))
        assert ["expired" in reason.says for reason in reasons] == [True] * refused, seconds


def test_a_provisional_warrant_ends_after_48_hours_to_the_millisecond() -> None:
    fresh = warrant(status="provisional", hours=47.99)
    asked = dataclasses.replace(use(), papers=issued((PARTS["council"]["good"][0], fresh)), used={mark_of(fresh): 0})
    start = datetime.fromisoformat(fresh.starts)
    for hours, refused in ((47.99, False), (48 - 1e-6, False), (48, True), (49, True)):
        at = dataclasses.replace(asked, now=start + timedelta(hours=hours))
        assert bool(STATUTES.judge(at)) == refused, hours


def test_a_warrant_that_is_used_up_meanwhile_is_refused() -> None:
    twice = warrant(count=2)
    asked = dataclasses.replace(use(), papers=issued((PARTS["council"]["good"][0], twice)), action="run")
    for uses, refused in ((0, False), (1, False), (2, True), (3, True)):
        assert bool(STATUTES.judge(dataclasses.replace(asked, used={mark_of(twice): uses}))) == refused


@pytest.mark.parametrize(
    "day", ["", "soon", "2026-02-30", "2027-W01-1", "20270101", "+2027-01-0", "٢٠٢٧-01-01", "9999-99-99", "2027-01-1"]
)
def test_training_until_a_day_that_is_none_is_no_training(day: str) -> None:
    person = dataclasses.replace(PEOPLE["analyst"], trained_until=day)
    assert STATUTES.judge(dataclasses.replace(use(), person=person))
    act = Deed(action="deed", rule="may", person=person, roles=person.roles, now=NOW)
    for one in (act, dataclasses.replace(act, action="enter", room="cases")):
        assert {reason.rule for reason in STATUTES.judge_deed(one)} == {"a_policy_that_fails_refuses"}


def test_an_office_in_memory_is_judged_by_the_shipped_policies() -> None:
    with memory_office(known=(TOY,)) as office:
        assert office.house.policy.digest() == STATUTES.digest()
        assert PEOPLE["analyst"].token not in office.house.book.people
