"""Declared fields of JSON: every value stands at a declared pointer, to be held or dropped, or the message is refused.

A pointer (RFC 6901, plain names only) names one value: text, number, yes or no, nothing. `*` stands for each element of
a list. No pointer opens a whole object, so nothing undeclared can travel inside one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import Any

import msgspec

from peelian.errors import InputError
from peelian.technologies.sensors.listing import name_of, not_listed, sized
from peelian.technologies.sensors.personal import must_be_harmless
from peelian.technologies.sensors.structures import decoder_error

POINTER = re.compile(r"(/(\*|[A-Za-z0-9_@:.$ -]{1,64})){1,12}")
MOST_POINTERS = 200
DROPPED = ""
EACH = "*"

Tree = dict[str, Any]
"""A name → the tree below it, or a word for what stands there (`DROPPED`: nothing is kept)."""
Found = dict[tuple[int, ...], dict[str, Any]]
"""Position in the message's lists → what is held there."""


def check_pointers(pointers: Iterable[str], column: str) -> None:
    """InputError where one is no pointer, Refused where a part of one names what tells of somebody."""
    listed = list(pointers)
    if len(listed) > MOST_POINTERS or not all(POINTER.fullmatch(one) for one in listed):
        raise InputError("not a JSON pointer", column=column, accepted="as /uplink/count, at most 12 plain names")
    for one in listed:
        for part in one.split("/")[1:]:
            if part != EACH:
                must_be_harmless(part, column)


@lru_cache(maxsize=4_096)
def tree_of(held: tuple[tuple[str, str], ...], dropped: tuple[str, ...]) -> Tree:
    """The tree of declared pointers. InputError where two of them contradict one another. O(pointers)."""
    tree: Tree = {}
    for pointer, word in (*held, *((one, DROPPED) for one in dropped)):
        *way, last = pointer.split("/")[1:]
        at = tree
        for name in way:
            below = at.setdefault(name, {})
            if isinstance(below, str):
                raise InputError("two declarations of one field", column=pointer[:60], accepted="each field once")
            at = below
        if at.setdefault(last, word) != word or isinstance(at[last], dict):
            raise InputError("two declarations of one field", column=pointer[:60], accepted="each field once")
    return tree


def check_dropped(pointers: tuple[str, ...]) -> None:
    """As `check_pointers`, of what is dropped; InputError where two pointers contradict one another."""
    check_pointers(pointers, "drop")
    tree_of((), pointers)


def parsed(data: bytes, what: str) -> Any:
    """The message as plain values; InputError where it is no JSON. O(bytes)."""
    try:
        return msgspec.json.decode(sized(data))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise decoder_error(error, what) from None


def records(message: Any, tree: Tree, what: str) -> tuple[dict[str, Any], ...]:
    """What is held, one record for each innermost element of a list, with what stands around it.

    Refused: a field that is not declared. InputError: an object where a value was declared. O(values).
    """
    walk = _Walk(what)
    walk.value(message, tree, what, ())
    found, at = walk.found, sorted(walk.found)
    innermost = [this for this, following in pairwise((*at, ())) if following[: len(this)] != this or not following]
    return tuple(
        {word: value for i in range(len(this) + 1) for word, value in found.get(this[:i], {}).items()}
        for this in innermost
    )


def without(data: bytes, dropped: tuple[str, ...], what: str) -> bytes:
    """The message without its declared envelope, for a decoder that knows no other field. O(bytes)."""
    message = parsed(data, what)
    _cut(message, tree_of((), dropped))
    return msgspec.json.encode(message)


@dataclass(frozen=True, slots=True)
class _Walk:
    """A walk through a message along its tree of declared fields."""

    what: str
    found: Found = field(default_factory=dict)

    def value(self, value: Any, tree: Tree | str, name: str, at: tuple[int, ...]) -> None:
        if isinstance(tree, str):
            self._leaf(value, tree, name, at)
        elif isinstance(value, dict):
            for key, inner in value.items():
                if key not in tree or key == EACH:
                    raise not_listed(key, self.what)
                self.value(inner, tree[key], key, at)
        elif isinstance(value, list) and EACH in tree:
            for i, inner in enumerate(value):
                self.value(inner, tree[EACH], name, (*at, i))
        elif value is not None:
            raise InputError("value does not match its field", column=name_of(name), accepted="the declared fields")

    def _leaf(self, value: Any, word: str, name: str, at: tuple[int, ...]) -> None:
        if isinstance(value, dict | list):
            raise InputError("value does not match its field", column=name_of(name), accepted="one value")
        if word != DROPPED:
            self.found.setdefault(at, {})[word] = value


def _cut(value: Any, tree: Tree) -> None:
    """Take declared values out of a message, in place; what is an object or a list stays, and is refused later."""
    if isinstance(value, list) and EACH in tree:
        if tree[EACH] == DROPPED:
            value[:] = [inner for inner in value if isinstance(inner, dict | list)]
            return
        for inner in value:
            _cut(inner, tree[EACH])
        value[:] = [inner for inner in value if inner != {}]
    elif isinstance(value, dict):
        for key in tree.keys() & value.keys() - {EACH}:
            _cut_field(value, key, tree[key])


def _cut_field(value: dict[str, Any], key: str, tree: Tree | str) -> None:
    nested = isinstance(value[key], dict | list)
    if isinstance(tree, dict):
        _cut(value[key], tree)
        if value[key] in ({}, []):
            del value[key]
    elif not nested:
        del value[key]
