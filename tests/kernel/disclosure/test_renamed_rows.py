"""A group that an earlier release shows under another label is taken for the same people, as far as counts tell."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from released import editions, emit_of

from peelian.kernel.disclosure.published_counts import told_of
from peelian.kernel.disclosure.repeated_rows import edited
from peelian.kernel.model.capability import Findings, Note
from peelian.measure.table import Kind, Table, table

SAID = "Of %(group)s."


def by_group(counts: Mapping[str, int], kind: Kind = Kind.GROUP) -> Table:
    return table("groups", {"group": (kind, list(counts)), "n": (Kind.COUNT, list(counts.values()))})


def shown(
    now: Mapping[str, int], *before: Mapping[str, int], kind: Kind = Kind.GROUP
) -> tuple[dict[str, int], tuple[str, ...]]:
    """What is published of these counts after those, and the groups that sentences name."""
    past = [Findings(tables=(by_group(one, kind),)) for one in before]
    notes = tuple(Note(text=SAID, values={"group": group}) for group in now)
    found = Findings(tables=(by_group(now, kind),), notes=notes)
    emits = {"groups": emit_of(by_group(now, kind))}
    earlier = editions(*past, emits=emits)
    made = edited(found, found, earlier, emits, unpacked=lambda one: past[one.index], told=told_of(found)).findings
    rows = made.table("groups")
    named = tuple(str(note.values["group"]) for note in made.notes)
    return dict(zip(rows["group"].tolist(), rows["n"].tolist(), strict=True)), named


def test_a_group_whose_label_and_count_changed_a_little_is_left_out_with_what_is_said_of_it() -> None:
    rows, named = shown({"Black": 101, "Other": 300}, {"African-American": 100, "Other": 200})
    assert rows == {"Other": 300} and named == ("Other",)


@pytest.mark.parametrize("n", [100, 111, 89])
def test_a_new_label_with_the_very_count_or_another_one_is_new(n: int) -> None:
    assert shown({"Black": n, "Other": 300}, {"African-American": 100, "Other": 200})[0]["Black"] == n


@pytest.mark.parametrize("n", [90, 99, 101, 110])
def test_each_change_of_a_few_is_found_either_way(n: int) -> None:
    assert "Black" not in shown({"Black": n, "Other": 300}, {"African-American": 100, "Other": 200})[0]


def test_groups_that_were_merged_or_divided_are_compared_together() -> None:
    before = {"First Nations": 60, "Inuit": 40, "Other": 200}
    assert shown({"Indigenous": 101, "Other": 300}, before)[0] == {"Other": 300}
    assert shown(before | {"Other": 300}, {"Indigenous": 101, "Other": 200})[0] == {"Other": 300}
    assert shown({"Indigenous": 150, "Other": 300}, before)[0] == {"Indigenous": 150, "Other": 300}


def test_a_new_label_is_held_against_every_release() -> None:
    """In the newest one it has its new label already, with the very count."""
    past = {"African-American": 100, "Other": 200}, {"Black": 100, "Other": 300}
    assert shown({"Black": 101, "Other": 400}, *past)[0] == {"Black": 100, "Other": 400}


def test_places_are_told_apart_by_their_outlines() -> None:
    now, before = {"Hill": 101, "Port": 300}, {"Dale": 100, "Port": 200}
    assert shown(now, before, kind=Kind.PLACE)[0] == now


def test_a_column_that_a_file_has_a_second_time_under_other_words_is_held_against_every_group() -> None:
    """The first column is there still, with thirty people more: no label is gone."""

    def by_axis(**groups: int) -> Findings:
        axes = ["everyone", *(["unit"] * 2), *(["race"] * 2)][: len(groups)]
        columns = {"axis": (Kind.GROUP, axes), "group": (Kind.GROUP, list(groups))}
        return Findings(tables=(table("groups", {**columns, "n": (Kind.COUNT, list(groups.values()))}),))

    before, now = by_axis(everyone=900, A=500, B=400), by_axis(everyone=960, A=530, B=430, X=501, Y=459)
    emits = {"groups": emit_of(now.tables[0], whole="everyone")}
    earlier = editions(before, emits=emits)
    made = edited(now, now, earlier, emits, unpacked=lambda one: before, told=told_of(now)).findings
    assert "X" not in made.tables[0]["group"].tolist()
