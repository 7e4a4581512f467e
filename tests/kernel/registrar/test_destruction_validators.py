"""What is collected, due, destroyed and paid for is so by the log: a program that says otherwise is not believed."""

from __future__ import annotations

import dataclasses
import io
from typing import Any

import pytest
from boxes import BOXES, CONTENT
from judged import Court, court
from toy import TOY
from uses import BODY, HEAT

from peelian.errors import OutOfOrder
from peelian.kernel import verbs
from peelian.kernel.disclosure.noise import overlapping
from peelian.kernel.model.capability import AuthorizationKind, Purpose
from peelian.kernel.model.documents import Declaration, digest_of
from peelian.kernel.model.warrants import partition_of, root_of
from peelian.kernel.retention import expiry_job, retention
from peelian.kernel.verbs import authorizations, custody, warrant_lifecycle

DECLARED = Declaration(
    title="Boxes", purposes=("disclosure",), legal_basis="a test", minimisation="nothing more", retention_days=36_500,
    source="made by the test",
)  # fmt: skip


@pytest.fixture
def there() -> Court:
    made = court((dataclasses.replace(TOY, capabilities=(*TOY.capabilities, HEAT)), BOXES))
    made.town.authorization(AuthorizationKind.COUNCIL_APPROVAL, HEAT)
    return made


def test_the_partition_of_a_warrant_in_force_is_not_destroyed_under_either_of_its_digests(there: Court) -> None:
    kernel, officer = there.town.kernel, there.town.people["privacy-officer"]
    said: dict[str, Any] = {"serves": HEAT.id, "purposes": (Purpose.ADVICE,), "days": 30}
    first = authorizations.issue(
        kernel, officer, AuthorizationKind.WARRANT, **said, body={**BODY, "status": "provisional"}
    )
    other = authorizations.issue(kernel, officer, AuthorizationKind.WARRANT, **said, body={**BODY, "sensors": "s-1"})
    for warrant in (first, other):
        with pytest.raises(OutOfOrder, match=r"is still valid. Nothing in it can be destroyed"):
            there.judge.may_destroy_partition(partition_of(root_of(warrant)))
    confirmed = warrant_lifecycle.confirm(kernel, officer, digest_of(first), days=30, reference="QB 1")
    assert root_of(confirmed) == digest_of(first)
    with pytest.raises(OutOfOrder, match=r"is still valid. Nothing in it can be destroyed"):
        there.judge.may_destroy_partition(partition_of(digest_of(first)))
    authorizations.revoke(kernel, officer, other)
    there.judge.may_destroy_partition(partition_of(root_of(other)))
    authorizations.revoke(kernel, officer, confirmed)
    there.judge.may_destroy_partition(partition_of(digest_of(first)))


def test_what_a_refused_warrant_brought_is_destroyed_and_nothing_else(there: Court) -> None:
    town, kernel = there.town, there.town.kernel
    officer = town.people["privacy-officer"]
    warrant = authorizations.issue(
        kernel, officer, AuthorizationKind.WARRANT, serves=HEAT.id, purposes=(Purpose.ADVICE,), days=30,
        body={**BODY, "status": "provisional"},
    )  # fmt: skip
    root = root_of(warrant)
    case = verbs.run(kernel, town.people["analyst"], town.ask(HEAT))[0].case
    other = custody.keep(kernel, town.people["clerk"], DECLARED, io.BytesIO(CONTENT), format="box")
    collected: dict[str, Any] = {"warrant": root, "sensor": "m-1", "readings": 3}
    there.judge.may_append(there.entry("COLLECTED", **collected))
    there.refuses(there.entry("COLLECTED", **{**collected, "readings": -3}), "cannot be negative")
    there.refuses(there.entry("COLLECTED", **{**collected, "warrant": "0" * 64}), "no such valid warrant")
    there.refuses(there.entry("COLLECTED", **collected, dataset=other.dataset), "That person must sign it")
    erased: dict[str, Any] = {"case": case, "warrant": root, "by": officer.person.token}
    destroyed: dict[str, Any] = {"dataset": other.dataset, "object": other.object, "warrant": root}
    there.refuses(there.entry("ERASED", **erased), "did not lapse")
    there.refuses(there.entry("DESTROYED", **destroyed, by=officer.person.token), "was not collected")
    warrant_lifecycle.refuse(kernel, officer, root, words="the court refused it")
    assert town.kinds()[-1] == "ERASED"
    there.judge.may_append(there.entry("ERASED", **erased))
    there.refuses(there.entry("ERASED", **erased | {"by": "office"}), "did not lapse")
    there.refuses(there.entry("ERASED", **erased | {"case": "c-none"}), "did not lapse")
    there.refuses(there.entry("DESTROYED", **destroyed, by=officer.person.token), "was not collected")
    there.refuses(there.entry("COLLECTED", **collected), "no such valid warrant")


def test_the_daily_job_says_what_is_due_and_only_then(there: Court) -> None:
    town, kernel, clerk = there.town, there.town.kernel, there.town.people["clerk"]
    retention.define(kernel, town.people["privacy-officer"], "stop", days=30, words="as the bylaw says")
    kept = custody.keep(kernel, clerk, DECLARED, io.BytesIO(CONTENT), format="box")
    retention.tag(kernel, clerk, kept.dataset, ("stop",), words="as the bylaw says")
    queued = {"dataset": kept.dataset, "why": "due", "by": "office"}
    gone = {"dataset": kept.dataset, "object": kept.object, "why": "retention", "by": "office"}
    there.refuses(there.entry("QUEUED", **queued), "has not ended")
    there.refuses(there.entry("DESTROYED", **gone), "Only the daily job")
    there.refuses(there.entry("SHREDDED", dataset=kept.dataset, by="office"), "is not logged")
    town.clock.days(31.1)
    for said in (queued, gone):
        there.refuses(there.entry("QUEUED" if said is queued else "DESTROYED", **said), "The clock jumped")
    assert expiry_job.sweep(kernel)[0].queued == ()
    town.clock.days(1)
    there.refuses(there.entry("QUEUED", **queued | {"by": clerk.person.token}), "has not ended")
    there.refuses(there.entry("QUEUED", **queued | {"why": "person"}), "has not ended")
    assert retention.run(kernel).queued == (kept.dataset,)
    there.refuses(there.entry("QUEUED", **queued), "has not ended")
    there.refuses(there.entry("DESTROYED", **gone), "Only the daily job")
    town.clock.days(8)
    there.refuses(there.entry("DESTROYED", **gone | {"object": "0" * 32}), "no such object")
    there.refuses(there.entry("DESTROYED", **gone | {"why": "interrupted"}), "Only the daily job")
    there.refuses(there.entry("DESTROYED", **gone | {"by": clerk.person.token}), "Only the daily job")
    hold = retention.hold(kernel, clerk, kept.dataset, words="a court asked for it")
    there.refuses(there.entry("DESTROYED", **gone), "Only the daily job")
    retention.release(kernel, clerk, kept.dataset, hold, words="the court is done")
    assert expiry_job.sweep(kernel)[0].destroyed == (kept.dataset,)
    there.refuses(there.entry("DESTROYED", **gone), "no such object")
    there.refuses(there.entry("PARTITION_SHREDDED", partition="cases.2026q1", by="office"), "is not logged")
    there.refuses(there.entry("PARTITION_DESTROYED", partition="cases.2026q1", n=1, by="office"), "has not ended")


NO_PERIODS = [
    "p", "2026-01", "2026-01-01..", "2026-02-01..2026-01-01", "2026-01-01..2026-02-30", "2026-01-01..x..y",
    "20260101..20260131", "2025-12-01..2026-01-31", "2026-01-01..2026-01-31..",
]  # fmt: skip


def test_noise_is_paid_for_once_and_never_given_back(there: Court) -> None:
    paid = {
        "dataset": "d", "term": "2026", "period": "2026-01-01..2026-01-31", "question": "q", "milli_epsilon": 100,
        "left": 2_900,
    }  # fmt: skip
    there.judge.may_append(there.entry("NOISE_SPENT", **paid))
    for wrong in (0, -100, "100"):
        there.refuses(there.entry("NOISE_SPENT", **paid | {"milli_epsilon": wrong}), "must be above zero")
    for name in ("dataset", "term", "period", "question"):
        there.refuses(there.entry("NOISE_SPENT", **{k: v for k, v in paid.items() if k != name}), "names the records")
    for period in NO_PERIODS:
        there.refuses(there.entry("NOISE_SPENT", **paid | {"period": period}), "names the records")
    there.town.kernel.take(there.entry("NOISE_SPENT", **paid))
    there.refuses(there.entry("NOISE_SPENT", **paid | {"milli_epsilon": 1}), "already charged")
    more = paid | {"question": "another", "milli_epsilon": 200, "left": 2_700}
    there.judge.may_append(there.entry("NOISE_SPENT", **more))
    for wrong in (2_900, 2_701, 2_699, 0, "2700"):
        there.refuses(there.entry("NOISE_SPENT", **more | {"left": wrong}), "The budget was charged meanwhile")
    there.judge.may_append(there.entry("NOISE_SPENT", **more | {"milli_epsilon": 2_900, "left": 0}))
    there.refuses(
        there.entry("NOISE_SPENT", **more | {"milli_epsilon": 2_901, "left": 0}), "budget of these records has"
    )
    later = {"term": "2027", "period": "2027-01-01..2027-12-31", "left": 2_800}
    there.judge.may_append(there.entry("NOISE_SPENT", **more | later))
    drawn = {"dataset": "d", "term": "2026", "question": "q", "answer": "a"}
    there.refuses(there.entry("NOISE_DRAWN", **drawn | {"question": "another"}), "No noise budget was charged")
    there.town.kernel.take(there.entry("NOISE_DRAWN", **drawn))
    there.refuses(there.entry("NOISE_DRAWN", **drawn | {"answer": "b"}), "already answered")


def test_noise_is_not_paid_for_over_a_period_that_was_released_in_part(there: Court) -> None:
    """Also where another program of the office released it after this one had looked."""
    paid = {"dataset": "d", "term": "2026", "milli_epsilon": 1_000}
    there.town.kernel.take(
        there.entry("NOISE_SPENT", **paid, question="a", period="2026-01-01..2026-06-30", left=2_000)
    )
    for period in ("2026-01-01..2026-12-31", "2026-06-30..2026-07-31", "2026-02-01..2026-03-31", "2026-06-30"):
        for question in ("a", "b"):
            more = paid | {"question": question, "term": period[:4] if question == "b" else "2026-", "period": period}
            left = 1_000 if question == "b" else 2_000
            there.refuses(there.entry("NOISE_SPENT", **more, left=left), "overlaps this period")
        there.judge.may_append(there.entry("NOISE_SPENT", **more | {"dataset": "e", "left": 2_000}))
    for period in ("2026-01-01..2026-06-30", "2026-07-01..2026-12-31", "2026-12-31"):
        more = paid | {"question": "b", "period": period, "left": 1_000}
        there.judge.may_append(there.entry("NOISE_SPENT", **more))


def test_a_day_of_a_sensor_has_a_budget_of_its_own(there: Court) -> None:
    day = {"dataset": "sensor-s-1", "term": "2026-03-01", "period": "2026-03-01"}
    windows = there.entry("NOISE_SPENT", **day, question="windows", milli_epsilon=800, left=200)
    there.refuses(windows | {"milli_epsilon": 1_001, "left": 1_999}, "budget of these records has ended")
    there.town.kernel.take(windows)
    total = there.entry("NOISE_SPENT", **day, question="total", milli_epsilon=200, left=0)
    there.refuses(total | {"milli_epsilon": 201}, "budget of these records has ended")
    there.town.kernel.take(total)


@pytest.mark.parametrize("broken", [{"period": "x..y..z"}, {"dataset": "d"}, {}, {"dataset": "d", "term": "2026"}])
def test_a_charge_that_says_too_little_stands_in_nobodys_way(there: Court, broken: dict[str, Any]) -> None:
    """One that an older registrar took."""
    there.judge.kernel.state.noised.append({"kind": "NOISE_SPENT", **broken})
    paid = {"dataset": "d", "term": "2026", "period": "2026-01-01..2026-01-31", "question": "q"}
    there.judge.may_append(there.entry("NOISE_SPENT", **paid, milli_epsilon=100, left=2_900))
    assert not list(overlapping(there.judge.kernel.state.noised, "d", "2026-01-01..2026-01-31", "q"))
