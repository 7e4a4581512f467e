"""Params of a capability as plain JSON values, and back."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from peelian.errors import OutOfOrder
from peelian.governance.capability import Capability


def spelled_params(params: Any) -> dict[str, Any]:
    """A params dataclass as plain JSON values."""
    return {
        f.name: list(value) if isinstance(value := getattr(params, f.name), tuple) else value
        for f in dataclasses.fields(params)
    }


def params_of(capability: Capability, values: Mapping[str, Any]) -> Any:
    """The params dataclass from plain JSON values; OutOfOrder where they are not its own."""
    try:
        return capability.params(**{k: tuple(v) if isinstance(v, list) else v for k, v in values.items()})
    except TypeError:
        raise OutOfOrder(f"these are no parameters of {capability.id}") from None
