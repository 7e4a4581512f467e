"""Persons: rows of one person come together, groups are of equal size, and nothing of a pseudonym is kept."""

from __future__ import annotations

import doctest

import numpy as np
import pytest

from peelian.errors import InputError
from peelian.measure.table import Column, Kind, Table
from peelian.technologies.risk.formats import persons, tallying
from peelian.technologies.risk.formats.layout import layout_of
from peelian.technologies.risk.formats.persons import MOST_FOLDS, Persons, dealt, hashed
from peelian.technologies.risk.formats.tally import COHORT
from peelian.technologies.risk.formats.tallying import tallied


def test_the_examples_in_the_docstrings_run() -> None:
    assert doctest.testmod(persons).failed == 0


def _hashes(words: list[str], kind: str) -> np.ndarray:
    values = np.array(words, dtype=object) if kind == "O" else np.array([w.encode() for w in words])
    return hashed(values, np.arange(2, len(words) + 2), "pid")[0]


def test_a_pseudonym_has_one_hash_however_wide_its_part_and_however_it_is_read() -> None:
    words = ["p1", "p2", "p1 ", "Zoë"]
    assert _hashes(words, "O").tolist() == _hashes(words, "S").tolist()
    assert _hashes([*words, "x" * 40], "O")[:4].tolist() == _hashes(words, "O").tolist()
    assert _hashes(words, "O")[0] == _hashes(words, "O")[2]
    numbers = hashed(np.array([7.0, np.nan]), np.array([2, 3]), "pid")
    assert numbers[0][0] == _hashes(["7"], "O")[0]
    assert numbers[1].tolist() == [False, True]


def test_hashes_of_following_pseudonyms_do_not_collide_and_fill_the_groups_evenly() -> None:
    hashes = _hashes([f"P{i:07d}" for i in range(200_000)], "S")
    assert len(set(hashes.tolist())) == 200_000
    sizes = np.bincount((hashes % np.uint64(50)).astype(int))
    assert abs(sizes - 4_000).max() < 5 * np.sqrt(4_000)
    texts = _hashes(["ab", "ba", "12345678ab", "ab12345678", "12345678", "1234567812345678"], "S")
    assert len(set(texts.tolist())) == 6


def test_rows_without_a_pseudonym_are_persons_of_their_own() -> None:
    hashes, none = hashed(np.array(["a", "", "NA", "na", "a"], dtype=object), np.arange(2, 7), "pid")
    assert none.tolist() == [False, True, True, True, False]
    assert len(set(hashes.tolist())) == 4


def test_few_persons_are_dealt_evenly_and_fewer_than_fifty_are_groups_of_their_own() -> None:
    assert sorted(dealt(np.random.default_rng(1).permutation(30).astype(float)).tolist()) == list(range(30))
    sizes = np.bincount(dealt(np.random.default_rng(1).random(120)).astype(int))
    assert len(sizes) == MOST_FOLDS
    assert set(sizes.tolist()) == {2, 3}


def test_persons_are_counted_across_parts() -> None:
    held = Persons()
    for begin in range(0, 12_000, 3_000):
        held.met(_hashes([f"p{i // 2}" for i in range(begin, begin + 3_000)], "S"))
    assert (held.count, held.rows, held.repeated, held.few) == (6_000, 12_000, True, False)


def _text(pids: list[str], first: int = 2) -> Table:
    rng = np.random.default_rng(first)
    columns = {
        "pid": pids,
        "score": [str(s) for s in rng.integers(1, 5, len(pids))],
        "outcome": [str(o) for o in rng.integers(0, 2, len(pids))],
        "race": rng.choice(["a", "b"], len(pids)).tolist(),
    }
    made = [Column(name="row", kind=Kind.COUNT, values=np.arange(first, first + len(pids)))]
    made += [Column(name=n, kind=Kind.PERSONAL, values=np.array(v, dtype=object)) for n, v in columns.items()]
    return Table(name="text", columns=tuple(made))


LAYOUT = layout_of(["pid", "score", "outcome", "race"], {}, COHORT)


def test_all_rows_of_a_person_are_in_one_group_and_both_numbers_are_facts() -> None:
    parts = [_text([f"p{i % 80}" for i in range(400)], first=2 + 400 * k) for k in range(3)]
    taken = tallied(parts, LAYOUT)
    assert (taken.facts["people"], taken.facts["assessments"]) == (80, 1_200)
    assert np.bincount(taken.table["fold"], weights=taken.table["n"]).max() == 30, "two persons, 15 rows each"
    assert "pid" not in taken.table
    assert not any("p7" in str(value) for column in taken.table.columns for value in column.values.tolist())


def test_persons_that_become_many_are_still_in_one_group_each(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(persons, "FEW_PERSONS", 100)
    monkeypatch.setattr(tallying, "PILE", 50)
    parts = [_text([f"p{i}" for i in range(80)]), _text([f"p{i}" for i in range(300)], first=82)]
    taken = tallied(parts, LAYOUT)
    assert (taken.facts["people"], taken.facts["assessments"]) == (300, 380)
    sizes = np.bincount(taken.table["fold"], weights=taken.table["n"])
    expected = np.bincount(
        (_hashes([f"p{i % 300}" for i in [*range(80), *range(300)]], "S") >> np.uint64(12)) % np.uint64(50)
    )
    assert sizes.tolist() == expected.tolist()


def test_a_row_for_each_person_gives_the_tally_of_a_file_without_pseudonyms() -> None:
    text = _text([f"p{i}" for i in range(300)])
    bare = layout_of(["score", "outcome", "race"], {}, COHORT)
    assert tallied([text], LAYOUT).table.digest() == tallied([text], bare).table.digest()
    assert tallied([text], LAYOUT).facts == tallied([text], bare).facts


def test_a_pseudonym_that_is_too_long_is_refused_with_its_row() -> None:
    with pytest.raises(InputError, match="pid too long") as error:
        hashed(np.array([b"a", b"b" * 65]), np.array([2, 3]), "pid")
    assert error.value.row == 3
    assert "bbb" not in str(error.value)


def test_a_person_is_counted_once_with_each_outcome_where_it_is_there_first() -> None:
    parts = [_text([f"p{i % 80}" for i in range(400)], first=2 + 400 * k) for k in range(3)]
    taken = tallied(parts, LAYOUT).table
    told = {(p, o) for part in parts for p, o in zip(part["pid"].tolist(), part["outcome"].tolist(), strict=True)}
    for outcome in (0, 1):
        assert taken["persons"][taken["outcome"] == outcome].sum() == sum(o == str(outcome) for _, o in told)
    assert (taken["persons"] <= taken["n"]).all() and (taken["distinct"] <= taken["persons"]).all()
    assert taken["distinct"].sum() == 80, "whatever the outcome, each person once"
    assert "persons" not in tallied([_text([f"p{i}" for i in range(80)])], LAYOUT).table


def test_persons_with_one_place_are_counted_as_one_and_never_as_more() -> None:
    hashes, all_ = _hashes([f"p{i}" for i in range(300_000)], "S"), np.ones(300_000, dtype=np.bool_)
    held = Persons()
    assert 295_000 < held.first(hashes, all_, 1).sum() <= 300_000
    assert held.first(hashes, all_, 1).sum() == 0 and held.first(hashes[:9], all_[:9], 0).sum() == 9
