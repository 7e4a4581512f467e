"""The contexts of a kernel: frozen, keyword-only, and each with few fields."""

from __future__ import annotations

import dataclasses

import pytest
from desk import desk, founded
from toy import TOY

from peelian.kernel.model.contexts import OfficeIdentity, ReleasePorts, Stores
from peelian.kernel.state.kernel import Kernel


@pytest.mark.parametrize("context", [Kernel, OfficeIdentity, ReleasePorts, Stores])
def test_a_context_has_few_fields(context: type) -> None:
    assert len(dataclasses.fields(context)) <= 12


def test_nothing_in_a_context_is_swapped_in_place() -> None:
    kernel = desk((TOY,)).kernel
    for context, name in ((kernel, "policy"), (kernel.office, "public_key"), (kernel.stores, "log")):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(context, name, None)


def test_an_office_in_memory_proves_nothing_to_outsiders_but_signs_with_a_key_of_its_own() -> None:
    one, two = founded().kernel, founded().kernel
    assert one.office.public_key != two.office.public_key
    assert one.office.token("x", of="person") != two.office.token("x", of="person"), "tokens of offices differ"
