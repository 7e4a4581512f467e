"""What the log says of sealed objects: one name each, gone once it says so, keys rotating from one entry to another."""

from __future__ import annotations

import pytest
from desk import Desk, desk
from toy import TOY

from peelian.errors import IntegrityError
from peelian.kernel.model.partitions import Partition, manifest_of
from peelian.kernel.state.object_state import ObjectState


def test_objects_have_the_dataset_they_were_sealed_as_until_they_are_gone() -> None:
    kernel, held = desk((TOY,)).kernel, ObjectState()
    held.fold(kernel, {"kind": "ADMITTED", "object": "a", "dataset": "wells-1"})
    held.fold(kernel, {"kind": "SEALED", "object": "b", "dataset": "records"})
    held.fold(kernel, {"kind": "SEALED", "object": "c", "dataset": "records", "before": "b"})
    held.fold(kernel, {"kind": "DESTROYED", "object": "a", "dataset": "wells-1"})
    assert held.datasets == {"a": "wells-1", "b": "records", "c": "records"}
    assert held.gone == {"a", "b"}


def test_keys_rotate_from_when_the_log_says_so_until_it_says_they_did() -> None:
    kernel, held = desk((TOY,)).kernel, ObjectState()
    for entry, rotating in (
        ({"kind": "CARRIED_OUT", "act": "export"}, False),
        ({"kind": "CARRIED_OUT", "act": "rotate_keys"}, True),
        ({"kind": "ROTATED"}, False),
        ({"kind": "ROTATING"}, True),
    ):
        held.fold(kernel, entry)
        assert held.rotating is rotating


def _listed(town: Desk, *datasets: str) -> str:
    made = manifest_of(
        Partition(month="2021-03", region=f"{n}:0", object=f"{n:032x}", rows=1, digest="0" * 64, dataset=dataset)
        for n, dataset in enumerate(datasets)
    )
    town.kernel.stores.archive.put(made.name, made.to_bytes())
    return made.name


def test_a_manifest_names_the_objects_of_its_dataset_and_all_go_together() -> None:
    town, held = desk((TOY,)), ObjectState()
    name = _listed(town, "", "", "wells-2")
    held.fold(town.kernel, {"kind": "ADMITTED", "object": name, "dataset": "wells-1"})
    held.fold(town.kernel, {"kind": "ADMITTED", "object": "f" * 32, "dataset": "wells-3"})
    assert held.of("wells-1") == (f"{0:032x}", f"{1:032x}") and held.of("wells-3") == ("f" * 32,)
    held.fold(town.kernel, {"kind": "DESTROYED", "object": name, "dataset": "wells-1"})
    assert held.gone == {name, f"{0:032x}", f"{1:032x}"}


def test_a_partition_is_held_by_its_dataset_or_by_the_one_it_was_combined_to() -> None:
    held = ObjectState(datasets={"a": "one", "b": "two"}, members={"both": frozenset({"one", "two"})})
    assert [held.holder("a", name) for name in ("one", "two", "both")] == ["one", "", "one"]
    assert held.holder("c", "both") == ""


def test_a_manifest_that_is_missing_is_damage() -> None:
    town = desk((TOY,))
    admitted = town.admit(TOY.capabilities[0].arithmetic().example().datasets["wells"], ("planning",))
    (entry,) = (e for _, e in town.kernel.stores.log.read() if e.get("dataset") == admitted.dataset and "document" in e)
    state = ObjectState()
    state.fold(town.kernel, {**entry, "object": "0" * 64})
    with pytest.raises(IntegrityError, match="lacks"):
        state.of(admitted.dataset)
    with pytest.raises(IntegrityError, match="lacks"):
        state.holder("0" * 32, admitted.dataset)
    assert state.of("another") == ()
