"""What a log entry may hold: tokens and whole numbers, spelled in one way."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from log_parts import entry

from peelian.errors import InputError
from peelian.kernel.log.entry_schema import decode_entry, encode_entry, known_entry, read_time, time_text
from peelian.measure.canonical import canonical

BASE: dict[str, Any] = {"v": 1, "t": "2026-11-24T15:32:01.12Z", "kind": "ASKED"}
TOKENS = st.text(st.sampled_from("".join(chr(c) for c in range(33, 127) if chr(c) not in '"\\')), max_size=200)
KEYS = st.from_regex(r"[a-z][a-z0-9_]{0,39}", fullmatch=True)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=300) | st.binary(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(st.dictionaries(KEYS, TOKENS | st.integers(-(2**53) + 1, 2**53 - 1), max_size=12))
def test_a_valid_entry_comes_back_and_has_the_canonical_spelling(more: dict[str, Any]) -> None:
    whole = {**more, **BASE}
    spelling = encode_entry(whole)
    assert spelling == canonical(whole)
    assert decode_entry(spelling) == known_entry(spelling) == whole


@given(KEYS.filter(lambda key: key not in BASE), ANYTHING)
def test_anything_else_is_refused_and_never_quoted(key: str, value: Any) -> None:
    try:
        spelling = encode_entry({**BASE, key: value})
    except InputError as refused:
        if isinstance(value, str) and len(value) > 12:
            assert value not in str(refused)
    else:
        assert json.loads(spelling)[key] == value
        assert type(value) in (str, int)
        assert not isinstance(value, str) or (len(value) <= 200 and value.isascii() and not set(value) & set(' "\\\n'))


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"x": "a b"}, "value of x"),
        ({"x": "line\nbreak"}, "value of x"),
        ({"x": "a" * 201}, "text of 201 characters"),
        ({"x": 'a","y":"b'}, "value of x"),
        ({"x": "Zoë"}, "value of x"),
        ({"x": 1.0}, "type float"),
        ({"x": True}, "type bool"),
        ({"x": None}, "type NoneType"),
        ({"x": {"y": 1}}, "type dict"),
        ({"x": 2**53}, "type int"),
        ({"X": 1}, "a key"),
        ({"a" * 41: 1}, "a key"),
        ({"": 1}, "a key"),
        ({"v": "1"}, "version"),
        ({"v": 0}, "version"),
        ({"kind": "asked"}, "kind"),
        ({"kind": 3}, "kind"),
        ({"t": "2026-11-24T15:32:01Z"}, "UTC to 1/100 s"),
        ({"t": "2026-02-30T15:32:01.12Z"}, "UTC to 1/100 s"),
        ({"t": "2026-11-24T15:32:01.12+01:00"}, "UTC to 1/100 s"),
        ({"t": 5}, "UTC to 1/100 s"),
    ],
)
def test_each_wrong_part_is_named(wrong: dict[str, Any], says: str) -> None:
    with pytest.raises(InputError, match=says):
        encode_entry({**BASE, **wrong})


@pytest.mark.parametrize("missing", ["v", "t", "kind"])
def test_version_time_and_kind_must_be_there(missing: str) -> None:
    with pytest.raises(InputError):
        encode_entry({key: value for key, value in BASE.items() if key != missing})


def test_an_entry_that_is_too_long_is_refused() -> None:
    longest = {f"k{number}": "a" * 200 for number in range(312)}
    assert len(encode_entry({**BASE, **longest})) < 65_535
    with pytest.raises(InputError, match="at most 65,535"):
        encode_entry({**BASE, **longest, **{f"l{number}": "a" * 200 for number in range(10)}})


def test_what_is_no_mapping_or_never_ends_is_refused() -> None:
    endless: dict[str, Any] = {**BASE}
    endless["x"] = endless
    for wrong in (endless, [1, 2], None, {1: 2, **BASE}, {True: 2, **BASE}):
        with pytest.raises(InputError):
            encode_entry(wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "value",
    [datetime(2026, 11, 24, tzinfo=UTC), date(2026, 11, 24), b"bytes", UUID(int=7), Decimal(7), True, None, 1.0, [1]],
    ids=lambda value: type(value).__name__,
)
def test_what_a_quick_writer_would_spell_as_text_is_refused_all_the_same(value: Any) -> None:
    with pytest.raises(InputError, match=f"of type {type(value).__name__}"):
        encode_entry(entry(0) | {"more": value})
    with pytest.raises(InputError):
        encode_entry(entry(0) | {value if value != [1] else 1: "more"})


def test_a_word_of_an_enumeration_is_a_token() -> None:
    word = StrEnum("word", ["ADVICE"])
    assert json.loads(encode_entry({**BASE, "purpose": word.ADVICE}))["purpose"] == "advice"


@pytest.mark.parametrize(
    "spelling",
    [
        b"",
        b"{}",
        b"null",
        b"[" * 100_000,
        b'{"kind":"ASKED","t":"2026-11-24T15:32:01.12Z", "v":1}',
        b'{"v":1,"kind":"ASKED","t":"2026-11-24T15:32:01.12Z"}',
        b'{"kind":"ASKED","t":"2026-11-24T15:32:01.12Z","v":1,"v":1}',
        b'{"kind":"ASKED","t":"2026-11-24T15:32:01.12Z","v":1e0}',
        encode_entry(entry(1)) + b"\n",
        b"\xff" * 20,
    ],
)
def test_a_second_spelling_is_no_entry(spelling: bytes) -> None:
    with pytest.raises(InputError):
        decode_entry(spelling)


def test_times_are_utc_and_cut_to_hundredths() -> None:
    east = timezone(timedelta(hours=2))
    moment = datetime(2026, 1, 1, 1, 0, 0, 999_999, tzinfo=east)
    assert time_text(moment) == "2025-12-31T23:00:00.99Z"
    assert read_time("2025-12-31T23:00:00.99Z") == datetime(2025, 12, 31, 23, 0, 0, 990_000, tzinfo=UTC)
    with pytest.raises(InputError):
        time_text(moment.replace(tzinfo=None))
