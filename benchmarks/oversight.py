"""Oversight measured: the breach drill over eight scenarios and five seeds, the weekly review, the subject report.

uv run python benchmarks/oversight.py [--quick] [--json FILE]
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "support"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "oversight" / "review"))

from precinct import OFFICERS, WEEK, ordinary_week, person, precinct
from test_review_of_planted_misuse import PLANTED, town

from figures import Figure, at_least, at_most, finish, flags, plain, show
from peelian.integrations.person_keys import ThrownAway
from peelian.kernel.model.capability import Role
from peelian.kernel.records.office_records import subject_token
from peelian.operations.drill.drill import Script, run_drill
from peelian.operations.drill.scenarios import SCENARIOS
from peelian.operations.office import new_office
from peelian.oversight.review.subjects import subject_report
from peelian.oversight.review.week import week_review
from peelian.web.letters import write_letters

SEEDS, DRILL_SECONDS = 5, 600.0


def drills(folder: Path, seeds: int) -> list[Figure]:
    """Every scenario with every seed: who was affected, who was found, what the letters lack, how long it took."""
    started, played = time.perf_counter(), []
    with new_office(folder / "office", name="Benchmark town").asking(ThrownAway()) as office:
        it = office.enrol("it", name="IT", unit="it", roles={Role.CUSTODIAN})
        officer = office.enrol("pia", name="Pia", unit="privacy", roles={Role.PRIVACY_OFFICER}, by=it)
        for scenario in SCENARIOS:
            for seed in range(seeds):
                letters = partial(write_letters, forms=("html", "pdf"))
                script = Script(scenario=scenario, seed=seed, folder=folder / "drills", write=letters)
                played.append(run_drill(office, officer, script))
    seconds = time.perf_counter() - started
    bodies = [drill.body for drill in played]
    detected = [float(b["seconds"]["build"]) + float(b["seconds"]["detect"]) for b in bodies]
    return [
        show(plain("drills", len(played), "drills")),
        show(at_least("worst recall of affected people", min(d.recall_permille for d in played) / 10, "%", 100)),
        show(at_most("worst share of people too many", max(d.extra_permille for d in played) / 10, "%", 5)),
        show(at_least("drills whose kind and exposure were told rightly", _share(bodies, "recognised_kind"), "%", 100)),
        show(at_least("drills contained", _share(bodies, "contained"), "%", 100)),
        show(at_most("parts missing in letters", sum(len(b["lacking"]) for b in bodies), "parts", 0)),
        show(plain("letters written", sum(int(b["letters"]) for b in bodies), "letters")),
        show(at_most("letters sent", sum(int(b["sent"]) for b in bodies), "letters", 0)),
        show(plain("slowest way to detection, the town's making included", max(detected), "s")),
        show(plain("slowest drill", max(d.milliseconds for d in played) / 1000, "s")),
        show(at_most("all drills together", seconds, "s", DRILL_SECONDS)),
    ]


def review() -> list[Figure]:
    """The eight planted misuses, and an ordinary week that must raise nothing."""
    found = 0
    for rule, plant in PLANTED.items():
        at = town(rule)
        ordinary_week(at)
        planted = plant(at)
        at.week_over()
        items = [item for item in week_review(at.desk.kernel, WEEK).items if item.rule == rule]
        found += set(planted) <= {entry for item in items for entry in item.entries}
    calm = precinct()
    ordinary_week(calm)
    calm.week_over()
    return [
        show(at_least("planted misuses in the weekly queue", found, "of 8", 8)),
        show(at_most("items raised by an ordinary week", len(week_review(calm.desk.kernel, WEEK).items), "items", 0)),
    ]


def subjects(accesses: int) -> list[Figure]:
    """Planted accesses, told back to the people they concerned: none missing, none of somebody else's."""
    at, chance = precinct(), random.Random(1)
    planted: dict[str, list[int]] = {person(n): [] for n in range(40)}
    for _ in range(accesses):
        one = person(chance.randrange(39))  # nobody looks at the last one
        planted[one] += at.look(chance.choice(OFFICERS), one)
    wrong, started = 0, time.perf_counter()
    for one, indexes in planted.items():
        report = subject_report(at.desk.kernel, subject_token(at.desk.kernel, one))
        wrong += [look.index for look in report.looks] != indexes
    seconds = (time.perf_counter() - started) / len(planted)
    return [
        show(at_most("subject reports that are not complete", wrong, "of 40", 0)),
        show(plain(f"one subject report over {accesses:,} accesses", 1000 * seconds, "ms")),
    ]


def _share(bodies: Sequence[Mapping[str, Any]], key: str) -> float:
    right = [bool(b[key]) and (key != "recognised_kind" or bool(b["exposure_right"])) for b in bodies]
    return 100 * sum(right) / len(right)


if __name__ == "__main__":
    given = flags(__doc__ or "").parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        figures = drills(Path(scratch), 1 if given.quick else SEEDS)
    figures += review()
    figures += subjects(200 if given.quick else 2000)
    finish(figures, given.json)
