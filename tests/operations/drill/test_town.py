"""The drill town has the office's shape and nothing else of it; the same seed makes the same past."""

from __future__ import annotations

from pathlib import Path

from desk import desk

from peelian.operations.drill.town import DIGEST, NAME, VENDOR, build_town, plan_of, reopened_at
from peelian.oversight.breach.signals import signals_in
from peelian.oversight.review.accesses import accesses
from peelian.oversight.review.people import lists_of


def built(folder: Path, seed: int = 3) -> tuple[list[str], int]:
    at = desk()
    town, clock = build_town(plan_of(at.office), folder, seed=seed, office_clock=at.kernel.now)
    with town.office:
        people = [str(sorted(p)) for p in town.people.values()]
        known = lists_of(town.kernel).subjects
        assert signals_in(town.kernel) == () and len(accesses(town.kernel)) > 60
        assert all(access.subject in known for access in accesses(town.kernel))
        assert (folder / DIGEST).exists() and town.kernel.office.name == NAME % at.kernel.office.name
        assert [t.id for t in town.kernel.technologies] == [t.id for t in at.kernel.technologies]
        assert not {p.name for p in town.kernel.state.people.values()} & {
            p.name for p in at.kernel.state.people.values()
        }
        assert {p.unit for p in at.kernel.state.people.values()} <= {p.unit for p in town.kernel.state.people.values()}
        assert VENDOR in town.desks
    clock.set_to = None
    with reopened_at(folder, clock) as office:
        return people, sum(1 for _ in office.kernel.stores.log.read())


def test_a_town_is_a_clone_in_shape_only_and_repeats_itself(tmp_path: Path) -> None:
    assert built(tmp_path / "a") == built(tmp_path / "b")
