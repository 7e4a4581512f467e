"""run: only what the permit allows is opened, and only what was declared comes out."""

from __future__ import annotations

import dataclasses
from datetime import datetime, timedelta
from typing import Any

import pytest
from boxes import BOXES, SHORTEN
from changed import changed
from desk import Desk, desk
from toy import COUNT, PROVE, TOY, WellParams, example

from peelian.errors import OutOfOrder, PeelianError, Withheld
from peelian.kernel import verbs
from peelian.kernel.model.capability import Capability, Findings, Read
from peelian.kernel.model.documents import Permit, digest_of
from peelian.kernel.model.technology import Technology
from peelian.kernel.verbs import custody
from peelian.kernel.verbs.custody import Made
from peelian.kernel.verbs.derivatives import making
from peelian.kernel.verbs.evidence import Found, began_by, ran


@pytest.fixture
def town() -> Desk:
    return desk((TOY,))


def of_two(town: Desk) -> Permit:
    """A permit of a capability that reads two datasets."""
    made = town.kernel.capability("toy.two")
    town.authorizations(made)
    named = {read.role: town.admit(example().datasets["wells"], made.asks.purposes).dataset for read in made.reads}
    return verbs.ask(
        town.kernel, town.people["analyst"], made.id, purpose="advice", params=WellParams(), datasets=named
    )


@pytest.fixture
def two() -> Desk:
    reads = (*COUNT.reads, Read(role="others", title="others", shape=COUNT.reads[0].shape))
    made = dataclasses.replace(COUNT, id="toy.two", reads=reads)
    return desk((dataclasses.replace(TOY, capabilities=(*TOY.capabilities, made)),))


def other(run: object = None, **changes: object) -> tuple[Technology, Capability]:
    """The toy with another arithmetic, or another public part."""
    made = changed(COUNT, **({"run": run} if run else {}), **changes)  # type: ignore[arg-type]
    return dataclasses.replace(TOY, capabilities=(made, PROVE)), made


def test_each_dataset_is_said_to_be_opened_right_before_it_is(two: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    permit, real = of_two(two), custody.Table.from_parquet
    before, seen = len(two.kinds()), []

    def read(file: object) -> object:
        seen.append(two.kinds()[before:])
        two.clock.now += timedelta(minutes=11)  # longer than an opening is good for
        return real(file)

    monkeypatch.setattr(custody.Table, "from_parquet", read)
    verbs.run(two.kernel, two.people["analyst"], permit)
    assert seen == [["STARTED", "OPENED"], ["STARTED", "OPENED", "OPENED"]]


def test_what_is_not_tried_is_not_said_to_be_opened(two: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    permit = of_two(two)
    before = len(two.kinds())
    monkeypatch.setattr(custody.Table, "from_parquet", lambda file: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        verbs.run(two.kernel, two.people["analyst"], permit)
    assert two.kinds()[before:] == ["STARTED", "OPENED", "FAILED"]
    assert two.kernel.state.histories[permit.case].state == "FAILED", "nobody waits for it"


def test_only_the_asker_runs_a_permit(town: Desk) -> None:
    town.authorizations(COUNT)
    permit = town.ask(COUNT)
    with pytest.raises(OutOfOrder):
        verbs.run(town.kernel, town.people["board"], permit)


def test_a_permit_ends_at_its_moment_and_is_used_up_after_its_runs(town: Desk) -> None:
    town.authorizations(COUNT, days=900)
    permit, late = town.ask(COUNT), town.ask(COUNT)
    for _ in range(COUNT.asks.runs):
        verbs.run(town.kernel, town.people["analyst"], permit)
    with pytest.raises(OutOfOrder, match="already used"):
        verbs.run(town.kernel, town.people["analyst"], permit)
    moment = datetime.fromisoformat(late.until)
    town.clock.now = moment - timedelta(seconds=1)
    verbs.run(town.kernel, town.people["analyst"], late)
    again = town.ask(COUNT)
    town.clock.now = datetime.fromisoformat(again.until) - timedelta(milliseconds=10)  # the clock goes on by 10 ms
    with pytest.raises(OutOfOrder, match="expired"):
        verbs.run(town.kernel, town.people["analyst"], again)


def test_findings_that_may_not_pass_the_door_are_withheld_and_kept_nowhere() -> None:
    def leaks(params: WellParams, datasets: Any, context: Any) -> Findings:
        found = COUNT.arithmetic().run(params, datasets, context)
        return dataclasses.replace(found, facts={**found.facts, "who": "Jane Doe"})

    known, made = other(leaks)
    town = desk((known,))
    town.authorizations(made)
    with pytest.raises(Withheld) as withheld:
        verbs.run(town.kernel, town.people["analyst"], town.ask(made))
    assert "Jane" not in str(withheld.value) and town.kinds()[-1] == "WITHHELD"
    (entry,) = [entry for _, entry in town.kernel.stores.log.read() if entry["kind"] == "WITHHELD"]
    assert entry["rules"] == "values_are_what_their_kind_says" and "RAN" not in town.kinds()


def test_what_an_error_says_stays_inside() -> None:
    def breaks(params: WellParams, datasets: Any, context: Any) -> Findings:
        raise ValueError("Jane Doe, 12 Main Street")

    known, made = other(breaks)
    town = desk((known,))
    town.authorizations(made)
    with pytest.raises(PeelianError, match=r"failed \(ValueError\)") as failed:
        verbs.run(town.kernel, town.people["analyst"], town.ask(made))
    assert "Jane" not in str(failed.value) and failed.value.__cause__ is None and failed.value.__suppress_context__
    assert town.kinds()[-1] == "FAILED"


def begun(town: Desk) -> tuple[str, str]:
    """The case and the permit of a run of boxes that has begun."""
    permit = town.ask(SHORTEN)
    began_by(town.kernel, town.people["clerk"], permit)
    return permit.case, digest_of(permit)


def made(town: Desk, name: str, **changes: str) -> Found:
    """What a program says that a run found and made, after it sealed it under a name."""
    with town.kernel.stores.vault.seal(name) as file:
        file.write(b"BOX")
    sealed = dataclasses.replace(file.sealed, **changes)
    short = Made(sealed=sealed, rows=1, facts={}, description="0" * 64)
    return Found(findings="0" * 64, seed=1, made={"short": short})


def test_a_run_has_made_what_it_said_it_began_to_make_and_once() -> None:
    """Another process tells what it made: nothing of another run, nothing unannounced, nothing admitted before."""
    town = desk((BOXES,))
    kernel, first, second = town.kernel, begun(town), begun(town)
    making(kernel, *first, "made-1")
    there = next(iter(kernel.state.datasets.values()))
    for of, found in ((second, made(town, "made-1")), (first, made(town, "made-2"))):
        with pytest.raises(OutOfOrder, match="No run has started to make this"):
            ran(kernel, *of, found=found)
    with pytest.raises(OutOfOrder, match="already admitted"):
        ran(kernel, *first, found=made(town, "made-1", object=there.object))
    assert "DERIVED" not in town.kinds()
    assert ran(kernel, *first, found=made(town, "made-1")).made == {"short": "made-1"}
