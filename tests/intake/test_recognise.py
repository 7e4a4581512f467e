"""A header tells its format: the most specific wins, guessers come last, the rest hears what it resembles."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import replace

import pytest

from peelian.errors import ColumnMissing, InputError
from peelian.intake.header import Header, TableHead
from peelian.intake.recognise import AUTO, chosen_format, those_that_fit
from peelian.intake.sources import Source
from peelian.kernel.model.formats import Admitted, Format
from peelian.measure.table import Table


def never(text: Table, options: object) -> Admitted:
    raise NotImplementedError


def pick(header: tuple[str, ...], options: Mapping[str, str]) -> dict[str, str]:
    if "when" not in header:
        raise InputError("no column looks like a date", accepted="the option date")
    return {"date": "when"}


def a_format(id: str, *required: str, kinds: tuple[str, ...] = ("csv",)) -> Format:
    names = frozenset(required)
    return Format(id=id, title=id, shape="s", required=names, columns=names, convert=never, kinds=kinds)


PLAIN, FINE = a_format("plain", "day", "kind"), a_format("fine", "day", "kind", "hour")
GUESSER = Format(
    id="guess",
    title="g",
    shape="s",
    required=frozenset(),
    columns=frozenset(),
    convert=never,
    pick=pick,
    kinds=("csv",),
    options={"zone": "z"},
)
FORMATS = (PLAIN, FINE, GUESSER)


def header(*tables: tuple[str, ...], kind: str = "csv") -> Header:
    source = Source(name="f.csv", kind=kind, size=1, open=io.BytesIO)
    return Header(name="f.zip", kind=kind, tables=tuple(TableHead(source=source, names=names) for names in tables))


def test_the_most_specific_format_wins() -> None:
    assert chosen_format(AUTO, header(("Day", "Kind", "Hour", "x")), FORMATS, {}).id == "fine"
    assert chosen_format(AUTO, header(("Day", "Kind")), FORMATS, {}).id == "plain"


def test_a_format_that_goes_before_another_wins_where_a_header_fits_both() -> None:
    wide = a_format("wide", "date", "lat", "lon")
    before = replace(a_format("before", "date", "kind"), over=frozenset({"wide"}))
    found = header(("date", "lat", "lon", "kind"))
    assert chosen_format(AUTO, found, [wide, before], {}).id == "before"
    assert chosen_format(AUTO, header(("date", "lat", "lon")), [wide, before], {}).id == "wide"


def test_guessers_come_last_and_options_do_not_hide_a_format() -> None:
    assert chosen_format(AUTO, header(("when", "where")), FORMATS, {"zone": "x"}).id == "guess"
    assert chosen_format(AUTO, header(("day", "kind")), FORMATS, {"zone": "x"}).id == "plain"


def test_two_that_fit_equally_well_are_not_guessed_between() -> None:
    with pytest.raises(InputError, match="more than one format") as caught:
        chosen_format(AUTO, header(("day", "kind")), (PLAIN, a_format("other", "day", "kind")), {})
    assert "plain, other" in caught.value.accepted


def test_a_missing_column_of_what_a_table_plainly_is_goes_before_the_fault_of_another_kind() -> None:
    def of_persons(header: tuple[str, ...], options: Mapping[str, str]) -> dict[str, str]:
        raise InputError("a column identifies a person", column="lon")

    def lacking(header: tuple[str, ...], options: Mapping[str, str]) -> dict[str, str]:
        raise ColumnMissing("no latitude column found", accepted="the option y")

    both = (replace(GUESSER, id="a", pick=of_persons), replace(GUESSER, id="b", pick=lacking))
    for formats in (both, both[::-1]):
        with pytest.raises(InputError, match="as any table: no latitude column found") as caught:
            chosen_format(AUTO, header(("date", "offense", "lon")), formats, {})
        assert (caught.value.column, caught.value.accepted) == ("", "the option y")
    with pytest.raises(InputError, match="identifies a person"):
        chosen_format(AUTO, header(("surname",)), (both[0], GUESSER), {})


def test_what_fits_nothing_hears_what_it_resembles() -> None:
    with pytest.raises(InputError, match="resembles plain without kind") as caught:
        chosen_format(AUTO, header(("day", "sort")), FORMATS, {})
    assert caught.value.row == 1 and caught.value.accepted == "the option date"


def test_a_named_format_must_exist_and_read_such_files() -> None:
    assert chosen_format("plain", header(("x", "y")), FORMATS, {}).id == "plain"
    with pytest.raises(InputError, match="unknown format"):
        chosen_format("plan", header(("x", "y")), FORMATS, {})
    with pytest.raises(InputError, match="never parquet"):
        chosen_format("plain", header(("x", "y"), kind="parquet"), FORMATS, {})


def test_of_an_archive_only_the_tables_that_fit_are_kept() -> None:
    mixed = header(("outcome", "x"), ("day", "kind"), ("day", "kind", "more"))
    assert chosen_format(AUTO, mixed, FORMATS, {}).id == "plain"
    kept, left_out = those_that_fit(mixed, PLAIN, {})
    assert (len(kept.tables), left_out) == (2, 1)
    with pytest.raises(InputError, match="needs missing columns"):
        those_that_fit(header(("a", "b"), ("c", "d")), PLAIN, {})
