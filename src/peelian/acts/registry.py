"""Which acts there are: each file of this folder holds those of one word, and is found by lying here."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from functools import cache

import peelian.acts
from peelian.acts.act import Act, Acts
from peelian.kernel.model.doors import Door

OURS = frozenset({"act", "answers", "choices", "registry"})
"""Files of this folder that declare no acts."""


def words() -> tuple[str, ...]:
    """The words that commands of acts begin with. No file is read for them."""
    found = sorted(one.name for one in pkgutil.iter_modules(peelian.acts.__path__) if one.name not in OURS)
    return tuple(name.replace("_", "-") for name in found)


def room_of(word: str) -> Acts:
    """The acts of a word. Its file is read when one of them is asked for."""
    room = importlib.import_module(f"peelian.acts.{word.replace('-', '_')}").acts
    if not isinstance(room, Acts) or room.word != word:
        raise TypeError(f"peelian/acts/{word.replace('-', '_')}.py declares no acts of its word")
    return room


@cache
def every_act() -> Mapping[str, Act]:
    """Every act by its id (`retention-hold`), in the order of the words and of each file. O(acts), once."""
    return {act.id: act for word in words() for act in room_of(word).known.values()}


def doors() -> Iterator[Door]:
    """The row of each act in the table of doors."""
    yield from (act.door for act in every_act().values())
