"""Files are read in a child: what it finds is what reading here finds, and whatever it does ends in an InputError."""

from __future__ import annotations

import gzip
import io
import os
import time
import zipfile
from pathlib import Path

import parted
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from children import formats

from peelian.errors import InputError, Refused
from peelian.intake.allowance import Allowance
from peelian.intake.child import admitted_by_child, inspected_by_child
from peelian.intake.read import admitted
from peelian.intake.sources import Lent, lent
from peelian.kernel.model.formats import HEAD, Admitted
from peelian.kernel.model.technology import Technology, formats_of
from peelian.measure.table import Table
from peelian.technologies.mapping import TECHNOLOGY as MAPPING
from peelian.technologies.risk import TECHNOLOGY as RISK

TOY = Technology(id="toy", title="Toy", capabilities=(), formats=formats)
SMALL = Allowance(memory_mib=256, cpu_seconds=2)


def read(path: Path, *rows: str, said: list[str] | None = None) -> tuple[str, Admitted]:
    path.write_text("\n".join(("n,m", *(f"{row},0" for row in rows))) + "\n")
    progress = (lambda says, share: said.append(says)) if said is not None else (lambda says, share: None)
    return admitted_by_child(path, "auto", formats_of([TOY]), {}, progress, allowance=SMALL)


def test_a_table_comes_back_from_another_process(tmp_path: Path) -> None:
    said: list[str] = []
    name, taken = read(tmp_path / "a.csv", "4", "5", said=said)
    assert (name, taken.table["n"].tolist(), taken.notes[0].text) == ("hostile-numbers", [4, 5], "Numbers.")
    assert taken.facts["read_by"] != os.getpid() and "Reading" in said


@pytest.mark.parametrize("technology", [MAPPING, RISK], ids=lambda one: one.id)
def test_examples_are_read_as_they_are_read_here(technology: Technology) -> None:
    folder = Path(__file__).parents[2] / "src" / "peelian" / "technologies" / technology.id / "examples"
    example = next(
        one for one in sorted(folder.rglob("*.csv")) if one.stat().st_size < 1 << 20 and "areas" not in one.name
    )
    here, there = (
        admitted(example, "auto", technology.formats(), {}),
        admitted_by_child(example, "auto", formats_of([technology]), {}),
    )
    assert here[0] == there[0] and here[1].table.digest() == there[1].table.digest()
    assert (dict(here[1].facts), here[1].dropped, here[1].notes) == (
        dict(there[1].facts), there[1].dropped, there[1].notes,
    )  # fmt: skip


def test_an_error_comes_back_with_file_row_and_column(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("n,m\n1,2\n3\n")
    with pytest.raises(InputError, match="the row has 1 columns, the header 2") as wrong:
        admitted_by_child(path, "auto", formats_of([TOY]), {})
    assert (wrong.value.file, wrong.value.row) == ("a.csv", 3)


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("1111", "cut short"),
        ("2222", "processor time"),
        ("3333", "memory"),
        ("5555", "cut short"),
        ("6666", "cut short"),
        ("7777", "cut short"),
        ("8888", "cut short"),
    ],
    ids=["dies", "spins", "hoards", "answers too much", "talks nonsense", "lies", "faults"],
)
def test_however_it_ends_it_is_an_error_of_the_file(tmp_path: Path, row: str, says: str) -> None:
    with pytest.raises(InputError, match=says) as wrong:
        read(tmp_path / "a.csv", row)
    assert wrong.value.file == "a.csv" and "personal" not in str(wrong.value)


def test_one_that_only_sleeps_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("peelian.intake.child.AT_LEAST", 0)
    monkeypatch.setattr("peelian.intake.child.IN_ALL", 2)
    with pytest.raises(InputError, match="cut short"):
        read(tmp_path / "a.csv", "4444")


def test_whoever_waits_is_asked_meanwhile_and_can_end_one_that_says_nothing(tmp_path: Path) -> None:
    """So a suspension ends the reading of a file, also where the file keeps its format busy."""
    began = time.monotonic()

    def asked(says: str, share: float) -> None:
        raise Refused([])

    (tmp_path / "a.csv").write_text("n,m\n4444,0\n")
    with pytest.raises(Refused):
        admitted_by_child(tmp_path / "a.csv", "auto", formats_of([TOY]), {}, asked, allowance=Allowance())
    assert time.monotonic() - began < 30, "not the minutes that it would have had"


def test_an_object_is_looked_at_in_another_process_which_asks_for_its_bytes() -> None:
    content = b"7" + bytes(9 << 20) + b"end"
    taken = inspected_by_child([TOY], formats()[1], io.BytesIO(content), {})
    assert taken.table["bytes"].tolist() == [len(content)] and taken.table["first"].tolist() == [ord("7")]
    assert taken.facts["tail"] == "end" and taken.facts["read_by"] != os.getpid()
    with pytest.raises(InputError, match=r"cannot be read as bytes \(ZeroDivisionError\)") as wrong:
        inspected_by_child([TOY], formats()[1], io.BytesIO(b"so bad"), {})
    assert "personal" not in str(wrong.value)


def test_a_link_and_a_missing_file_are_told_as_such(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("n,m\n1,2\n")
    (tmp_path / "link.csv").symlink_to(tmp_path / "a.csv")
    for name, says in (("link.csv", "symbolic links"), ("none.csv", "no such file")):
        with pytest.raises(InputError, match=says):
            admitted_by_child(tmp_path / name, "auto", formats_of([TOY]), {})


def packed(name: str, content: bytes) -> bytes:
    """The content as a file of this name: plain, gzip, or a zip of one CSV."""
    if name.endswith(".gz"):
        return gzip.compress(content)
    if not name.endswith(".zip"):
        return content
    with zipfile.ZipFile(into := io.BytesIO(), "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", content)
    return into.getvalue()


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz", "a.zip", "a.parquet"])
def test_a_file_without_a_path_is_asked_for_piece_by_piece(name: str) -> None:
    numbers = list(range(9000, 9000 + 100_000))
    content = "n,m\n" + "".join(f"{n},0\n" for n in numbers)
    if name.endswith(".parquet"):
        pq.write_table(pa.table({"n": numbers, "m": [0] * len(numbers)}), into := io.BytesIO())
        lent = into.getvalue()
    else:
        lent = packed(name, content.encode())
    given = Lent(name=name, size=len(lent), opens=lambda: io.BytesIO(lent))
    _, taken = admitted_by_child(given, "auto", formats_of([TOY]), {})
    assert taken.table["n"].tolist() == numbers
    cut = Lent(name=name, size=len(lent) - 4000, opens=lambda: io.BytesIO(lent[:-4000]))
    if name != "a.csv":  # a CSV file may end anywhere
        with pytest.raises(InputError, match="damaged or cut off") as wrong:
            admitted_by_child(cut, "auto", formats_of([TOY]), {})
        assert str(wrong.value.file).startswith(name)


def test_parts_are_handed_over_one_by_one_and_the_end_tells_of_all(tmp_path: Path) -> None:
    path, handed = parted.write(tmp_path / "a.csv", parted.some(300)), list[Table]()
    name, taken = admitted_by_child(path, "auto", parted.formats, {}, emit=handed.append)
    assert (name, taken.facts["n"], sum(map(len, handed))) == ("toy-points", 300, 300)
    here = list[Table]()
    assert admitted(path, "auto", parted.formats(), {}, emit=here.append)[1].facts == taken.facts
    assert [one.digest() for one in here] == [one.digest() for one in handed]


def test_what_is_done_with_a_part_is_no_fault_of_the_file(tmp_path: Path) -> None:
    def full(part: Table) -> None:
        raise OSError("no space left")

    path = parted.write(tmp_path / "a.csv", parted.some())
    with pytest.raises(OSError, match="no space left"):
        admitted_by_child(path, "auto", parted.formats, {}, emit=full)


def test_a_child_that_dies_between_parts_is_an_error_of_the_file(tmp_path: Path) -> None:
    path = parted.write(tmp_path / "a.csv", parted.some())
    with pytest.raises(InputError, match="cut short"):
        admitted_by_child(path, "auto", parted.formats_that_die, {}, emit=lambda part: None)


def test_a_file_that_is_cut_off_names_its_end(tmp_path: Path) -> None:
    path = parted.write(tmp_path / "a.csv", parted.some())
    path.write_bytes(path.read_bytes()[:-9])  # in the middle of the last row
    with pytest.raises(InputError) as wrong:
        admitted_by_child(path, "auto", parted.formats, {}, emit=lambda part: None)
    assert wrong.value.row == 401


def test_of_a_large_file_only_the_head_is_read(tmp_path: Path) -> None:
    """A file of 8 GiB without a disk: its rows are made as they are asked for, and asking for many fails."""
    row, asked = b"2021-01-01,10,10,North\n", 0
    head, size = b"day,east,north,area\n", 8 << 30

    def read(at: int, most: int) -> bytes:
        nonlocal asked
        asked = max(asked, at + most)
        assert asked < 64 << 20, "far more than the head was asked for"
        if at < len(head):
            return head[at : at + most]
        place = (at - len(head)) % len(row)
        return (row * (most // len(row) + 2))[place : place + most]

    name, taken = admitted_by_child(
        lent("a.csv", size, read), "auto", parted.formats, {}, allowance=Allowance(memory_mib=512), most_rows=100_000
    )
    n = taken.facts["n"]
    assert name == "toy-points" and isinstance(n, int) and 100_000 <= n < 400_000 and len(taken.table) == n
    assert [(note.text, note.values) for note in taken.notes] == [(HEAD, {"n": n})]


def test_of_a_small_file_all_is_read_and_of_a_format_without_parts_too(tmp_path: Path) -> None:
    path = parted.write(tmp_path / "a.csv", parted.some(300))
    _, taken = admitted_by_child(path, "auto", parted.formats, {}, most_rows=300)
    assert taken.facts["n"] == 300 and not taken.notes
    path.write_text("n,m\n" + "4,0\n" * 5)
    _, taken = admitted_by_child(path, "auto", formats_of([TOY]), {}, most_rows=2)
    assert len(taken.table) == 5
