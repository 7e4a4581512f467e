"""Tables: named numpy columns, each with a kind that is checked by value at the doors."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol, TypeAlias

from peelian.errors import InputError
from peelian.measure.arrow_memory import to_array, to_texts, to_values
from peelian.measure.coded import Coded, coded, from_arrow, in_order

if TYPE_CHECKING:  # both are heavy: a declaration names kinds and needs neither
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

Values: TypeAlias = "NDArray[Any]"  # one column: a 1-d array


class Writes(Protocol):
    """What bytes can be written into."""

    def write(self, data: bytes, /) -> int: ...


class Kind(StrEnum):
    """What a column holds. OUTLINE, PSEUDONYM and PERSONAL never leave the vault; the others only if
    their values agree."""

    PLACE = "place"  # a grid cell ("250:12:-7") or a named area the town admitted
    TIME = "time"  # whole hours or days: numpy datetime64[h] or [D]
    COUNT = "count"  # whole numbers >= 0
    RATE = "rate"  # a number that names the COUNT column holding its n
    AMOUNT = "amount"  # a real number that is no count and no rate: metres, kWh, expected counts, bits
    AGE_BAND = "age_band"  # "18-24", "65+"
    GENDER = "gender"
    CATEGORY = "category"  # a word of the published list or of the capability's own vocabulary
    GROUP = "group"  # an audit label declared at admission, or of the capability's own vocabulary
    LEVEL = "level"  # an ordered word of the capability's vocabulary
    DIGEST = "digest"  # 64 hexadecimal digits
    OUTLINE = "outline"  # of an area, as WKT
    PSEUDONYM = "pseudonym"
    PERSONAL = "personal"  # includes exact points in space


SHORT = 10_000  # rows
SHORT_FILE = 1 << 20  # bytes
NEVER_LEAVES = frozenset({Kind.OUTLINE, Kind.PSEUDONYM, Kind.PERSONAL})


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column: values (1-d array), its kind, its unit, and for a RATE the name of the COUNT column holding its n.

    The values of a `text_column` are made when somebody first asks for them.
    """

    name: str
    kind: Kind
    values: Values
    unit: str = ""
    n: str = ""
    _coded: Coded | None = field(default=None, init=False, repr=False, compare=False)
    _texts: bool = field(default=False, init=False, repr=False, compare=False)  # it is a `text_column`

    if not TYPE_CHECKING:  # or every name would be an attribute

        def __getattr__(self, name: str) -> Values:
            if name != "values":
                raise AttributeError(name)
            object.__setattr__(self, "values", self._coded.values())
            return self.values

    def __len__(self) -> int:
        return len(self.coded().codes if self._texts else self.values)

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of the values; of coded texts without making them."""
        import numpy as np

        return np.dtype(object) if self._texts else self.values.dtype

    def coded(self) -> Coded:
        """The different values in order of appearance, and which one stands in each row: int32[n]. O(rows), once."""
        made = self._coded or coded(self.values)
        object.__setattr__(self, "_coded", made)
        return made

    def take(self, rows: Values) -> Column:
        """The rows chosen by a boolean mask or an index array. O(rows)."""
        if self._texts and len(self.coded().words) < len(self) / 8:
            some = Coded(self.coded().words, self.coded().codes[rows])
            return text_column(self.name, self.kind, some, unit=self.unit, n=self.n)
        return Column(name=self.name, kind=self.kind, values=self.values[rows], unit=self.unit, n=self.n)

    def first_rows(self) -> dict[object, int]:
        """Each different value with the first row it stands in (from 0), in order. O(rows)."""
        made = self.coded()
        return dict(zip(made.words, made.first_rows().tolist(), strict=True))


def text_column(name: str, kind: Kind, made: Coded, *, unit: str = "", n: str = "") -> Column:
    """A column of coded values, which are not looked at one by one. O(rows)."""
    column = Column(name=name, kind=kind, values=made.codes, unit=unit, n=n)
    object.__setattr__(column, "_coded", in_order(*made))
    object.__setattr__(column, "_texts", True)
    object.__delattr__(column, "values")
    return column


def _texts(column: Column) -> Iterator[bytes | pa.Buffer]:
    """The lengths of all values as text with commas between them, a NUL, and their texts. O(bytes)."""
    import numpy as np

    made = column.coded()
    if not all(isinstance(word, str) for word in made.words):  # 1 and True are one key and two texts
        made = coded(np.array([str(value) for value in column.values.tolist()], dtype=object))
    lengths = Coded([f"{len(word)}," for word in made.words], made.codes)
    yield b"".join(lengths.texts())[:-1] + b"\0"
    yield from made.texts()


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Columns of one length under one name.

    >>> import numpy as np
    >>> t = Table(name="t", columns=(Column(name="n", kind=Kind.COUNT, values=np.array([1, 2])),))
    >>> len(t), int(t["n"].sum())
    (2, 3)
    """

    name: str
    columns: tuple[Column, ...]

    def __post_init__(self) -> None:
        lengths = {len(column) for column in self.columns}
        names = [column.name for column in self.columns]
        if len(lengths) > 1 or len(set(names)) != len(names):
            raise InputError(f"table {self.name}: columns must have one length and different names")

    def __len__(self) -> int:
        return len(self.columns[0]) if self.columns else 0

    def __getitem__(self, name: str) -> Values:
        return self.column(name).values

    def __contains__(self, name: object) -> bool:
        return any(column.name == name for column in self.columns)

    @property
    def names(self) -> tuple[str, ...]:
        """The columns' names, in order."""
        return tuple(column.name for column in self.columns)

    def column(self, name: str) -> Column:
        """The column called `name`; an InputError names the ones there are."""
        for column in self.columns:
            if column.name == name:
                return column
        raise InputError(f"table {self.name} has no column {name}", accepted=", ".join(self.names))

    def take(self, rows: Values) -> Table:
        """The rows chosen by a boolean mask or an index array, in one pass over each column."""
        return Table(name=self.name, columns=tuple(column.take(rows) for column in self.columns))

    def rows(self) -> Iterable[tuple[Any, ...]]:
        """Rows as tuples of Python values, for pages and exports: O(rows x columns)."""
        return zip(*(column.values.tolist() for column in self.columns), strict=True)

    def records(self) -> list[dict[str, Any]]:
        """Rows by column name, of Python values: O(rows x columns)."""
        names = self.names
        return [dict(zip(names, row, strict=True)) for row in self.rows()]

    def digest(self) -> str:
        """SHA-256 over names, kinds and values; equal tables have equal digests. O(bytes)."""
        import numpy as np

        h = hashlib.sha256(self.name.encode())
        for column in self.columns:
            head = f"\0{column.name}\0{column.kind}\0{column.unit}\0{column.n}\0{len(self)}\0"
            if column.dtype.kind in "OUS":
                h.update(f"{head}text\0".encode())
                for some in _texts(column):
                    h.update(some)
            else:
                plain = np.ascontiguousarray(column.values)
                h.update(f"{head}{plain.dtype.str}\0".encode())
                h.update(plain.view(np.uint8).data)
        return h.hexdigest()

    def to_arrow(self, *, packed: bool = False) -> pa.Table:
        """A pyarrow Table; kinds, units and n travel in the field metadata. DuckDB and pandas read it as it is.

        `packed`: texts as dictionaries, which are written and read far faster where there are many rows.
        """
        import numpy as np
        import pyarrow as pa

        arrays, fields = [], []
        for column in self.columns:
            kind = column.dtype.kind
            unit = np.datetime_data(column.dtype)[0] if kind == "M" else ""
            if kind not in "OU":
                array = to_array(column.values)
            elif packed and None not in (made := column.coded()).words:
                array = pa.DictionaryArray.from_arrays(to_array(made.codes), to_texts(made.words))
            else:
                array = pa.array(column.values.astype(object), type=pa.string())
            arrays.append(array)
            fields.append((column.name, array.type, str(column.kind), column.unit, column.n, unit))
        return pa.Table.from_arrays(arrays, schema=_schema(self.name, tuple(fields)))

    @staticmethod
    def from_arrow(table: pa.Table) -> Table:
        """The Table that `to_arrow` wrote; text comes back as arrays of Python strings."""
        import pyarrow as pa

        columns = []
        for described, chunked in zip(table.schema, table.columns, strict=True):
            meta = {k.decode(): v.decode() for k, v in (described.metadata or {}).items()}
            if "kind" not in meta:
                raise InputError(f"column {described.name} carries no kind")
            name, kind, more = described.name, Kind(meta["kind"]), {"unit": meta["unit"], "n": meta["n"]}
            if pa.types.is_dictionary(described.type):
                columns.append(
                    text_column(name, kind, from_arrow(chunked.unify_dictionaries().combine_chunks()), **more)
                )
                continue
            columns.append(Column(name=name, kind=kind, values=to_values(chunked, meta.get("time", "")), **more))
        name = (table.schema.metadata or {}).get(b"name", b"").decode()
        return Table(name=name, columns=tuple(columns))

    def to_parquet(self, file: Writes) -> None:
        """Write it into a Parquet file. A short one in one piece: each write may be sealed by itself. O(bytes)."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        if len(self) > SHORT:
            pq.write_table(self.to_arrow(packed=True), file, compression="zstd")
            return
        made = pa.BufferOutputStream()
        pq.write_table(self.to_arrow(), made, compression="zstd")
        file.write(made.getvalue().to_pybytes())

    @staticmethod
    def from_parquet(file: BinaryIO) -> Table:
        """The Table that `to_parquet` wrote. A short file is read in one piece, a short table by this thread alone: to
        wake others takes longer than to read it. O(bytes)."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        size = file.seek(0, 2)
        file.seek(0)
        kept = pq.ParquetFile(pa.BufferReader(file.read()) if size <= SHORT_FILE else file)
        return Table.from_arrow(kept.read(use_threads=kept.metadata.num_rows > SHORT))


def table(name: str, columns: Mapping[str, tuple[Kind, Sequence[Any] | Values | Coded]], **units: str) -> Table:
    """A table from `{column: (kind, values)}`; `units` gives units by column name.

    A RATE named `x` takes its n from the COUNT column `x_n` where there is one, else from `n`.

    >>> table("t", {"place": (Kind.PLACE, ["a"]), "n": (Kind.COUNT, [3])}).names
    ('place', 'n')
    """
    import numpy as np

    made = []
    for key, (kind, values) in columns.items():
        n = (f"{key}_n" if f"{key}_n" in columns else "n") if kind is Kind.RATE else ""
        if isinstance(values, Coded):
            made.append(text_column(key, kind, values, unit=units.get(key, ""), n=n))
            continue
        array = values if isinstance(values, np.ndarray) else np.array(values, dtype=_dtype(values))
        made.append(Column(name=key, kind=kind, values=array, unit=units.get(key, ""), n=n))
    return Table(name=name, columns=tuple(made))


@lru_cache(maxsize=256)
def _schema(name: str, fields: tuple[tuple[str, pa.DataType, str, str, str, str], ...]) -> pa.Schema:
    """The Arrow schema of a table; `fields`: name, type, kind, unit, n and unit of time. A capability's tables have the
    same ones each time."""
    import pyarrow as pa

    made = [
        pa.field(field, type_, metadata={"kind": kind, "unit": unit, "n": n, "time": time})
        for field, type_, kind, unit, n, time in fields
    ]
    return pa.schema(made, metadata={"name": name})


def _dtype(values: Sequence[Any]) -> Any:
    """Text stays Python strings; numbers and dates take numpy's own choice."""
    return object if any(isinstance(value, str) for value in values) else None
