"""The log as rows: consecutive, chained by topic, and altered nowhere without being found."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import log_parts
import pytest
from log_parts import digest, entry, opened
from sizes import size
from sqlalchemy import event

from peelian.errors import DiskError, InputError, IntegrityError
from peelian.kernel.log.merkle import Tree, leaf_hash
from peelian.storage.database import Database
from peelian.storage.log_rows import LogRows
from peelian.storage.schema import ENTRIES, ROWS

KEY, SUPPORT = bytes(32), Path(log_parts.__file__).parent
ROUNDS, ACKNOWLEDGED = size(5, 20), size(2_500, 10_000)
Another = Callable[..., Database]


@pytest.fixture
def log(database: Database) -> LogRows:
    return LogRows(database, KEY)


def suspended(n: int, kind: str = "SUSPENDED") -> dict[str, str | int]:
    return {"v": 1, "t": str(entry(n)["t"]), "kind": kind, "technology": "mapping", "by": "a"}


def test_entries_come_back_by_index_by_what_they_name_and_by_kind(log: LogRows) -> None:
    assert log.append_all([entry(n) for n in range(600)]) == list(range(600)) and log.append_all([]) == []
    assert [index for index, _ in log.read()] == list(range(600)) and log.size() == 600
    assert log.entry(300) == entry(300) and list(log.read(598)) == [(598, entry(598)), (599, entry(599))]
    assert list(log.read(600)) == [] and list(log.read(kinds=["RAN"])) == []
    assert [index for index, _ in log.found("case", "case-149")] == [596, 597, 598, 599]
    assert log.found("document", digest(7)) == [(7, entry(7))]


def test_what_a_log_may_not_hold_is_refused_whole(log: LogRows) -> None:
    for wrong in ([{**entry(0), "name": "two words"}], [entry(0), {"v": 1}], [entry(0)] * 10_001):
        with pytest.raises(InputError):
            log.append_all(wrong)
    with pytest.raises(InputError):
        list(log.read(-1))
    with pytest.raises(InputError, match="not found by kind"):
        log.found("kind", "ASKED")
    assert log.size() == 0 and log.append(entry(0)) == 0


def test_a_clock_that_went_back_is_stated(log: LogRows) -> None:
    late, early = entry(1_000), entry(0)  # ten seconds apart
    assert [log.append(late), log.append(early), log.append(entry(1))] == [0, 2, 3]
    assert log.entry(1) == {"v": 1, "t": early["t"], "kind": "CLOCK_WENT_BACK", "hundredths": 1_000}
    assert [log.append(entry(n)) for n in (100, 60)] == [4, 5], "clocks may pass one another a little"


def test_two_processes_append_side_by_side_and_see_one_another(log: LogRows, another: Another) -> None:
    other = LogRows(another(), KEY)
    with ThreadPoolExecutor(4) as pool:
        work = [(one, n) for n in range(100) for one in (log, other)]
        told = list(pool.map(lambda job: job[0].append({**entry(0), "n": job[1]}), work))
    assert sorted(told) == list(range(200)) and other.size() == log.size() == 200


def test_whoever_looks_sees_one_length_of_the_log_until_they_meet_or_write_something_newer(
    database: Database, log: LogRows, another: Another
) -> None:
    other = LogRows(another(), KEY)
    log.append(entry(0))
    with database.look.looking():
        assert log.state()[1] == log.head()["size"] == 1
        other.append(entry(1))
        with database.look.looking():
            assert log.state()[1] == log.head()["size"] == 1 and log.size() == 2
        assert log.state()[1] == 1
        assert log.entry(1) == entry(1) and log.state()[1] == log.head()["size"] == 2, "what an entry names is there"
        log.append(entry(2))
        assert log.state()[1] == 3, "what one wrote oneself counts at once"
        other.append(entry(3))
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(log.state).result()[1] == 4, "only this thread looks"
        assert log.state()[1] == 3
    assert log.state()[1] == log.head()["size"] == 4


def test_a_topic_is_followed_from_where_one_left_off(log: LogRows) -> None:
    log.append_all([suspended(0), entry(1), suspended(2, "RESUMED"), entry(3)])
    assert [index for index, _ in log.follow(["technologies"])] == [0, 2]
    assert log.follow(["technologies"], 2) == [] and [i for i, _ in log.follow(["technologies", "people"], 0)] == [2]


@pytest.mark.parametrize("victim", [0, 1, 2])
def test_no_entry_of_a_topic_can_be_hidden(database: Database, log: LogRows, victim: int) -> None:
    log.append_all([suspended(n) for n in range(3)])
    with database.writing() as connection:
        connection.execute(ENTRIES.delete().where(ENTRIES.c.idx == victim))
    with pytest.raises(IntegrityError, match="altered, removed or put back"):
        log.follow(["technologies"])
    with pytest.raises(IntegrityError):
        list(log.read())


@pytest.mark.parametrize("with_its_chain", [False, True])
def test_nor_from_whoever_was_in_step_before_it(database: Database, log: LogRows, with_its_chain: bool) -> None:
    log.append_all([suspended(0, "RESUMED"), entry(1)])
    with database.reading() as connection:
        chain = dict(connection.execute(ROWS["chains"].select()).mappings().one())
    log.append_all([suspended(2), entry(3)])
    assert [index for index, _ in log.follow(["technologies"], 0)] == [2]
    with database.writing() as connection:
        connection.execute(ENTRIES.delete().where(ENTRIES.c.idx == 2))
        if with_its_chain:
            connection.execute(ROWS["chains"].update().values(**chain))
    with pytest.raises(IntegrityError):
        log.follow(["technologies"], 0)


def test_whoever_is_in_step_asks_once_in_an_act_whether_any_topic_grew(database: Database, log: LogRows) -> None:
    log.append_all([suspended(0), entry(1)])
    asked: list[str] = []
    with database:
        assert log.size() == 2
        event.listen(database.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
        assert [log.follow([topic], 1) for topic in ("technologies", "people", "data")] == [[], [], []]
        assert len(asked) == 2, "the chains, and the head that says what they come to"
        log.append(suspended(2))
        assert [index for index, _ in log.follow(["technologies"], 1)] == [2]


def test_neither_can_the_newest_one_together_with_every_row_that_tells_of_it(database: Database, log: LogRows) -> None:
    """What only the head kept apart from the database still shows."""
    log.append(suspended(0, "RESUMED"))
    with database.reading() as connection:
        rows = {name: list(connection.execute(table.select()).mappings()) for name, table in ROWS.items()}
    log.append(suspended(1))
    with database.writing() as connection:
        connection.execute(ENTRIES.delete().where(ENTRIES.c.idx == 1))
    with pytest.raises(IntegrityError):
        log.size()
    with database.writing() as connection:
        for name in ("head", "chains"):
            connection.execute(ROWS[name].delete())
            connection.execute(ROWS[name].insert(), [dict(row) for row in rows[name]])
    assert log.size() == 1, "the database as it was: `log_heads` refuses it"


@pytest.mark.parametrize("column", ["spelling", "topic", "previous", "mac"])
def test_an_altered_entry_is_found_where_it_is_read(database: Database, log: LogRows, column: str) -> None:
    log.append_all([suspended(n) for n in range(3)])
    value = {"spelling": log.tree.entries(0, 1)[0].replace(b"SUSPENDED", b"RESUMED"), "previous": 5, "mac": b""}
    with database.writing() as connection:
        change = ENTRIES.update().where(ENTRIES.c.idx == 1)
        connection.execute(change.values({column: value.get(column, "people")}))
    for read in (lambda: log.follow(["technologies"]), lambda: list(log.read()), lambda: log.entry(1)):
        with pytest.raises(IntegrityError):
            read()


@pytest.mark.parametrize("column", ["kind", "spelling", "topic", "previous", "mac"])
def test_an_entry_that_was_read_before_is_found_altered_all_the_same(
    database: Database, log: LogRows, column: str
) -> None:
    log.append_all([suspended(n) for n in range(3)])
    assert list(log.read()) == list(log.read())
    value = {"spelling": log.tree.entries(0, 1)[0].replace(b"SUSPENDED", b"RESUMED"), "previous": 5, "mac": b""}
    with database.writing() as connection:
        change = ENTRIES.update().where(ENTRIES.c.idx == 1)
        connection.execute(change.values({column: value.get(column, "RESUMED" if column == "kind" else "people")}))
    with pytest.raises(IntegrityError):
        list(log.read())


def test_entries_are_right_however_many_are_remembered(log: LogRows, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("peelian.storage.log_rows.MOST_REMEMBERED", 2)
    log.append_all([entry(n) for n in range(7)])
    for _ in range(2):
        assert list(log.read()) == [(n, entry(n)) for n in range(7)]


def test_entries_that_changed_places_are_found(database: Database, log: LogRows) -> None:
    log.append_all([suspended(0), suspended(1, "RESUMED")])
    with database.writing() as connection:
        for old, new in ((0, 9), (1, 0), (9, 1)):
            connection.execute(ENTRIES.update().where(ENTRIES.c.idx == old).values(idx=new))
    with pytest.raises(IntegrityError):
        log.follow(["technologies"])


def test_the_tree_over_the_rows_is_the_tree_over_the_entries(log: LogRows) -> None:
    plain = Tree()
    for start in range(0, 1_300, 100):
        log.append_all([entry(n) for n in range(start, start + 100)])
    for spelling in log.tree.entries(0, 1_300):
        plain.append(leaf_hash(spelling))
    for n in (0, 1, 255, 256, 257, 512, 1_000, 1_300):
        assert log.tree.root(n) == plain.root(n)
    for index, n in ((0, 1), (255, 256), (256, 1_300), (1_299, 1_300), (700, 1_024)):
        assert log.tree.inclusion(index, n) == plain.inclusion(index, n)
    assert log.tree.consistency(257, 1_300) == plain.consistency(257, 1_300)


def test_a_log_that_was_stopped_is_only_read(log: LogRows) -> None:
    log.append(entry(0))
    log.stop("the witness objects")
    with pytest.raises(IntegrityError, match="the log has stopped: the witness objects"):
        log.append(entry(1))
    assert log.entry(0) == entry(0)


@pytest.mark.slow
def test_kills_under_sixteen_writers_lose_and_invent_nothing(tmp_path: Path) -> None:
    told: dict[int, str] = {}
    for number in range(ROUNDS):
        child = subprocess.Popen(
            [sys.executable, str(SUPPORT / "appender.py"), str(tmp_path / "log"), str(number)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(SUPPORT), *sys.path])},
        )
        assert child.stdout is not None
        lines = [child.stdout.readline() for _ in range(ACKNOWLEDGED // ROUNDS + 13 * number)]
        child.send_signal(signal.SIGKILL)
        lines += child.stdout.readlines()
        child.communicate()
        for line in lines:
            index, what = line.decode().split()
            assert int(index) not in told, "an index was given twice"
            told[int(index)] = what
    with opened(tmp_path / "log") as log:
        entries = [what for _, what in log.read()]
    found = [what["document"] for what in entries]
    assert len(told) >= ACKNOWLEDGED
    assert all(found[index] == what for index, what in told.items()), "an acknowledged entry was lost"
    assert all(what == entry(int(what["n"]), t=what["t"], n=what["n"]) for what in entries), "an entry was invented"
    assert len(set(found)) == len(found)


def small_disk(place: Path, options: str) -> None:
    place.mkdir(exist_ok=True)
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(place)], capture_output=True, check=False
    )
    if made.returncode:
        pytest.skip("a small file system cannot be mounted here: root is needed")


def test_a_disk_without_space_takes_nothing_and_a_larger_one_goes_on(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    small_disk(disk, "size=6m")
    try:
        log, told = opened(disk / "log"), 0
        with pytest.raises(DiskError, match="The disk is full"):
            for told in range(10_000):
                log.append(entry(told))
        assert log.size() == told > 50
        subprocess.run(["mount", "-o", "remount,size=16m", str(disk)], check=True)
        assert log.append(entry(told)) == told, "nothing has to be opened again"
        log._database.close()
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        with pytest.raises(IntegrityError, match="read-only"):
            opened(disk / "log").append(entry(told))
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)
