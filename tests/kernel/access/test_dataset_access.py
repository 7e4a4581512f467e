"""What is past its time is used for nothing from then on, job or no job; holds and cases keep it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from boxes import BOXES, CONTENT, SHORTEN
from deciding import read_and_decide
from desk import Desk, desk
from toy import COUNT, TOY

from peelian.errors import Reason, Refused
from peelian.kernel import verbs
from peelian.kernel.access.dataset_access import RULE, clock_is_behind, past_their_time, why_not_use
from peelian.kernel.identity.dual_control import approve, open_proposals, propose
from peelian.kernel.identity.step_up import prove
from peelian.kernel.model.documents import Admission, Declaration
from peelian.kernel.model.retention_schedule import Category
from peelian.kernel.retention import retention
from peelian.kernel.verbs import custody
from peelian.kernel.verbs.delivery import ready
from peelian.kernel.verbs.redaction_review import looked_through

WHY = "as the bylaw says"
DECLARED = Declaration(
    title="Boxes", purposes=("disclosure",), legal_basis="a test", minimisation="nothing more", retention_days=36_500,
    source="made by the test",
)  # fmt: skip


@pytest.fixture
def town() -> Desk:
    made = desk((TOY, BOXES))
    retention.define(made.kernel, made.people["privacy-officer"], "stop", days=30, words=WHY)
    retention.define(made.kernel, made.people["privacy-officer"], "murder", days=0, words=WHY)
    return made


def kept(town: Desk, *categories: str) -> Admission:
    made = custody.keep(town.kernel, town.people["clerk"], DECLARED, io.BytesIO(CONTENT), format="box")
    retention.tag(town.kernel, town.people["clerk"], made.dataset, categories, words=WHY)
    return made


def overdue(town: Desk, *datasets: Admission) -> Iterator[Reason]:
    return past_their_time(town.kernel, [(one, retention.item_of(town.kernel, one, frozenset())) for one in datasets])


def rules(refused: pytest.ExceptionInfo[Refused]) -> set[str]:
    return {reason.rule for reason in refused.value.reasons}


def test_it_is_refused_from_the_moment_its_time_is_over_though_no_job_ran(town: Desk) -> None:
    made = kept(town, "stop")
    town.clock.days(29.9)
    assert list(why_not_use(town.kernel, None, [made, None])) == []
    town.clock.days(0.2)
    with pytest.raises(Refused) as refused:
        town.ask(SHORTEN, datasets={"box": made.dataset})
    assert rules(refused) == {RULE}
    assert town.kinds()[-1] == "REFUSED" and not town.opened()


def test_a_hold_an_open_case_and_a_recovery_keep_it_in_use(town: Desk) -> None:
    made, clerk = kept(town, "stop"), town.people["clerk"]
    town.clock.days(29.9)
    permit = town.ask(SHORTEN, datasets={"box": made.dataset})
    town.clock.days(0.5)
    assert list(overdue(town, made)) == [], "needed by an open case"
    evidence, _ = verbs.run(town.kernel, clerk, permit)
    read_and_decide(
        town.kernel,
        town.people["privacy-officer"],
        evidence,
        choice="decline",
        reasons=WHY,
        other_evidence=f"document: {WHY}",
    )
    assert [reason.rule for reason in overdue(town, made)] == [RULE]
    name = retention.hold(town.kernel, clerk, made.dataset, words="her lawyer wrote to us")
    town.ask(SHORTEN, datasets={"box": made.dataset})
    retention.release(town.kernel, town.people["board"], made.dataset, name, words="the claim is settled")
    town.clock.days(60)  # until the permit of a moment ago has run out, too
    assert list(overdue(town, made))
    retention.run_daily_job(town.kernel)
    retention.recover(town.kernel, clerk, made.dataset, words="somebody still needs it")
    town.ask(SHORTEN, datasets={"box": made.dataset})


def test_no_category_and_none_with_a_time_mean_no_end(town: Desk) -> None:
    without, forever = kept(town), kept(town, "murder", "stop")
    town.clock.days(5_000)
    assert list(overdue(town, without, forever)) == []


def test_what_was_made_from_it_is_neither_shown_nor_handed_over_any_more(town: Desk) -> None:
    made, clerk = kept(town, "stop"), town.people["clerk"]
    evidence, _ = verbs.run(town.kernel, clerk, town.ask(SHORTEN, datasets={"box": made.dataset}))
    officer = town.people["privacy-officer"]
    decision = read_and_decide(
        town.kernel, officer, evidence, choice="accept", reasons=WHY, other_evidence=f"document: {WHY}"
    )
    town.clock.days(29)
    prove(town.kernel, clerk)
    ready(town.kernel, clerk, decision)
    town.clock.days(1)
    prove(town.kernel, clerk)
    with pytest.raises(Refused) as refused:
        ready(town.kernel, clerk, decision)
    assert RULE in rules(refused)
    with pytest.raises(Refused) as refused, looked_through(town.kernel, clerk, evidence):
        pass
    assert RULE in rules(refused)


def test_a_table_s_own_declaration_counts_too(town: Desk) -> None:
    [(role, dataset)] = COUNT.arithmetic().example().datasets.items()
    admission = town.admit(dataset, COUNT.asks.purposes, next(r.shape for r in COUNT.reads if r.role == role))
    days = int(admission.declaration["retention_days"])
    town.clock.days(days + 0.1)
    assert [reason.rule for reason in overdue(town, admission)] == [RULE]


def test_how_close_it_is_held_is_judged_as_well_and_its_last_moment_is_over(town: Desk) -> None:
    made = kept(town, "stop")
    recorded = datetime.fromisoformat(made.at)
    town.kernel.state.retention.categories["close"] = Category(id="close", days=0, access="confidential")
    other = kept(town, "close")
    assert [reason.rule for reason in why_not_use(town.kernel, None, [other])] == ["what_is_held_close_is_seen_by_few"]
    town.clock.now = recorded + timedelta(days=30) - timedelta(milliseconds=20)
    assert not list(overdue(town, made))  # the clock goes on by 10 ms each time it is looked at
    assert [reason.rule for reason in overdue(town, made)] == [RULE]


def test_a_clock_set_back_brings_nothing_back_to_life(town: Desk) -> None:
    town.authorizations(COUNT, days=30)
    [(_, dataset)] = COUNT.arithmetic().example().datasets.items()
    made = town.admit(dataset, COUNT.asks.purposes, COUNT.reads[0].shape)
    town.clock.days(40)
    assert "the_authorizations_are_in_order" in {reason.rule for reason in why_asked(town, made)}
    town.clock.days(-20)
    assert {reason.rule for reason in why_asked(town, made)} == {"time_does_not_go_back"}
    town.clock.days(21)
    assert "the_authorizations_are_in_order" in {reason.rule for reason in why_asked(town, made)}


def test_two_people_agree_that_the_clock_had_run_ahead(town: Desk) -> None:
    town.clock.days(400)
    prove(town.kernel, town.people["clerk"])  # whatever is logged then
    town.clock.days(-400)
    assert [reason.rule for reason in clock_is_behind(town.kernel)] == ["time_does_not_go_back"]
    proposal = propose(town.kernel, town.people["custodian"], "clock", words="the machine started without its battery")
    assert list(clock_is_behind(town.kernel))
    prove(town.kernel, town.people["board"])
    approve(town.kernel, town.people["board"], proposal)
    assert not list(clock_is_behind(town.kernel)) and not open_proposals(town.kernel)
    town.clock.days(-0.1)
    assert list(clock_is_behind(town.kernel))


def why_asked(town: Desk, made: Admission) -> tuple[Reason, ...]:
    with pytest.raises(Refused) as refused:
        town.ask(COUNT, datasets={COUNT.reads[0].role: made.dataset})
    return refused.value.reasons
