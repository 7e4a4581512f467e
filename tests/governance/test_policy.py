"""The policy refuses by default, and bylaws can only tighten it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from desk import desk
from toy import COUNT, TOY

from peelian.errors import Reason, Refused
from peelian.governance.policy import THE_RULES, Rules, Use
from peelian.office import memory_office


def test_an_empty_policy_refuses_everything() -> None:
    with memory_office(policy=Rules(rules=()), known=(TOY,)) as office:
        use = None
        assert office.house.policy.judge(use)[0].rule == "an_empty_policy_refuses"  # type: ignore[arg-type]


def test_a_bylaw_tightens() -> None:
    def no_wells_on_mondays(use: Use) -> Iterator[Reason]:
        if use.now.weekday() == 0:
            yield Reason(rule="no_wells_on_mondays", says="it is Monday", remedy="ask tomorrow")

    import dataclasses

    town = desk((TOY,))
    town.papers(COUNT)
    town.ask(COUNT)
    strict = dataclasses.replace(town.house, policy=Rules(rules=(*THE_RULES.rules, no_wells_on_mondays)))
    assert strict.policy.digest() != town.house.policy.digest()
    tight = dataclasses.replace(town, office=dataclasses.replace(town.office, house=strict))
    with pytest.raises(Refused) as refused:
        tight.ask(COUNT)
    assert [r.rule for r in refused.value.reasons] == ["no_wells_on_mondays"]


def test_every_reason_is_given_at_once_each_with_its_remedy() -> None:
    town = desk((TOY,))
    with pytest.raises(Refused) as refused:
        town.ask(COUNT, who="clerk", purpose="curiosity", datasets={"fountains": "x"})
    rules = {reason.rule for reason in refused.value.reasons}
    assert rules == {"the_asker_may_ask", "the_purpose_is_served", "the_data_may_be_used", "the_papers_are_in_order"}
    assert all(reason.says and reason.remedy for reason in refused.value.reasons)


def test_a_paper_of_a_capability_named_as_good_is_good_and_of_another_is_not() -> None:
    import dataclasses

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
