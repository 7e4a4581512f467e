"""Canonical JSON and digests: one spelling for one meaning, so that equal documents have equal marks."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import Enum
from typing import Any

import msgspec

from peelian.errors import InputError

_SPELL = msgspec.json.Encoder(order="sorted").encode
_AS_THEY_ARE = frozenset({str, int, bool, type(None)})
_TEXT = frozenset({str})


def canonical(value: object) -> bytes:
    """Canonical JSON of `value`: keys sorted, UTF-8, no white space, and no floats (RFC 8785 without its number rules).

    >>> canonical({"b": 1, "a": "é"})
    b'{"a":"\\xc3\\xa9","b":1}'
    """
    if not (
        type(value) is dict
        and _AS_THEY_ARE.issuperset(map(type, value.values()))
        and _TEXT.issuperset(map(type, value))
    ):
        _refuse_floats(value)  # most are plain: one look at the whole
    return _SPELL(value)


def spelled(value: Any) -> Any:
    """`value` with floats, dates and enums spelled as text, tuples and sets as lists: ready for `canonical`.

    >>> spelled({"a": 0.1, "b": (1, 2)})
    {'a': 'f0.1', 'b': [1, 2]}
    """
    kind = type(value)  # most values are exactly one of these, and a mark is made of every document
    if kind in _AS_THEY_ARE:
        return value
    if kind is dict:
        return {str(key): item if type(item) in _AS_THEY_ARE else spelled(item) for key, item in value.items()}
    if kind is tuple or kind is list:
        return [item if type(item) in _AS_THEY_ARE else spelled(item) for item in value]
    return _spelled_otherwise(value)


def _spelled_otherwise(value: Any) -> Any:
    if isinstance(value, Enum):
        return spelled(value.value)
    if isinstance(value, (str, int, float, datetime, date)):
        return _spelled_scalar(value)
    if isinstance(value, Mapping):
        return spelled(dict(value.items()))
    if isinstance(value, (set, frozenset)):
        return sorted(spelled(item) for item in value)
    if isinstance(value, Sequence):
        return [spelled(item) for item in value]
    raise InputError(f"a value of type {type(value).__name__} has no canonical spelling")


def _spelled_scalar(value: str | int | float | datetime | date) -> str | int:
    if isinstance(value, float):
        return f"f{value!r}"
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    return str.__str__(value) if isinstance(value, str) else int(value)  # of a kind derived from one of these


def canonical_digest(value: object) -> str:
    """SHA-256 of the canonical spelling of `value`, as 64 hexadecimal digits."""
    return hashlib.sha256(_SPELL(spelled(value))).hexdigest()  # what is spelled holds no floats


def _refuse_floats(value: object) -> None:
    if isinstance(value, float):
        raise InputError("a float has no canonical form", accepted="whole numbers and text")
    if isinstance(value, Mapping):
        for key, item in value.items():
            if not isinstance(key, str):
                raise InputError("a key of canonical JSON must be text")
            _refuse_floats(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            _refuse_floats(item)
