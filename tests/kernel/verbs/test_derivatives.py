"""What a run makes is sealed as a derivative of what it read, once per role, and only with its evidence."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import pytest
from boxes import BOXES, CONTENT, SHORTEN
from changed import changed
from desk import Desk, desk
from suspending import suspend
from vaults import plain

from peelian.errors import OutOfOrder, Refused, Withheld
from peelian.kernel import verbs
from peelian.kernel.model.capability import Context, Dataset, Findings, Note


def ran(run: object = None) -> tuple[Desk, object]:
    boxes = changed(SHORTEN, run=run) if run else SHORTEN
    town = desk((dataclasses.replace(BOXES, capabilities=(boxes,)),))
    permit = town.ask(boxes)
    return town, verbs.run(town.kernel, town.people["clerk"], permit)[0]


def test_a_derivative_knows_its_parent_its_case_and_its_own_bytes() -> None:
    town, evidence = ran()
    made = town.kernel.state.datasets[evidence.made["short"]]
    parent = town.kernel.state.datasets[made.parent]
    assert (made.shape, made.case, made.size) == ("short_box", evidence.case, 12)
    assert parent.shape == "box" and made.declaration == parent.declaration
    assert plain(town.kernel.stores.vault, made.object) == CONTENT[:12]
    assert town.kinds()[-4:] == ["OPENED", "KEEPING", "DERIVED", "RAN"]


@pytest.mark.parametrize("role", ["long", "short short"])
def test_only_declared_roles_are_made_and_each_once(role: str) -> None:
    def run(params: object, datasets: object, context: Context) -> Findings:
        for name in role.split():
            with context.make(name) as file:
                file.write(b"x")
        return Findings(tables=())

    with pytest.raises(OutOfOrder):
        ran(run)


def test_a_run_that_makes_less_than_it_declares_fails() -> None:
    with pytest.raises(OutOfOrder, match="without making: short"):
        ran(lambda params, datasets, context: Findings(tables=()))


def test_what_is_withheld_at_the_door_leaves_no_derivative() -> None:
    def run(params: object, datasets: object, context: Context) -> Findings:
        with context.make("short") as file:
            file.write(b"x")
        return Findings(tables=(), notes=(Note(text="An unlisted sentence."),))

    boxes = changed(SHORTEN, run=run)
    town = desk((dataclasses.replace(BOXES, capabilities=(boxes,)),))
    permit = town.ask(boxes)
    with pytest.raises(Withheld):
        verbs.run(town.kernel, town.people["clerk"], permit)
    assert town.kinds()[-2:] == ["TURNED_AWAY", "WITHHELD"]
    assert [a.shape for a in town.kernel.state.datasets.values()] == ["box"]
    name = next(str(e["dataset"]) for _, e in town.kernel.stores.log.read() if e["kind"] == "KEEPING" and "case" in e)
    assert town.kernel.stores.vault.found(name) == ()


def test_the_kill_switch_thrown_during_a_run_leaves_nothing_of_it() -> None:
    towns: list[Desk] = []

    def run(params: object, datasets: Mapping[str, Dataset], context: Context) -> Findings:
        suspend(towns[0].kernel, towns[0].people["board"], SHORTEN.technology)
        return SHORTEN.arithmetic().run(params, datasets, context)

    boxes = changed(SHORTEN, run=run)
    towns.append(desk((dataclasses.replace(BOXES, capabilities=(boxes,)),)))
    town = towns[0]
    permit = town.ask(boxes)
    with pytest.raises(Refused, match="suspended during the run"):
        verbs.run(town.kernel, town.people["clerk"], permit)
    assert set(town.kinds()[-2:]) == {"TURNED_AWAY", "REFUSED"} and "RAN" not in town.kinds()
    assert [made.shape for made in town.kernel.state.datasets.values()] == ["box"] and not town.kernel.state.unfinished
