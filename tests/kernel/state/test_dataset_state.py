"""Datasets are admitted, wait, come back or are destroyed, as the log says; of one whose admission is gone a name."""

from __future__ import annotations

from desk import desk
from toy import COUNT, TOY

from peelian.kernel.state.dataset_state import DatasetState

AT = {"v": 1, "t": "2026-03-02T09:00:00.00Z"}


def test_a_dataset_is_in_use_or_waits_or_is_destroyed_and_never_two_of_these() -> None:
    town = desk((TOY,))
    made = town.admit(COUNT.arithmetic().example().datasets["wells"], COUNT.asks.purposes)
    (entry,) = (e for _, e in town.kernel.stores.log.read(kinds=["ADMITTED"]))
    state = DatasetState()
    state.fold(town.kernel, entry)
    assert state.datasets == {made.dataset: made} == town.kernel.state.datasets
    for kind, where in (
        ("QUEUED", "queued"),
        ("RECOVERED", "datasets"),
        ("QUEUED", "queued"),
        ("DESTROYED", "destroyed"),
    ):
        state.fold(town.kernel, {**AT, "kind": kind, "dataset": made.dataset})
        found = {name for name in ("datasets", "queued", "destroyed") if getattr(state, name)}
        assert found == {where}
    state.fold(town.kernel, {**AT, "kind": "RECOVERED", "dataset": made.dataset})
    assert not state.datasets, "what was destroyed does not come back"


def test_what_was_never_admitted_is_destroyed_nowhere() -> None:
    state = DatasetState()
    for kind in ("QUEUED", "RECOVERED", "DESTROYED", "SEALED"):
        state.fold(desk(()).kernel, {**AT, "kind": kind, "dataset": "wells-1"})
    assert state == DatasetState()


def test_an_admission_that_its_retention_destroyed_leaves_the_name() -> None:
    town = desk((TOY,))
    made = town.admit(COUNT.arithmetic().example().datasets["wells"], COUNT.asks.purposes)
    (entry,) = (e for _, e in town.kernel.stores.log.read(kinds=["ADMITTED"]))
    town.kernel.append("PARTITION_DESTROYED", partition="data.2026q1", n=1, by="office")
    town.kernel.stores.archive.destroy_partition("data.2026q1")
    state = DatasetState()
    state.fold(town.kernel, entry)
    assert (state.gone, state.datasets) == ({made.dataset}, {})
