"""How a text table is written is found from its first bytes: encodings, delimiters, headers; what is none is told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peelian.errors import InputError
from peelian.intake.dialect import bare_dialect, dialect, encoding_of, is_utf8, plain_name
from peelian.intake.sources import Limits

TABLE = "Catégorie{0}Mois{0}X\nméfait{0}2024-01{0}1\nvol{0}2024-02{0}2\n"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "utf-32"])
def test_every_delimiter_in_every_encoding(delimiter: str, encoding: str) -> None:
    found = dialect(TABLE.format(delimiter).encode(encoding), "f.csv", Limits())
    assert found.delimiter == delimiter
    assert found.header == ("Catégorie", "Mois", "X")


def test_the_delimiter_is_the_one_that_rows_agree_on() -> None:
    head = b'name;note\n"a";"one, two, three"\n"b";"four, five"\n'
    assert dialect(head, "f.csv", Limits()).delimiter == ";"
    assert dialect(b"sep=|\na|b,c|d\n1|2|3\n", "f.csv", Limits()).header == ("a", "b,c", "d")


@pytest.mark.parametrize(
    ("head", "says"),
    [
        (b"one column\n1\n2\n", "no column delimiter"),
        (b"\n\n  \n", "only blanks"),
        (b"a,b\n1,\0\n", "NUL"),
        (b"1,2,2024-01-01\n3,4,2024-01-02\n", "values, not column names"),
        (b"a" * 400_000 + b",b\n", "too long"),
        (",".join(f"c{i}" for i in range(3000)).encode() + b"\n", "3,000 columns"),
    ],
)
def test_what_is_no_table_is_told(head: bytes, says: str) -> None:
    with pytest.raises(InputError, match=says):
        dialect(head, "f.csv", Limits())


def test_a_character_cut_off_at_the_end_of_the_head_is_still_utf8() -> None:
    text = "méfait".encode()
    assert is_utf8(text[:2], whole=False)
    assert not is_utf8(text[:2], whole=True)
    assert not is_utf8(b"\xe9a", whole=False)
    assert encoding_of(text[:2]) == ("utf-8", 0)


@given(st.binary(max_size=300))
def test_any_bytes_give_a_dialect_or_a_clear_refusal(head: bytes) -> None:
    try:
        found = dialect(head, "f.csv", Limits())
    except InputError as error:
        assert error.file == "f.csv"
        assert error.wrong
    else:
        assert len(found.header) >= 2


def test_names_are_compared_without_case_digests_and_blanks() -> None:
    assert plain_name("\ufeff  DATE  OF\tOCCURRENCE ") == "date of occurrence"


@pytest.mark.parametrize(
    ("head", "delimiter", "columns"),
    [
        (b"  1   0.5\n", " ", 2),
        (b"0.5\n", " ", 1),
        (b"a,b,0.5\n", ",", 3),
        (b"a b\t0.5\n", "\t", 2),
        ("é 1".encode(), " ", 2),
    ],
)
def test_files_without_a_header_have_numbered_columns(head: bytes, delimiter: str, columns: int) -> None:
    found = bare_dialect(head, "f.txt", Limits())
    assert (found.delimiter, found.headed) == (delimiter, False)
    assert found.header == tuple(str(i + 1) for i in range(columns))
    for wrong in (b"", b"\n \n", b"x " * 400_000):
        with pytest.raises(InputError):
            bare_dialect(wrong, "f.txt", Limits())
