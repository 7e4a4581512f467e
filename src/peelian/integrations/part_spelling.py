"""Part spelling: what a finished part found as bytes, and back, the same to the last bit.

The bytes are read only after they were authenticated (`storage/record_files`). Even then they make nothing but numbers,
texts, arrays and the program's own dataclasses: no function is called that is not in a short list.
"""

from __future__ import annotations

import dataclasses
import io
import json
import pickle
from collections.abc import Callable
from enum import Enum
from importlib import import_module
from typing import Any, TypeVar

import pyarrow as pa

from peelian.errors import IntegrityError

R = TypeVar("R")
UNREADABLE = "A kept part of a run cannot be read."
_OF_ARRAYS = frozenset(
    {"numpy.ndarray", "numpy.dtype", "numpy._core.numeric._frombuffer", "numpy._core.multiarray._reconstruct"}
    | {"numpy._core.multiarray.scalar", "numpy.core.multiarray.scalar", "numpy.core.multiarray._reconstruct"}
)
_RESULTS = ("peelian.kernel.model.", "peelian.measure.", "peelian.technologies.")
_WORDS = b"words"


def spelled(value: Any) -> bytes:
    """A result as bytes. O(bytes)."""
    return pickle.dumps(value, protocol=5)


def read(content: bytes) -> Any:
    """The result that `spelled` spelled; IntegrityError for anything else. O(bytes)."""
    return _careful(lambda: _Reader(io.BytesIO(content)).load())


def spelled_tables(tables: list[pa.Table], words: list[str]) -> bytes:
    """Arrow tables and a list of words as bytes. O(bytes)."""
    into = io.BytesIO()
    for table in tables:
        told = table.replace_schema_metadata({_WORDS: json.dumps(words).encode()})
        with pa.ipc.new_stream(into, told.schema) as stream:
            stream.write_table(told)
    return into.getvalue()


def read_tables(content: bytes) -> tuple[list[pa.Table], list[str]]:
    """The tables and words that were spelled; IntegrityError for anything else. O(bytes)."""

    def reading() -> tuple[list[pa.Table], list[str]]:
        tables, file = [], io.BytesIO(content)
        while file.tell() < len(content):
            with pa.ipc.open_stream(file) as stream:
                tables.append(stream.read_all())
        words = [str(word) for word in json.loads(tables[0].schema.metadata[_WORDS])]
        return [table.replace_schema_metadata(None) for table in tables], words

    return _careful(reading)


class _Reader(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        """What the bytes may name."""
        if f"{module}.{name}" in _OF_ARRAYS:
            return super().find_class(module, name)
        made = getattr(import_module(module), name, None) if module.startswith(_RESULTS) else None
        if isinstance(made, type) and (dataclasses.is_dataclass(made) or issubclass(made, Enum)):
            return made
        raise IntegrityError(UNREADABLE)


def _careful(reads: Callable[[], R]) -> R:
    try:
        return reads()
    except Exception:
        raise IntegrityError(UNREADABLE) from None
