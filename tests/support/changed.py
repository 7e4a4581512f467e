"""A capability or a watch with some of its parts changed, wherever in its declaration they stand."""

from __future__ import annotations

import dataclasses
from functools import partial
from typing import Any, TypeVar

from peelian.kernel.model.capability import Arithmetic, Asks, Capability, Shows
from peelian.kernel.model.watch import Reducer, Watch

Declared = TypeVar("Declared", Capability, Watch)


def changed(declared: Declared, **parts: Any) -> Declared:
    """`declared` with other `parts`, named as its nouns name them: askers, run, public, view, noise, step…"""

    def of(noun: type) -> dict[str, Any]:
        return {f.name: parts.pop(f.name) for f in dataclasses.fields(noun) if f.name in parts}

    asks = dataclasses.replace(declared.asks, **of(Asks))
    if isinstance(declared, Watch):
        reducer = partial(dataclasses.replace, declared.reducer(), **of(Reducer))
        return dataclasses.replace(declared, asks=asks, reducer=reducer, **parts)
    shows, computes = of(Shows), of(Arithmetic)

    def arithmetic() -> Arithmetic:
        made = declared.arithmetic()
        return dataclasses.replace(made, shows=dataclasses.replace(made.shows, **shows), **computes)

    return dataclasses.replace(declared, asks=asks, arithmetic=arithmetic, **parts)
