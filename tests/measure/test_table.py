"""Tables: one length, named columns, digests that tell tables apart, and a way to Arrow and back that loses nothing."""

from __future__ import annotations

import copy
import hashlib
import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from peelian.errors import InputError
from peelian.measure.coded import Coded
from peelian.measure.table import SHORT, Column, Kind, Table, table, text_column

TEXTS = st.lists(st.text(max_size=8), min_size=1, max_size=8)


def test_columns_have_one_length_and_different_names() -> None:
    short, long = (Column(name=n, kind=Kind.COUNT, values=np.arange(k)) for n, k in (("a", 1), ("b", 2)))
    with pytest.raises(InputError):
        Table(name="t", columns=(short, long))
    with pytest.raises(InputError):
        Table(name="t", columns=(short, short))
    with pytest.raises(InputError, match="a"):
        Table(name="t", columns=(short,))["z"]


@given(TEXTS, TEXTS)
def test_different_texts_have_different_digests(one: list[str], other: list[str]) -> None:
    a, b = (table("t", {"x": (Kind.PLACE, texts)}).digest() for texts in (one, other))
    assert (a == b) is (one == other)


def test_a_table_goes_through_arrow_and_back() -> None:
    made = table(
        "t",
        {
            "at": (Kind.TIME, np.array(["2026-01-01T05", "NaT"], dtype="datetime64[h]")),
            "x": (Kind.RATE, [0.5, float("nan")]),
            "x_n": (Kind.COUNT, [2, 0]),
            "who": (Kind.PLACE, ["é", ""]),
        },
        x="share",
    )
    back = Table.from_arrow(made.to_arrow())
    assert back.digest() == made.digest()
    assert back.column("x").n == "x_n" and back.column("x").unit == "share"


def test_rows_are_taken_by_mask_and_given_as_python_values() -> None:
    made = table("t", {"n": (Kind.COUNT, [1, 2, 3])})
    assert list(made.take(made["n"] > 1).rows()) == [(2,), (3,)]
    assert "n" in made and "m" not in made and len(made) == 3


def test_a_column_without_its_kind_is_refused() -> None:
    import pyarrow as pa

    with pytest.raises(InputError):
        Table.from_arrow(pa.table({"a": [1]}))


def test_tables_that_differ_in_anything_have_different_digests() -> None:
    """A dataset's digest stands in its admission: neither a name, a kind, a unit nor a type may change under it."""
    plain = table("t", {"n": (Kind.COUNT, np.array([1, 2], np.int64))})
    others = [
        table("u", {"n": (Kind.COUNT, np.array([1, 2], np.int64))}),
        table("t", {"m": (Kind.COUNT, np.array([1, 2], np.int64))}),
        table("t", {"n": (Kind.AMOUNT, np.array([1, 2], np.int64))}),
        table("t", {"n": (Kind.COUNT, np.array([1, 2], np.int64))}, n="weeks"),
        table("t", {"n": (Kind.COUNT, np.array([1, 2], np.int64).view("datetime64[s]"))}),
        table("t", {"n": (Kind.COUNT, np.array([1, 0, 2, 0], np.int32))}),
        table("t", {"n": (Kind.COUNT, np.array([2, 1], np.int64))}),
    ]
    digests = {made.digest() for made in (plain, *others)}
    assert len(digests) == 1 + len(others)
    assert table("t", {"n": (Kind.COUNT, np.array([1, 2], np.int64))}).digest() == plain.digest()


TEXT_AND_NONE = st.sampled_from(["a", "b", "", "é", "a,b", None])


@given(st.lists(TEXT_AND_NONE, min_size=60, max_size=90) | st.lists(TEXT_AND_NONE | st.sampled_from([1, True, 1.5])))
def test_different_values_their_first_rows_and_the_digest_are_those_of_one_by_one(values: list[object]) -> None:
    column = Column(name="c", kind=Kind.GROUP, values=np.array(values, dtype=object))
    first = {value: row for row, value in reversed(list(enumerate(values)))}
    assert column.first_rows() == first
    words, codes = column.coded()
    assert [words[code] for code in codes] == values
    text = [str(value) for value in values]
    head = f"\0c\0group\0\0\0{len(values)}\0text\0{','.join(str(len(t)) for t in text)}\0".encode()
    told = hashlib.sha256(b"t" + head + "".join(text).encode()).hexdigest()
    assert Table(name="t", columns=(column,)).digest() == told


@pytest.mark.parametrize("word", ["é", "", None])
def test_a_long_table_goes_through_a_file_and_back_however_its_texts_are_held(word: str | None) -> None:
    words, codes = ["a", "b", word], np.arange(SHORT + 1, dtype=np.int32) % 3
    plain = np.array(words, dtype=object)[codes]
    made = [table("t", {"g": (Kind.GROUP, held), "n": (Kind.COUNT, codes)}) for held in (plain, Coded(words, codes))]
    file = io.BytesIO()
    made[1].to_parquet(file)
    back = Table.from_parquet(file)
    assert back["g"].tolist() == made[1]["g"].tolist() == plain.tolist()
    assert back.digest() == made[0].digest() == made[1].digest()
    assert back.column("g").first_rows() == {"a": 0, "b": 1, word: 2}


def test_a_text_column_that_nobody_looked_at_is_the_same_in_every_use() -> None:
    words, rows = ["b", "a", "c"], np.array([2, 0, 2, 1] * 10, dtype=np.int32)
    held = [words[row] for row in rows.tolist()]
    plain = Column(name="group", kind=Kind.GROUP, values=np.array(held, dtype=object))

    def fresh() -> Column:
        return text_column("group", Kind.GROUP, Coded(words, rows))

    assert (len(fresh()), fresh().dtype) == (40, plain.dtype)
    for column in (fresh(), copy.deepcopy(fresh())):
        assert column.values.tolist() == held
    for some in (rows > 0, np.array([3, 1, 1]), np.zeros(40, dtype=np.bool_)):
        taken = fresh().take(some)
        assert taken.values.tolist() == plain.take(some).values.tolist()
        assert taken.coded().words == list(dict.fromkeys(taken.values.tolist()))
    with pytest.raises(AttributeError, match="value"):
        fresh().value  # noqa: B018


def test_numbers_whose_different_values_are_known_are_still_taken_as_they_are() -> None:
    column = Column(name="n", kind=Kind.COUNT, values=np.repeat([1, 2], 20))
    mixed = Column(name="x", kind=Kind.PERSONAL, values=np.array([1, True] * 20, dtype=object))
    for one in (column, mixed):
        one.coded()
        assert [str(v) for v in one.take(np.arange(2)).values.tolist()] == [str(v) for v in one.values[:2].tolist()]
