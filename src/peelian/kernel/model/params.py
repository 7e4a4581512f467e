"""Parameters of a request as plain JSON values, and back."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from peelian.errors import InputError, OutOfOrder
from peelian.kernel.model.capability import Capability, Purpose

if TYPE_CHECKING:
    from peelian.kernel.model.watch import Watch


def must_be_a_purpose(purpose: str, purposes: Collection[str]) -> None:
    """InputError where the form names no purpose there is: a slip, which is neither logged nor judged.

    A purpose that this capability (of `purposes`) does not serve is the policy's to refuse.
    """
    if purpose not in set(Purpose):
        raise InputError("no such purpose", column="purpose", accepted=", ".join(sorted(purposes)))


def spelled_params(params: Any) -> dict[str, Any]:
    """A params dataclass as plain JSON values."""
    return {
        f.name: list(value) if isinstance(value := getattr(params, f.name), tuple) else value
        for f in dataclasses.fields(params)
    }


def params_of(capability: Capability | Watch, values: Mapping[str, Any]) -> Any:
    """The params dataclass from plain JSON values; OutOfOrder where they are not its own."""
    try:
        return capability.asks.params(**{k: tuple(v) if isinstance(v, list) else v for k, v in values.items()})
    except TypeError:
        raise OutOfOrder(f"The parameters do not belong to {capability.id}.") from None
