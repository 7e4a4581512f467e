"""Rows follow from entries alone; the state is what the log says, whoever wrote to it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import pytest
from desk import another_program, desk
from toy import COUNT, TOY

from peelian.errors import OutOfOrder
from peelian.kernel import verbs
from peelian.kernel.state.kernel import OfficeState
from peelian.kernel.state.projection import project, words_of
from peelian.kernel.state.state import PARTS, must_be_of_this_version


class Written:
    """Rows in a dictionary."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, str], dict[str, Any]] = {}

    def row(self, table: str, key: str) -> Mapping[str, Any] | None:
        return self.rows.get((table, key))

    def put(self, table: str, key: str, row: Mapping[str, Any]) -> None:
        self.rows[table, key] = dict(row)


def entry(kind: str, n: int = 0, **fields: str | int) -> dict[str, str | int]:
    return {"v": 1, "t": f"2026-03-02T09:{n // 60:02}:{n % 60:02}.00Z", "kind": kind, **fields}


def test_a_state_derived_again_from_the_log_is_the_same() -> None:
    town = desk((TOY,))
    town.authorizations(COUNT)
    verbs.run(town.kernel, town.people["analyst"], town.ask(COUNT))
    again = dataclasses.replace(town.kernel, state=OfficeState())
    assert {name: again.state.part(name) for name in PARTS} == {name: town.kernel.state.part(name) for name in PARTS}
    assert dict(again.state.histories) == dict(town.kernel.state.histories)


def test_a_state_follows_others_who_write_to_its_log() -> None:
    town = desk((TOY,))
    assert "toy" not in town.kernel.state.suspended
    other = another_program(town)
    other.append("SUSPENDED", technology="toy", by="x")
    town.kernel.append("HEARTBEAT", entries=1)
    assert "toy" in town.kernel.state.suspended, "what another program wrote meanwhile is followed, too"
    assert town.kernel.stores.log.size() == len(list(town.kernel.stores.log.read()))


def test_cases_are_counted_where_they_stand_now() -> None:
    rows = Written()
    said = {"capability": "toy.count", "purpose": "advice", "by": "t", "unit": "u"}
    for n in range(3):
        project(n, entry("ASKED", case=f"c-{n}", document=f"d{n}", **said), rows)
    project(3, entry("DECIDED", case="c-0", document="d4", choice="adopt"), rows)
    project(4, entry("PUBLISHED", case="c-0", document="d5"), rows)
    project(5, entry("EXPORTED", case="c-0"), rows)
    counted = {key: row["n"] for (table, key), row in rows.rows.items() if table == "tallies" and row["n"]}
    assert counted == {"2026 toy.count u ASKED - -": 2, "2026 toy.count u PUBLISHED adopt published": 1}


def test_a_case_stands_where_its_last_step_left_it() -> None:
    rows = Written()
    said = {"capability": "toy.count", "purpose": "advice", "by": "t", "unit": "u"}
    project(0, entry("ASKED", case="c-1", document="d1", **said), rows)
    for index, kind in enumerate(("PERMITTED", "RAN", "REFUSED", "EXPORTED"), 1):
        project(index, entry(kind, index, case="c-1", rules="a_rule,a_bylaw"), rows)
    row = rows.rows["cases", "c-1"]
    assert (row["state"], row["ran"], row["last"], row["published"]) == ("RAN", 2, 4, -1)
    uses = rows.rows["uses", "toy.count"]
    assert (uses["asked"], uses["refused"], uses["refusals"], uses["decided"]) == (1, 1, 1, 0) and uses["began"]
    assert rows.rows["refusals", "toy.count a_rule"]["n"] == rows.rows["refusals", "toy.count a_bylaw"]["n"] == 1
    project(5, entry("WATCH_ASKED", 5, case="w-1"), rows)
    assert ("cases", "w-1") not in rows.rows and rows.rows["head", "log"]["size"] == 6


def test_warrants_sessions_and_step_ups_are_counted_by_whoever_they_are_of() -> None:
    rows = Written()
    for index, one in enumerate((
        entry("STARTED", warrant="w"), entry("STARTED", warrant="w"), entry("COLLECTED", warrant="w", readings=7),
        entry("SESSION_BEGAN", session="s", by="a", how="key"), entry("PROVED", 9, by="a", session="s"),
        entry("PROVED", 9, by="a", passkey="k", counter=4), entry("SESSION_ENDED", session="s", why="off", by="a"),
    )):  # fmt: skip
        project(index, one, rows)
    assert (rows.rows["warrants", "w"]["used"], rows.rows["warrants", "w"]["collected"]) == (2, 7)
    assert rows.rows["sessions", "s"]["status"] == "ended" and rows.rows["proofs", "a s"]["last"] == 4
    assert rows.rows["proofs", "passkey k"]["counter"] == 4


def test_the_furthest_time_goes_back_only_where_two_people_agree() -> None:
    rows = Written()
    for index, one in enumerate((entry("X", 50), entry("X", 10))):
        project(index, one, rows)
    assert rows.rows["head", "log"]["furthest"].endswith("09:00:50.00Z")
    project(2, entry("APPROVED", 20, act="clock"), rows)
    assert rows.rows["head", "log"]["furthest"].endswith("09:00:20.00Z")


def test_words_that_serve_once_are_spelled_in_one_way() -> None:
    assert words_of(entry("X")) == "" and words_of({"challenge": "x~y"}) == "x~y"
    assert words_of({"signature": "AB12"}) == words_of({"signature": "ab12"})
    assert words_of({"pass": "twin", "nonce": "n", "code": "c"}) == "n.c", "a signature may have a twin"


def test_an_office_of_an_earlier_version_is_refused_in_plain_words() -> None:
    with pytest.raises(OutOfOrder, match="An earlier version made this office"):
        must_be_of_this_version({"v": 1, "t": "2026-01-01T00:00:00.00Z", "kind": "ENROLLED", "mark": "ab" * 32})
