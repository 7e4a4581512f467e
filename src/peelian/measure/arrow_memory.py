"""Numbers and times between numpy and Arrow as they lie in memory.

Arrow's own `pa.array`, `to_numpy` and scalars load pandas where there is one, half a second of everybody's first file.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # heavy: a declaration names kinds and needs it not
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray


SECONDS = {"s": 1, "m": 60, "h": 3_600, "D": 86_400}
PER_SECOND = {"s": 1, "ms": 1_000}


def to_array(values: NDArray[Any]) -> pa.Array:
    """Numbers or times as an Arrow array, times in seconds, as Arrow knows no hours; NaT is missing. O(n).

    >>> import numpy as np
    >>> to_array(np.array(["2024-05-31T12", "NaT"], dtype="datetime64[h]")).null_count
    1
    """
    import numpy as np
    import pyarrow as pa

    if values.dtype.kind not in "iufM":
        return pa.array(values)
    plain, bits = np.ascontiguousarray(values), None
    if plain.dtype.kind == "M":
        gone, unit = np.isnat(plain), np.datetime_data(plain.dtype)[0]
        bits = pa.py_buffer(np.packbits(~gone, bitorder="little")) if bool(gone.any()) else None
        seconds = plain.astype("datetime64[s]") if unit not in SECONDS else plain.view(np.int64) * SECONDS[unit]
        plain = seconds.view("datetime64[s]")
    kind = pa.from_numpy_dtype(plain.dtype)
    return pa.Array.from_buffers(kind, len(plain), [bits, pa.py_buffer(plain.view(np.uint8))])


def to_texts(words: Sequence[str], *, large: bool = False) -> pa.Array:
    """Texts as an Arrow array, of large strings where asked or where there are more than 2 GiB. O(bytes)."""
    import numpy as np
    import pyarrow as pa

    encoded = [word.encode() for word in words]
    content = b"".join(encoded)
    large = large or len(content) >= 1 << 31
    ends = np.cumsum([0, *map(len, encoded)], dtype=np.int64 if large else np.int32)
    kind = pa.large_string() if large else pa.string()
    return pa.Array.from_buffers(kind, len(encoded), [None, pa.py_buffer(ends), pa.py_buffer(content)])


def to_values(chunked: pa.ChunkedArray, time: str = "") -> NDArray[Any]:
    """The values of an Arrow column, times in the unit `time`; NaT where one is missing. O(n)."""
    import numpy as np
    import pyarrow as pa

    kind, parts = chunked.type, []
    plain = (pa.types.is_integer(kind) or pa.types.is_floating(kind)) and not (time or chunked.null_count)
    per = PER_SECOND.get(kind.unit, 0) * SECONDS.get(time, 0) if pa.types.is_timestamp(kind) else 0
    if not (plain or per) or not chunked.num_chunks:
        values: NDArray[Any] = chunked.to_numpy()
        return values.astype(f"datetime64[{time}]") if time else values
    for array in chunked.chunks:
        part = in_memory(array, np.int64 if per else kind.to_pandas_dtype())
        if per:
            part = (part // per).view(f"datetime64[{time}]")
            if (gone := missing(array)) is not None:
                part[gone] = np.datetime64("NaT")
        parts.append(part)
    return np.concatenate(parts) if len(parts) > 1 or not per else parts[0]


def in_memory(array: pa.Array, dtype: Any) -> NDArray[Any]:
    """The numbers of an Arrow array as they lie in memory; what stands where one is missing means nothing. O(1)."""
    import numpy as np

    return np.frombuffer(array.buffers()[1] or b"", dtype=dtype)[array.offset : array.offset + len(array)]


def missing(array: pa.Array) -> NDArray[np.bool_] | None:
    """Where an Arrow array has no value; None where it has one everywhere. O(n)."""
    import numpy as np

    if not array.null_count:
        return None
    bits = np.frombuffer(array.buffers()[0], dtype=np.uint8)
    valid = np.unpackbits(bits, count=array.offset + len(array), bitorder="little")
    return np.asarray(valid[array.offset :] == 0)


def cast(array: pa.Array, kind: pa.DataType) -> pa.Array:
    """The array in this type. Arrow's own `cast` loads all that it computes, even where there is nothing to change."""
    return array if array.type == kind else array.cast(kind)
