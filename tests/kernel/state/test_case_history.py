"""A case is its entries, read when somebody looks at it; one that is missing is found."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from desk import Desk, desk
from toy import COUNT, TOY

from peelian.errors import IntegrityError
from peelian.kernel import verbs
from peelian.storage.schema import ENTRIES, ROWS


@pytest.fixture
def town() -> Desk:
    made = desk((TOY,))
    made.authorizations(COUNT)
    return made


def test_a_case_has_its_entries_oldest_first_and_stands_where_the_last_left_it(town: Desk) -> None:
    permit = town.ask(COUNT)
    before = town.kernel.state.histories[permit.case]
    evidence, _ = verbs.run(town.kernel, town.people["analyst"], permit)
    history = town.kernel.state.histories[permit.case]
    kinds = [str(entry["kind"]) for _, entry in history.entries]
    assert kinds == ["ASKED", "PERMITTED", "STARTED", "OPENED", "RAN"] and history.state == "RAN"
    assert [index for index, _ in history.entries] == sorted(index for index, _ in history.entries)
    assert history.digests("PERMITTED") == [history.entries[4][1]["before"]]
    assert [entry["kind"] for entry in history.after("STARTED", history.digests("PERMITTED")[0])] == ["STARTED"]
    assert before.state == "PERMITTED" and evidence.case == history.case, "one that somebody holds stays as it was"


def test_cases_are_listed_by_when_they_were_asked_and_by_where_they_stand(town: Desk) -> None:
    first, second = town.ask(COUNT).case, town.ask(COUNT).case
    verbs.run(town.kernel, town.people["analyst"], third := town.ask(COUNT))
    histories = town.kernel.state.histories
    assert list(histories) == [first, second, third.case] == [h.case for h in histories.values()]
    assert dict(histories.items()) == {case: histories[case] for case in histories} and len(histories) == 3
    ((index, newest),) = histories.newest(1)
    assert index == newest.entries[0][0] and newest.case == third.case
    assert [h.case for _, h in histories.newest(2, state="PERMITTED")] == [second, first]
    assert [h.case for h in histories.in_state("RAN", "PERMITTED")] == [third.case, first, second]


@pytest.mark.parametrize("name", ["", "c-none", None, 7])
def test_there_is_no_case_of_another_name(town: Desk, name: Any) -> None:
    histories = town.kernel.state.histories
    assert name not in histories and (name == 7 or histories.get(name) is None)


@pytest.mark.parametrize("kind", ["ASKED", "STARTED", "RAN"])
def test_a_case_of_which_an_entry_was_taken_away_is_not_shown(town: Desk, kind: str) -> None:
    permit = town.ask(COUNT)
    verbs.run(town.kernel, town.people["analyst"], permit)
    log: Any = town.kernel.stores.log
    with log._database.writing() as connection:
        connection.execute(ENTRIES.delete().where(ENTRIES.c.of_case == permit.case, ENTRIES.c.kind == kind))
    with pytest.raises(IntegrityError):
        town.kernel.state.histories.get(permit.case)


def test_all_cases_are_not_shown_without_one_that_was_taken_away_or_set_back(town: Desk) -> None:
    """What must be kept, and what was released before, is looked up in all of them."""
    one, other = town.ask(COUNT), town.ask(COUNT)
    database: Any = town.kernel.lock
    this = ROWS["cases"].c.key == one.case
    with database.reading() as connection:
        old = dict(connection.execute(ROWS["cases"].select().where(this)).mappings().one())
    verbs.run(town.kernel, town.people["analyst"], one)
    assert [history.case for history in town.kernel.state.histories.values()] == [one.case, other.case]
    for change in (ROWS["cases"].update().where(this).values(**old), ROWS["cases"].delete().where(this)):
        with database.writing() as connection:
            connection.execute(change)
        with pytest.raises(IntegrityError, match="missing or were set back"):
            town.kernel.state.histories.values()


class Between:
    """A log that somebody else goes on with after a row was read and before the entries are looked up."""

    def __init__(self, log: Any, meanwhile: Any) -> None:
        self._log, self._meanwhile = log, [meanwhile]

    def found(self, key: str, value: str) -> Any:
        if self._meanwhile:
            self._meanwhile.pop()()
        return self._log.found(key, value)

    def found_of(self, key: str, values: Any) -> Any:
        if self._meanwhile:
            self._meanwhile.pop()()
        return self._log.found_of(key, values)


@pytest.mark.parametrize("way", ["get", "several", "newest", "in_state"])
def test_a_case_that_goes_on_between_two_looks_is_shown_and_one_set_back_is_not(town: Desk, way: str) -> None:
    """Pages read while other processes act: it is no sign of tampering."""
    permit = town.ask(COUNT)
    histories = town.kernel.state.histories

    def shown(meanwhile: Any) -> Any:
        seen = dataclasses.replace(histories, log=Between(histories.log, meanwhile))
        if way == "newest":
            return seen.newest(1)[0][1]
        if way == "in_state":
            return next(seen.in_state("PERMITTED"))
        return seen.get(permit.case) if way == "get" else seen.several([permit.case])[permit.case]

    with town.kernel.lock.reading() as connection:  # type: ignore[attr-defined]
        old = dict(connection.execute(ROWS["cases"].select()).mappings().one())
    found = shown(lambda: verbs.run(town.kernel, town.people["analyst"], permit))
    assert [entry["kind"] for _, entry in found.entries][:2] == ["ASKED", "PERMITTED"]
    assert found.entries == histories[permit.case].entries[: len(found.entries)]
    with town.kernel.lock.writing() as connection:  # type: ignore[attr-defined]
        connection.execute(ROWS["cases"].update().values(**old))
    with pytest.raises(IntegrityError, match="set back"):
        shown(lambda: None)
