"""A capability with some of its parts changed, wherever in its declaration they stand."""

from __future__ import annotations

import dataclasses
from typing import Any

from peelian.kernel.model.capability import Arithmetic, Asks, Capability, Shows


def changed(capability: Capability, **parts: Any) -> Capability:
    """`capability` with other `parts`, named as its nouns name them: askers, run, public, view, noise…"""

    def of(noun: type) -> dict[str, Any]:
        return {f.name: parts.pop(f.name) for f in dataclasses.fields(noun) if f.name in parts}

    asks, shows, computes = of(Asks), of(Shows), of(Arithmetic)

    def arithmetic() -> Arithmetic:
        made = capability.arithmetic()
        return dataclasses.replace(made, shows=dataclasses.replace(made.shows, **shows), **computes)

    return dataclasses.replace(
        capability, asks=dataclasses.replace(capability.asks, **asks), arithmetic=arithmetic, **parts
    )
