"""Every table that may leave and each of its columns have a name for people; the inventory shows no raw word."""

from __future__ import annotations

from collections import Counter

import pytest

from peelian.kernel.model.capability import Capability
from peelian.kernel.model.tables import NUMBERS
from peelian.kernel.model.watch import Watch
from peelian.measure.table import Kind
from peelian.operations.office import technologies

CAPABILITIES = [one for technology in technologies() for one in technology.capabilities]
WATCHES = [one for technology in technologies() for one in technology.watches]


@pytest.mark.parametrize("capability", CAPABILITIES, ids=lambda one: one.id)
def test_every_table_and_every_column_has_a_title_of_its_own(capability: Capability) -> None:
    for emit in capability.emits:
        titles = [column.title for column in emit.columns.values()]
        assert emit.title and "_" not in emit.title and all(titles)
        assert not [t for t in titles if "_" in t or (t[:1].islower() and t.split()[0] != "p")], emit.table
        assert [title for title, n in Counter(titles).items() if n > 1] == [], emit.table


@pytest.mark.parametrize("capability", CAPABILITIES, ids=lambda one: one.id)
def test_what_an_example_returns_is_built_as_it_was_declared(capability: Capability) -> None:
    from peelian.kernel.model.capability import Context

    example = capability.arithmetic().example()
    context = Context(seed=1, progress=lambda says, share: None, authorizations=example.authorizations)
    emits = {emit.table: emit for emit in capability.emits}
    for table in capability.arithmetic().run(example.params, example.datasets, context).tables:
        declared = emits[table.name].columns
        for column in table.columns:
            told = declared[column.name]
            assert (column.kind, column.unit) == (told.kind, told.unit), (table.name, column.name)
            if told.kind in NUMBERS and told.kind is not Kind.COUNT:
                assert column.values.dtype.kind == "f", (table.name, column.name)


@pytest.mark.parametrize("watch", WATCHES, ids=lambda one: one.id)
def test_what_a_watch_takes_and_signals_has_a_title(watch: Watch) -> None:
    assert {*watch.takes, *watch.signals} <= watch.titles.keys()
    assert not [title for title in watch.titles.values() if "_" in title]
