"""What judging costs, and how many of ten thousand random uses, acts and publications slip through: none.

uv run python benchmarks/policy.py [--quick] [--json FILE]
"""

from __future__ import annotations

import dataclasses
import random
import statistics
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "support"))

from rules_oracle import THE_RULES
from uses import NOW, PARTS, authorization, use

from figures import at_most, finish, flags, plain, show
from peelian.integrations.cedar_engine import open_policies
from peelian.kernel.model.capability import AuthorizationKind
from peelian.kernel.model.policy_port import Use
from peelian.kernel.policy.authorizer import Authorizer


def slipped(authorizer: Authorizer, cases: int) -> tuple[int, int, int]:
    """Of random uses: how many were permitted, how many of those should not have been, how often the two policies
    disagreed."""
    rng = random.Random(7)
    permitted = wrong = other = 0
    for _ in range(cases):
        ways = {part: rng.choice(list(PARTS[part])) for part in PARTS if rng.random() < rng.choice((0.15, 1.0))}
        asked = dataclasses.replace(use(**ways), now=NOW + timedelta(hours=rng.choice((-30, 0, 0, 1, 26, 960))))
        if asked.purpose == "\ud800":
            continue
        ours, theirs = authorizer.judge(asked), THE_RULES.judge(asked)
        other += {r.rule for r in ours} != {r.rule for r in theirs}
        if not ours:
            permitted += 1
            authorizations = {authorization.kind: authorization for authorization in asked.authorizations}
            ended = any(
                datetime.fromisoformat(authorization.ends) <= asked.now for authorization in asked.authorizations
            )
            warrant = authorizations.get(AuthorizationKind.WARRANT)
            outside = warrant is None or "500:1:3" not in str(warrant.body.get("cells", "")) or warrant.by == "analyst"
            wrong += asked.purpose != "advice" or ended or outside
    return permitted, wrong, other


def judged(authorizer: Authorizer, asked: Use, times: int) -> list[float]:
    """CPU milliseconds of each time."""
    spans = []
    for _ in range(times):
        start = time.thread_time()
        reasons = authorizer.judge(asked)
        spans.append((time.thread_time() - start) * 1e3)
        assert not reasons
    return spans


def with_older_authorizations(count: int) -> Use:
    """A good use, and so many council approvals, each of them older by a minute."""
    asked = use()
    ages = (NOW - timedelta(minutes=n) for n in range(1, count))
    older = tuple(authorization(AuthorizationKind.COUNCIL_APPROVAL, "council", at=age.isoformat()) for age in ages)
    return dataclasses.replace(asked, authorizations=(*older, *asked.authorizations))


def main() -> None:
    """Print every figure."""
    given = flags("What judging costs, and what slips through.").parse_args()
    start = time.thread_time()
    authorizer = Authorizer(engine=open_policies())
    figures = [show(plain("policies parsed and checked at opening, CPU", (time.thread_time() - start) * 1e3, "ms"))]
    spans = judged(authorizer, use(), 200 if given.quick else 1_000)
    figures.append(
        show(plain("one use judged with two authorizations and a dataset, CPU median", statistics.median(spans), "ms"))
    )
    p95 = statistics.quantiles(spans, n=20)[-1]
    figures.append(show(plain("one use judged with two authorizations and a dataset, CPU p95", p95, "ms")))
    for authorizations in (10, 100, 1_000):
        spans = judged(authorizer, with_older_authorizations(authorizations), 50 if given.quick else 200)
        name = f"one use judged with {authorizations:,} authorizations that would serve, CPU median"
        figures.append(show(plain(name, statistics.median(spans), "ms")))
    cases = 1_000 if given.quick else 10_000
    permitted, wrong, other = slipped(authorizer, cases)
    figures.append(show(plain(f"permits among {cases:,} random uses", permitted, "permits")))
    figures.append(show(at_most("permits without purpose, expired, out of scope or self-issued", wrong, "permits", 0)))
    figures.append(show(at_most("uses on which the policy written twice disagrees", other, "uses", 0)))
    finish(figures, given.json)


if __name__ == "__main__":
    main()
