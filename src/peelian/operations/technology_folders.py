"""Technology folders: which technologies there are, and the sentences that they speak. No office is opened for it."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Sequence
from functools import cache

import peelian.technologies
from peelian.catalogues import say_in
from peelian.kernel.model.technology import OnDemand, Technology, ids_of
from peelian.pictures.panels import Say


def technologies() -> Sequence[Technology]:
    """Every technology: each folder of `peelian.technologies` exports its own `TECHNOLOGY`, imported when asked for."""
    return OnDemand(
        _folders(),
        lambda name: importlib.import_module(f"peelian.technologies.{name}").TECHNOLOGY,
    )


def say_of(known: Sequence[Technology], language: str, technology: str = "") -> Say:
    """Sentences in English or French. Where two catalogues differ the kernel's own words count, but in what one
    technology shows its own do: "area" is a place on a map and a surface under a curve.
    """
    folders = [name for name in _folders() if name in ids_of(known)]
    own = [f"peelian.technologies.{name}" for name in folders if name == technology]
    others = [f"peelian.technologies.{name}" for name in folders if name != technology]
    return say_in(language, [*others, "peelian.pictures", "peelian.acts", "peelian.web", *own])


def _folders() -> list[str]:
    return _in(tuple(peelian.technologies.__path__))


@cache
def _in(path: tuple[str, ...]) -> list[str]:
    return sorted(module.name for module in pkgutil.iter_modules(path) if module.ispkg)
