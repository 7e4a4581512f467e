"""What the log says of sealed objects: one name each, gone once it says so, keys rotating from one entry to another."""

from __future__ import annotations

from peelian.kernel.state.object_state import ObjectState


def test_objects_have_the_dataset_they_were_sealed_as_until_they_are_gone() -> None:
    held = ObjectState()
    held.fold({"kind": "ADMITTED", "object": "a", "dataset": "wells-1"})
    held.fold({"kind": "SEALED", "object": "b", "dataset": "records"})
    held.fold({"kind": "SEALED", "object": "c", "dataset": "records", "before": "b"})
    held.fold({"kind": "DESTROYED", "object": "a", "dataset": "wells-1"})
    assert held.datasets == {"a": "wells-1", "b": "records", "c": "records"}
    assert held.gone == {"a", "b"}


def test_keys_rotate_from_when_the_log_says_so_until_it_says_they_did() -> None:
    held = ObjectState()
    for entry, rotating in (
        ({"kind": "CARRIED_OUT", "act": "export"}, False),
        ({"kind": "CARRIED_OUT", "act": "rotate_keys"}, True),
        ({"kind": "ROTATED"}, False),
        ({"kind": "ROTATING"}, True),
    ):
        held.fold(entry)
        assert held.rotating is rotating
